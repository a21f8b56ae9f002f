"""What people decide and are told: policies, waivers, the audit log, alerts, jobs and papers."""

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    String,
    Table,
    Text,
    UniqueConstraint,
)

from reports.console.store.catalogue import COUNTER, ID, METADATA, practice_column

policies = Table(
    "policies",
    METADATA,
    Column("id", ID, primary_key=True),
    practice_column(),
    Column("number", Integer, nullable=False),
    Column("state", String(12), nullable=False),
    Column("toml", Text, nullable=False),
    Column("revision", Integer, nullable=False, default=1),
    Column("note", String(300), nullable=False, default=""),
    Column("created_at", BigInteger, nullable=False),
    Column("created_by", String(120), nullable=False),
    Column("saved_at", BigInteger, nullable=False),
    Column("published_at", BigInteger, nullable=True),
    Column("published_by", String(120), nullable=True),
    UniqueConstraint("practice_id", "number"),
)
"""`state`: draft (one a practice at most), published, discarded. `revision` rises with each saved edit of a draft."""

trials = Table(
    "trials",
    METADATA,
    Column("policy_id", ID, ForeignKey("policies.id"), primary_key=True),
    Column("revision", Integer, primary_key=True),
    Column("device_id", ID, ForeignKey("devices.id"), primary_key=True),
    practice_column(),
    Column("overall", String(20), nullable=False),
    Column("failing", Text, nullable=False),
    Column("tried_at", BigInteger, nullable=False),
)
"""What a device would be under a draft. `failing`: JSON list of check ids."""

waivers = Table(
    "waivers",
    METADATA,
    Column("id", ID, primary_key=True),
    practice_column(),
    Column("device_id", ID, ForeignKey("devices.id"), nullable=False, index=True),
    Column("uid", ID, nullable=False),
    Column("check_id", String(60), nullable=False),
    Column("owner", String(120), nullable=False),
    Column("reason", String(300), nullable=False),
    Column("created_at", BigInteger, nullable=False),
    Column("created_by", String(120), nullable=False),
    Column("until", BigInteger, nullable=False),
    Column("ended_at", BigInteger, nullable=True),
    Column("ended_by", String(120), nullable=True),
    Index(None, "practice_id", "until"),
)

audit = Table(
    "audit",
    METADATA,
    Column("id", COUNTER, primary_key=True),
    Column("practice_id", ID, nullable=True),
    Column("at", BigInteger, nullable=False),
    Column("actor_kind", String(12), nullable=False),
    Column("actor", String(120), nullable=False),
    Column("act", String(60), nullable=False),
    Column("target", String(120), nullable=False, default=""),
    Column("detail", String(500), nullable=False, default=""),
    Index(None, "practice_id", "at"),
)
"""Every act. `actor_kind`: person, token, device, console or operator (someone at the console's own machine)."""

settings = Table(
    "settings",
    METADATA,
    Column("practice_id", ID, ForeignKey("practices.id"), primary_key=True),
    Column("name", String(60), primary_key=True),
    Column("value", Text, nullable=False),
)
"""JSON, by name: alert rules, quiet hours, mail, sign-in through an OpenID provider."""

secrets = Table(
    "secrets",
    METADATA,
    Column("practice_id", ID, ForeignKey("practices.id"), primary_key=True),
    Column("name", String(60), primary_key=True),
    Column("sealed", LargeBinary, nullable=False),
)

channels = Table(
    "channels",
    METADATA,
    Column("id", ID, primary_key=True),
    practice_column(),
    Column("kind", String(12), nullable=False),
    Column("name", String(120), nullable=False),
    Column("sealed", LargeBinary, nullable=False),
    Column("enabled", Boolean, nullable=False),
    Column("created_at", BigInteger, nullable=False),
    Column("last_ok_at", BigInteger, nullable=True),
    Column("failing_since", BigInteger, nullable=True),
    Column("last_error", String(200), nullable=False, default=""),
)
"""A way to tell people: email, webhook, teams or slack. `sealed` holds addresses and secrets as JSON."""

messages = Table(
    "messages",
    METADATA,
    Column("id", ID, primary_key=True),
    practice_column(),
    Column("channel_id", ID, ForeignKey("channels.id"), nullable=False, index=True),
    Column("kind", String(12), nullable=False),
    Column("once", String(120), nullable=False, unique=True),
    Column("content", Text, nullable=False),
    Column("created_at", BigInteger, nullable=False),
    Column("due_at", BigInteger, nullable=False, index=True),
    Column("attempts", Integer, nullable=False, default=0),
    Column("sent_at", BigInteger, nullable=True),
    Column("given_up_at", BigInteger, nullable=True),
    Column("error", String(200), nullable=False, default=""),
)
"""What is to be told. `once`: the same news makes the same text here, so that two consoles queue it once."""

alerts = Table(
    "alerts",
    METADATA,
    Column("practice_id", ID, ForeignKey("practices.id"), primary_key=True),
    Column("key", String(120), primary_key=True),
    Column("severity", String(10), nullable=False),
    Column("raised_at", BigInteger, nullable=False),
    Column("told_at", BigInteger, nullable=True),
    Column("step", Integer, nullable=False, default=0),
    Column("cleared_at", BigInteger, nullable=True),
)
"""What is amiss now, by key (device and kind of trouble), how far it was escalated and when it was last told."""

day_counts = Table(
    "day_counts",
    METADATA,
    Column("practice_id", ID, ForeignKey("practices.id"), primary_key=True),
    Column("day", String(10), primary_key=True),
    Column("compliant", Integer, nullable=False),
    Column("not_compliant", Integer, nullable=False),
    Column("cannot_tell", Integer, nullable=False),
    Column("overdue", Integer, nullable=False),
)
"""The trend: at the end of each day (the practice's own, `2026-11-21`), how many devices stood how."""

jobs = Table(
    "jobs",
    METADATA,
    Column("name", String(40), primary_key=True),
    Column("due_at", BigInteger, nullable=False),
    Column("lease_until", BigInteger, nullable=False, default=0),
    Column("lease_by", String(60), nullable=False, default=""),
    Column("ok_at", BigInteger, nullable=True),
    Column("error", String(200), nullable=False, default=""),
)
"""What is done from time to time, by whichever console holds the lease."""

sheets = Table(
    "sheets",
    METADATA,
    Column("id", ID, primary_key=True),
    practice_column(),
    Column("device_id", ID, nullable=False),
    Column("kind", String(12), nullable=False),
    Column("made_at", BigInteger, nullable=False),
    Column("made_by", String(120), nullable=False),
    Column("body", Text, nullable=False),
    Column("signature", String(88), nullable=False),
)
"""Signed papers that were given out, as JSON: lost (evidence of a lost device) and erased (proof of an erasure)."""
