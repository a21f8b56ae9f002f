"""Does a session start without a credential: the files of the sign-in managers, all readable by everybody."""

import tomllib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial

from agent.collect.absent import text_if_there
from agent.collect.host import CollectError, Host
from agent.collect.linux import screen_lock_console
from agent.collect.linux.desktop import paths
from checks.evidence import Why

Ini = Mapping[str, Mapping[str, str]]
"""section -> key -> value, keys in lower case."""


def auto_login(host: Host) -> bool:
    """True when any manager's files ask for it. Raises CollectError when a file that is there cannot be read."""
    failed: CollectError | None = None
    looks: list[Callable[[Host], bool]] = [partial(_asks, manager) for manager in MANAGERS]
    for look in (*looks, screen_lock_console.auto_login):
        try:
            if look(host):
                return True
        except CollectError as error:
            failed = failed or error
    if failed is not None:
        raise failed
    return False


def ini(texts: Sequence[str]) -> Ini:
    """Sections and keys; later lines and files win, `#` and `;` start comments. Raises UNPARSABLE on other lines."""
    found: dict[str, dict[str, str]] = {}
    for text in texts:
        section = found.setdefault("", {})
        for line in text.removeprefix("\ufeff").splitlines():
            line = line.strip()
            if not line or line[0] in "#;":
                continue
            if line.startswith("[") and line.endswith("]"):
                section = found.setdefault(line[1:-1].strip(), {})
            elif "=" in line:
                key, _, value = line.partition("=")
                section[key.strip().lower()] = value.strip()
            else:
                raise CollectError(Why.UNPARSABLE, f"a settings file: {line[:80]}")
    return found


def gdm(texts: Sequence[str], _account: str) -> bool:
    """[daemon]: both kinds of automatic sign-in, with a name; values in any case, blanks round the sign."""
    daemon = ini(texts).get("daemon", {})
    return any(
        _true(daemon.get(f"{kind}enable")) and bool(daemon.get(kind)) for kind in ("automaticlogin", "timedlogin")
    )


def lightdm(texts: Sequence[str], _account: str) -> bool:
    """[Seat:*] and the old [SeatDefaults]."""
    return any(
        bool(keys.get("autologin-user")) or _true(keys.get("autologin-guest"))
        for section, keys in ini(texts).items()
        if section.startswith("Seat")
    )


def sddm(texts: Sequence[str], _account: str) -> bool:
    """[Autologin] User; the same key under [Users] or [General] is harmless."""
    return bool(ini(texts).get("Autologin", {}).get("user"))


def lxdm(texts: Sequence[str], _account: str) -> bool:
    """[base] autologin."""
    return bool(ini(texts).get("base", {}).get("autologin"))


def greetd(texts: Sequence[str], account: str) -> bool:
    """[initial_session] signs in once; a [default_session] as the person herself is no greeter but her session."""
    return any(
        "initial_session" in table or _user(table.get("default_session")) == account for table in map(_toml, texts)
    )


def suse(texts: Sequence[str], _account: str) -> bool:
    """openSUSE's /etc/sysconfig/displaymanager."""
    keys = ini(texts)[""] if texts else {}
    named = keys.get("displaymanager_autologin", "").strip("\"'")
    return bool(named) or keys.get("displaymanager_password_less_login", "").strip("\"'").lower() == "yes"


def nodm(texts: Sequence[str], _account: str) -> bool:
    """It does nothing but sign somebody in, once it is switched on."""
    keys = ini(texts)[""] if texts else {}
    return _true(keys.get("nodm_enabled", "").strip("\"'"))


def slim(texts: Sequence[str], _account: str) -> bool:
    """`auto_login yes`, a key and its value with blanks between."""
    lines = (line.split() for text in texts for line in text.splitlines())
    return any(words[0] == "auto_login" and _true("".join(words[1:2])) for words in lines if words)


@dataclass(frozen=True, slots=True, kw_only=True)
class Manager:
    """A program that signs people in, and the files that tell it how."""

    paths: tuple[str, ...]
    """In the order in which it reads them, the last one wins; `*` stands for any name in a folder."""
    asks: Callable[[Sequence[str], str], bool]
    """(texts of the files, login name) -> a session starts without a credential."""


MANAGERS = (
    Manager(paths=("/etc/gdm3/daemon.conf",), asks=gdm),
    Manager(paths=("/etc/gdm3/custom.conf",), asks=gdm),
    Manager(paths=("/etc/gdm/custom.conf",), asks=gdm),
    Manager(
        paths=(
            "/usr/share/lightdm/lightdm.conf.d/*.conf", "/usr/local/share/lightdm/lightdm.conf.d/*.conf",
            "/etc/xdg/lightdm/lightdm.conf.d/*.conf", "/etc/lightdm/lightdm.conf.d/*.conf",
            "/etc/lightdm/lightdm.conf",
        ),
        asks=lightdm,
    ),
    Manager(paths=("/usr/lib/sddm/sddm.conf.d/*", "/etc/sddm.conf.d/*", "/etc/sddm.conf"), asks=sddm),
    Manager(
        paths=("/usr/lib/plasmalogin/plasmalogin.conf.d/*", "/etc/plasmalogin.conf.d/*", "/etc/plasmalogin.conf"),
        asks=sddm,
    ),
    Manager(paths=("/etc/lxdm/lxdm.conf",), asks=lxdm),
    Manager(paths=("/etc/greetd/config.toml",), asks=greetd),
    Manager(paths=("/etc/sysconfig/displaymanager",), asks=suse),
    Manager(paths=("/etc/default/nodm",), asks=nodm),
    Manager(paths=("/etc/slim.conf",), asks=slim),
)  # fmt: skip


def _asks(manager: Manager, host: Host) -> bool:
    return manager.asks(list(_texts(host, manager.paths)), host.account)


def _texts(host: Host, patterns: Sequence[str]) -> Iterator[str]:
    for pattern in patterns:
        for path in paths(host, pattern):
            text = text_if_there(host, path)
            if text is not None:
                yield text


def _toml(text: str) -> Mapping[str, object]:
    try:
        return tomllib.loads(text)
    except (ValueError, RecursionError) as error:
        raise CollectError(Why.UNPARSABLE, "greetd") from error


def _user(session: object) -> object:
    return session.get("user") if isinstance(session, dict) else None


def _true(value: str | None) -> bool:
    return (value or "").lower() in {"true", "1", "yes", "on"}
