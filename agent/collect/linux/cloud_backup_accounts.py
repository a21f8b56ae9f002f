"""Accounts that a desktop opens on demand: shown, since pictures may be put there by hand; nothing goes by itself."""

from collections.abc import Iterator, Mapping
from functools import partial

from agent.collect.absent import text_if_there, there
from agent.collect.host import CollectError
from agent.collect.linux.cloud_backup_parts import Look, in_homes
from agent.collect.observe import attempt
from checks.cloud_backup.fact import Kind, Product, Provider
from checks.evidence import Why

SERVICES: Mapping[str, Product] = {
    "google": Product.GOOGLE_DRIVE, "owncloud": Product.NEXTCLOUD, "ms_graph": Product.ONEDRIVE,
    "windows_live": Product.ONEDRIVE, "webdav": Product.WEBDAV_SERVER,
}  # fmt: skip
"""GNOME's names; its "owncloud" is the entry for Nextcloud too."""
GNOME = "@/goa-1.0/accounts.conf"
OTHERS: Mapping[str, Product] = {
    "@/libaccounts-glib/accounts.db": Product.ONLINE_ACCOUNT,
    ".gdfuse": Product.GOOGLE_DRIVE,
}
"""KDE's accounts (kio-gdrive) and what google-drive-ocamlfuse mounts when it is told to."""


def providers(look: Look) -> Iterator[Provider]:
    """Each service whose files may be opened."""
    found: dict[Product, None] = {}
    for path in in_homes(look, GNOME):
        content = attempt(look.gaps, Product.ONLINE_ACCOUNT, partial(text_if_there, look.host, path))
        services = attempt(look.gaps, Product.ONLINE_ACCOUNT, partial(parse, content or ""))
        found.update(dict.fromkeys(services or ()))
    for path, product in OTHERS.items():
        for one in in_homes(look, path):
            if attempt(look.gaps, product, partial(there, look.host, one)):
                found[product] = None
    for product in found:
        yield Provider(product=product, kind=Kind.ACCOUNT, uploads=False, running=None, signed_in=True)


def parse(text: str) -> tuple[Product, ...]:
    """accounts.conf: services with FilesEnabled. Raises UNPARSABLE on a line of another shape."""
    accounts: list[dict[str, str]] = []
    for line in text.splitlines():
        line = line.strip()
        if not line or line.startswith("#"):
            continue
        if line.startswith("[") and line.endswith("]"):
            accounts.append({})
        elif "=" in line and accounts:
            key, _, value = line.partition("=")
            accounts[-1][key.strip()] = value.strip()
        else:
            raise CollectError(Why.UNPARSABLE, f"GNOME Online Accounts: {line[:80]}")
    open_ = (one for one in accounts if one.get("FilesEnabled", "").lower() == "true")
    return tuple(SERVICES.get(one.get("Provider", ""), Product.ONLINE_ACCOUNT) for one in open_)
