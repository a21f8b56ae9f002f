"""The doctor's part about the way to the practice's console, step by step; the first that fails says what to do."""

import socket
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from agent.commands.status import age
from agent.desk import Desk
from agent.keep import outbox
from agent.outbox_model import OutboxError, Queue
from checks.model import Status
from checks.plurals import counted
from reports.deliver.errors import Reason, TransportError

if TYPE_CHECKING:
    from agent.enrolment_line import Line

SKEW = timedelta(minutes=5)
"""Beyond it the console believes no signature."""
HELLO, GREETING = "/v1/hello", "scrubin/hello/1"
STALE = timedelta(days=7)


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """One step."""

    status: Status
    name: str
    text: str
    steps: tuple[str, ...] = ()


def path(desk: Desk, *, clock: Callable[[], datetime]) -> Iterator[Found]:
    """Every step that could be taken, then what waits."""
    told = desk.told
    if told.enrolment is None:
        text = "this laptop is not enrolled with a practice" if not told.damaged else told.problems[0]
        yield Found(status=Status.FAIL, name="enrolment", text=text, steps=("scrubin enrol URL CODE",))
        return
    since = told.enrolment.enrolled_at.astimezone()
    yield _good("enrolment", f"{told.enrolment.practice.name}, since {since:%-d %b %Y}")
    yield from _way(desk, clock)
    yield from _asked(desk, clock())
    yield from _waiting(desk, clock())


def _way(desk: Desk, clock: Callable[[], datetime]) -> Iterator[Found]:
    from agent.enrolment_line import line  # TLS and cryptography, for whoever asks the doctor

    try:
        ready = line(desk.config, desk.places, clock=clock)
    except TransportError as error:
        yield Found(status=Status.FAIL, name="device key", text=error.sentence)
        return
    yield _good("device key", "kept where only this account can use it")
    if (server := _found(ready)) is not None:
        yield server
        return
    try:
        yield from _greeted(ready, clock)
        yield _known(ready, desk, clock())
    except TransportError as error:
        name = "clock" if error.reason is Reason.CLOCK else "practice server"
        bad = error.reason in (Reason.CLOCK, Reason.REVOKED, Reason.AUTH)
        yield Found(status=Status.FAIL if bad else Status.ERROR, name=name, text=f"{_place(ready)}: {error.sentence}")


def _found(ready: "Line") -> Found | None:
    """None where the name is known; a proxy looks it up by itself."""
    parts = urlsplit(ready.door.url)
    if ready.door.proxies.get(parts.scheme):
        return None
    try:
        socket.getaddrinfo(parts.hostname, parts.port or 443, type=socket.SOCK_STREAM)
    except OSError:
        text = f"{_place(ready)} is not found by its name: this laptop is offline, or in a network of its own"
        return Found(status=Status.ERROR, name="practice server", text=text, steps=("Go online, then try again.",))
    return None


def _greeted(ready: "Line", clock: Callable[[], datetime]) -> Iterator[Found]:
    """Connect, see who it is, see that it is a console, compare the clocks. Raises TransportError."""
    from reports.deliver.https_answers import clock_sentence, taken

    answer = ready.door.ask("GET", HELLO)
    now = clock()
    taken(answer, GREETING, now=now)
    proxied = " through a proxy" if ready.door.proxies.get(urlsplit(ready.door.url).scheme) else ""
    yield _good("practice server", f"{_place(ready)} answers{proxied}{_certified(ready)}")
    if answer.at is None:
        yield Found(status=Status.UNKNOWN, name="clock", text="the server does not say its time")
    elif abs(now - answer.at) > SKEW:
        yield Found(status=Status.FAIL, name="clock", text=clock_sentence(answer, now))
    else:
        yield _good("clock", f"right to within {max(1, round(abs((now - answer.at).total_seconds())))} s")


def _certified(ready: "Line") -> str:
    """By whom, of a certificate that has just been found good."""
    from reports.deliver.https_certificate import presented

    parts = urlsplit(ready.door.url)
    if parts.scheme != "https":
        return ", on this very laptop, without encryption"
    shown = presented(parts.hostname or "", parts.port or 443, proxy=ready.door.proxies.get("https"))
    if shown is None:
        return ", by a certificate that this laptop trusts"
    return f"; its certificate is from {shown.issuer}, until {shown.ends.day} {shown.ends:%B %Y}"


def _known(ready: "Line", desk: Desk, now: datetime) -> Found:
    """Whether the console takes our signature. Raises TransportError."""
    from agent.directive_fetch import ask
    from reports.deliver.https_answers import refusal

    answer = ask(desk.places.state, ready)
    if answer.status not in (200, 304):
        raise refusal(answer, now=now)
    return _good("signature", "the console knows this laptop by its key")


def _asked(desk: Desk, now: datetime) -> Iterator[Found]:
    said = desk.told.said
    if said is None:
        yield Found(status=Status.UNKNOWN, name="directive", text="your practice has not told this laptop anything yet",
                    steps=("scrubin report send",))  # fmt: skip
        return
    policy = "a policy" if said.policy is not None else "no policy"
    waivers = counted(len(said.waivers), "waiver")
    yield _good(
        "directive", f"{policy} and {waivers}, number {said.serial}, signature good, {age(now - said.issued_at)} old"
    )


def _waiting(desk: Desk, now: datetime) -> Iterator[Found]:
    try:
        queue = outbox(desk).pending()
        due = outbox(desk).next_due(now)
    except OutboxError as error:
        yield Found(status=Status.ERROR, name="delivery", text=error.sentence)
        return
    last = "never" if queue.last_delivered_at is None else f"{age(now - queue.last_delivered_at)} ago"
    text = f"last report delivered {last}; {queue.waiting} to be sent"
    if queue.waiting and due is not None:
        text += f", next try {due.astimezone():%H:%M}" if due > now else ", due now"
    yield Found(
        status=_status(queue, now), name="delivery", text=f"{text}. {queue.sentence}".rstrip(". ") + ".",
        steps=("scrubin report send",) if queue.waiting else (),
    )  # fmt: skip
    for name in queue.set_aside:
        text = f"a damaged queue was put aside as {name}; tell your IT"
        yield Found(status=Status.FAIL, name="delivery", text=text)


def _status(queue: Queue, now: datetime) -> Status:
    if queue.waiting and queue.sentence:
        return Status.FAIL
    old = queue.oldest_waiting_at is not None and now - queue.oldest_waiting_at > STALE
    return Status.FAIL if old else Status.PASS


def _place(ready: "Line") -> str:
    parts = urlsplit(ready.door.url)
    return f"{parts.hostname}:{parts.port or (443 if parts.scheme == 'https' else 80)}"


def _good(name: str, text: str) -> Found:
    return Found(status=Status.PASS, name=name, text=text)
