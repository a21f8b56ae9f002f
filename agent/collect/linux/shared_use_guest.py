"""Can somebody without an account start a session: LightDM's guest, the one sign-in program on Linux that has one."""

from collections.abc import Iterable, Iterator, Mapping

from agent.collect.absent import names_if_there, there
from agent.collect.host import TOOL_FOLDERS, CollectError, Host
from checks.evidence import Why

FOLDERS = (
    "/usr/share/lightdm/lightdm.conf.d",
    "/usr/local/share/lightdm/lightdm.conf.d",
    "/etc/xdg/lightdm/lightdm.conf.d",
    "/etc/lightdm/lightdm.conf.d",
)
"""In the order in which LightDM reads them; what is read later wins."""
MAIN = "/etc/lightdm/lightdm.conf"
SCRIPT = "guest-account"
"""LightDM offers guests only where this program, or the configured one, is installed; Debian ships none."""

Sections = Mapping[str, Mapping[str, str]]


def guest(host: Host) -> bool:
    """Whether a guest session is on offer. Raises CollectError when a file that is there cannot be read."""
    main = [host.read(MAIN)] if there(host, MAIN) else []
    last = merged(main)
    if _says(last.get("Seat:*", {})) and "guest-account-script" in last.get("LightDM", {}) and _installed(host, last):
        return True  # no other file can take that back, so none that is closed to us can hide it
    sections = merged([*_texts(host), *main])
    return allowed(sections) and _installed(host, sections)


def merged(texts: Iterable[str]) -> Sections:
    """All files as one; the old section name stands for the new one. Raises UNPARSABLE on a line of another shape."""
    found: dict[str, dict[str, str]] = {}
    for text in texts:
        section = found.setdefault("", {})
        for line in text.splitlines():
            line = line.strip()
            if not line or line.startswith("#"):
                continue
            if line.startswith("[") and line.endswith("]"):
                name = line[1:-1].strip()
                section = found.setdefault("Seat:*" if name == "SeatDefaults" else name, {})
            elif "=" in line:
                key, _, value = line.partition("=")
                section[key.strip()] = value.strip()
            else:
                raise CollectError(Why.UNPARSABLE, "a settings file of LightDM")
    return found


def allowed(sections: Sections) -> bool:
    """On unless it is switched off; one seat that allows it is enough."""
    every = _says(sections.get("Seat:*", {}))
    others = (_says(keys) for name, keys in sections.items() if name.startswith("Seat:") and name != "Seat:*")
    return every is not False or any(others)


def _says(keys: Mapping[str, str]) -> bool | None:
    """What a section says of guests: signing one in by itself allows them too."""
    if keys.get("autologin-guest", "").lower() in {"true", "1"}:
        return True
    value = keys.get("allow-guest")
    return None if value is None else value.lower() in {"true", "1"}


def _texts(host: Host) -> Iterator[str]:
    for folder in FOLDERS:
        for name in names_if_there(host, folder):
            if name.endswith(".conf"):
                yield host.read(f"{folder}/{name}")


def _installed(host: Host, sections: Sections) -> bool:
    script = sections.get("LightDM", {}).get("guest-account-script", SCRIPT)
    places = (script,) if script.startswith("/") else tuple(f"{folder}/{script}" for folder in TOOL_FOLDERS)
    return any(there(host, path) for path in places)
