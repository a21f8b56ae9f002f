"""Folders that a client keeps the same as a cloud's or another device's, also those that only receive or are paused."""

import re
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from xml.parsers import expat

from agent.collect.absent import names_if_there, text_if_there
from agent.collect.host import CollectError
from agent.collect.linux import cloud_backup_dropbox as dropbox
from agent.collect.linux import cloud_backup_nextcloud as nextcloud
from agent.collect.linux import cloud_backup_onedrive as onedrive
from agent.collect.linux import cloud_backup_syncthing as syncthing
from agent.collect.linux.cloud_backup_commands import expand
from agent.collect.linux.cloud_backup_parts import Look, in_homes
from agent.collect.linux.folders import config_homes
from agent.collect.linux.mounts import Mounts
from agent.photos.laptop_ground import Ground, noted, standing
from agent.photos.place import Place
from checks.clinical_images.fact import Folder
from checks.evidence import Why

NAMES = (
    "Dropbox", "OneDrive", "Nextcloud", "ownCloud", "Insync", "MEGA", "MEGAsync", "SynologyDrive", "CloudStation",
    "Seafile", "Sync", "Google Drive", "GoogleDrive", "Jottacloud", "Tresors", "Resilio Sync", "pCloud Sync", "Box",
    "Yandex.Disk", "ProtonDrive", "Proton Drive", "iCloudDrive",
)  # fmt: skip
"""What clients call their folder, unless told otherwise. Several have settings that no other program can read."""
NAMED = re.compile("(?:" + "|".join(map(re.escape, NAMES)) + r")(?:[ _(-].*|\d{1,2})?", re.DOTALL)
"""Second accounts get "OneDrive - Clinic", "Dropbox (Work)", "Nextcloud2"."""
ONEDRIVE = re.compile(r"onedrive(?!r\b)[\w.-]*", re.IGNORECASE)
FOLDER = ["configuration", "folder"]
Roots = Callable[[], Iterable[str]]


def places(here: Ground) -> Iterator[Place]:
    """Each folder that a client's settings name, and those that are called what clients call theirs."""
    for file, roots in _settings(here):
        for root in noted(here.gaps, Folder.CLOUD, file, partial(_all, roots)) or ():
            yield from standing(here, root, Folder.CLOUD)
    for name in noted(here.gaps, Folder.CLOUD, here.home, lambda: names_if_there(here.host, here.home)) or ():
        if NAMED.fullmatch(name):
            yield from standing(here, f"{here.home}/{name}", Folder.CLOUD)


def nextcloud_roots(text: str) -> list[str]:
    """Every folder of Nextcloud's or ownCloud's settings, paused ones too. Raises UNPARSABLE."""
    nextcloud.parse(text)  # for its word that these are such settings: it leaves out what is not sent
    found = []
    for line in text.splitlines():
        key, equals, value = line.strip().partition("=")
        match = nextcloud.FOLDER_KEY.fullmatch(key.strip()) if equals else None
        if match is not None and match["key"] == "localPath":
            found.append(nextcloud.unquote(value.strip()))
    return found


def syncthing_roots(text: str, home: str) -> list[str]:
    """Every folder of Syncthing's settings, whichever way it goes. Raises UNPARSABLE."""
    found: list[str] = []
    above: list[str] = []

    def start(name: str, attributes: dict[str, str]) -> None:
        above.append(name)
        if above[0] != FOLDER[0] or len(above) > syncthing.DEEPEST:
            raise CollectError(Why.UNPARSABLE, "Syncthing's config.xml is of another kind")
        if above == FOLDER and attributes.get("path"):
            found.append(expand(attributes["path"], home))

    parser = expat.ParserCreate("utf-8")  # whatever encoding the file claims
    parser.StartDoctypeDeclHandler = _refuse
    parser.EntityDeclHandler = _refuse
    parser.StartElementHandler = start
    parser.EndElementHandler = lambda _: above.pop()
    try:
        parser.Parse(text.encode("utf-8", "surrogateescape"), True)
    except expat.ExpatError as error:
        raise CollectError(Why.UNPARSABLE, "Syncthing's config.xml") from error
    return found


def _settings(here: Ground) -> Iterator[tuple[str, Roots]]:
    """(file, how to read the folders in it)."""
    host = here.host
    # Where settings lie is asked of what audits uploads, so that both look at the same files.
    look = Look(host=host, folders=(), mounts=Mounts(table=(), parts=()), running=None, scheduled=(), gaps=[])
    for files in nextcloud.FILES.values():
        for file in in_homes(look, *files):
            yield file, partial(_read, here, file, nextcloud_roots)
    for file in in_homes(look, *syncthing.FILES):
        yield file, partial(_read, here, file, lambda text: syncthing_roots(text, host.home))
    for folder in in_homes(look, *dropbox.FOLDERS):
        yield f"{folder}/info.json", partial(_read, here, f"{folder}/info.json", _dropbox)
    for file in _named(here, "maestral", re.compile(r".+\.ini")):
        yield file, partial(_read, here, file, _maestral)
    for folder in _named(here, "", ONEDRIVE):
        yield f"{folder}/config", partial(_read, here, f"{folder}/config", partial(_onedrive, home=host.home))
    yield onedrive.SYSTEM_FILE, partial(_read, here, onedrive.SYSTEM_FILE, partial(_onedrive, home=host.home))


def _all(roots: Roots) -> list[str]:
    return list(roots())


def _read(here: Ground, file: str, roots: Callable[[str], Iterable[str]]) -> Iterable[str]:
    text = text_if_there(here.host, file)
    return roots(text) if text is not None else ()


def _dropbox(text: str) -> tuple[str, ...]:
    return dropbox.parse_info(text).roots


def _maestral(text: str) -> tuple[str, ...]:
    setup = dropbox.parse_maestral(text)
    return setup.roots if setup is not None else ()


def _onedrive(text: str, *, home: str) -> tuple[str, ...]:
    return (onedrive.parse(text, home)[1],)


def _named(here: Ground, below: str, shape: re.Pattern[str]) -> Iterator[str]:
    """Paths in the folders of settings, or in one below them, whose names fit."""
    for folder in config_homes(here.host):
        path = f"{folder}/{below}".rstrip("/")
        for name in noted(here.gaps, Folder.CLOUD, path, partial(names_if_there, here.host, path)) or ():
            if shape.fullmatch(name):
                yield f"{path}/{name}"


def _refuse(*_: object) -> None:
    raise CollectError(Why.UNPARSABLE, "a settings file that declares entities")
