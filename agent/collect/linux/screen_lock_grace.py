"""How long a Wayland locker lets people back in without a credential: by argument, or in its own file."""

import re
from collections.abc import Iterable

from agent.collect.absent import text_if_there
from agent.collect.host import CollectError, Host
from agent.collect.linux.desktop import config_home
from agent.collect.linux.screen_lock_command import lockers
from agent.collect.linux.screen_lock_hyprlang import blocks
from checks.evidence import Why

OWN_FILE = {"swaylock": re.compile(r"--config.*|-[A-Za-z]*C.*"), "hyprlock": re.compile(r"--config.*|-c.*")}
"""Arguments that name another file; to swaylock `-c` is a colour."""


def grace_s(host: Host, commands: Iterable[str]) -> int:
    """The longest grace of any locker that the commands start. Raises CollectError."""
    started = [one for command in commands for one in lockers(command)]
    found = [0]
    for program, arguments in started:
        if program in OWN_FILE and any(OWN_FILE[program].fullmatch(word) for word in arguments):
            raise CollectError(Why.NOT_SAID, f"{program} has a file of its own")
        found += _argument(arguments)
    names = {program for program, _ in started}
    if "swaylock" in names:
        found += _swaylock_files(host)
    if "hyprlock" in names:
        found += _hyprlock_file(host)
    return max(found)


def _argument(arguments: tuple[str, ...]) -> list[int]:
    """`--grace 5` and `--grace=5`."""
    found = []
    for place, word in enumerate(arguments):
        name, sign, value = word.partition("=")
        if name == "--grace":
            found.append(_seconds(value if sign else "".join(arguments[place + 1 : place + 2])))
    return found


def _swaylock_files(host: Host) -> list[int]:
    places = (f"{host.home}/.swaylock/config", f"{config_home(host)}/swaylock/config", "/etc/swaylock/config")
    lines = [line for path in places for line in (text_if_there(host, path) or "").splitlines()]
    return [_seconds(line.removeprefix("grace=")) for line in lines if line.startswith("grace=")]


def _hyprlock_file(host: Host) -> list[int]:
    path = f"{config_home(host)}/hypr/hyprlock.conf"
    if text_if_there(host, path) is None:
        return []
    return [_seconds(block.values["grace"]) for block in blocks(host, path) if "grace" in block.values]


def _seconds(value: str) -> int:
    """Whole seconds, rounded up. Raises UNPARSABLE."""
    match = re.fullmatch(r"([0-9]{1,6})(\.[0-9]{1,6})?", value.strip())
    if match is None:
        raise CollectError(Why.UNPARSABLE, f"grace: {value}"[:80])
    return int(match[1]) + bool(match[2])
