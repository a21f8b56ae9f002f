"""agent.toml: whose device this is, which folders hold photos, how reports leave."""

import os
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Any, TypeVar
from urllib.parse import urlsplit

from agent.collect.host import CollectError, Host
from agent.places import Places
from checks.evidence import Why
from checks.model import Ownership

E = TypeVar("E", bound=StrEnum)
FILE = "agent.toml"
FOLDERS = 20
"""More photo folders than this are a mistake."""


class ConfigError(Exception):
    """agent.toml is wrong. The text names the file, the key and what was expected; values are left out."""


class Transport(StrEnum):
    """How reports leave."""

    NONE = "none"
    FOLDER = "folder"
    EMAIL = "email"
    CONSOLE = "console"
    """To the practice's console, as enrolled; what an enrolled laptop does where agent.toml names no way."""


APART = frozenset({Transport.EMAIL, Transport.CONSOLE})
"""Ways that need TLS and the keyring: the daemon leaves them to a process of their own."""


class Security(StrEnum):
    """How a mail connection is encrypted. There is no plain one."""

    STARTTLS = "starttls"
    TLS = "tls"


class SecretsIn(StrEnum):
    """Where passwords lie."""

    KEYRING = "keyring"
    FILE = "file"
    """A file that only this account may read: taken only when asked for by name."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Mail:
    """The practice's mail server."""

    host: str
    port: int
    security: Security
    sender: str
    to: tuple[str, ...]
    user: str = ""
    """Empty: the server asks for no sign-in. The password lies in the keyring."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Roster:
    """Where the person's shifts are written down, as iCalendar."""

    file: str = ""
    """Absolute; "" where it is a feed."""
    feed: str = ""
    """An https address, which may hold a secret: never said. "" where it is a file."""
    minutes_before: int | None = None
    """How long before each shift the person is told; None: as the practice's policy says."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Config:
    """agent.toml as it stands, or as it is without one."""

    ownership: Ownership = Ownership.PERSONAL
    phone_ownership: Ownership = Ownership.PERSONAL
    """Whose the phones are that are plugged into this laptop."""
    photo_folders: tuple[str, ...] = ()
    """Absolute; besides those that the system names."""
    secrets: SecretsIn = SecretsIn.KEYRING
    transport: Transport = Transport.NONE
    folder: str = ""
    mount_point: str = ""
    """Where given, it must be mounted before the folder is written to."""
    mail: Mail | None = None
    roster: Roster | None = None
    files: tuple[str, ...] = field(default=())
    """The files that were read, most important first."""
    named: frozenset[str] = frozenset()
    """What the files say of "ownership" and "transport"; the enrolment speaks where they are silent."""

    def enrolled(self, ownership: Ownership | None) -> "Config":
        """As it is on a laptop that a practice took in; None where nobody can say as what."""
        transport = self.transport if "transport" in self.named else Transport.CONSOLE
        owned = self.ownership if "ownership" in self.named or ownership is None else ownership
        return replace(self, transport=transport, ownership=owned)


def load(places: Places, door: Host) -> Config:
    """The practice's file over the person's, key by key. Raises ConfigError."""
    merged: dict[str, Any] = {}
    read: list[str] = []
    # Shown without the home folder: the agent says it in its log.
    for folder, label in ((places.config, f"~/.config/scrubin/{FILE}"), (places.system_config, None)):
        path = str(folder / FILE)
        table = _table(path, label or path, door)
        if table is not None:
            _known(table, label or path)
            merged.update(table)
            read.insert(0, path)
    try:
        return _config(merged, tuple(read), door.home)
    except CollectError as error:
        raise ConfigError("this account has no home folder") from error


def _table(path: str, label: str, door: Host) -> dict[str, Any] | None:
    try:
        return tomllib.loads(door.read(path))
    except CollectError as error:
        if error.why is Why.NOT_FOUND:
            return None
        raise ConfigError(f"{label}: can't be read ({error.why})") from error
    except (ValueError, RecursionError) as error:  # Python itself refuses numbers of absurdly many digits
        raise ConfigError(f"{label}: not TOML ({error})") from error


KEYS = {"ownership", "phone_ownership", "photo_folders", "secrets", "deliver", "shift"}


def _known(table: Mapping[str, Any], path: str) -> None:
    unknown = sorted(set(table) - KEYS)
    if unknown:
        raise ConfigError(f"{path}: a key is unknown; known are {', '.join(sorted(KEYS))}")


def _config(table: Mapping[str, Any], files: tuple[str, ...], home: str) -> Config:
    deliver = table.get("deliver", {})
    if not isinstance(deliver, dict) or set(deliver) - {"transport", "folder", "mount_point", "email"}:
        raise ConfigError("deliver: expected a table with transport, folder, mount_point, email")
    transport = _one_of(Transport, deliver.get("transport", Transport.NONE), "deliver.transport")
    folder = _text(deliver.get("folder", ""), "deliver.folder")
    if transport is Transport.FOLDER and not os.path.isabs(folder):
        raise ConfigError("deliver.folder: expected an absolute path")
    mount_point = _text(deliver.get("mount_point", ""), "deliver.mount_point")
    return Config(
        ownership=_one_of(Ownership, table.get("ownership", Ownership.PERSONAL), "ownership"),
        phone_ownership=_one_of(Ownership, table.get("phone_ownership", Ownership.PERSONAL), "phone_ownership"),
        photo_folders=_folders(table.get("photo_folders", []), home),
        secrets=_one_of(SecretsIn, table.get("secrets", SecretsIn.KEYRING), "secrets"),
        transport=transport,
        folder=folder,
        mount_point=mount_point,
        mail=_mail(deliver.get("email", {})) if transport is Transport.EMAIL else None,
        roster=_roster(table.get("shift", {}), home),
        files=files,
        named=frozenset({"ownership"} & set(table)) | frozenset({"transport"} & set(deliver)),
    )


def _folders(value: object, home: str) -> tuple[str, ...]:
    if not isinstance(value, list) or len(value) > FOLDERS:
        raise ConfigError(f"photo_folders: expected a list of at most {FOLDERS} folders")
    return tuple(folder_path(_text(one, "photo_folders"), home) for one in value)


def folder_path(given: str, home: str) -> str:
    """`~/x` or an absolute path -> absolute. Raises ConfigError."""
    path = os.path.join(home, given[2:]) if given.startswith("~/") else given
    if not os.path.isabs(path) or "\0" in path:
        raise ConfigError("a photo folder: expected an absolute path, or one that starts with ~/")
    return os.path.normpath(path)


MOST_MINUTES = 240


def _roster(table: object, home: str) -> Roster | None:
    if not isinstance(table, dict) or set(table) - {"roster", "minutes_before"}:
        raise ConfigError("shift: expected a table with roster, minutes_before")
    minutes = table.get("minutes_before")
    if minutes is not None and (type(minutes) is not int or not 0 <= minutes <= MOST_MINUTES):
        raise ConfigError(f"shift.minutes_before: expected a whole number from 0 to {MOST_MINUTES}")
    where = _text(table.get("roster", ""), "shift.roster")
    if not where:
        return None
    if where.startswith("https:") and _is_address(where):
        return Roster(feed=where, minutes_before=minutes)
    if where.startswith("~/") or os.path.isabs(where):
        return Roster(file=folder_path(where, home), minutes_before=minutes)
    raise ConfigError(
        "shift.roster: expected a file's absolute path, one that starts with ~/, or an https address without a name or "
        "password in it"
    )


def _is_address(url: str) -> bool:
    try:
        parts = urlsplit(url)
        plain = bool(parts.hostname) and parts.port != 0 and "@" not in parts.netloc and not parts.fragment
    except ValueError:
        return False
    return plain and url.isascii() and url.isprintable() and " " not in url


def _mail(table: object) -> Mail:
    if not isinstance(table, dict) or set(table) - {"host", "port", "security", "from", "to", "user"}:
        raise ConfigError("deliver.email: expected a table with host, port, security, from, to, user")
    security = _one_of(Security, table.get("security", Security.STARTTLS), "deliver.email.security")
    port = table.get("port", 587 if security is Security.STARTTLS else 465)
    if type(port) is not int or not 0 < port < 65536:
        raise ConfigError("deliver.email.port: expected a whole number from 1 to 65535")
    to = table.get("to")
    if not isinstance(to, list) or not 0 < len(to) <= 10:
        raise ConfigError("deliver.email.to: expected a list of 1 to 10 addresses")
    return Mail(
        host=_shaped(table.get("host"), r"[A-Za-z0-9.:-]{1,253}", "deliver.email.host"),
        port=port,
        security=security,
        sender=_address(table.get("from"), "deliver.email.from"),
        to=tuple(_address(one, "deliver.email.to") for one in to),
        user=_text(table.get("user", ""), "deliver.email.user"),
    )


def _address(value: object, key: str) -> str:
    return _shaped(value, r"[A-Za-z0-9._%+-]{1,64}@[A-Za-z0-9.-]{1,253}", key)


def _shaped(value: object, shape: str, key: str) -> str:
    text = _text(value, key)
    if not re.fullmatch(shape, text):
        raise ConfigError(f"{key}: not of the expected form")
    return text


def _text(value: object, key: str) -> str:
    if not isinstance(value, str) or len(value) > 1000 or any(ord(char) < 32 for char in value):
        raise ConfigError(f"{key}: expected a line of text")
    return value


def _one_of(kind: type[E], value: object, key: str) -> E:
    try:
        return kind(str(value))
    except ValueError as error:
        raise ConfigError(f"{key}: expected one of {', '.join(kind)}") from error
