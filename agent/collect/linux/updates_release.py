"""Which release of which distribution this is, and until when its maker publishes security updates for it."""

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from functools import cache
from importlib import resources
from typing import Any

from agent.collect.absent import text_if_there
from agent.collect.host import CollectError, Host
from checks.evidence import Why

PLACES = ("/etc/os-release", "/usr/lib/os-release")
WORD = r"[A-Za-z0-9._~+-]{0,40}"


class Packages(StrEnum):
    """How a distribution installs software."""

    APT = "apt"
    RPM = "rpm"
    PACMAN = "pacman"


@dataclass(frozen=True, slots=True, kw_only=True)
class Release:
    """What os-release says of a system."""

    id: str
    version: str
    """"" for a system without one, as rolling and testing ones are."""
    like: tuple[str, ...]
    """Whose derivative it says it is, closest first."""
    support_end: date | None
    """The maker's own word, which few give."""


@dataclass(frozen=True, slots=True, kw_only=True)
class System:
    """What is known of one distribution."""

    packages: Packages
    rolling: bool
    parts: int
    ends: Mapping[str, date]


@dataclass(frozen=True, slots=True, kw_only=True)
class Dates:
    """The dated list that ships with the product."""

    known_at: date
    systems: Mapping[str, System]


def release(host: Host) -> Release:
    """Read os-release from the first place that has it. Raises CollectError."""
    first = text_if_there(host, PLACES[0])
    return parse(host.read(PLACES[1]) if first is None else first)


def parse(text: str) -> Release:
    """Read assignments as a shell would, later ones winning. Raises UNPARSABLE on anything else."""
    found: dict[str, str] = {}
    for line in text.splitlines():
        line = line.strip()
        if not line or line.startswith("#"):
            continue
        key, sign, value = line.partition("=")
        if not sign:
            raise CollectError(Why.UNPARSABLE, f"os-release: {line[:80]}")
        found[key] = _bare(value)
    if not found.get("ID"):
        raise CollectError(Why.UNPARSABLE, "os-release has no ID")
    return Release(
        id=_word(found["ID"]),
        version=_word(found.get("VERSION_ID", "")),
        like=tuple(_word(one) for one in found.get("ID_LIKE", "").split()[:10]),
        support_end=_day(found["SUPPORT_END"]) if "SUPPORT_END" in found else None,
    )


def support(seen: Release, today: date) -> tuple[bool, date | None]:
    """(supported today, last day with support). Raises NOT_SAID for a release that is not on our list.

    A derivative has dates of its own, so ID_LIKE counts for nothing here. The maker's SUPPORT_END may prove that
    support is over, never that it lasts.
    """
    system = dates().systems.get(seen.id)
    if system is not None and system.rolling:
        return True, None
    until = system.ends.get(".".join(seen.version.split(".")[: system.parts])) if system is not None else None
    if until is not None:
        return today <= until, until
    if seen.support_end is not None and seen.support_end < today:
        return False, seen.support_end
    raise CollectError(Why.NOT_SAID, f"no end date known for {seen.id} {seen.version}")


def packages(seen: Release) -> Packages:
    """How this system installs software; here a derivative does as its parent. Raises NO_PROBE."""
    for one in (seen.id, *seen.like):
        if one in dates().systems:
            return dates().systems[one].packages
    raise CollectError(Why.NO_PROBE, f"packages of {seen.id}")


@cache
def dates() -> Dates:
    """The list beside this module."""
    table = tomllib.loads(resources.files("agent.collect.linux").joinpath("releases.toml").read_text("utf-8"))
    return Dates(known_at=table["known_at"], systems={name: _system(one) for name, one in table["systems"].items()})


def _system(table: Mapping[str, Any]) -> System:
    return System(
        packages=Packages(table["packages"]),
        rolling=table.get("rolling", False),
        parts=table.get("parts", 0),
        ends=table.get("ends", {}),
    )


def _bare(value: str) -> str:
    """A value without its quotes."""
    if len(value) >= 2 and value[0] == value[-1] and value[0] in "\"'":
        inner = value[1:-1]
        return re.sub(r"\\(.)", r"\1", inner) if value[0] == '"' else inner
    return value


def _word(value: str) -> str:
    if not re.fullmatch(WORD, value):
        raise CollectError(Why.UNPARSABLE, f"os-release: {value[:80]!r}")
    return value


def _day(value: str) -> date:
    try:
        return date.fromisoformat(value)
    except ValueError as error:
        raise CollectError(Why.UNPARSABLE, f"SUPPORT_END: {value[:80]!r}") from error
