"""What devices said: agents, devices, findings, changes, and the reports themselves."""

from sqlalchemy import BigInteger, Boolean, Column, ForeignKey, Index, Integer, LargeBinary, String, Table, Text, text

from reports.console.store.catalogue import COUNTER, ID, METADATA, practice_column

ACTIVE = "ended_at IS NULL"


def _of(name: str, which: str, *columns: str) -> Index:
    """An index over some of the devices: lists and counts walk one, and need no sort."""
    return Index(f"ix_devices_{name}", *columns, sqlite_where=text(which), postgresql_where=text(which))


agents = Table(
    "agents",
    METADATA,
    Column("id", ID, primary_key=True),
    practice_column(),
    Column("group_id", ID, ForeignKey("groups.id"), nullable=True),
    Column("laptop_id", ID, nullable=False, unique=True),
    Column("public_key", String(44), nullable=False),
    Column("ownership", String(20), nullable=False),
    Column("label", String(120), nullable=False, default=""),
    Column("enrolled_at", BigInteger, nullable=False),
    Column("agent_version", String(40), nullable=False, default=""),
    Column("last_seen_at", BigInteger, nullable=True),
    Column("told_serial", BigInteger, nullable=False, default=0),
    Column("ended_at", BigInteger, nullable=True),
    Column("ended_how", String(20), nullable=True),
    Index(None, "practice_id", "ended_at"),
    Index("ix_agents_label", "practice_id", "label", "id"),
)
"""One enrolled laptop, which also speaks for its phones. `label` is what IT calls its user.
`told_serial`: of the last directive that it fetched. `ended_how`: left, retired or revoked."""

away = Table(
    "away",
    METADATA,
    Column("id", COUNTER, primary_key=True),
    practice_column(),
    Column("agent_id", ID, ForeignKey("agents.id"), nullable=False, index=True),
    Column("from_at", BigInteger, nullable=False),
    Column("until_at", BigInteger, nullable=False),
)
"""Leave, and days off by the roster: time that does not make a device overdue."""

devices = Table(
    "devices",
    METADATA,
    Column("id", ID, primary_key=True),
    practice_column(),
    Column("agent_id", ID, ForeignKey("agents.id"), nullable=False, index=True),
    Column("kind", String(10), nullable=False),
    Column("platform", String(10), nullable=False),
    Column("model", String(100), nullable=False),
    Column("os_version", String(60), nullable=False),
    Column("ownership", String(20), nullable=False),
    Column("first_seen_at", BigInteger, nullable=False),
    Column("received_at", BigInteger, nullable=False),
    Column("observed_at", BigInteger, nullable=False),
    Column("report_id", ID, nullable=False),
    Column("overall", String(20), nullable=False),
    Column("overall_since", BigInteger, nullable=False),
    Column("proven", Boolean, nullable=False),
    Column("policy_name", String(120), nullable=False),
    Column("policy_version", String(120), nullable=False),
    Column("agent_version", String(40), nullable=False),
    Column("to_fix", Integer, nullable=False, default=0),
    Column("due_at", BigInteger, nullable=False),
    Column("seq", BigInteger, nullable=False, default=0),
    Column("link", String(64), nullable=False, default=""),
    Column("chain", String(10), nullable=False, default="whole"),
    Column("ended_at", BigInteger, nullable=True),
    _of("standing", ACTIVE, "practice_id", "overall", "id", "kind", "platform", "ownership"),
    _of("due", ACTIVE, "practice_id", "due_at"),
    _of("heard", ACTIVE, "practice_id", "received_at"),
    _of("to_fix", ACTIVE, "practice_id", "to_fix", "id"),
    _of("model", ACTIVE, "practice_id", "model", "id"),
    _of("left", "ended_at IS NOT NULL", "practice_id", "id"),
    _of("unchained", "chain <> 'whole'", "practice_id"),
    Index(
        "ix_devices_unproven",
        *("practice_id", "proven", "received_at"),
        sqlite_where=text("proven = 0"),
        postgresql_where=text("proven = false"),
    ),
)
"""What was last said of each laptop and phone. After `due_at` it is overdue. `seq` and `link` are the end of its chain
of reports; `chain`: whole, gap (one is missing) or broken (one does not follow from the last)."""

findings = Table(
    "findings",
    METADATA,
    Column("device_id", ID, ForeignKey("devices.id"), primary_key=True),
    Column("uid", ID, primary_key=True),
    practice_column(),
    Column("check_id", String(60), nullable=False),
    Column("title", String(200), nullable=False),
    Column("severity", String(10), nullable=False),
    Column("level", String(12), nullable=False),
    Column("status", String(20), nullable=False),
    Column("because", Text, nullable=False),
    Column("measures", Text, nullable=False),
    Column("profile", String(40), nullable=False),
    Column("source", String(20), nullable=False),
    Column("observed_at", BigInteger, nullable=False),
    Column("since", BigInteger, nullable=False),
    Column("failed_since", BigInteger, nullable=True),
    Column("waived_until", BigInteger, nullable=True),
    Column("attestation", Text, nullable=True),
    Column("settled", Boolean, nullable=False, default=False),
    Index(None, "practice_id", "status", "check_id"),
    Index(
        "ix_findings_open",
        *("practice_id", "failed_since", "device_id", "uid", "check_id", "status", "level", "severity"),
        *("waived_until", "settled"),
        sqlite_where=text("failed_since IS NOT NULL"),
        postgresql_where=text("failed_since IS NOT NULL"),
    ),
)
"""The newest finding of each check. `measures` and `attestation` are JSON. `since`: when the status was first seen.
`failed_since`: since when it is open (fail, or unknown or error), None while it is not."""

changes = Table(
    "changes",
    METADATA,
    Column("id", COUNTER, primary_key=True),
    practice_column(),
    Column("device_id", ID, nullable=True),
    Column("agent_id", ID, nullable=True),
    Column("what", String(20), nullable=False),
    Column("check_id", String(60), nullable=True),
    Column("before", String(40), nullable=True),
    Column("after", String(40), nullable=True),
    Column("at", BigInteger, nullable=False),
    Column("received_at", BigInteger, nullable=False),
    Index(None, "practice_id", "received_at"),
    Index(None, "device_id", "received_at"),
)
"""Each change of state; it stays when bodies of reports go. `what`: finding, overall, chain, overdue, enrolled, ended,
policy."""

report_ids = Table(
    "report_ids",
    METADATA,
    Column("id", ID, primary_key=True),
    Column("digest", String(64), nullable=False),
    practice_column(),
    Column("device_id", ID, nullable=False),
    Column("received_at", BigInteger, nullable=False, index=True),
)
"""Ids of all reports taken in, so that a second copy is known as one after its body has gone."""

reports = Table(
    "reports",
    METADATA,
    Column("received_at", BigInteger, primary_key=True),
    Column("id", ID, primary_key=True),
    practice_column(),
    Column("agent_id", ID, nullable=False),
    Column("device_id", ID, nullable=False),
    Column("seq", BigInteger, nullable=False),
    Column("link", String(64), nullable=False),
    Column("body", LargeBinary, nullable=False),
    Column("proof", Text, nullable=False),
    Index(None, "device_id", "received_at"),
    postgresql_partition_by="RANGE (received_at)",
)
"""The bodies, zlib-compressed, with the headers that prove who signed them (JSON). On PostgreSQL a partition a month
of `received_at`."""
