"""hypridle, Hyprland's idle daemon: hypridle.conf, which counts only while the daemon runs."""

import re
from itertools import pairwise

from agent.collect.host import CollectError, Host, Process
from agent.collect.linux.desktop import config_home
from agent.collect.linux.screen_lock_hyprlang import Block, blocks
from agent.collect.linux.screen_lock_plan import Plan
from checks.evidence import Why


def plan(host: Host, daemon: Process) -> Plan:
    """What this running daemon will do. Raises CollectError."""
    return parse(blocks(host, _path(host, daemon.argv)))


def parse(found: tuple[Block, ...]) -> Plan:
    """Listeners lock only by their command; `loginctl lock-session` comes back as `lock_cmd`."""
    timeouts, general = [], dict[str, str]()
    on_return: list[str] = []
    for block in found:
        if block.name == "general":
            general |= block.values
        elif block.name == "listener":
            timeouts.append((_seconds(block.values.get("timeout", "")), block.values.get("on-timeout", "")))
            on_return.append(block.values.get("on-resume", ""))
    return Plan(
        timeouts=tuple(timeouts),
        before_sleep=_commands(general, "before_sleep_cmd"),
        on_signal=_commands(general, "lock_cmd"),
        on_return=(*on_return, *_commands(general, "after_sleep_cmd")),
    )


def _commands(general: dict[str, str], key: str) -> tuple[str, ...]:
    return (general[key],) if general.get(key) else ()


def _seconds(value: str) -> int:
    if not re.fullmatch(r"[0-9]{1,9}", value):
        raise CollectError(Why.UNPARSABLE, f"hypridle: timeout = {value}"[:200])
    return int(value)


def _path(host: Host, argv: tuple[str, ...]) -> str:
    if not argv:
        raise CollectError(Why.NOT_SAID, "the arguments of hypridle are hidden")
    for flag, value in pairwise(argv):
        if flag in {"-c", "--config"}:
            return value if value.startswith("/") else f"{host.home}/{value}"
    return f"{config_home(host)}/hypr/hypridle.conf"
