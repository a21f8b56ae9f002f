"""Nextcloud and ownCloud, which keep their folders in the same form."""

import re
from collections.abc import Iterator
from functools import partial

from agent.collect.absent import text_if_there
from agent.collect.host import CollectError
from agent.collect.linux.cloud_backup_commands import Call, flags
from agent.collect.linux.cloud_backup_parts import Look, Setup, client, in_homes, own_calls
from checks.cloud_backup.fact import Product, Provider
from checks.evidence import Why

FILES = {
    Product.NEXTCLOUD: (
        "@/Nextcloud/nextcloud.cfg", ".local/share/data/Nextcloud/nextcloud.cfg",
        ".local/share/Nextcloud/nextcloud.cfg",
        ".var/app/com.nextcloud.desktopclient.nextcloud/config/Nextcloud/nextcloud.cfg",
        "snap/nextcloud-desktop-client/current/.config/Nextcloud/nextcloud.cfg",
        "snap/nextcloud-client/current/.config/Nextcloud/nextcloud.cfg",
    ),
    Product.OWNCLOUD: (
        "@/ownCloud/owncloud.cfg", ".local/share/data/ownCloud/owncloud.cfg",
        ".var/app/com.owncloud.desktop-client/config/ownCloud/owncloud.cfg",
    ),
}  # fmt: skip
FOLDER_KEY = re.compile(r"(?:.*\\)?\w*[Ff]olders\w*\\(?P<number>[^\\]+)\\(?P<key>localPath|paused)")
ESCAPES = {"n": "\n", "t": "\t", "r": "\r", "0": "\0", "a": "\a", "b": "\b", "f": "\f", "v": "\v"}


def providers(look: Look) -> Iterator[Provider]:
    """Each configuration found of both products."""
    for product, paths in FILES.items():
        files = dict.fromkeys((*in_homes(look, *paths), *_named(look, product)))
        jobs = (partial(_job, call) for call, _ in own_calls(look, product) if call.name.endswith("cmd"))
        yield from client(look, product, [*(partial(_setup, look, path) for path in files), *jobs])


def parse(text: str) -> Setup | None:
    """A .cfg of Qt's INI form; None where no account was ever added. Raises UNPARSABLE.

    Numbers of accounts and folders have gaps and may have two digits; a paused folder is not sent.
    """
    keys = _accounts(text)
    if not keys:
        return None
    folders: dict[str, dict[str, str]] = {}
    for name, value in keys.items():
        match = FOLDER_KEY.fullmatch(name)
        if match is not None:
            folders.setdefault(name.removesuffix(match["key"]), {})[match["key"]] = value
    for one in folders.values():
        if "localPath" not in one:
            raise CollectError(Why.UNPARSABLE, "a sync folder without its place")
    active = (one["localPath"] for one in folders.values() if one.get("paused") != "true")
    signed_in = any(name.split("\\")[-1] in {"url", "authType"} for name in keys) or None
    return Setup(roots=tuple(active), signed_in=signed_in)


def unquote(value: str) -> str:
    r"""A value as Qt wrote it: quotes round it where it needs them, `\\`, `\"`, and \xf6 for letters beyond ASCII."""
    if len(value) >= 2 and value[0] == value[-1] == '"':
        value = value[1:-1]
    return re.sub(r"\\(?:x(?P<hex>[0-9a-fA-F]{1,6})|(?P<one>.))", _letter, value)


def _letter(match: re.Match[str]) -> str:
    if match["hex"] is None:
        return ESCAPES.get(match["one"], match["one"])
    code = int(match["hex"], 16)
    if code > 0x10FFFF:
        raise CollectError(Why.UNPARSABLE, "a letter that does not exist")
    return chr(code)


def _accounts(text: str) -> dict[str, str]:
    """Keys of [Accounts]. Raises UNPARSABLE on a line of another shape."""
    found: dict[str, str] = {}
    section = ""
    for line in text.lstrip("\ufeff").splitlines():
        line = line.strip()
        if not line or line[0] in "#;":
            continue
        if line.startswith("[") and line.endswith("]"):
            section = line[1:-1]
        elif "=" not in line or not section:  # Qt writes no key outside a section
            raise CollectError(Why.UNPARSABLE, f"a client's settings: {line[:80]}")
        elif section == "Accounts":
            key, _, value = line.partition("=")
            found[key.strip()] = unquote(value.strip())
    return found


def _setup(look: Look, path: str) -> Setup | None:
    text = text_if_there(look.host, path)
    return parse(text) if text is not None else None


def _job(call: Call) -> Setup:
    """nextcloudcmd SOURCE URL: one pass over one folder, as schedules call it."""
    roots = tuple(word for word in call.argv if word.startswith("/"))
    if not roots:
        raise CollectError(Why.NOT_SAID, f"{call.name} names no folder")
    return Setup(roots=roots)


def _named(look: Look, product: Product) -> Iterator[str]:
    """Files that a call names with --confdir."""
    for call, _ in own_calls(look, product):
        for flag, folder in flags(call.argv):
            if flag == "--confdir" and folder.startswith("/"):
                yield f"{folder.rstrip('/')}/{product}.cfg"
