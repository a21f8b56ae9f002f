"""swayidle, sway's idle daemon: the events on its command line and in its file, while it runs."""

import re
import shlex
from collections.abc import Iterator
from dataclasses import dataclass, field

from agent.collect.absent import text_if_there
from agent.collect.host import CollectError, Host, Process
from agent.collect.linux.desktop import config_home
from agent.collect.linux.screen_lock_plan import Plan
from checks.evidence import Why

FLAGS = frozenset({"-w", "-d", "-h"})
LONGEST_LINE = 4096
MOST_EVENTS = 256
WITH_VALUE = frozenset({"-C", "-S"})
COMMANDS = frozenset({"before-sleep", "after-resume", "lock", "unlock", "resume"})


@dataclass(slots=True, kw_only=True)
class _Events:
    """What was read so far."""

    timeouts: list[tuple[int, str]] = field(default_factory=list)
    commands: dict[str, list[str]] = field(default_factory=dict)
    options: dict[str, str] = field(default_factory=dict)


def plan(host: Host, daemon: Process) -> Plan:
    """What this running daemon will do: its command line and its file add up. Raises CollectError."""
    if not daemon.argv:
        raise CollectError(Why.NOT_SAID, "the arguments of swayidle are hidden")
    events = _Events()
    _read(events, iter(daemon.argv[1:]))
    for line in _file(host, events.options.get("-C")).splitlines():
        if line.strip() and not line.startswith("#"):
            _read(events, iter(_words(line)))
    return Plan(
        timeouts=tuple(events.timeouts),
        before_sleep=tuple(events.commands.get("before-sleep", ())),
        on_signal=tuple(events.commands.get("lock", ())),
        on_return=(*events.commands.get("resume", ()), *events.commands.get("after-resume", ())),
    )


def _read(events: _Events, words: Iterator[str]) -> None:
    """Take events off the words. Raises UNPARSABLE for one that swayidle does not have."""
    for word in words:
        if len(events.timeouts) + sum(map(len, events.commands.values())) > MOST_EVENTS:
            raise CollectError(Why.UNPARSABLE, "swayidle: too many events")
        if word == "timeout":
            seconds = next(words, "")
            if not re.fullmatch(r"[0-9]{1,9}", seconds):
                raise CollectError(Why.UNPARSABLE, f"swayidle: timeout {seconds}"[:200])
            events.timeouts.append((int(seconds), _next(words, word)))
        elif word == "idlehint":
            _next(words, word)
        elif word in COMMANDS:
            events.commands.setdefault(word, []).append(_next(words, word))
        elif word in WITH_VALUE:
            events.options[word] = _next(words, word)
        elif word not in FLAGS:
            raise CollectError(Why.UNPARSABLE, f"swayidle: {word}"[:200])


def _next(words: Iterator[str], after: str) -> str:
    word = next(words, None)
    if word is None:
        raise CollectError(Why.UNPARSABLE, f"swayidle: nothing follows {after}")
    return word


def _file(host: Host, named: str | None) -> str:
    """The daemon's file, "" when there is none; the first of its places counts."""
    places = (f"{host.home}/.swayidle/config", f"{config_home(host)}/swayidle/config", "/etc/swayidle/config")
    for path in (named,) if named else places:
        text = text_if_there(host, path if path.startswith("/") else f"{host.home}/{path}")
        if text is not None:
            return text
    return ""


def _words(line: str) -> list[str]:
    try:
        if len(line) > LONGEST_LINE:
            raise ValueError("too long")
        return shlex.split(line)
    except ValueError as error:
        raise CollectError(Why.UNPARSABLE, f"swayidle: {line[:80]}") from error
