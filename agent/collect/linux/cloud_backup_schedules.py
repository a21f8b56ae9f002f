"""What starts by itself: desktop entries at sign-in, enabled systemd units and timers, crontabs, and their scripts."""

import posixpath
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial

from agent.collect.absent import names_if_there, text_if_there
from agent.collect.host import CollectError, Command, Host
from agent.collect.linux.cloud_backup_commands import LONGEST_LINE, Call, calls, expand
from agent.collect.linux.folders import config_homes
from agent.collect.observe import attempt
from checks.evidence import Gap, Why

PART = "schedules"
CRON_FILES = ("crontab", "anacrontab")
CRON_FOLDERS = ("/etc/cron.d", "/etc/cron.hourly", "/etc/cron.daily", "/etc/cron.weekly", "/etc/cron.monthly")
SYSTEM_UNITS = ("/etc/systemd/system", "/usr/lib/systemd/system", "/lib/systemd/system")
USER_UNITS = ("/etc/systemd/user", "/usr/lib/systemd/user", "/lib/systemd/user")
MOST_FILES = 1000
GOES_ON = re.compile(r"\\\r?\n")
"""A line that a backslash carries on into the next one, as long backup commands are written."""
NO_CRONTAB = re.compile(r"(no crontab for |crontab: can't open )")


@dataclass(frozen=True, slots=True, kw_only=True)
class Units:
    """Where one systemd manager looks, the strongest folder first."""

    folders: tuple[str, ...]
    enabled_in: tuple[str, ...]
    """Folders whose `*.wants` name what starts. The vendors' own are left out: they start what the system needs."""


def scheduled(host: Host, gaps: list[Gap]) -> tuple[Call, ...]:
    """Every known program that starts by itself. What cannot be read is a gap of the part "schedules"."""
    found: list[Call] = []
    for line in (*_entries(host, gaps), *_units(host, gaps), *_crontabs(host, gaps)):
        found += attempt(gaps, PART, partial(_calls, host, line)) or ()
        found += _script(host, line)
    return tuple(dict.fromkeys(found))


def entry_command(text: str) -> str | None:
    """The command of a desktop entry; None for one that is switched off."""
    values: dict[str, str] = {}
    section = ""
    for line in text.splitlines():
        if line.startswith("["):
            section = line.strip()
        elif section == "[Desktop Entry]" and "=" in line:
            key, _, value = line.partition("=")
            values.setdefault(key.strip(), value.strip())
    off = values.get("Hidden", "").lower() == "true" or values.get("X-GNOME-Autostart-enabled", "").lower() == "false"
    return None if off else values.get("Exec")


def unit_commands(text: str) -> tuple[str, ...]:
    """The commands that a service runs."""
    joined = GOES_ON.sub(" ", text)
    found = re.findall(r"^[ \t]*ExecStart(?:Pre|Post)?[ \t]*=[ \t]*[-@:+!|]*(.*)$", joined, re.MULTILINE)
    return tuple(line.strip() for line in found if line.strip())


def cron_commands(text: str) -> tuple[str, ...]:
    """Lines of a crontab that are neither comments nor settings."""
    lines = (line.strip() for line in GOES_ON.sub(" ", text).splitlines())
    return tuple(line for line in lines if line and line[0] != "#" and not re.match(r"\w+\s*=", line))


def _entries(host: Host, gaps: list[Gap]) -> Iterator[str]:
    """Desktop entries; one in the person's folder replaces the system's of the same name."""
    seen: set[str] = set()
    for folder in (*(f"{one}/autostart" for one in config_homes(host)), "/etc/xdg/autostart"):
        for name, text in _texts(host, folder, gaps):
            command = entry_command(text) if name.endswith(".desktop") and name not in seen else None
            seen.add(name)
            if command is not None:
                yield command


def _units(host: Host, gaps: list[Gap]) -> Iterator[str]:
    own = tuple(f"{one}/systemd/user" for one in config_homes(host))
    share = f"{host.home.rstrip('/')}/.local/share/systemd/user"
    managers = (
        Units(folders=(*own, *USER_UNITS, share), enabled_in=(*own, USER_UNITS[0], share)),
        Units(folders=SYSTEM_UNITS, enabled_in=SYSTEM_UNITS[:1]),
    )
    for manager in managers:
        for unit in _enabled(host, manager, gaps):
            yield from _commands_of(host, manager, unit, gaps)


