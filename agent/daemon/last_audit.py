"""When the last full audit began, kept over power cuts, so that a missed audit is made up for."""

import logging
import os
from datetime import UTC, datetime

from agent.atomic import write_atomic

log = logging.getLogger(__name__)

NAME = "last_audit"
LONGEST = 64
"""Bytes that a moment in ISO form may take; anything longer is not ours."""
OLDEST = datetime(2020, 1, 1, tzinfo=UTC)


def read(state_dir: str, *, now: datetime) -> datetime | None:
    """The moment, aware and UTC; None if it was never kept, is damaged, or lies in the future."""
    try:
        descriptor = os.open(os.path.join(state_dir, NAME), os.O_RDONLY | os.O_NONBLOCK | os.O_NOFOLLOW | os.O_CLOEXEC)
        with os.fdopen(descriptor, "rb") as stream:
            kept = datetime.fromisoformat(stream.read(LONGEST).decode("ascii").strip())
    except FileNotFoundError:
        return None
    except (OSError, ValueError) as error:
        log.warning("when the last audit began cannot be read (%s)", type(error).__name__)
        return None
    if kept.tzinfo is None or not OLDEST <= kept <= now:
        log.warning("when the last audit began is kept as a moment that cannot be; it counts as unknown")
        return None
    return kept.astimezone(UTC)


def write(state_dir: str, began_at: datetime) -> None:
    """Keep the moment. Raises OSError."""
    write_atomic(os.path.join(state_dir, NAME), began_at.astimezone(UTC).isoformat().encode("ascii"))
