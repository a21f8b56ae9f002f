"""Says which policy is in force: a broken file never loosens anything, and a missing one only when really gone."""

import importlib.resources
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from agent.policy_kept import DamagedError, Kept, forget, keep, kept, system_words
from agent.policy_search import (
    Candidate,
    Checks,
    Found,
    Problem,
    Sent,
    Trouble,
    copy_damaged,
    from_copy,
    read_policy_file,
    search,
)
from agent.policy_search import Folder as Folder
from checks.policy import Policy, compose
from checks.policy_file import Layer, read_layer
from checks.policy_form import LayerName

WRITTEN = (LayerName.HOSPITAL, LayerName.PRACTICE)
"""The layers that others write; the baseline comes with the product."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PolicyInForce:
    """The policy to go by, and what was amiss on the way to it."""

    policy: Policy
    problems: tuple[Problem, ...]
    last_good_ages: Mapping[LayerName, timedelta]
    """Layers that come from their last good copy: how long ago that text was first found right."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Copies:
    """The last good copies on this device."""

    sound: Mapping[LayerName, Kept]
    damaged: tuple[LayerName, ...]


def shipped_baseline(checks: Checks) -> Layer:
    """The layer that comes with the product."""
    raw = (importlib.resources.files("checks") / "policies" / "baseline.toml").read_bytes()
    return read_layer(raw, file="baseline.toml", checks=checks)


def policy_in_force(
    checks: Checks,
    *,
    folders: Sequence[Folder],
    state_dir: str,
    now: datetime,
    explicit: str | None = None,
    sent: Sent | None = None,
) -> PolicyInForce:
    """The policy to go by now. `explicit` is the file of `--policy`, which replaces the layer that it names.

    Raises PolicyError for `explicit` alone. Of any other file that is refused or cannot be read, the last good copy
    stays in force and the problem is said; a layer is dropped only when its file is really gone.
    """
    named = None if explicit is None else read_policy_file(explicit, label=explicit, checks=checks)
    copies = _copies(state_dir)
    found = search(folders, copies.sound, checks, sent)
    chosen, ignored = _first_of_each(found.candidates)
    stand_ins = _stand_ins(copies, chosen, found.astray, checks)
    chosen |= {one.layer.name: one for one in stand_ins.candidates}
    layers = {one.name: one for one in (shipped_baseline(checks), *(one.layer for one in chosen.values()))}
    if named is not None:
        layers[named.name] = named
    damaged = [copy_damaged(one) for one in copies.damaged]
    unkept = _bring_up_to_date(state_dir, copies, chosen, found.astray, now)
    return PolicyInForce(
        policy=compose(tuple(layers.values()), checks),
        problems=(*found.problems, *ignored, *damaged, *stand_ins.problems, *unkept),
        last_good_ages={
            name: max(now - one.kept_at, timedelta(0))
            for name, one in chosen.items()
            if one.kept_at is not None and layers[name] is one.layer
        },
    )


def _copies(state_dir: str) -> Copies:
    sound: dict[LayerName, Kept] = {}
    damaged: list[LayerName] = []
    for name in WRITTEN:
        try:
            copy = kept(state_dir, name)
        except (DamagedError, OSError):
            damaged.append(name)
        else:
            if copy is not None:
                sound[name] = copy
    return Copies(sound=sound, damaged=tuple(damaged))


def _first_of_each(candidates: Sequence[Candidate]) -> tuple[dict[LayerName, Candidate], tuple[Problem, ...]]:
    """One file for each layer: two would leave it to chance which rule holds, so the first in order does."""
    chosen: dict[LayerName, Candidate] = {}
    ignored: list[Problem] = []
    for one in candidates:
        first = chosen.setdefault(one.layer.name, one)
        if first is not one:
            sentence = (
                f"{one.layer.file} is ignored: {first.layer.file} already is the {first.layer.name.value}'s policy."
            )
            ignored.append(Problem(trouble=Trouble.IGNORED, sentence=sentence))
    return chosen, tuple(ignored)


def _stand_ins(copies: Copies, chosen: Mapping[LayerName, Candidate], astray: bool, checks: Checks) -> Found:
    """Copies of layers whose file may be among those that could not be read, renamed perhaps."""
    candidates: list[Candidate] = []
    problems: list[Problem] = []
    for name, copy in copies.sound.items():
        if name in chosen or not astray:
            continue
        try:
            candidates.append(from_copy(copy, checks))
        except DamagedError:
            problems.append(copy_damaged(name))
    return Found(candidates=tuple(candidates), problems=tuple(problems))


def _bring_up_to_date(
    state_dir: str, copies: Copies, chosen: Mapping[LayerName, Candidate], astray: bool, now: datetime
) -> Iterator[Problem]:
    """Keep what was read for the first time, drop copies whose file is gone."""
    for name in WRITTEN:
        try:
            if name in chosen:
                _keep(state_dir, chosen[name], copies.sound.get(name), now)
            elif not astray and (name in copies.sound or name in copies.damaged):
                forget(state_dir, name)
        except OSError as error:
            sentence = (
                f"The kept copy of the {name.value}'s policy could not be brought up to date: {system_words(error)}."
            )
            yield Problem(trouble=Trouble.NOT_KEPT, sentence=sentence)


def _keep(state_dir: str, chosen: Candidate, before: Kept | None, now: datetime) -> None:
    """Write only what is new: a policy that stays the same costs no write, and its copy keeps its date."""
    if chosen.kept_at is not None or (before and (before.raw, before.source) == (chosen.raw, chosen.source)):
        return
    keep(state_dir, Kept(layer=chosen.layer.name, source=chosen.source, kept_at=now, raw=chosen.raw))
