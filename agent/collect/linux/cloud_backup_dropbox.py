"""Dropbox: its own client and Maestral. Camera uploads do not exist in either on Linux."""

import json
import re
from collections.abc import Iterator
from functools import partial
from typing import Any

from agent.collect.absent import names_if_there, text_if_there, there
from agent.collect.host import CollectError
from agent.collect.linux.cloud_backup_parts import Look, Setup, client, in_homes
from agent.collect.linux.folders import config_homes
from agent.collect.observe import attempt
from checks.cloud_backup.fact import Product, Provider
from checks.evidence import Why

FOLDERS = (".dropbox", ".var/app/com.dropbox.Client/.dropbox", "snap/dropbox/common/.dropbox")


def providers(look: Look) -> Iterator[Provider]:
    """Each configuration found of both clients: to a practice they are one service."""
    official = (partial(_info, look, folder) for folder in in_homes(look, *FOLDERS))
    inis = attempt(look.gaps, Product.DROPBOX, lambda: _inis(look)) or ()
    yield from client(look, Product.DROPBOX, [*official, *(partial(_maestral, look, path) for path in inis)])


def parse_info(text: str) -> Setup:
    """info.json: an entry for each account with the folder that it sends. Raises UNPARSABLE."""
    try:
        accounts: Any = json.loads(text)
        roots = tuple(one["path"] for one in accounts.values())
    except (ValueError, RecursionError, AttributeError, TypeError, KeyError) as error:
        raise CollectError(Why.UNPARSABLE, "Dropbox's info.json") from error
    if not all(isinstance(root, str) for root in roots):
        raise CollectError(Why.UNPARSABLE, "Dropbox's info.json names a folder that is none")
    return Setup(roots=roots, signed_in=bool(roots))


def parse_maestral(text: str) -> Setup | None:
    """[sync] path, or [main] path in old versions; None before it was linked. Raises UNPARSABLE."""
    keys: dict[tuple[str, str], str] = {}
    section = ""
    for line in text.splitlines():
        if line[:1] in {"", "#", ";", " ", "\t"}:  # indented lines go on with the list before them
            continue
        if line.startswith("["):
            section = line.strip("[] ")
        elif "=" in line:
            key, _, value = line.partition("=")
            keys[section, key.strip()] = value.strip().strip("\"'")
        else:
            raise CollectError(Why.UNPARSABLE, f"Maestral: {line[:80]}")
    root = keys.get(("sync", "path")) or keys.get(("main", "path"))
    if root:
        return Setup(roots=(root,), signed_in=None)
    if keys.get(("auth", "account_id")):
        raise CollectError(Why.NOT_SAID, "Maestral is linked and names no folder")
    return None


def _info(look: Look, folder: str) -> Setup | None:
    text = text_if_there(look.host, f"{folder}/info.json")
    if text is not None:
        return parse_info(text)
    # Without info.json the client was never linked to an account, or was signed out.
    return Setup(roots=(), signed_in=False) if there(look.host, folder) else None


def _inis(look: Look) -> tuple[str, ...]:
    return tuple(
        f"{folder}/maestral/{name}"
        for folder in config_homes(look.host)
        for name in names_if_there(look.host, f"{folder}/maestral")
        if re.fullmatch(r".+\.ini", name)
    )


def _maestral(look: Look, path: str) -> Setup | None:
    text = text_if_there(look.host, path)
    return parse_maestral(text) if text is not None else None
