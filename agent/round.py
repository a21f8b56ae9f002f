"""One round of sending: what is due, oldest first; then, with a console, what the practice asks and drafts came to."""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from agent.atomic import write_atomic
from agent.config import Config, Transport
from agent.desk import Desk
from agent.outbox import Outbox
from agent.send import transport


@dataclass(frozen=True, slots=True, kw_only=True)
class Done:
    """What a round came to."""

    sent: int
    waiting: int
    failures: tuple[str, ...]
    """A sentence for each letter that did not arrive."""
    next_due: datetime | None
    """When to try again; None: nothing waits."""
    news: bool = False
    """The practice's policy or waivers are others than before."""
    told: tuple[str, ...] = ()
    """What went wrong with what the practice asks, as sentences."""


def go(desk: Desk, box: Outbox, *, now: datetime, stop: Callable[[], bool] = lambda: False) -> Done | None:
    """Try each due letter once; None where there is no way to send. Raises TransportError, OutboxError, OSError."""
    way = transport(desk.config, desk.places)
    if way is None:
        return None
    look_again_after_change(desk, box, now)
    round_ = box.deliver_due(way, now=now, stop=stop)
    news, told = _followed(desk, now) if not stop() else (False, ())
    sentences = tuple(dict.fromkeys(one.sentence for one in round_.failures))
    return Done(
        sent=round_.sent,
        waiting=box.pending().waiting,
        failures=sentences,
        next_due=round_.next_due,
        news=news,
        told=tuple(one for one in told if one not in sentences),
    )


def _followed(desk: Desk, now: datetime) -> tuple[bool, tuple[str, ...]]:
    if desk.config.transport is not Transport.CONSOLE:
        return False, ()
    from agent import desk as desks
    from agent.directive_fetch import follow
    from agent.enrolment_line import line

    done = follow(desk.places.state, line(desk.config, desk.places, clock=desks.now), now=now)
    return done.news, done.sentences


def look_again_after_change(desk: Desk, box: Outbox, now: datetime) -> None:
    """Letters that wait for somebody to mend the way are due at once when agent.toml's way is another than last time.

    Raises OutboxError, OSError.
    """
    note = desk.places.state / "delivery-digest"
    digest = _way_digest(desk.config, _agent(desk))
    if not note.is_file() or note.read_text("ascii", "replace").strip() != digest:
        box.reconfigured(now=now)
        write_atomic(str(note), f"{digest}\n".encode())


def _way_digest(config: Config, agent: str) -> str:
    way = (
        config.transport,
        config.folder,
        config.mount_point,
        config.mail,
        config.secrets,
        *([agent] if agent else []),
    )
    return hashlib.sha256(repr(way).encode()).hexdigest()


def _agent(desk: Desk) -> str:
    """Whom the console knows this laptop as; a new enrolment is a new way."""
    enrolled = desk.told.enrolment
    return f"{enrolled.url} {enrolled.agent_id} {enrolled.public_key}" if enrolled is not None else ""
