"""Whether the finders on a phone could work. Whether one is armed, no phone tells."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from agent.collect.android import packages
from agent.collect.android.accounts import account_types
from agent.collect.android.remote_wipe_products import FINDERS, Finder
from agent.collect.android.settings import settings, whole
from agent.collect.host import CollectError, Host
from agent.collect.observe import attempt
from checks.evidence import Gap, Why
from checks.remote_wipe.fact import Enrolment, Lack

NOWHERE = "finders"
"""Part of a gap that may hide any finder."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sight:
    """What finders depend on. None: not seen; `hidden` says why, by the name of the field."""

    installed: frozenset[str] | None
    enabled: frozenset[str] | None
    accounts: frozenset[str] | None
    located: bool | None
    hidden: Mapping[str, Gap]


def look(host: Host) -> Sight:
    """Each by itself, so that one refusal hides no more than it must."""
    gaps: list[Gap] = []
    return Sight(
        installed=attempt(gaps, "installed", lambda: packages.installed(host)),
        enabled=attempt(gaps, "enabled", lambda: packages.enabled(host)),
        accounts=attempt(gaps, "accounts", lambda: account_types(host)),
        located=attempt(gaps, "located", lambda: _located(host)),
        hidden={gap.part: gap for gap in gaps},
    )


def _located(host: Host) -> bool:
    """Any mode but 0 lets the phone be found. Raises CollectError; an absent setting says nothing."""
    mode = whole(settings(host, "secure"), "location_mode")
    if mode is None:
        raise CollectError(Why.NOT_SAID, "location_mode")
    return mode != 0


def seen(sight: Sight, *, armed: bool, gaps: list[Gap]) -> Iterator[Enrolment]:
    """Each finder of which something is on the phone. `armed`: Google's is an active admin, hence switched on."""
    if sight.installed is None:
        gaps.append(Gap(part=NOWHERE, why=sight.hidden["installed"].why, detail=sight.hidden["installed"].detail))
    for finder in FINDERS:
        if finder.always or (sight.installed is not None and sight.installed & finder.packages):
            yield _one(finder, sight, armed=armed and finder.always, gaps=gaps)


def _one(finder: Finder, sight: Sight, *, armed: bool, gaps: list[Gap]) -> Enrolment:
    needs = _needs(finder, sight, armed=armed)
    for lack, (_, met) in needs.items():
        if met is False:
            return Enrolment(product=finder.product, enrolled=False, finder=True, lack=lack)
    for part, met in needs.values():
        if met is None:
            gaps.append(Gap(part=finder.product, why=sight.hidden[part].why, detail=sight.hidden[part].detail))
            return Enrolment(product=finder.product, enrolled=None, finder=True)
    on = True if armed else None
    return Enrolment(product=finder.product, enrolled=on, running=on, finder=True)


def _needs(finder: Finder, sight: Sight, *, armed: bool) -> Mapping[Lack, tuple[str, bool | None]]:
    """What it needs -> (field of Sight, whether that is met). An armed one wipes without knowing where it is."""
    needs: dict[Lack, tuple[str, bool | None]] = {Lack.SERVICE: ("enabled", _any(finder.packages, sight.enabled))}
    if finder.accounts:
        needs[Lack.ACCOUNT] = ("accounts", _any(finder.accounts, sight.accounts))
    if finder.located and not armed:
        needs[Lack.LOCATION] = ("located", sight.located)
    return needs


def _any(wanted: frozenset[str], there: frozenset[str] | None) -> bool | None:
    return None if there is None else bool(wanted & there)
