"""What all tables share: one catalogue, how constraints are named, and the columns that recur."""

from sqlalchemy import BigInteger, Column, ForeignKey, Integer, MetaData, String

METADATA = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)

ID = String(36)
COUNTER = BigInteger().with_variant(Integer, "sqlite")
"""SQLite numbers rows by itself in a column of this one type only."""


def practice_column() -> Column[str]:
    return Column("practice_id", ID, ForeignKey("practices.id"), nullable=False)
