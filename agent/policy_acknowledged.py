"""Who knows which policy since when: the person's own acknowledgements, kept on the device (R12)."""

import json
import os
from datetime import datetime

from agent.atomic import read_bounded, write_atomic
from agent.policy_kept import LARGEST_KEPT_BYTES
from checks.policy import Policy

SCHEMA = "scrubin/acknowledgements/1"
MOST_KEPT = 100
"""Older ones go."""
FILE = "acknowledgements.json"

Entry = dict[str, str]
"""id, version and digest of the policy, and `at` in ISO 8601."""


def acknowledge(state_dir: str, policy: Policy, now: datetime) -> None:
    """Remember that the person knows this policy, on disk when this returns. Raises OSError.

    A history that is damaged is begun anew; one that cannot be read is left alone.
    """
    entry = {"id": policy.id, "version": policy.version, "digest": policy.digest, "at": now.isoformat()}
    entries = [*_entries(state_dir), entry][-MOST_KEPT:]
    body = {"schema": SCHEMA, "acknowledged": entries}
    write_atomic(os.path.join(state_dir, FILE), json.dumps(body, indent=1).encode())


def acknowledged(state_dir: str, policy: Policy) -> datetime | None:
    """When this very policy was last acknowledged (aware); None where it was not, or where nobody can say."""
    this = (policy.id, policy.version, policy.digest)
    try:
        entries = _entries(state_dir)
    except OSError:
        return None
    moments = [one["at"] for one in entries if (one["id"], one["version"], one["digest"]) == this]
    return datetime.fromisoformat(moments[-1]) if moments else None


def _entries(state_dir: str) -> list[Entry]:
    """The sound ones of the history: what is not sound counts as none, so the person is asked again. Raises OSError."""
    try:
        body = json.loads(read_bounded(os.path.join(state_dir, FILE), LARGEST_KEPT_BYTES))
        listed = body["acknowledged"] if body["schema"] == SCHEMA else []
        return [one for one in listed if _sound(one)]
    except FileNotFoundError:
        return []
    except (ValueError, KeyError, TypeError, RecursionError):
        return []


def _sound(entry: object) -> bool:
    if not isinstance(entry, dict) or not entry.keys() >= {"id", "version", "digest", "at"}:
        return False
    try:
        return datetime.fromisoformat(entry["at"]).tzinfo is not None
    except (ValueError, TypeError):
        return False
