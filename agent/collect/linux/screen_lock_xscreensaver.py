"""XScreenSaver: its own file over the system's, in the form of X resources."""

import re
from collections.abc import Mapping

from agent.collect.absent import text_if_there
from agent.collect.host import CollectError, Host
from agent.collect.linux.screen_lock_parts import Lock
from checks.evidence import Gap, Why

SYSTEM_FILES = ("/usr/share/X11/app-defaults/XScreenSaver", "/etc/X11/app-defaults/XScreenSaver")
DEFAULTS: Mapping[str, str] = {"lock": "False", "timeout": "0:10:00", "lockTimeout": "0:00:00", "mode": "random"}
"""What the program does without files: it does not lock."""
SLEEP_WATCH = frozenset({"xscreensaver-systemd", "xscreensaver-sy"})
"""The helper that locks before sleep: the whole name, and what Linux leaves of it."""


def lock(host: Host) -> Lock:
    """Read the files, the person's last. Raises CollectError."""
    texts = [text_if_there(host, path) for path in (*SYSTEM_FILES, f"{host.home}/.xscreensaver")]
    watched = any(one.own for one in host.processes(SLEEP_WATCH))
    return parse([text for text in texts if text is not None], watched=watched)


def parse(texts: list[str], *, watched: bool) -> Lock:
    """`timeout` blanks, `lockTimeout` later locks. Without the helper nobody says what happens at sleep."""
    values = dict(DEFAULTS)
    for text in texts:
        values.update(_resources(text))
    locks = _flag(values["lock"])
    idle = _seconds(values["timeout"]) if values["mode"].lower() != "off" else 0
    unseen = locks and not watched
    return Lock(
        locks=locks,
        idle_s=idle + _seconds(values["lockTimeout"]) if idle > 0 else 0,
        grace_s=0,
        on_resume=None if unseen else locks,
        gaps=(Gap(part="resume", why=Why.NOT_SAID),) if unseen else (),
    )


def _resources(text: str) -> Mapping[str, str]:
    """The `key: value` lines that decide; all others, such as the list of savers, say nothing about locking."""
    found = {}
    for line in text.splitlines():
        name, _, value = line.partition(":")
        key = name.strip().lstrip("*.")
        if key in DEFAULTS:
            found[key] = value.strip()
    return found


def _flag(value: str) -> bool:
    match value.lower():
        case "true" | "on" | "yes":
            return True
        case "false" | "off" | "no":
            return False
        case other:
            raise CollectError(Why.UNPARSABLE, f".xscreensaver: lock: {other}"[:200])


def _seconds(value: str) -> int:
    """`0:10:00` is hours, minutes, seconds."""
    match = re.fullmatch(r"([0-9]{1,3}):([0-5]?[0-9]):([0-5]?[0-9])", value)
    if match is None:
        raise CollectError(Why.UNPARSABLE, f".xscreensaver: {value}"[:200])
    hours, minutes, seconds = map(int, match.groups())
    return 3600 * hours + 60 * minutes + seconds
