"""Works through what is to be told: oldest first, again and again over days, then given up and shown as such."""

from collections.abc import Sequence
from secrets import token_hex
from typing import Any

import sqlalchemy as sa

from reports.console import acts
from reports.console.alerts import leases, queue
from reports.console.alerts.channels import opened
from reports.console.alerts.leases import Lease
from reports.console.alerts.outside import OUTSIDE, Outside
from reports.console.alerts.queue import Wanted
from reports.console.alerts.senders import send
from reports.console.alerts.undelivered import Undelivered
from reports.console.console import Console
from reports.console.sealed import SealError
from reports.console.store.tables import channels, messages

LEASE = Lease(job="sending", seconds=240)
"""Longer than any one message may take; it is renewed between messages."""
AT_ONCE = 50
FIRST_WAIT_S, MOST_WAIT_S = 30, 6 * 3600
GIVE_UP_S = 3 * 86400
LONGEST_ERROR = 200


def run(console: Console, outside: Outside = OUTSIDE) -> None:
    """The job. After a failure the channel's other messages wait as well. Raises StoreError."""
    failed: set[str] = set()
    for message in _due(console):
        if message.channel_id not in failed and not attempt(console, outside, message):
            failed.add(message.channel_id)
        if not leases.hold(console, LEASE):
            return


def _due(console: Console) -> Sequence[Any]:
    m, c = messages.c, channels.c
    waiting = sa.select(messages).join(channels, c.id == m.channel_id).where(c.enabled, m.due_at <= console.now())
    open_ones = waiting.where(m.sent_at.is_(None), m.given_up_at.is_(None))
    with console.store.read() as db:
        return db.execute(open_ones.order_by(m.due_at, m.created_at).limit(AT_ONCE)).all()


def attempt(console: Console, outside: Outside, message: Any) -> bool:
    """Try once, and keep how it went: whether it arrived. Raises StoreError."""
    with console.store.read() as db:
        row = db.execute(sa.select(channels).where(channels.c.id == message.channel_id)).first()
    if row is None:  # deleted a moment ago, and its messages with it
        return False
    try:
        send(console, outside, opened(console, row), message)
    except Undelivered as error:
        _failed(console, outside, message, error)
        return False
    except SealError as error:
        _failed(console, outside, message, Undelivered(str(error)))
        return False
    _arrived(console, message)
    return True


def try_now(console: Console, outside: Outside, channel: Any, content: dict[str, Any]) -> str:
    """Send a test by a channel, of its row: "" or why it did not arrive. It is not tried again. Raises StoreError."""
    with console.store.write() as db:
        once = f"{console.now()}-{token_hex(4)}"
        queue.put(db, console, channel.practice_id, channel.id, Wanted.TEST, once=once, content=content)
        mine = messages.c.once == f"{channel.id}:{Wanted.TEST}:{once}"
        db.execute(messages.update().where(mine).values(given_up_at=console.now()))  # no job shall pick it up as well
        message = db.execute(sa.select(messages).where(mine)).one()
    if attempt(console, outside, message):
        return ""
    with console.store.read() as db:
        return str(db.scalar(sa.select(messages.c.error).where(messages.c.id == message.id)) or "")


def backoff_s(attempts: int, chance: float) -> int:
    """Seconds to wait after so many attempts: anything up to a doubling ceiling, so that channels do not march."""
    ceiling = min(MOST_WAIT_S, FIRST_WAIT_S * 2 ** min(attempts, 20))
    return 1 + int(chance * ceiling)


def _arrived(console: Console, message: Any) -> None:
    now = console.now()
    with console.store.write() as db:
        said = {"sent_at": now, "given_up_at": None, "error": ""}
        db.execute(messages.update().where(messages.c.id == message.id).values(**said))
        healed = {"last_ok_at": now, "failing_since": None, "last_error": ""}
        db.execute(channels.update().where(channels.c.id == message.channel_id).values(**healed))


def _failed(console: Console, outside: Outside, message: Any, error: Undelivered) -> None:
    now, sentence = console.now(), error.sentence[:LONGEST_ERROR]
    over = error.gone or now - message.created_at >= GIVE_UP_S
    wait_s = max(backoff_s(message.attempts, outside.chance()), error.wait_s)
    values: dict[str, Any] = {"attempts": message.attempts + 1, "error": sentence, "due_at": now + wait_s}
    if over:
        values["given_up_at"] = now
    mine = channels.c.id == message.channel_id
    with console.store.write() as db:
        db.execute(messages.update().where(messages.c.id == message.id).values(**values))
        since = sa.func.coalesce(channels.c.failing_since, now)
        db.execute(channels.update().where(mine).values(failing_since=since, last_error=sentence))
        # The rest of the channel's queue waits as long: a receiver that asks for rest gets it.
        rest = (
            messages.c.channel_id == message.channel_id,
            messages.c.sent_at.is_(None),
            messages.c.due_at < now + wait_s,
        )
        db.execute(messages.update().where(*rest).values(due_at=now + wait_s))
        if error.gone:
            _switch_off(console, db, message)


def _switch_off(console: Console, db: sa.Connection, message: Any) -> None:
    db.execute(channels.update().where(channels.c.id == message.channel_id).values(enabled=False))
    acts.record(
        db,
        at=console.now(),
        practice_id=message.practice_id,
        actor_kind="console",
        actor="console",
        act="channel.disabled",
        target=message.channel_id,
        detail="The receiver answered 410.",
    )
