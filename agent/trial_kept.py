"""What drafts of the practice's policy came to, until it has been sent: one small file a draft and device."""

import contextlib
import os
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from agent.atomic import read_bounded, write_atomic
from agent.directive import UUID

FOLDER = "trials"
FILE_BYTES = 64 << 10
MOST = 1000
"""Five drafts of a hundred phones and a laptop are fewer."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting:
    """An answer that is to be sent."""

    path: str
    body: bytes


def keep(state: Path, *, draft: str, device_id: str, body: bytes) -> None:
    """In place of an earlier answer of the same device. Raises OSError."""
    write_atomic(os.fspath(state / FOLDER / f"{draft}.{device_id}.json"), body)


def waiting(state: Path) -> tuple[Waiting, ...]:
    """All of them, in the order of their names. Raises OSError."""
    found = []
    for name in _names(state):
        path = os.fspath(state / FOLDER / name)
        with contextlib.suppress(FileNotFoundError):  # another process has sent it
            body = read_bounded(path, FILE_BYTES)
            if 0 < len(body) <= FILE_BYTES:
                found.append(Waiting(path=path, body=body))
    return tuple(found)


def done(one: Waiting) -> None:
    """It has been sent. A newer answer that came meanwhile stays. Raises OSError."""
    with contextlib.suppress(FileNotFoundError):
        if read_bounded(one.path, FILE_BYTES) == one.body:
            os.unlink(one.path)


def drop_others(state: Path, drafts: Iterable[str]) -> None:
    """Remove answers to drafts that the practice asks for no more. Raises OSError."""
    asked = set(drafts)
    for name in _names(state):
        if name.partition(".")[0] not in asked:
            with contextlib.suppress(FileNotFoundError):
                os.unlink(state / FOLDER / name)


def _names(state: Path) -> list[str]:
    try:
        names = os.listdir(state / FOLDER)
    except FileNotFoundError:
        return []
    return sorted(name for name in names if _is_ours(name))[:MOST]


def _is_ours(name: str) -> bool:
    draft, _, rest = name.partition(".")
    return bool(UUID.fullmatch(draft) and UUID.fullmatch(rest.removesuffix(".json")) and rest.endswith(".json"))
