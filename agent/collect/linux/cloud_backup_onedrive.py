"""OneDrive through abraunegg's client. Its own command is never run: its settings say enough."""

import posixpath
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial

from agent.collect.absent import names_if_there, text_if_there, there
from agent.collect.host import CollectError
from agent.collect.linux.cloud_backup_commands import flags
from agent.collect.linux.cloud_backup_parts import Look, Setup, client, own_calls
from agent.collect.linux.folders import config_homes
from agent.collect.observe import attempt
from checks.cloud_backup.fact import Product, Provider
from checks.evidence import Why

SYSTEM_FILE = "/etc/onedrive/config"
ONE_WAY = ("download_only", "dry_run", "read_only_auth_scope")
"""Switched on, nothing is uploaded."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Called:
    """One way in which this client is called: its folder of settings, and what the command line adds to them."""

    confdir: str
    syncdir: str | None = None
    one_way: bool = False


def providers(look: Look) -> Iterator[Provider]:
    """One provider for each folder of settings: people keep one for each account."""
    called = tuple(dict.fromkeys(_called(look)))
    usual = attempt(look.gaps, Product.ONEDRIVE, lambda: _usual(look)) or ()
    alone = (Called(confdir=one) for one in usual if one not in {each.confdir for each in called})
    configs = [partial(_setup, look, one) for one in (*alone, *called)]
    yield from client(look, Product.ONEDRIVE, configs)


def parse(text: str, home: str) -> tuple[dict[str, str], str]:
    """(settings, sync root). Raises UNPARSABLE on a line of another shape."""
    found: dict[str, str] = {}
    for line in text.splitlines():
        line = line.strip()
        if not line or line[0] in "#;":
            continue
        match = re.fullmatch(r'(?P<key>\w+)\s*=\s*"(?P<value>.*)"\s*(?:#.*)?', line)
        if match is None:
            raise CollectError(Why.UNPARSABLE, f"onedrive: {line[:80]}")
        found[match["key"]] = match["value"]
    root = found.get("sync_dir", "~/OneDrive")
    home = home.rstrip("/")
    return found, re.sub(r"^(?:~|\$HOME|\$\{HOME\})(?=/|$)", lambda _: home, root)


def _usual(look: Look) -> tuple[str, ...]:
    """~/.config/onedrive and its neighbours such as onedrive-work."""
    return tuple(
        f"{folder}/{name}"
        for folder in config_homes(look.host)
        for name in names_if_there(look.host, folder)
        if re.fullmatch(r"onedrive(?!r\b)[\w.-]*", name, re.IGNORECASE)
    )


def _setup(look: Look, called: Called) -> Setup:
    """Without a token the client was never signed in, and sends nothing. Raises CollectError."""
    confdir = called.confdir
    text = text_if_there(look.host, f"{confdir}/config")
    signed_in = there(look.host, f"{confdir}/refresh_token")
    if text is None:
        text = text_if_there(look.host, SYSTEM_FILE) or ""
    settings, root = parse(text, look.host.home)
    root = called.syncdir or root
    one_way = called.one_way or any(settings.get(key) == "true" for key in ONE_WAY)
    chosen = there(look.host, f"{confdir}/sync_list") or bool(settings.get("skip_dir"))
    return Setup(
        roots=() if one_way else (root,),
        certain=not chosen,
        follows_links=settings.get("skip_symlinks") != "true",
        signed_in=signed_in or (None if settings.get("use_intune_sso") == "true" else False),
    )


def _called(look: Look) -> Iterator[Called]:
    """Settings named by processes and units; a call that only looks names nothing that uploads."""
    default = f"{config_homes(look.host)[0]}/onedrive"
    for call, _ in own_calls(look, Product.ONEDRIVE):
        if call.name != "onedrive":
            continue
        given = dict(flags(call.argv))
        yield Called(
            confdir=posixpath.normpath(given.get("--confdir") or default),
            syncdir=given.get("--syncdir"),
            one_way=any(flag in given for flag in ("--download-only", "-d", "--dry-run")),
        )
