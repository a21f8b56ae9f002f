"""Déjà Dup, GNOME's Backups: where to, how often, and of which folders."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial

from agent.collect.absent import text_if_there, there
from agent.collect.host import CollectError, Host
from agent.collect.linux.cloud_backup_parts import Look, in_homes, runs, starts
from agent.collect.linux.cloud_backup_transfers import away
from agent.collect.linux.folders import PhotoFolder, settle, special, within
from agent.collect.linux.gsettings import Settings, flag, settings
from agent.collect.observe import attempt
from checks.cloud_backup.fact import Kind, Place, Product, Provider
from checks.evidence import Why

SCHEMA = "org.gnome.DejaDup"
SIGNS = (
    "/usr/bin/deja-dup", "/usr/local/bin/deja-dup", "/usr/share/glib-2.0/schemas/org.gnome.DejaDup.gschema.xml",
)  # fmt: skip
"""What the package brings: without it there is nothing to ask."""
FLATPAK = (".var/app/org.gnome.DejaDup/config/glib-2.0/settings/keyfile",)
DEFAULTS = {
    "backend": "'auto'", "periodic": "false", "include-list": "['$HOME']", "exclude-list": "['$TRASH', '$DOWNLOAD']",
}  # fmt: skip
"""The program's own; a keyfile names only what was changed."""
CLOUDS = frozenset({"google", "microsoft", "rclone", "remote", "s3", "gcs", "openstack", "u1", "rackspace", "goa"})
SPECIAL = {
    "$DESKTOP": "DESKTOP", "$DOCUMENTS": "DOCUMENTS", "$DOWNLOAD": "DOWNLOAD", "$MUSIC": "MUSIC",
    "$PICTURES": "PICTURES", "$PUBLIC_SHARE": "PUBLICSHARE", "$TEMPLATES": "TEMPLATES", "$VIDEO": "VIDEOS",
}  # fmt: skip
"""Its own words -> the desktop's names of folders."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Backup:
    """What one installation is set to do."""

    backend: str
    """google, microsoft, remote, drive, local, ...; auto before anything was chosen."""
    periodic: bool
    include: tuple[str, ...]
    exclude: tuple[str, ...]
    target: str | None
    """The folder of the backend "local"."""


def providers(look: Look) -> Iterator[Provider]:
    """One provider for each installation: the package's and the flatpak."""
    if attempt(look.gaps, Product.DEJA_DUP, lambda: _installed(look)) is not False:
        backup = attempt(look.gaps, Product.DEJA_DUP, lambda: packaged(look.host))
        yield _provider(look, backup)
    for path in in_homes(look, *FLATPAK):
        before = len(look.gaps)
        kept = attempt(look.gaps, Product.DEJA_DUP, partial(_keyfile, look.host, path))
        if kept is not None or len(look.gaps) > before:
            yield _provider(look, kept)


def packaged(host: Host) -> Backup:
    """What gsettings says. Raises CollectError."""
    values = settings(host, SCHEMA)
    if values.get("backend") == "'local'":
        return parse({**values, "folder": settings(host, f"{SCHEMA}.Local").get("folder", "")})
    return parse(values)


def parse(values: Settings) -> Backup:
    """One schema with its child schemas' folder, as GVariant text. Raises UNPARSABLE."""
    return Backup(
        backend=text(values.get("backend", "")),
        periodic=flag(values, "periodic"),
        include=texts(values.get("include-list", "")),
        exclude=texts(values.get("exclude-list", "")),
        target=text(values["folder"]) if "folder" in values else None,
    )


def parse_keyfile(content: str) -> Backup | None:
    """GLib's keyfile of a flatpak; None where Déjà Dup has kept nothing in it. Raises UNPARSABLE."""
    groups: dict[str, dict[str, str]] = {}
    group: dict[str, str] = {}
    for line in content.splitlines():
        if line.startswith("["):
            group = groups.setdefault(line.strip("[] "), {})
        elif "=" in line:
            key, _, value = line.partition("=")
            group[key.strip()] = value.strip()
        elif line.strip() and not line.startswith("#"):
            raise CollectError(Why.UNPARSABLE, f"Déjà Dup's keyfile: {line[:80]}")
    if "org/gnome/deja-dup" not in groups:
        return None
    local = groups.get("org/gnome/deja-dup/local", {})
    return parse(
        {**DEFAULTS, **groups["org/gnome/deja-dup"], **({"folder": local["folder"]} if "folder" in local else {})}
    )


