"""Looks for policy files in their folders, and puts the last good copy in the place of a broken one."""

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from itertools import islice
from typing import Any

from agent.atomic import read_bounded
from agent.limits import FOLDER_ENTRIES
from agent.policy_kept import DamagedError, Kept, system_words
from checks.policy_file import LARGEST_BYTES, Fault, Layer, PolicyError, read_layer
from checks.policy_form import LayerName
from checks.policy_shape import Flaw
from checks.policy_text import shown
from checks.spec import Check

Checks = Sequence[Check[Any, Any]]

MOST_FILES = 16
"""In one folder; two layers need two."""


class Trouble(StrEnum):
    """What can go wrong on the way to a policy."""

    REFUSED = "refused"
    """A file is wrong, or there and not readable: its faults say which."""
    NOT_LISTED = "not_listed"
    """A folder is there, and what is in it cannot be seen."""
    IGNORED = "ignored"
    """A sound file that another one stands before, or one too many."""
    COPY_DAMAGED = "copy_damaged"
    """A last good copy that cannot be used."""
    NOT_KEPT = "not_kept"
    """The policy holds, but the copies could not be brought up to date."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Folder:
    """A place where policy files may lie."""

    path: str
    label: str
    """How it is shown: without the name of an account."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sent:
    """The policy that the practice's console sent; it stands before every file."""

    raw: bytes | None
    """None: one was sent, and what is kept of it cannot be believed."""
    source: str
    """Absolute path of the file that keeps it. Stays on the device."""
    label: str = "The policy from your practice's console"


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """Something that the practice's IT should put right."""

    trouble: Trouble
    sentence: str
    """Safe to show; holds names of policy files and nothing personal."""
    faults: tuple[Fault, ...] = ()
    """For REFUSED: what is wrong in the file."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """A layer that could be in force, with what it was read from."""

    layer: Layer
    source: str
    raw: bytes
    kept_at: datetime | None = None
    """Set for a last good copy: when that text was first found right."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """What one file, or one folder, came to."""

    candidates: tuple[Candidate, ...] = ()
    """In order of precedence."""
    problems: tuple[Problem, ...] = ()
    astray: bool = False
    """Something is there that could not be read, and no copy says which layer it was."""


def search(
    folders: Sequence[Folder], copies: Mapping[LayerName, Kept], checks: Checks, sent: Sent | None = None
) -> Found:
    """Read every policy. What was sent comes first, then files of an earlier folder, then those of an earlier name."""
    first = () if sent is None else (_from_console(sent, copies, checks),)
    return _together([*first, *(_folder(folder, copies, checks) for folder in folders)])


def read_policy_file(path: str, *, label: str, checks: Checks) -> Layer:
    """One file, whatever layer it names. Raises PolicyError, also where there is no file or it cannot be read."""
    try:
        raw = read_bounded(path, LARGEST_BYTES)
    except OSError as error:
        raise _unreadable(label, error) from error
    return read_layer(raw, file=label, checks=checks)


def from_copy(copy: Kept, checks: Checks) -> Candidate:
    """The layer that a copy holds. Raises DamagedError, also where this version of the product would refuse it."""
    label = f"{os.path.basename(copy.source)} (kept copy)"
    try:
        layer = read_layer(copy.raw, file=label, checks=checks)
    except PolicyError as error:
        raise DamagedError("refused by this version") from error
    if layer.name is not copy.layer:
        raise DamagedError("the policy of another layer")
    return Candidate(layer=layer, source=copy.source, raw=copy.raw, kept_at=copy.kept_at)


def copy_damaged(layer: LayerName) -> Problem:
    """What is said of a copy that is of no use."""
    return Problem(
        trouble=Trouble.COPY_DAMAGED,
        sentence=f"The kept copy of the {layer.value}'s policy is damaged, so it cannot stand in for the file.",
    )


def _folder(folder: Folder, copies: Mapping[LayerName, Kept], checks: Checks) -> Found:
    try:
        names = _names(folder.path)
    except OSError as error:
        sentence = f"The folder {shown(folder.label)} could not be looked into: {system_words(error)}."
        return Found(problems=(Problem(trouble=Trouble.NOT_LISTED, sentence=sentence),), astray=True)
    found = [_file(folder, name, copies, checks) for name in names[:MOST_FILES]]
    if len(names) > MOST_FILES:
        sentence = f"Only the first {MOST_FILES} policy files of {shown(folder.label)} are read; there are more."
        found.append(Found(problems=(Problem(trouble=Trouble.IGNORED, sentence=sentence),)))
    return _together(found)


def _names(path: str) -> list[str]:
    """Policy files of a folder, sorted; none where there is no folder. Raises OSError."""
    try:
        with os.scandir(path) as entries:
            names = [one.name for one in islice(entries, FOLDER_ENTRIES)]
    except FileNotFoundError:
        if os.path.lexists(path):  # a link whose target is away, such as a share: not gone
            raise
        return []
    return sorted(one for one in names if one.endswith(".toml") and not one.startswith("."))


def _file(folder: Folder, name: str, copies: Mapping[LayerName, Kept], checks: Checks) -> Found:
    path, label = os.path.join(folder.path, name), shown(os.path.join(folder.label, name))
    try:
        raw = read_bounded(path, LARGEST_BYTES)
    except OSError as error:
        if isinstance(error, FileNotFoundError) and not os.path.lexists(path):
            return Found()  # taken away since the folder was listed
        return _broken(path, label, _unreadable(label, error), copies, checks)
    return _read(path, label, raw, copies, checks)


def _from_console(sent: Sent, copies: Mapping[LayerName, Kept], checks: Checks) -> Found:
    """One that cannot be believed has its last good copy stand in; whoever spoiled it gains nothing by it."""
    if sent.raw is not None:
        return _read(sent.source, sent.label, sent.raw, copies, checks)
    copy = next((one for one in copies.values() if one.source == sent.source), None)
    try:
        return Found(candidates=() if copy is None else (from_copy(copy, checks),), astray=True)
    except DamagedError:
        return Found(astray=True)


def _read(path: str, label: str, raw: bytes, copies: Mapping[LayerName, Kept], checks: Checks) -> Found:
    try:
        layer = read_layer(raw, file=label, checks=checks)
    except PolicyError as error:
        return _broken(path, label, error, copies, checks)
    if layer.name is LayerName.BASELINE:
        sentence = f"{label} is ignored: the baseline comes with scrubin. Name the layer practice or hospital."
        return Found(problems=(Problem(trouble=Trouble.IGNORED, sentence=sentence),))
    return Found(candidates=(Candidate(layer=layer, source=path, raw=raw),))


def _broken(path: str, label: str, error: PolicyError, copies: Mapping[LayerName, Kept], checks: Checks) -> Found:
    """A refused file keeps its place in the order through its last good copy."""
    copy = next((one for one in copies.values() if one.source == path), None)
    if copy is None:
        return Found(problems=(_refused(label, error, "No earlier copy of it is kept."),), astray=True)
    try:
        candidate = from_copy(copy, checks)
    except DamagedError:
        return Found(problems=(_refused(label, error, "Nothing stands in for it."), copy_damaged(copy.layer)))
    since = f"{copy.kept_at.day} {copy.kept_at:%B %Y}"
    stands = f"We go on with the {copy.layer.value}'s version {candidate.layer.version} from {since}."
    return Found(candidates=(candidate,), problems=(_refused(label, error, stands),))


def _refused(label: str, error: PolicyError, outcome: str) -> Problem:
    first, *others = error.faults
    more = f" (and {len(others)} more)" if others else ""
    return Problem(
        trouble=Trouble.REFUSED, sentence=f"{label} was refused. {first}{more}. {outcome}", faults=error.faults
    )


def _unreadable(label: str, error: OSError) -> PolicyError:
    return PolicyError(
        [
            Fault(
                flaw=Flaw.UNREADABLE,
                file=shown(label),
                line=1,
                key="",
                expected="a file that can be read",
                found=system_words(error),
            )
        ]
    )


def _together(found: Sequence[Found]) -> Found:
    return Found(
        candidates=tuple(one for part in found for one in part.candidates),
        problems=tuple(one for part in found for one in part.problems),
        astray=any(part.astray for part in found),
    )
