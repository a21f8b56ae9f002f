"""The practice's waivers for this laptop: /etc/scrubin/waivers.toml, which only an administrator can write."""

import re
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from agent.collect.host import CollectError, Host
from agent.escape import printable
from agent.places import Places
from checks.evidence import Why
from checks.model import Waiver
from checks.waivers import LONGEST as LONGEST_WAIVER

FILE = "waivers.toml"
MOST = 100
LONGEST = 300
KEYS = {"uid", "who", "why", "until"}
UID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Waivers:
    """What the file grants."""

    granted: tuple[Waiver, ...] = ()
    problem: str = ""
    """What is wrong with the file: then nothing is waived. "" when all is well."""


NONE = Waivers()


def together(filed: Waivers, sent: Iterable[Waiver]) -> Waivers:
    """Those of the file and those that the console sent; of two for one finding, the one that ends later."""
    longest: dict[str, Waiver] = {}
    for one in (*filed.granted, *sent):
        if one.uid not in longest or longest[one.uid].until < one.until:
            longest[one.uid] = one
    return Waivers(granted=tuple(longest.values()), problem=filed.problem)


def waivers(places: Places, door: Host, *, now: datetime) -> Waivers:
    """Read the file. A wrong one waives nothing, and says so. `now` is aware."""
    path = str(places.system_config / FILE)
    try:
        table = tomllib.loads(door.read(path))
    except CollectError as error:
        return Waivers() if error.why is Why.NOT_FOUND else _refused(f"it can't be read ({error.why})")
    except (ValueError, RecursionError):
        return _refused("it is not TOML")
    rows = table.get("waiver", [])
    if set(table) - {"waiver"} or not isinstance(rows, list) or len(rows) > MOST:
        return _refused(f"expected at most {MOST} tables [[waiver]] and nothing else")
    granted = []
    for number, row in enumerate(rows, start=1):
        one = _waiver(row, now)
        if isinstance(one, str):
            return _refused(f"waiver {number}: {one}")
        granted.append(one)
    return Waivers(granted=tuple(granted))


def _refused(what: str) -> Waivers:
    return Waivers(problem=f"The file of waivers was refused, so nothing is waived: {what}.")


def _waiver(row: Any, now: datetime) -> Waiver | str:
    """A waiver, or what is wrong with it."""
    if not isinstance(row, Mapping) or set(row) != KEYS:
        return f"expected the keys {', '.join(sorted(KEYS))}"
    if not isinstance(row["uid"], str) or not UID.fullmatch(row["uid"]):
        return "uid: expected the uid of a finding, as scrubin check --json prints it"
    for key in ("who", "why"):
        value = row[key]
        if not isinstance(value, str) or not value.strip() or printable(value, LONGEST) != value:
            return f"{key}: expected a line of text of at most {LONGEST} characters"
    until = row["until"]
    if not isinstance(until, datetime) or until.tzinfo is None:
        return "until: expected a moment with its offset, such as 2026-12-24T00:00:00Z"
    if until > now + LONGEST_WAIVER:
        return f"until: expected a moment at most {LONGEST_WAIVER.days} days away"
    return Waiver(uid=row["uid"], who=row["who"], why=row["why"], until=until.astimezone(UTC))
