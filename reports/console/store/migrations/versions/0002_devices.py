"""What devices say."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make these tables."""
    _changes()
    _report_ids()
    _reports()
    _agents()
    _away()
    _devices()
    _findings()


def _changes() -> None:
    op.create_table(
        "changes",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("practice_id", sa.String(length=36), nullable=False),
        sa.Column("device_id", sa.String(length=36), nullable=True),
        sa.Column("agent_id", sa.String(length=36), nullable=True),
        sa.Column("what", sa.String(length=20), nullable=False),
        sa.Column("check_id", sa.String(length=60), nullable=True),
        sa.Column("before", sa.String(length=40), nullable=True),
        sa.Column("after", sa.String(length=40), nullable=True),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("received_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["practice_id"], ["practices.id"], name=op.f("fk_changes_practice_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_changes")),
    )
    op.create_index(op.f("ix_changes_device_id_received_at"), "changes", ["device_id", "received_at"], unique=False)
    op.create_index(op.f("ix_changes_practice_id_received_at"), "changes", ["practice_id", "received_at"], unique=False)


def _report_ids() -> None:
    op.create_table(
        "report_ids",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("practice_id", sa.String(length=36), nullable=False),
        sa.Column("device_id", sa.String(length=36), nullable=False),
        sa.Column("received_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["practice_id"], ["practices.id"], name=op.f("fk_report_ids_practice_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_report_ids")),
    )
    op.create_index(op.f("ix_report_ids_received_at"), "report_ids", ["received_at"], unique=False)


def _reports() -> None:
    op.create_table(
        "reports",
        sa.Column("received_at", sa.BigInteger(), nullable=False),
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("practice_id", sa.String(length=36), nullable=False),
        sa.Column("agent_id", sa.String(length=36), nullable=False),
        sa.Column("device_id", sa.String(length=36), nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.Column("link", sa.String(length=64), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.Column("proof", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["practice_id"], ["practices.id"], name=op.f("fk_reports_practice_id")),
        sa.PrimaryKeyConstraint("received_at", "id", name=op.f("pk_reports")),
        postgresql_partition_by="RANGE (received_at)",
    )
    op.create_index(op.f("ix_reports_device_id_received_at"), "reports", ["device_id", "received_at"], unique=False)
    if op.get_bind().dialect.name == "postgresql":
        # What no month's partition takes lands here, so that a late job never costs a report.
        op.execute("CREATE TABLE reports_other PARTITION OF reports DEFAULT")


def _agents() -> None:
    op.create_table(
        "agents",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("practice_id", sa.String(length=36), nullable=False),
        sa.Column("group_id", sa.String(length=36), nullable=True),
        sa.Column("laptop_id", sa.String(length=36), nullable=False),
        sa.Column("public_key", sa.String(length=44), nullable=False),
        sa.Column("ownership", sa.String(length=20), nullable=False),
        sa.Column("label", sa.String(length=120), nullable=False),
        sa.Column("enrolled_at", sa.BigInteger(), nullable=False),
        sa.Column("agent_version", sa.String(length=40), nullable=False),
        sa.Column("last_seen_at", sa.BigInteger(), nullable=True),
        sa.Column("told_serial", sa.BigInteger(), nullable=False),
        sa.Column("ended_at", sa.BigInteger(), nullable=True),
        sa.Column("ended_how", sa.String(length=20), nullable=True),
        sa.ForeignKeyConstraint(["group_id"], ["groups.id"], name=op.f("fk_agents_group_id")),
        sa.ForeignKeyConstraint(["practice_id"], ["practices.id"], name=op.f("fk_agents_practice_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_agents")),
        sa.UniqueConstraint("laptop_id", name=op.f("uq_agents_laptop_id")),
    )
    op.create_index("ix_agents_label", "agents", ["practice_id", "label", "id"], unique=False)
    op.create_index(op.f("ix_agents_practice_id_ended_at"), "agents", ["practice_id", "ended_at"], unique=False)


def _away() -> None:
    op.create_table(
        "away",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("practice_id", sa.String(length=36), nullable=False),
        sa.Column("agent_id", sa.String(length=36), nullable=False),
        sa.Column("from_at", sa.BigInteger(), nullable=False),
        sa.Column("until_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["agent_id"], ["agents.id"], name=op.f("fk_away_agent_id")),
        sa.ForeignKeyConstraint(["practice_id"], ["practices.id"], name=op.f("fk_away_practice_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_away")),
    )
    op.create_index(op.f("ix_away_agent_id"), "away", ["agent_id"], unique=False)


def _devices() -> None:
    op.create_table(
        "devices",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("practice_id", sa.String(length=36), nullable=False),
        sa.Column("agent_id", sa.String(length=36), nullable=False),
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("platform", sa.String(length=10), nullable=False),
        sa.Column("model", sa.String(length=100), nullable=False),
        sa.Column("os_version", sa.String(length=60), nullable=False),
        sa.Column("ownership", sa.String(length=20), nullable=False),
        sa.Column("first_seen_at", sa.BigInteger(), nullable=False),
        sa.Column("received_at", sa.BigInteger(), nullable=False),
        sa.Column("observed_at", sa.BigInteger(), nullable=False),
        sa.Column("report_id", sa.String(length=36), nullable=False),
        sa.Column("overall", sa.String(length=20), nullable=False),
        sa.Column("overall_since", sa.BigInteger(), nullable=False),
        sa.Column("proven", sa.Boolean(), nullable=False),
        sa.Column("policy_name", sa.String(length=120), nullable=False),
        sa.Column("policy_version", sa.String(length=120), nullable=False),
        sa.Column("agent_version", sa.String(length=40), nullable=False),
        sa.Column("to_fix", sa.Integer(), nullable=False),
        sa.Column("due_at", sa.BigInteger(), nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.Column("link", sa.String(length=64), nullable=False),
        sa.Column("chain", sa.String(length=10), nullable=False),
        sa.Column("ended_at", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(["agent_id"], ["agents.id"], name=op.f("fk_devices_agent_id")),
        sa.ForeignKeyConstraint(["practice_id"], ["practices.id"], name=op.f("fk_devices_practice_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_devices")),
    )
    _device_indexes()
    _device_indexes_of_some()


def _device_indexes() -> None:
    op.create_index(op.f("ix_devices_agent_id"), "devices", ["agent_id"], unique=False)
    op.create_index(
        "ix_devices_due",
        "devices",
        ["practice_id", "due_at"],
        unique=False,
        sqlite_where=sa.text("ended_at IS NULL"),
        postgresql_where=sa.text("ended_at IS NULL"),
    )
    op.create_index(
        "ix_devices_heard",
        "devices",
        ["practice_id", "received_at"],
        unique=False,
        sqlite_where=sa.text("ended_at IS NULL"),
        postgresql_where=sa.text("ended_at IS NULL"),
    )
    op.create_index(
        "ix_devices_left",
        "devices",
        ["practice_id", "id"],
        unique=False,
        sqlite_where=sa.text("ended_at IS NOT NULL"),
        postgresql_where=sa.text("ended_at IS NOT NULL"),
    )
    op.create_index(
        "ix_devices_model",
        "devices",
        ["practice_id", "model", "id"],
        unique=False,
        sqlite_where=sa.text("ended_at IS NULL"),
        postgresql_where=sa.text("ended_at IS NULL"),
    )


def _device_indexes_of_some() -> None:
    op.create_index(
        "ix_devices_standing",
        "devices",
        ["practice_id", "overall", "id", "kind", "platform", "ownership"],
        unique=False,
        sqlite_where=sa.text("ended_at IS NULL"),
        postgresql_where=sa.text("ended_at IS NULL"),
    )
    op.create_index(
        "ix_devices_to_fix",
        "devices",
        ["practice_id", "to_fix", "id"],
        unique=False,
        sqlite_where=sa.text("ended_at IS NULL"),
        postgresql_where=sa.text("ended_at IS NULL"),
    )
    op.create_index(
        "ix_devices_unchained",
        "devices",
        ["practice_id"],
        unique=False,
        sqlite_where=sa.text("chain <> 'whole'"),
        postgresql_where=sa.text("chain <> 'whole'"),
    )
    op.create_index(
        "ix_devices_unproven",
        "devices",
        ["practice_id", "proven", "received_at"],
        unique=False,
        sqlite_where=sa.text("proven = 0"),
        postgresql_where=sa.text("proven = false"),
    )


def _findings() -> None:
    op.create_table(
        "findings",
        sa.Column("device_id", sa.String(length=36), nullable=False),
        sa.Column("uid", sa.String(length=36), nullable=False),
        sa.Column("practice_id", sa.String(length=36), nullable=False),
        sa.Column("check_id", sa.String(length=60), nullable=False),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("severity", sa.String(length=10), nullable=False),
        sa.Column("level", sa.String(length=12), nullable=False),
        sa.Column("status", sa.String(length=20), nullable=False),
        sa.Column("because", sa.Text(), nullable=False),
        sa.Column("measures", sa.Text(), nullable=False),
        sa.Column("profile", sa.String(length=40), nullable=False),
        sa.Column("source", sa.String(length=20), nullable=False),
        sa.Column("observed_at", sa.BigInteger(), nullable=False),
        sa.Column("since", sa.BigInteger(), nullable=False),
        sa.Column("failed_since", sa.BigInteger(), nullable=True),
        sa.Column("waived_until", sa.BigInteger(), nullable=True),
        sa.Column("attestation", sa.Text(), nullable=True),
        sa.Column("settled", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["device_id"], ["devices.id"], name=op.f("fk_findings_device_id")),
        sa.ForeignKeyConstraint(["practice_id"], ["practices.id"], name=op.f("fk_findings_practice_id")),
        sa.PrimaryKeyConstraint("device_id", "uid", name=op.f("pk_findings")),
    )
    op.create_index(
        "ix_findings_open",
        "findings",
        [
            "practice_id",
            "failed_since",
            "device_id",
            "uid",
            "check_id",
            "status",
            "level",
            "severity",
            "waived_until",
            "settled",
        ],
        unique=False,
        sqlite_where=sa.text("failed_since IS NOT NULL"),
        postgresql_where=sa.text("failed_since IS NOT NULL"),
    )
    op.create_index(
        op.f("ix_findings_practice_id_status_check_id"), "findings", ["practice_id", "status", "check_id"], unique=False
    )
