"""KDE Plasma: kscreenlockerrc, the system's under the person's. Its tool prints an empty line for every default."""

import math
import re
from collections.abc import Iterator, Mapping

from agent.collect.absent import text_if_there
from agent.collect.host import CollectError, Host
from agent.collect.linux.desktop import config_folders, config_home
from agent.collect.linux.screen_lock_parts import Lock
from checks.evidence import Why
from checks.screen_lock.fact import NEVER_ASKS

FILE = "kscreenlockerrc"
GROUP = "Daemon"
HEADING = re.compile(r"(\[[^\]\\]*\])+")
"""Plasma takes more than this for a heading, or skips it and stays in the group before: we refuse those lines."""
DEFAULTS: Mapping[str, str] = {
    "Autolock": "true", "Timeout": "5", "LockOnResume": "true", "LockGrace": "5", "Lock": "true",
    "RequirePassword": "true",
}  # fmt: skip
"""Those of Plasma 5 and 6. Timeout is in minutes (Plasma 6 writes fractions), LockGrace in seconds."""


def lock(host: Host) -> Lock:
    """Read the files in their order of weight. Raises CollectError."""
    folders = (*reversed(config_folders(host)), config_home(host))
    texts = [text_if_there(host, f"{folder}/{FILE}") for folder in folders]
    return parse([text for text in texts if text is not None])


def parse(texts: list[str]) -> Lock:
    """`texts` are the files, the person's last. `Lock` is the old switch for the password, still obeyed by Plasma 5."""
    values = {**DEFAULTS, **cascade(texts)}
    minutes = _minutes(values["Timeout"])
    asks = _flag(values, "RequirePassword") and _flag(values, "Lock")
    return Lock(
        locks=_flag(values, "Autolock"),
        idle_s=math.ceil(60 * minutes),
        grace_s=_seconds(values["LockGrace"]) if asks else NEVER_ASKS,
        on_resume=_flag(values, "LockOnResume") and _flag(values, "RequirePassword"),
    )


def cascade(texts: list[str]) -> Mapping[str, str]:
    """The group's keys. Later files win, except over a key, group or file that an earlier one marked `[$i]`."""
    found: dict[str, str] = {}
    fixed: set[str] = set()
    for text in texts:
        lines = [line.strip() for line in text.splitlines()]
        for key, value, immutable in _entries(lines):
            if key in fixed:
                continue
            if value is None:
                found.pop(key, None)
                continue
            found[key] = value
            if immutable:
                fixed.add(key)
        if "[$i]" in lines or f"[{GROUP}][$i]" in lines:
            break
    return found


def _entries(lines: list[str]) -> Iterator[tuple[str, str | None, bool]]:
    """(key, value, immutable) of our group; groups nest: [Greeter][Wallpaper][org.kde.image][General]."""
    group, group_fixed, file_fixed = "", False, False
    for line in lines:
        if line.startswith("\ufeff"):
            # Plasma does not know the mark, takes the first group for a key and so ignores it.
            raise CollectError(Why.UNPARSABLE, f"{FILE} starts with a byte order mark")
        if line == "[$i]":
            file_fixed = True
        elif line.startswith("["):
            if HEADING.fullmatch(line) is None:
                raise CollectError(Why.UNPARSABLE, f"{FILE}: {line[:80]} is no plain heading")
            group, group_fixed = line.removesuffix("[$i]"), line.endswith("[$i]")
        elif group == f"[{GROUP}]" and not line.startswith("#"):
            yield from _entry(line, group_fixed or file_fixed)


def _entry(line: str, fixed: bool) -> Iterator[tuple[str, str | None, bool]]:
    """One of our keys; the value None deletes it. Nothing for other keys and for a line that Plasma skips: no `=`."""
    name, sign, value = line.partition("=")
    key, bracket, marks = name.strip().partition("[$")
    if "\\" in key:
        raise CollectError(Why.UNPARSABLE, f"{FILE}: {line[:80]} has letters in code")
    if key.partition("[")[0] not in DEFAULTS:
        return
    if "[" in key or (bracket and (not marks.endswith("]") or "e" in marks)):
        raise CollectError(Why.UNPARSABLE, f"{FILE}: {line[:80]} goes by language or is computed")
    if "d" in marks:
        yield key, None, False
    elif sign:
        yield key, value.strip(), fixed or "i" in marks


def _flag(values: Mapping[str, str], key: str) -> bool:
    match values[key].lower():
        case "true" | "1" | "yes" | "on":
            return True
        case "false" | "0" | "no" | "off":
            return False
        case other:
            raise CollectError(Why.UNPARSABLE, f"{key} = {other}"[:200])


def _minutes(value: str) -> float:
    if not re.fullmatch(r"-?[0-9]{1,6}(\.[0-9]{1,6})?", value):
        raise CollectError(Why.UNPARSABLE, f"Timeout = {value}"[:200])
    return max(0.0, float(value))


def _seconds(value: str) -> int:
    """Plasma takes -1 for a grace without end."""
    if not re.fullmatch(r"-?[0-9]{1,6}", value):
        raise CollectError(Why.UNPARSABLE, f"LockGrace = {value}"[:200])
    return max(NEVER_ASKS, int(value))
