"""The big answer: may I start my shift with these devices? Counted by the rules of `scrubin check`."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from agent.config import Transport
from agent.desk import Desk
from agent.keep import outbox
from agent.outbox_model import OutboxError, Queue
from agent.page.checking_model import Part, Snapshot, Work
from agent.page.self_check_devices import Card, Known
from agent.standing import counts, in_words, tally
from agent.tell import clock
from checks.model import Overall, Status
from checks.plurals import counted
from reports.envelope import Report


class Look(StrEnum):
    """How it is drawn."""

    PASS = "pass"  # noqa: S105 - a word of the style sheet
    FAIL = "fail"
    UNKNOWN = "unknown"
    BUSY = "busy"
    EMPTY = "empty"


ICONS = {Look.BUSY: "stale", Look.EMPTY: "brand"}
"""Where the icon is not called as the look."""
OVERALL = {Overall.COMPLIANT: Look.PASS, Overall.NOT_COMPLIANT: Look.FAIL, Overall.CANNOT_TELL: Look.UNKNOWN}
FIRST = (
    "Nothing has been checked yet, and nothing has been sent. This laptop takes about 10 seconds; a phone takes some "
    "minutes the first time, if you agree to your pictures being looked at."
)


CUT_OFF = (
    "When last checked: ready for your shift. But the check since then did not get to its end, so something may have "
    "changed, or a phone may be here that was not looked at. Check again."
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What is said first."""

    look: Look
    head: str
    say: str
    at: int | None
    """Age of the oldest fact that counts, Unix seconds."""

    @property
    def icon(self) -> str:
        """Its name in the sprite."""
        return ICONS.get(self.look, str(self.look))


@dataclass(frozen=True, slots=True, kw_only=True)
class Post:
    """How reports stand on their way to the practice."""

    fact: str
    """In a few words."""
    stuck: str = ""
    """Why reports wait; "" where all is well."""
    tried: str = ""
    """When that was tried, and when it is next."""


def answer(all_: Sequence[Known], shown: Sequence[Card], snapshot: Snapshot, unready: int) -> Answer:
    """In one sentence, and one more. A verdict that is being renewed is said as what it was."""
    reports = [one.report for one in all_ if one.report is not None]
    unseen = (snapshot.here or frozenset()) - {one.id for one in all_}
    others = unready + sum(one.report is None for one in all_) + len(unseen)
    oldest = min((_oldest(one) for one in reports), default=None)
    at = None if oldest is None else int(oldest.timestamp())
    if not all_ and not others and snapshot.work is None:
        return Answer(look=Look.EMPTY, head="Let's have a first look", say=FIRST, at=None)
    told = tally(reports, others=others)
    if snapshot.work is not None and not told.fix:
        return Answer(look=Look.BUSY, head=_busy(snapshot.work), say=_was(all_, told.overall), at=at)
    if not reports and told.overall is not Overall.NOT_COMPLIANT:
        return Answer(look=Look.UNKNOWN, head="Can't tell yet", say=_say(shown, unready), at=at)
    if told.overall is Overall.COMPLIANT and snapshot.ended_at is None:
        return Answer(look=Look.UNKNOWN, head="Can't tell yet", say=CUT_OFF, at=at)
    head = in_words(told).removesuffix(".")
    say = _well(oldest) if told.overall is Overall.COMPLIANT and oldest is not None else _say(shown, unready)
    return Answer(look=OVERALL[told.overall], head=head, say=say, at=at)


def _oldest(report: Report) -> datetime:
    """Of all that counts: one check that was looked at again makes the others no younger."""
    seen = [one.observed_at for one in report.findings if one.status is not Status.NOT_APPLICABLE and counts(one)]
    return min((report.generated_at, *seen))


def _busy(work: Work) -> str:
    devices = len({one.device_id for one in work.steps})
    return f"Checking {counted(devices, 'device')}" if devices else "Looking for your devices"


def _was(all_: Sequence[Known], was: Overall) -> str:
    """While a check runs: what is shown is what was seen last, and may be from before."""
    lead = "You can keep working."
    if any(one.source is not None and one.source.pending for one in all_):
        return f"{lead} Settings are done; pictures are looked at now."
    if any(one.report is not None for one in all_):
        before = "ready for your shift" if was is Overall.COMPLIANT else "not everything could be told"
        return f"{lead} When last checked: {before}. What you see below is from then, until the new answer is here."
    return f"{lead} What we see is shown here as it comes."


def _well(at: datetime) -> str:
    local = at.astimezone()
    then = f"{clock(local)} on {local:%A, %-d %B}"
    return (
        "Every required check on your devices is OK, waived, or seen by you. "
        f"This is what we saw at {then}; a changed setting can change it."
    )


def _say(shown: Sequence[Card], unready: int) -> str:
    parts = [f"{card.name}: {', '.join(one.word[:1].lower() + one.word[1:] for one in card.chips)}." for card in shown]
    if unready:
        parts.append("A phone could not be looked at." if unready == 1 else f"{unready} phones could not be looked at.")
    return " ".join(parts)


def progress(work: Work) -> tuple[int, int]:
    """Checks that are done, of all; pictures count as one, since nobody knows how long one takes."""
    settings = [one for one in work.steps if one.part is Part.SETTINGS]
    return sum(one.done for one in settings), sum(one.total or 0 for one in settings)


def post(desk: Desk, now: datetime) -> Post:
    """From the queue of reports."""
    if desk.config.transport is Transport.NONE:
        return Post(fact="Nothing is sent: no practice is set up on this laptop")
    box = outbox(desk)
    try:
        queue = box.pending()
        due = box.next_due(now)
    except OutboxError as error:
        return Post(fact="What waits to be sent can't be read", stuck=error.sentence)
    if queue.waiting and queue.sentence:
        waits = f"{counted(queue.waiting, 'report')} wait{'s' if queue.waiting == 1 else ''} on this laptop"
        return Post(fact=waits, stuck=queue.sentence, tried=", ".join(_when(queue, due)))
    if queue.waiting:
        return Post(fact=f"{counted(queue.waiting, 'report')} to be sent")
    if queue.last_delivered_at is None:
        return Post(fact="Nothing has been sent yet")
    at = queue.last_delivered_at.astimezone()
    return Post(fact=f"Sent to your practice {at:%-d %b}, {clock(at)}")


def _when(queue: Queue, due: datetime | None) -> Iterator[str]:
    if queue.tried_at is not None:
        yield f"tried {clock(queue.tried_at.astimezone())}"
    if due is not None:
        yield f"next try {clock(due.astimezone())}"