def text(value: str) -> str:
    """'google' -> google. Raises UNPARSABLE."""
    match = re.fullmatch(r"'((?:[^'\\]|\\.)*)'|\"((?:[^\"\\]|\\.)*)\"", value)
    if match is None:
        raise CollectError(Why.UNPARSABLE, f"not a text: {value[:80]}")
    return re.sub(r"\\(.)", r"\1", match[1] if match[1] is not None else match[2])


def texts(value: str) -> tuple[str, ...]:
    """['$HOME', '/srv'] -> its items. Raises UNPARSABLE."""
    if not value.endswith("]") or not value.startswith(("[", "@as [")):
        raise CollectError(Why.UNPARSABLE, f"not a list of texts: {value[:80]}")
    inside = value[value.index("[") + 1 : -1].strip()
    item = r"'(?:[^'\\]|\\.)*'|\"(?:[^\"\\]|\\.)*\""
    if inside and re.fullmatch(rf"(?:{item})(?:\s*,\s*(?:{item}))*", inside) is None:
        raise CollectError(Why.UNPARSABLE, f"not a list of texts: {value[:80]}")
    return tuple(text(one) for one in re.findall(item, inside))


def copies(look: Look) -> tuple[PhotoFolder, ...]:
    """Where a periodic backup to a folder of this device puts its copies, which another client may then send on."""
    found = []
    backup = packaged(look.host) if _installed(look) else None
    if backup is not None and backup.periodic and backup.backend == "local" and backup.target and _taken(look, backup):
        found.append(PhotoFolder(place=Place.COPIES, path=settle(look.host, _written(look, backup.target))))
    return tuple(found)


def _installed(look: Look) -> bool:
    signs = any(there(look.host, path) for path in SIGNS)
    return signs or runs(look, Product.DEJA_DUP) is True or starts(look, Product.DEJA_DUP)


def _keyfile(host: Host, path: str) -> Backup | None:
    content = text_if_there(host, path)
    return parse_keyfile(content) if content is not None else None


def _provider(look: Look, backup: Backup | None) -> Provider:
    places: tuple[Place, ...] = ()
    uploads: bool | None = None
    if backup is not None:
        places = attempt(look.gaps, Product.DEJA_DUP, lambda: _taken(look, backup)) or ()
        uploads = attempt(look.gaps, Product.DEJA_DUP, lambda: _uploads(look, backup))
    return Provider(
        product=Product.DEJA_DUP,
        kind=Kind.BACKUP,
        uploads=uploads,
        running=runs(look, Product.DEJA_DUP),
        starts=backup.periodic if backup is not None else None,
        places=places,
    )


def _uploads(look: Look, backup: Backup) -> bool | None:
    """By hand is not by itself, and a disk of the person's is no cloud."""
    if not backup.periodic or backup.backend in {"auto", "drive"} or not _taken(look, backup):
        return False
    if backup.backend == "local":
        if backup.target is None:
            raise CollectError(Why.NOT_SAID, "a local backup without its folder")
        return away(look, _written(look, backup.target))
    if backup.backend in CLOUDS:
        return True
    raise CollectError(Why.UNPARSABLE, f"a backend that we do not know: {backup.backend[:40]}")


def _taken(look: Look, backup: Backup) -> tuple[Place, ...]:
    """The photo folders that it copies: the nearest of the two lists decides, for the folder and for parts of it."""
    include = [real for one in backup.include for real in _real(look, one)]
    exclude = [real for one in backup.exclude for real in _real(look, one)]
    taken: dict[Place, None] = {}
    for folder in look.folders:
        over_it = [one for one in include if within(folder.path, one)]
        left_out = [one for one in exclude if within(folder.path, one)]
        inside = [one for one in include if one != folder.path and within(one, folder.path)]
        if (over_it and max(map(len, over_it)) > max(map(len, left_out), default=-1)) or any(
            not any(within(one, other) for other in exclude) for one in inside
        ):
            taken[folder.place] = None
    return tuple(taken)


def _real(look: Look, written: str) -> tuple[str, ...]:
    """Where an item of a list is. Raises CollectError for what we cannot place."""
    head = written.partition("/")[0]
    if head in SPECIAL:
        place = special(look.host).get(SPECIAL[head])  # a folder that is switched off stands for nothing
        return (settle(look.host, place + written.removeprefix(head)),) if place is not None else ()
    if head == "$TRASH":
        return ()
    return (settle(look.host, _written(look, written)),)


def _written(look: Look, path: str) -> str:
    """Absolute: a path that is not counts from the home folder."""
    home = look.host.home.rstrip("/")
    path = re.sub(r"^(?:\$HOME|~)(?=/|$)", lambda _: home, path)
    return path if path.startswith("/") else f"{home}/{path}"
