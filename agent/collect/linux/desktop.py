"""Which desktop runs, whose it is and where its settings lie: an installed one proves nothing."""

from collections.abc import Mapping
from fnmatch import fnmatchcase

from agent.collect.absent import names_if_there, text_if_there
from agent.collect.host import CollectError, Host
from checks.evidence import Why
from checks.screen_lock.fact import Desktop

NAMES: Mapping[str, Desktop] = {
    "gnome": Desktop.GNOME, "gnome-classic": Desktop.GNOME, "ubuntu": Desktop.GNOME, "pop": Desktop.GNOME,
    "zorin": Desktop.GNOME, "kde": Desktop.KDE, "x-cinnamon": Desktop.CINNAMON, "cinnamon": Desktop.CINNAMON,
    "mate": Desktop.MATE, "xfce": Desktop.XFCE, "sway": Desktop.SWAY, "hyprland": Desktop.HYPRLAND,
}  # fmt: skip
"""Parts of XDG_CURRENT_DESKTOP, lower case. Budgie, Unity and Flashback also say GNOME, yet lock in ways of their own:
a part that stands neither here nor in TOOLKITS makes the desktop one that we do not know."""
TOOLKITS = frozenset({"wlroots"})
PROCESSES: Mapping[str, Desktop] = {
    "gnome-shell": Desktop.GNOME, "plasmashell": Desktop.KDE, "cinnamon-session": Desktop.CINNAMON,
    "cinnamon-sessio": Desktop.CINNAMON, "mate-session": Desktop.MATE, "xfce4-session": Desktop.XFCE,
    "sway": Desktop.SWAY, "hyprland": Desktop.HYPRLAND,
}  # fmt: skip
"""What runs in a session of each."""


def desktop(host: Host) -> Desktop:
    """The desktop of the person's session; OTHER for one that we do not know, NONE where no session is seen.

    The environment of an agent that outlived its session may name the desktop of last week, so what runs counts too.
    """
    named = _named(host.environ.get("XDG_CURRENT_DESKTOP", ""))
    running = {PROCESSES[one.name] for one in host.processes(frozenset(PROCESSES)) if one.own}
    seen = named | running
    if not seen:
        return Desktop.NONE
    return seen.pop() if len(seen) == 1 else Desktop.OTHER


def runs(host: Host, which: Desktop) -> bool:
    """Whether a desktop is seen to run.

    People name a known one for the sake of its themes under one that we don't know; its settings mean nothing then.
    """
    return any(PROCESSES[one.name] is which for one in host.processes(frozenset(PROCESSES)) if one.own)


def own_settings(host: Host) -> None:
    """Refuse where the settings within reach are another person's. Raises UNTRUSTED_CONTEXT.

    Seen: the administrator's own, empty database reads as "locks"; so does a home folder that is not the account's.
    """
    if host.account == "root":
        raise CollectError(Why.UNTRUSTED_CONTEXT, "the agent runs as the administrator")
    home = _listed_home(host)
    if home is not None and host.resolve(home) != host.resolve(host.home):
        raise CollectError(Why.UNTRUSTED_CONTEXT, "HOME is not the home folder of this account")


def config_home(host: Host) -> str:
    """The person's own configuration folder; a relative XDG_CONFIG_HOME counts as unset."""
    named = host.environ.get("XDG_CONFIG_HOME", "")
    return named.rstrip("/") if named.startswith("/") else f"{host.home}/.config"


def config_folders(host: Host) -> tuple[str, ...]:
    """The system's configuration folders, the most important first."""
    named = [part.rstrip("/") for part in host.environ.get("XDG_CONFIG_DIRS", "").split(":") if part.startswith("/")]
    return tuple(dict.fromkeys(named)) or ("/etc/xdg",)


def paths(host: Host, pattern: str) -> list[str]:
    """Paths that fit a pattern with `*` in its last part, sorted; a folder that is not there holds none."""
    folder, _, shape = pattern.rpartition("/")
    if "*" not in shape:
        return [pattern]
    return [f"{folder}/{name}" for name in names_if_there(host, folder) if fnmatchcase(name, shape)]


def _named(variable: str) -> set[Desktop]:
    parts = {part for part in variable.lower().split(":") if part} - TOOLKITS
    return {NAMES.get(part, Desktop.OTHER) for part in parts}


def _listed_home(host: Host) -> str | None:
    """The home folder that the account list names; None for an account that a directory server keeps."""
    for line in (text_if_there(host, "/etc/passwd") or "").splitlines():
        fields = line.split(":")
        if len(fields) == 7 and fields[0] == host.account:
            return fields[5]
    return None
