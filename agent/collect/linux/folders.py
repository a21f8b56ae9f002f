"""Where a person's pictures gather: the desktop's own folders under their local names, and those the person named."""

import posixpath
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import partial

from agent.collect.absent import if_there, text_if_there
from agent.collect.host import CollectError, EntryKind, Host
from agent.collect.observe import attempt
from checks.cloud_backup.fact import Place
from checks.evidence import Gap, Why

KEYS: Mapping[str, Place] = {
    "PICTURES": Place.PICTURES, "DOWNLOAD": Place.DOWNLOADS, "DESKTOP": Place.DESKTOP,
    "DOCUMENTS": Place.DOCUMENTS, "VIDEOS": Place.VIDEOS,
}  # fmt: skip
NAMES: Mapping[str, Place] = {
    "Pictures": Place.PICTURES, "Photos": Place.PICTURES, "Bilder": Place.PICTURES, "Images": Place.PICTURES,
    "Imágenes": Place.PICTURES, "Immagini": Place.PICTURES, "Imagens": Place.PICTURES, "Afbeeldingen": Place.PICTURES,
    "Obrazy": Place.PICTURES, "Kuvat": Place.PICTURES, "Billeder": Place.PICTURES, "图片": Place.PICTURES,
    "ピクチャ": Place.PICTURES, "Изображения": Place.PICTURES, "Downloads": Place.DOWNLOADS, "Desktop": Place.DESKTOP,
    "Documents": Place.DOCUMENTS, "Videos": Place.VIDEOS, "DCIM": Place.CAMERA,
}  # fmt: skip
"""Names that desktops give. One that exists counts beside the configured folder: old pictures stay under old names."""
STANDARD = ("Pictures", "Downloads", "Desktop", "Documents", "Videos", "DCIM")
"""What counts where nothing is configured, whether it exists yet or not."""
LINE = r'\s*XDG_(?P<key>[A-Z]{1,40})_DIR="(?P<path>(?:\$HOME(?=/|")|/)(?:[^"\\]|\\.)*)"\s*'
LINKS_DEEP = 8
FILE = "user-dirs.dirs"
PART = "photo_folders"


@dataclass(frozen=True, slots=True, kw_only=True)
class PhotoFolder:
    """One folder in which pictures gather. It may not exist yet."""

    place: Place
    path: str
    """Absolute, every link followed, without a slash at its end."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PhotoFolders:
    """All that were found; with gaps, where some may be missing."""

    folders: tuple[PhotoFolder, ...]
    gaps: tuple[Gap, ...] = ()
    """All of the part PART."""


def photo_folders(host: Host, extra: tuple[str, ...] = ()) -> PhotoFolders:
    """The person's photo folders, each once. `extra` are absolute paths that the person or the practice named.

    Never raises: what could not be read is a gap, and the folders that are known count all the same.
    """
    gaps: list[Gap] = []
    named = [(Place.NAMED, path) for path in extra]
    candidates = [*named, *_configured(host, gaps), *_by_name(host, gaps)]
    found: dict[str, PhotoFolder] = {}
    home = _settled(host, host.home, gaps)
    for place, path in candidates:
        real = _settled(host, path, gaps)
        if place is Place.NAMED or not within(home, real):  # the whole home, or what lies above it, is no photo folder
            found.setdefault(real, PhotoFolder(place=place, path=real))
    return PhotoFolders(folders=tuple(found.values()), gaps=tuple(gaps))


def parse(text: str, home: str) -> Mapping[str, str]:
    """user-dirs.dirs: XDG name without its frame (PICTURES) -> absolute path; disabled ones are left out.

    Raises UNPARSABLE on a line of another shape: xdg-user-dirs supports no other either.
    """
    found = {}
    for line in text.splitlines():
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        match = re.fullmatch(LINE, line)
        if match is None:
            raise CollectError(Why.UNPARSABLE, f"{FILE}: {line[:80]}")
        path = re.sub(r"\\(.)", r"\1", match["path"])
        if path.startswith("$HOME"):
            path = home.rstrip("/") + path.removeprefix("$HOME")
        if posixpath.normpath(path) != posixpath.normpath(home):  # "$HOME/" switches a folder off
            found[match["key"]] = path
    return found


def settle(host: Host, path: str) -> str:
    """Every link followed, without a slash at the end. Raises CollectError, UNPARSABLE for a path from nowhere."""
    if not path.startswith("/"):
        raise CollectError(Why.UNPARSABLE, f"not an absolute path: {path[:200]}")
    for _ in range(LINKS_DEEP):
        # A leading "//" would survive normpath and then lie in no folder at all.
        real = posixpath.normpath("/" + host.resolve(path.rstrip("/") or "/").lstrip("/"))
        if real == path:
            return real
        path = real
    raise CollectError(Why.NOT_SAID, f"links without an end: {path}")


def within(path: str, folder: str) -> bool:
    """Whether a path is a folder or lies in it. Both are settled; letters in another case are another name."""
    return path == folder or path.startswith(folder.rstrip("/") + "/")


def config_homes(host: Host) -> tuple[str, ...]:
    """Where programs keep settings: XDG_CONFIG_HOME when it is set, and ~/.config, which others fall back to."""
    given = host.environ.get("XDG_CONFIG_HOME", "").rstrip("/")
    usual = f"{host.home.rstrip('/')}/.config"
    return tuple(dict.fromkeys((given, usual))) if given.startswith("/") else (usual,)


def special(host: Host) -> Mapping[str, str]:
    """The desktop's own folders alone: XDG name (PICTURES) -> absolute path as written. Raises CollectError."""
    found: dict[str, str] = {}
    for folder in config_homes(host):
        for key, path in _written(host, folder).items():
            found.setdefault(key, path)
    return found


def _written(host: Host, folder: str) -> Mapping[str, str]:
    """What `parse` finds in one of the places for settings; nothing where the file is not there."""
    text = text_if_there(host, f"{folder}/{FILE}")
    return {} if text is None else parse(text, host.home)


def _configured(host: Host, gaps: list[Gap]) -> Iterator[tuple[Place, str]]:
    for folder in config_homes(host):
        paths = attempt(gaps, PART, partial(_written, host, folder)) or {}
        yield from ((KEYS[key], path) for key, path in paths.items() if key in KEYS)


def _by_name(host: Host, gaps: list[Gap]) -> Iterator[tuple[Place, str]]:
    home = host.home.rstrip("/")
    yield from ((NAMES[name], f"{home}/{name}") for name in STANDARD)
    for name in NAMES:
        if name not in STANDARD and _is_folder(host, f"{home}/{name}", gaps):
            yield NAMES[name], f"{home}/{name}"


def _is_folder(host: Host, path: str, gaps: list[Gap]) -> bool:
    seen = attempt(gaps, PART, lambda: if_there(lambda: host.stat(path)))
    return seen is not None and seen.kind is EntryKind.FOLDER


def _settled(host: Host, path: str, gaps: list[Gap]) -> str:
    return attempt(gaps, PART, lambda: settle(host, path)) or posixpath.normpath("/" + path.lstrip("/"))
