"""Holds up guessing: after some tries that failed, each further one has to wait longer."""

import hashlib
import ipaddress
from collections.abc import Sequence
from dataclasses import dataclass

import sqlalchemy as sa

from reports.console.console import Console
from reports.console.model import Refusal
from reports.console.store import tables
from reports.console.store.engine import insert

HOME_BITS = 64
"""Of an IPv6 address, those that one customer gets."""
WINDOW_S = 3600
"""So long after the last try, all are forgotten."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Limit:
    """How many tries are free, and how the wait grows then."""

    free: int
    first_s: int = 15
    longest_s: int = 900

    def wait(self, count: int) -> int:
        """Seconds from the last try to the next, after so many."""
        over = count - self.free
        return 0 if over < 0 else min(self.first_s << min(over, 20), self.longest_s)


ACCOUNT = Limit(free=5)
PEER = Limit(free=40)
"""A whole practice may sit behind one address."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Tried:
    """What is tried on: an account, or where it comes from."""

    kind: str
    what: str
    limit: Limit

    @property
    def key(self) -> str:
        """As it is counted: neither address nor account is kept in the clear."""
        return hashlib.sha256(f"{self.kind}\0{self.what}".encode("utf-8", "surrogatepass")).hexdigest()


def near(peer: str, *, behind_proxy: bool) -> str:
    """Where a try comes from, as far as it tells tries apart; "" where it does not.

    Behind a proxy all requests come from this machine, and whoever has one IPv6 address has its whole network.
    """
    try:
        address = ipaddress.ip_address(peer.partition("%")[0])
    except ValueError:
        return peer
    address = getattr(address, "ipv4_mapped", None) or address
    if address.is_loopback and behind_proxy:
        return ""
    return str(address) if address.version == 4 else str(ipaddress.ip_network((address, HOME_BITS), strict=False))


def count(console: Console, tried: Sequence[Tried]) -> None:
    """Count one try before it is made, so that many at once count as many. Raises Refusal where it must wait."""
    now = console.now()
    with console.store.write() as db:
        # In one order always: two requests that lock the same rows never wait for each other.
        for one in sorted(tried, key=lambda each: each.key):
            _count(db, console, one, now)


def _count(db: sa.Connection, console: Console, one: Tried, now: int) -> None:
    row, mine = tables.attempts.c, tables.attempts.c.key == one.key
    fresh = insert(console.store, tables.attempts).values(key=one.key, count=0, since=now)
    db.execute(fresh.on_conflict_do_nothing(index_elements=["key"]))
    known = db.execute(sa.select(row["count"].label("so_far"), row.since).where(mine).with_for_update()).one()
    so_far = 0 if known.since + WINDOW_S <= now else known.so_far
    left = known.since + one.limit.wait(so_far) - now
    if so_far and left > 0:
        raise wait(left)
    db.execute(tables.attempts.update().where(mine).values(count=so_far + 1, since=now))


def forget(console: Console, tried: Sequence[Tried]) -> None:
    """It was right: start again."""
    with console.store.write() as db:
        db.execute(tables.attempts.delete().where(tables.attempts.c.key.in_([one.key for one in tried])))


def forgive(console: Console, tried: Sequence[Tried]) -> None:
    """It was right: take one try off each, and leave those of others at the same place."""
    row = tables.attempts.c
    with console.store.write() as db:
        for one in sorted(tried, key=lambda each: each.key):
            mine = tables.attempts.update().where(row.key == one.key, row["count"] > 0)
            db.execute(mine.values({"count": row["count"] - 1}))


def wait(seconds: int) -> Refusal:
    """Says for how long."""
    words = f"{seconds} seconds" if seconds < 100 else f"{-(-seconds // 60)} minutes"
    sentence = f"That was tried too often. Wait {words}, then try again."
    return Refusal(status=429, code="wait", sentence=sentence, headers={"retry-after": str(seconds)})