def _enabled(host: Host, units: Units, gaps: list[Gap]) -> Iterator[str]:
    """Services that start by themselves, those of enabled timers included, each once."""
    found: dict[str, None] = {}
    for folder in units.enabled_in:
        for wants in _names(host, folder, gaps):
            if wants.endswith((".wants", ".requires")):
                found.update(dict.fromkeys(_names(host, f"{folder}/{wants}", gaps)))
    for name in found:
        if name.endswith(".service"):
            yield name
        elif name.endswith((".timer", ".path")):
            text = _unit_text(host, units, name, gaps) or ""
            named = re.search(r"^[ \t]*Unit[ \t]*=[ \t]*(\S+)", text, re.MULTILINE)
            yield named[1] if named else f"{name.rpartition('.')[0]}.service"


def _commands_of(host: Host, units: Units, name: str, gaps: list[Gap]) -> Iterator[str]:
    text = _unit_text(host, units, name, gaps)
    if text is None:  # masked, or the program's package is gone
        return
    instance = name.partition("@")[2].removesuffix(".service")
    for line in unit_commands(text):
        yield line.replace("%i", instance).replace("%I", instance)


def _unit_text(host: Host, units: Units, name: str, gaps: list[Gap]) -> str | None:
    """The unit's file from the strongest folder. None where there is none, and for a masked one."""
    if "/" in name:
        return None
    template = re.sub(r"@[^.]*\.", "@.", name) if "@" in name else name
    for folder in units.folders:
        for one in dict.fromkeys((name, template)):
            try:
                if host.resolve(f"{folder}/{one}") == "/dev/null":
                    return None
                text = text_if_there(host, f"{folder}/{one}")
            except CollectError as error:
                _note(gaps, error, folder)
                continue
            if text is not None:
                return text
    return None


def _crontabs(host: Host, gaps: list[Gap]) -> Iterator[str]:
    for folder in CRON_FOLDERS:
        for _, text in _texts(host, folder, gaps):
            yield from cron_commands(text)
    for _, text in _texts(host, "/etc", gaps, only=CRON_FILES):
        yield from cron_commands(text)
    yield from cron_commands(attempt(gaps, PART, lambda: _own_crontab(host)) or "")


def _own_crontab(host: Host) -> str:
    """The person's own table, which only `crontab` itself may read. Raises CollectError."""
    try:
        answer = host.run(Command(argv=("crontab", "-l")))
    except CollectError as error:
        if error.why is Why.TOOL_MISSING:
            return ""  # without cron nothing runs one
        raise
    if answer.exit_code != 0 and not NO_CRONTAB.match(answer.stderr):
        raise CollectError(Why.TOOL_FAILED, f"crontab -l: {answer.stderr[:200]}")
    return answer.stdout if answer.exit_code == 0 else ""


def _calls(host: Host, line: str) -> tuple[Call, ...]:
    return tuple(calls(line, host.home))


def _script(host: Host, line: str) -> Iterator[Call]:
    """Known programs in a script of the person's that a schedule runs: one level deep, which is how people do it."""
    for word in line.split():
        path = expand(word.strip("\"'"), host.home)
        if not path.startswith((host.home.rstrip("/") + "/", "/usr/local/", "/opt/", "/root/")):
            continue
        try:
            text = host.read(path)
        except CollectError:
            continue  # a program, a folder, an option's value: no script that we could read
        if text.startswith("#!") or path.endswith(".sh"):
            for one in GOES_ON.sub(" ", text).splitlines():
                if not one.lstrip().startswith("#") and len(one) <= LONGEST_LINE:
                    yield from calls(one, host.home)


def _texts(
    host: Host, folder: str, gaps: list[Gap], *, only: tuple[str, ...] | None = None
) -> Iterator[tuple[str, str]]:
    """(name, text) of the files of a folder. One that cannot be read is a gap and the others still count."""
    for name in only or _names(host, folder, gaps):
        try:
            text = text_if_there(host, posixpath.join(folder, name))
        except CollectError as error:
            _note(gaps, error, folder)
            continue
        if text is not None:
            yield name, text


def _names(host: Host, folder: str, gaps: list[Gap]) -> tuple[str, ...]:
    try:
        names = names_if_there(host, folder)
        if len(names) > MOST_FILES:
            raise CollectError(Why.TOO_LARGE, folder)
    except CollectError as error:
        _note(gaps, error, folder)
        return ()
    return names


def _note(gaps: list[Gap], error: CollectError, folder: str) -> None:
    """What an administrator closed to this account is out of sight, like root's own crontab: it is nobody's own job."""
    if error.why is not Why.NOT_PERMITTED or not f"{folder}/".startswith("/etc/"):
        gaps.append(Gap(part=PART, why=error.why, detail=error.detail))
