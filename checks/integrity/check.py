"""The system is its maker's own, and nothing has full access to it as far as can be seen."""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from checks.bands import either
from checks.integrity.fact import Boot, History, Integrity
from checks.model import PHONES, Point, Severity, Verdict, rule
from checks.points import not_seen
from checks.spec import Check, limit


class Reason(StrEnum):
    """What the judge may notice."""

    NO_TRACE = "no_trace"
    UNLOCKED = "unlocked"
    START_CHECK_FAILED = "start_check_failed"
    ROOT_PROGRAM = "root_program"
    ROOT_APP = "root_app"
    ROOT_RIGHTS = "root_rights"
    TEST_BUILD = "test_build"
    ALTERED_ONCE = "altered_once"
    UNLOCKING_ALLOWED = "unlocking_allowed"
    OTHER_SYSTEM = "other_system"
    CONTRADICTION = "contradiction"
    NOT_A_REAL_DEVICE = "not_a_real_device"
    DEVICE_NOT_SEEN = "device_not_seen"
    BOOT_NOT_SEEN = "boot_not_seen"
    ROOT_PROGRAM_NOT_SEEN = "root_program_not_seen"
    ROOT_APP_NOT_SEEN = "root_app_not_seen"
    ROOT_RIGHTS_NOT_SEEN = "root_rights_not_seen"
    TEST_BUILD_NOT_SEEN = "test_build_not_seen"
    HISTORY_NOT_SEEN = "history_not_seen"
    UNLOCKING_NOT_SEEN = "unlocking_not_seen"


class Start(StrEnum):
    """`Boot`, as it is shared."""

    VERIFIED = "verified"
    OTHER_KEY = "other_key"
    UNLOCKED = "unlocked"
    FAILED = "failed"
    CONTRADICTED = "contradicted"
    NOT_SEEN = "not_seen"


class Root(StrEnum):
    """Whether there are traces of full access."""

    NONE_FOUND = "none_found"
    FOUND = "found"
    NOT_SEEN = "not_seen"


class Past(StrEnum):
    """`History`, as it is shared."""

    CLEAN = "clean"
    ALTERED = "altered"
    NOT_KEPT = "not_kept"
    NOT_SEEN = "not_seen"


class Unlocking(StrEnum):
    """Whether the settings allow that the device is made to take any system."""

    FORBIDDEN = "forbidden"
    ALLOWED = "allowed"
    NOT_SEEN = "not_seen"


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What the practice asks for."""

    other_systems: bool = limit(False, doc="Whether a verified system of somebody else than the maker is accepted.")
    never_altered: bool = limit(
        False, doc="Whether a device that remembers an altered system is refused, though the one that runs is sound."
    )
    no_unlocking: bool = limit(
        False, doc="Whether the settings must forbid that the device is made to take any system."
    )


def judge(seen: Integrity, limits: Limits) -> Verdict:
    """Any trace proves a broken system; no trace in any place proves no more than that none was found."""
    return rule(
        broken=() if seen.virtual else tuple(_broken(seen, limits)),
        unclear=(*_strange(seen, limits), *not_seen(Reason, seen, {} if seen.virtual else _parts(seen, limits))),
        kept=Point(reason=Reason.NO_TRACE, because="verified when it started, and no known trace of full access found"),
        measures={
            "start": Start.NOT_SEEN if seen.boot is None else Start(seen.boot),
            "root": either(_rooted(seen), yes=Root.FOUND, no=Root.NONE_FOUND, not_seen=Root.NOT_SEEN),
            "history": Past.NOT_SEEN if seen.history is None else Past(seen.history),
            "unlocking": either(
                seen.unlocking, yes=Unlocking.ALLOWED, no=Unlocking.FORBIDDEN, not_seen=Unlocking.NOT_SEEN
            ),
        },
    )


def _parts(seen: Integrity, limits: Limits) -> dict[str, object]:
    parts: dict[str, object] = {
        "device": seen.virtual,
        "boot": seen.boot,
        "root_program": seen.root_program,
        "root_app": seen.root_app,
        "root_rights": seen.root_rights,
        "test_build": seen.test_build,
    }
    if limits.never_altered:
        parts["history"] = seen.history
    if limits.no_unlocking:
        parts["unlocking"] = seen.unlocking
    return parts


def _rooted(seen: Integrity) -> bool | None:
    traces = (seen.root_program, seen.root_app, seen.root_rights, seen.test_build)
    if any(traces):
        return True
    return None if None in traces else False


def _broken(seen: Integrity, limits: Limits) -> Iterator[Point]:
    if seen.boot is Boot.UNLOCKED:
        yield Point(reason=Reason.UNLOCKED, because="it takes any system: what runs was not verified when it started")
    if seen.boot is Boot.FAILED:
        yield Point(reason=Reason.START_CHECK_FAILED, because="what runs is not what was signed")
    if seen.root_rights:
        yield Point(reason=Reason.ROOT_RIGHTS, because="whoever is connected has full access")
    if seen.root_program:
        yield Point(reason=Reason.ROOT_PROGRAM, because="a program that gives full access is there")
    if seen.root_app:
        yield Point(reason=Reason.ROOT_APP, because="an app that hands out full access is there")
    if seen.test_build:
        yield Point(reason=Reason.TEST_BUILD, because="the system was built for developers")
    if limits.never_altered and seen.history is History.ALTERED:
        yield Point(reason=Reason.ALTERED_ONCE, because="it remembers a system that was not its maker's")
    if limits.no_unlocking and seen.unlocking:
        yield Point(reason=Reason.UNLOCKING_ALLOWED, because="its settings allow that it is made to take any system")


def _strange(seen: Integrity, limits: Limits) -> Iterator[Point]:
    if seen.virtual:
        yield Point(reason=Reason.NOT_A_REAL_DEVICE, because="it is software that imitates a device")
    elif seen.boot is Boot.CONTRADICTED:
        yield Point(reason=Reason.CONTRADICTION, because="what it says of its start does not fit together")
    elif seen.boot is Boot.OTHER_KEY and not limits.other_systems:
        yield Point(reason=Reason.OTHER_SYSTEM, because="it runs a verified system that is not its maker's")


CHECK = Check(
    id="integrity",
    title="System was verified at its start and shows no trace of full access",
    severity=Severity.HIGH,
    fact=Integrity,
    limits=Limits,
    judge=judge,
    reasons=Reason,
    measures={"start": Start, "root": Root, "history": Past, "unlocking": Unlocking},
    requirements=("R18",),
    platforms=PHONES,
)
