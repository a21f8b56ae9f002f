"""Which device this is: an id that says nothing of its owner, and what the maker and the system call it."""

import fcntl
import hmac
import re
import secrets
import uuid
from pathlib import Path

from agent.atomic import private_folder, write_atomic
from agent.collect.android.properties import properties
from agent.collect.host import CollectError, Host
from checks.evidence import Why
from checks.model import PHONES, Device, Kind, Ownership, Platform

NAMESPACE = uuid.UUID("c2c36a52-0b1f-5c46-8a39-5ad1f9a4a3f0")
MODEL = "/sys/class/dmi/id/product_name"
KEY_BYTES = 32
LONGEST = 100
"""Bytes of the file that are looked at; an id has 37."""
RELEASE = ("/etc/os-release", "/usr/lib/os-release")


class IdentityError(Exception):
    """The id could not be kept, so the next run would be another device. The text says why."""


def laptop_id(state: Path) -> str:
    """The id kept in the state folder, made on first use. Raises IdentityError."""
    path = state / "device-id"
    return _kept(path) or _make(path)


def _kept(path: Path) -> str | None:
    try:
        with path.open("rb") as file:
            return str(uuid.UUID(file.read(LONGEST).decode("ascii").strip()))
    except FileNotFoundError:
        return None
    except OSError as error:
        raise IdentityError(f"the file device-id in the state folder can't be read: {error.strerror}") from error
    except ValueError as error:
        raise IdentityError(
            "the file device-id in the state folder is damaged. Without that file "
            "this laptop gets a new id, as if it were another laptop: ask your IT lead first"
        ) from error


def _make(path: Path) -> str:
    """Two first runs at once, such as the agent's and a person's, must not make two devices of one laptop."""
    try:
        private_folder(str(path.parent))
        with open(path.with_suffix(".lock"), "wb") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            if (other := _kept(path)) is not None:
                return other
            made = str(uuid.uuid4())
            write_atomic(str(path), f"{made}\n".encode(), mode=0o600)
    except OSError as error:
        raise IdentityError(f"the state folder can't be written: {error.strerror}") from error
    return made


def phone_id(state: Path, serial: str) -> str:
    """The id of a phone, the same over cable and network: made of its serial and a key that never leaves this laptop.

    A plain digest could be undone by trying all serials of a maker. On another laptop the phone has another id.
    Raises IdentityError.
    """
    digest = hmac.digest(_phones_key(state), serial.encode("utf-8", "replace"), "sha256")
    return str(uuid.UUID(bytes=digest[:16], version=4))


def _phones_key(state: Path) -> bytes:
    """32 bytes, made on first use."""
    path = state / "phones-key"
    try:
        private_folder(str(state))
        with open(path.with_suffix(".lock"), "wb") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            if not path.exists():
                write_atomic(str(path), secrets.token_bytes(KEY_BYTES), mode=0o600)
            key = path.read_bytes()
    except OSError as error:
        raise IdentityError(f"the state folder can't be used: {error.strerror}") from error
    if len(key) != KEY_BYTES:
        raise IdentityError(
            "the file phones-key in the state folder is damaged. Without that file every "
            "phone gets a new id, as if it were another phone: ask your IT lead first"
        )
    return key


def recording_id(account: str, captured: str) -> str:
    """A recording's device: the same for the same recording, and unlike any real one."""
    return str(uuid.uuid5(NAMESPACE, f"recording/{account}/{captured}"))


def describe(host: Host, *, device_id: str, platform: Platform, ownership: Ownership) -> Device:
    """A device as it appears in reports."""
    phone = platform in PHONES
    model, version = _phone(host) if platform is Platform.ANDROID else (_model(host), _os_version(host))
    return Device(
        id=device_id,
        kind=Kind.PHONE if phone else Kind.LAPTOP,
        platform=platform,
        model=model,
        os_version=version,
        ownership=ownership,
    )


def model_of(host: Host) -> str:
    """A phone's model with its maker, as reports and lists call it; "" where it does not say."""
    return _phone(host)[0]


def _phone(host: Host) -> tuple[str, str]:
    """Model and `android 16`. Neither names the owner: that is the device's own name, which is not asked for."""
    try:
        known = properties(host)
    except CollectError:
        return "", ""
    maker, model = (_letters(known.get(f"ro.product.{key}", "")) for key in ("manufacturer", "model"))
    named = model if model.lower().startswith(maker.lower()) or maker == "Google" else f"{maker.capitalize()} {model}"
    version = known.get("ro.build.version.release", "")
    return named.strip()[:48], f"android {version}" if re.fullmatch(r"[0-9.]{1,8}", version) else ""


def _model(host: Host) -> str:
    """What the maker wrote into the firmware."""
    return _letters(_first(host, (MODEL,)))


def _letters(text: str) -> str:
    """Letters and digits only."""
    return " ".join(re.sub(r"[^A-Za-z0-9 .-]+", " ", text).split())[:48]


def _os_version(host: Host) -> str:
    """`debian 12`. Only ID and VERSION_ID: names in os-release can be set by anybody."""
    text = _first(host, RELEASE)
    values = dict(re.findall(r'^(ID|VERSION_ID)="?([a-z0-9._-]{1,24})"?$', text, re.MULTILINE))
    return " ".join(values[key] for key in ("ID", "VERSION_ID") if key in values)


def _first(host: Host, paths: tuple[str, ...]) -> str:
    for path in paths:
        try:
            return host.read(path)
        except CollectError as error:
            if error.why is not Why.NOT_FOUND:
                return ""
    return ""
