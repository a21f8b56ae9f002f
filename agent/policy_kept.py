"""The last good copy of each policy layer, kept for the day when its file is broken or out of reach."""

import contextlib
import hashlib
import json
import os
from dataclasses import dataclass
from datetime import UTC, datetime

from agent.atomic import read_bounded, write_atomic
from checks.policy_file import LARGEST_BYTES
from checks.policy_form import LayerName

COPY = "scrubin/policy-copy/1"
LARGEST_KEPT_BYTES = 8 * LARGEST_BYTES
"""JSON may write one character of a policy as six."""


class DamagedError(Exception):
    """A file that we kept is not as we wrote it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """The last good copy of a layer."""

    layer: LayerName
    source: str
    """Absolute path of the file that it was read from. Stays on the device."""
    kept_at: datetime
    """Aware, UTC: when this text was first found right."""
    raw: bytes


def system_words(error: OSError) -> str:
    """What the system said, without the path, which may hold the name of an account."""
    return (error.strerror or str(error)).lower()


def keep(state_dir: str, copy: Kept) -> None:
    """Remember a layer, on disk when this returns. Raises OSError; the copy before then still stands."""
    text = copy.raw.decode("utf-8")
    body = {
        "schema": COPY,
        "layer": copy.layer.value,
        "source": copy.source,
        "kept_at": copy.kept_at.isoformat(),
        "sha256": hashlib.sha256(copy.raw).hexdigest(),
        "text": text,
    }
    write_atomic(_copy_path(state_dir, copy.layer), json.dumps(body).encode())


def kept(state_dir: str, layer: LayerName) -> Kept | None:
    """The last good copy of a layer; None where there is none. Raises DamagedError or OSError."""
    try:
        written = read_bounded(_copy_path(state_dir, layer), LARGEST_KEPT_BYTES)
    except FileNotFoundError:
        return None
    try:
        body = json.loads(written)
        raw = body["text"].encode("utf-8")
        copy = Kept(
            layer=LayerName(body["layer"]),
            source=str(body["source"]),
            kept_at=datetime.fromisoformat(body["kept_at"]).astimezone(UTC),
            raw=raw,
        )
        sound = body["schema"] == COPY and copy.layer is layer and body["sha256"] == hashlib.sha256(raw).hexdigest()
    except (ValueError, KeyError, TypeError, AttributeError, OverflowError, RecursionError) as error:
        raise DamagedError("not the form that was written") from error
    if not sound:
        raise DamagedError("not the text that was written")
    return copy


def forget(state_dir: str, layer: LayerName) -> None:
    """Drop the copy of a layer that is gone. Raises OSError."""
    with contextlib.suppress(FileNotFoundError):
        os.unlink(_copy_path(state_dir, layer))


def _copy_path(state_dir: str, layer: LayerName) -> str:
    return os.path.join(state_dir, f"policy-{layer.value}.json")
