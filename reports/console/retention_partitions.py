"""On PostgreSQL, keeps a partition a month of the reports' bodies, so that old months go at once and cost nothing."""

from datetime import UTC, datetime

import sqlalchemy as sa

from reports.console.console import Console
from reports.console.store.tables import reports

AHEAD = 2
"""Months made before they come."""
PREFIX = "reports_"
OTHER = "reports_other"
"""The partition for what no month takes."""


def keep(console: Console) -> None:
    """The job: this month and the next ones have their partitions. Raises StoreError."""
    if console.store.is_sqlite:
        return
    month = _month_of(console.now())
    with console.store.read() as db:
        if not _is_partitioned(db):
            return
        known = _partitions(db)
    for _ in range(AHEAD + 1):
        if _name(month) not in known:
            _make(console, month)
        month = _next(month)


def drop_before(console: Console, moment: int) -> None:
    """Drop months that ended before it. Raises StoreError."""
    if console.store.is_sqlite:
        return
    with console.store.read() as db:
        old = [name for name in _partitions(db) if name != OTHER and _end_of(name) <= moment]
    for name in old:
        with console.store.write() as db:
            db.execute(sa.text(f'DROP TABLE IF EXISTS "{name}"'))


def _make(console: Console, month: tuple[int, int]) -> None:
    """What of the month has come already lies in the other partition, and must move before the month has its own."""
    name, start, end = _name(month), _start(month), _start(_next(month))
    with console.store.write() as db:
        db.execute(sa.text(f'LOCK TABLE reports, "{OTHER}" IN ACCESS EXCLUSIVE MODE'))
        if name in _partitions(db):
            return
        db.execute(sa.text(f'CREATE TABLE "{name}" (LIKE reports INCLUDING DEFAULTS INCLUDING CONSTRAINTS)'))
        names = [column.name for column in reports.columns]
        db.execute(_table(name).insert().from_select(names, sa.select(reports).where(_within(reports, start, end))))
        other = _table(OTHER)
        db.execute(other.delete().where(_within(other, start, end)))
        bounds = f"FOR VALUES FROM ({start}) TO ({end})"
        db.execute(sa.text(f'ALTER TABLE reports ATTACH PARTITION "{name}" {bounds}'))


def _table(name: str) -> sa.Table:
    """A partition, with the columns of the whole."""
    return reports.to_metadata(sa.MetaData(), name=name)


def _within(table: sa.Table, start: int, end: int) -> sa.ColumnElement[bool]:
    return sa.and_(table.c.received_at >= start, table.c.received_at < end)


def _is_partitioned(db: sa.Connection) -> bool:
    asked = "SELECT count(*) FROM pg_partitioned_table WHERE partrelid = 'reports'::regclass"
    return bool(db.scalar(sa.text(asked)))


def _partitions(db: sa.Connection) -> set[str]:
    """Of our own making, by name."""
    asked = "SELECT inhrelid::regclass::text FROM pg_inherits WHERE inhparent = 'reports'::regclass"
    return {str(name) for name in db.scalars(sa.text(asked)) if str(name) == OTHER or _is_month(str(name))}


def _is_month(name: str) -> bool:
    parts = name.removeprefix(PREFIX).split("_")
    return name.startswith(PREFIX) and len(parts) == 2 and all(part.isdecimal() for part in parts)


def _name(month: tuple[int, int]) -> str:
    return f"{PREFIX}{month[0]:04}_{month[1]:02}"


def _end_of(name: str) -> int:
    year, month = name.removeprefix(PREFIX).split("_")
    return _start(_next((int(year), int(month))))


def _month_of(at: int) -> tuple[int, int]:
    moment = datetime.fromtimestamp(at, UTC)
    return moment.year, moment.month


def _next(month: tuple[int, int]) -> tuple[int, int]:
    return (month[0] + 1, 1) if month[1] == 12 else (month[0], month[1] + 1)


def _start(month: tuple[int, int]) -> int:
    return int(datetime(*month, 1, tzinfo=UTC).timestamp())
