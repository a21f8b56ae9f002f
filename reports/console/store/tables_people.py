"""Who works with the console: practices, people and how they sign in, codes, and what they may do without a browser."""

from sqlalchemy import BigInteger, Boolean, Column, ForeignKey, Integer, LargeBinary, String, Table, UniqueConstraint

from reports.console.store.catalogue import ID, METADATA, practice_column

practices = Table(
    "practices",
    METADATA,
    Column("id", ID, primary_key=True),
    Column("name", String(120), nullable=False),
    Column("created_at", BigInteger, nullable=False),
    Column("timezone", String(64), nullable=False),
    Column("contact_label", String(120), nullable=False, default=""),
    Column("contact_phone", String(60), nullable=False, default=""),
    Column("contact_email", String(254), nullable=False, default=""),
    Column("signing_public", String(44), nullable=False),
    Column("signing_sealed", LargeBinary, nullable=False),
    Column("serial", BigInteger, nullable=False, default=1),
    Column("period_hours", Integer, nullable=False, default=24),
    Column("grace_hours", Integer, nullable=False, default=72),
    Column("raw_days", Integer, nullable=False, default=90),
    Column("policy_id", ID, nullable=True),
)
"""`serial` rises with each change of what devices are told; `raw_days` is how long report bodies are kept.
`policy_id` is the published version in force; none means the baseline that devices carry."""

groups = Table(
    "groups",
    METADATA,
    Column("id", ID, primary_key=True),
    practice_column(),
    Column("name", String(120), nullable=False),
    Column("period_hours", Integer, nullable=True),
    Column("grace_hours", Integer, nullable=True),
    Column("days", String(7), nullable=False, default="1111111"),
    UniqueConstraint("practice_id", "name"),
)
"""Hours override the practice's. `days`: Monday first, 1 where people of the group work; other days don't count."""

people = Table(
    "people",
    METADATA,
    Column("id", ID, primary_key=True),
    Column("email", String(254), nullable=False, unique=True),
    Column("name", String(120), nullable=False),
    Column("password_hash", String(255), nullable=True),
    Column("totp_sealed", LargeBinary, nullable=True),
    Column("totp_step", BigInteger, nullable=False, default=0),
    Column("oidc_issuer", String(255), nullable=True),
    Column("oidc_subject", String(255), nullable=True),
    Column("created_at", BigInteger, nullable=False),
    Column("disabled_at", BigInteger, nullable=True),
    UniqueConstraint("oidc_issuer", "oidc_subject"),
)
"""`email` in lower case. `totp_step`: the last time step whose code was taken; none is taken twice."""

memberships = Table(
    "memberships",
    METADATA,
    Column("person_id", ID, ForeignKey("people.id"), primary_key=True),
    Column("practice_id", ID, ForeignKey("practices.id"), primary_key=True),
    Column("role", String(20), nullable=False),
)
"""`role` of somebody who was disabled in this practice begins with `off:`, which is no role."""

links = Table(
    "links",
    METADATA,
    Column("token_hash", String(64), primary_key=True),
    Column("person_id", ID, ForeignKey("people.id"), nullable=False),
    Column("expires_at", BigInteger, nullable=False),
    Column("used_at", BigInteger, nullable=True),
)
"""One-time links to set a password and a second factor: the first administrator's, and those of invitations."""

sessions = Table(
    "sessions",
    METADATA,
    Column("token_hash", String(64), primary_key=True),
    Column("person_id", ID, ForeignKey("people.id"), nullable=False),
    Column("practice_id", ID, ForeignKey("practices.id"), nullable=True),
    Column("csrf", String(64), nullable=False),
    Column("created_at", BigInteger, nullable=False),
    Column("seen_at", BigInteger, nullable=False),
    Column("expires_at", BigInteger, nullable=False),
    Column("complete", Boolean, nullable=False),
)
"""`complete`: the second factor was given too."""

attempts = Table(
    "attempts",
    METADATA,
    Column("key", String(64), primary_key=True),
    Column("count", Integer, nullable=False),
    Column("since", BigInteger, nullable=False),
)
"""Failed tries (sign-in, enrolment codes), by a digest of what they were tried on; counted in windows."""

tokens = Table(
    "tokens",
    METADATA,
    Column("id", ID, primary_key=True),
    Column("token_hash", String(64), nullable=False, unique=True),
    practice_column(),
    Column("name", String(120), nullable=False),
    Column("scopes", String(255), nullable=False),
    Column("created_by", ID, nullable=False),
    Column("created_at", BigInteger, nullable=False),
    Column("expires_at", BigInteger, nullable=False),
    Column("last_used_at", BigInteger, nullable=True),
    Column("revoked_at", BigInteger, nullable=True),
)

codes = Table(
    "codes",
    METADATA,
    Column("id", ID, primary_key=True),
    practice_column(),
    Column("code_hash", String(64), nullable=False, unique=True),
    Column("hint", String(4), nullable=False),
    Column("group_id", ID, ForeignKey("groups.id"), nullable=True),
    Column("ownership", String(20), nullable=False),
    Column("label", String(120), nullable=False, default=""),
    Column("agent_id", ID, nullable=True),
    Column("uses_left", Integer, nullable=False),
    Column("created_at", BigInteger, nullable=False),
    Column("created_by", String(120), nullable=False),
    Column("expires_at", BigInteger, nullable=False),
    Column("revoked_at", BigInteger, nullable=True),
)
"""`hint`: the code's first characters, to tell codes apart. `agent_id`: only that agent may use it, to enrol anew."""
