"""Walks places and lists their files by name, size and time; it follows no links and opens no pictures."""

import errno
import os
import threading
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field, replace

from agent.collect.host import CollectError
from agent.collect.linux.mounts import DETAILS, parse_details
from agent.photos.backup_marks import (
    ANDROID_END,
    MAKER_FOLDERS,
    MARKS,
    SEALED,
    Readable,
    is_android_backup,
    is_backup,
    readable,
)
from agent.photos.place import Place, Unlooked
from checks.clinical_images.fact import Folder
from checks.evidence import Why

MOST_DEEP = 100
"""Folders within folders. People reach ten; a loop of mounts or a planted tree has no end."""
MOST_FOLDERS = 300_000
"""Of one place."""
MOST_FILES = 2_000_000
"""Of one place."""
MOST_ENTRIES = 250_000
"""Of one folder: with their names they are held at once, some 40 MB at the most."""
MOST_GAPS = 50
"""Of one place, each with its folder; any more are one gap of the whole place."""
PICTURES = (".jpg", ".jpeg", ".png", ".heic", ".heif", ".webp", ".tif", ".tiff", ".dng", ".dcm", ".mp4", ".mov", ".pdf")
NO_GALLERY = ".nomedia"
TELLING = MARKS | {NO_GALLERY}
OPENED = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC | os.O_NONBLOCK
GONE = frozenset({errno.ENOENT, errno.ENOTDIR, errno.ELOOP})
"""It was a folder when its parent was listed and is none any more; a link in its place counts where it leads."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Folderful:
    """All regular files that lie directly in one folder. There is one of it for each folder, none for an empty one."""

    place: Place
    """A place of its own where the folder turned out to be a phone's back-up."""
    path: str
    """Of the folder: absolute, surrogates where it is not UTF-8."""
    hidden: bool
    """It, or a folder above it, has a name with a dot, or holds .nomedia: no gallery shows it."""
    entries: list[tuple[str, int, int]]
    """(name, size in bytes, mtime in nanoseconds)"""


@dataclass(frozen=True, slots=True)
class _Due:
    """A folder that is still to be listed."""

    path: str
    place: Place
    hidden: bool
    deep: int
    device: int | None
    """The file system that holds the folder above; None for a place's own folder."""


@dataclass(slots=True)
class _Listing:
    """What one folder holds."""

    device: int
    inode: int
    files: list[tuple[str, int, int]] = field(default_factory=list)
    folders: list[str] = field(default_factory=list)
    links: list[str] = field(default_factory=list)
    """Those that lead to a folder, or by their name to a picture."""
    faults: int = 0
    """Entries that are there and of which nothing could be learned."""
    cut: bool = False


def walk(
    places: Sequence[Place], *, stop: threading.Event, mounted: Collection[str] | None = None
) -> Iterator[Folderful | Unlooked]:
    """Every folder of every place with its files, and what could not be looked into.

    `places` hold settled paths, each once; one that lies in another is walked by itself. What is mounted inside a place
    (`mounted`: the mount points, as the system says when they are not given) is left out and said. Once `stop` is set,
    the rest is given as Unlooked(STOPPED). A place that does not exist is a gap only where it was asked for by name.
    """
    apart = frozenset(one.path for one in places)
    points = _mount_points() if mounted is None else frozenset(mounted)
    for place in places:
        yield from _Walk(place, apart, points, stop).run()


class _Walk:
    """One place."""

    def __init__(
        self, place: Place, apart: frozenset[str], points: frozenset[str] | None, stop: threading.Event
    ) -> None:
        self._place = place
        self._apart = apart
        self._points = points
        self._stop = stop
        self._root: tuple[int, int] | None = None
        self._folders = 0
        self._files = 0

    def run(self) -> Iterator[Folderful | Unlooked]:
        """All of it; more gaps than anybody reads are one."""
        gaps = 0
        for found in self._all():
            gaps += isinstance(found, Unlooked)
            if gaps <= MOST_GAPS or isinstance(found, Folderful):
                yield found
            elif gaps == MOST_GAPS + 1:
                yield replace(found, place=self._place, path="", count=None)

    def _all(self) -> Iterator[Folderful | Unlooked]:
        top = self._place.path
        due = [_Due(path=top, place=self._place, hidden=_above_hidden(top), deep=0, device=None)]
        while due:
            one = due.pop()
            if self._stop.is_set():
                yield _gap(self._place, top, Why.STOPPED)
                return
            if self._folders > MOST_FOLDERS or self._files > MOST_FILES:
                yield _gap(self._place, top, Why.TOO_LARGE)
                return
            yield from self._folder(one, due)
        if self._root is not None and not _still(top, self._root):
            yield _gap(self._place, top, Why.UNREADABLE)  # a card was pulled out meanwhile: what is missing is not gone

    def _folder(self, one: _Due, due: list[_Due]) -> Iterator[Folderful | Unlooked]:
        try:
            found = _listing(one.path)
        except (OSError, ValueError) as error:
            yield from _unlisted(one, error)
            return
        if one.device is None:
            self._root = (found.device, found.inode)
        elif found.device != one.device and self._is_mount(one.path):
            yield _gap(one.place, one.path, Why.NOT_ASKED)
            return
        self._folders += 1
        self._files += len(found.files)
        yield from self._holds(one, found, due)

    def _holds(self, one: _Due, found: _Listing, due: list[_Due]) -> Iterator[Folderful | Unlooked]:
        telling = {name for name, _, _ in found.files if name in TELLING or name[-3:] == ANDROID_END}
        yield from _android_backups(one, telling)
        backup = _backup(one.path, telling)
        if backup is not None:
            one = replace(one, place=_as_backup(one.place, one.path))
            if backup is not Readable.YES:
                yield _gap(one.place, one.path, SEALED)
            if backup is Readable.NO:
                return
        one = replace(one, hidden=one.hidden or NO_GALLERY in telling)
        if found.files:
            yield Folderful(place=one.place, path=one.path, hidden=one.hidden, entries=found.files)
        if found.cut:
            yield _gap(one.place, one.path, Why.TOO_LARGE)
        if found.faults:
            yield _gap(one.place, one.path, Why.UNREADABLE, found.faults)
        if any(self._leads_out(f"{one.path}/{name}") for name in found.links):
            yield _gap(one.place, one.path, Why.NOT_ASKED)
        yield from self._below(one, found, due)

    def _leads_out(self, link: str) -> bool:
        """A link into another place is looked at there; one that leads to nothing hides nothing."""
        target = os.path.realpath(link)
        inside = any(target == one or target.startswith(one.rstrip("/") + "/") for one in self._apart)
        return not inside and os.path.exists(target)

    def _below(self, one: _Due, found: _Listing, due: list[_Due]) -> Iterator[Unlooked]:
        """Put the folders of a folder on the list, but for other places and other file systems."""
        if found.folders and one.deep >= MOST_DEEP:
            yield _gap(one.place, one.path, Why.TOO_LARGE)
            return
        stem = one.path.rstrip("/")
        for name in reversed(found.folders):  # the last one put on the list is the first one taken
            path = f"{stem}/{name}"
            if path in self._apart:
                continue
            if self._points is not None and path in self._points:
                yield _gap(one.place, path, Why.NOT_ASKED)  # not even opened: a dead server would hold us for ever
                continue
            hidden = one.hidden or name[:1] == "."
            due.append(_Due(path=path, place=one.place, hidden=hidden, deep=one.deep + 1, device=found.device))

    def _is_mount(self, path: str) -> bool:
        """Whether a folder of another device is another file system, or only a part (btrfs) of the one above it."""
        points = _mount_points() if self._points is not None else None
        return points is None or path in points


def _listing(path: str) -> _Listing:
    """Raises OSError, also where the list breaks off in the middle; ValueError for a path that cannot be one."""
    folder = os.open(path, OPENED)
    try:
        seen = os.fstat(folder)
        found = _Listing(device=seen.st_dev, inode=seen.st_ino)
        with os.scandir(folder) as entries:
            _sort_out(entries, found)
        return found
    finally:
        os.close(folder)


def _sort_out(entries: Iterator[os.DirEntry[str]], found: _Listing) -> None:
    """Pipes, sockets, devices and links are left aside: none of them is a file that lies here."""
    file, folder = found.files.append, found.folders.append
    for entry in entries:
        try:
            if entry.is_file(follow_symlinks=False):
                seen = entry.stat(follow_symlinks=False)
                file((entry.name, seen.st_size, seen.st_mtime_ns))
            elif entry.is_dir(follow_symlinks=False):
                folder(entry.name)
            elif entry.is_symlink() and (entry.is_dir() or entry.name.lower().endswith(PICTURES)):
                found.links.append(entry.name)
        except FileNotFoundError:
            continue  # it went while we looked
        except OSError:
            found.faults += 1
        if len(found.files) + len(found.folders) >= MOST_ENTRIES:
            found.cut = True
            return


def _unlisted(one: _Due, error: OSError | ValueError) -> Iterator[Unlooked]:
    """A folder that could not be listed; one that is simply no longer there is no gap."""
    code = error.errno if isinstance(error, OSError) else errno.EINVAL
    if isinstance(error, PermissionError):
        yield _gap(one.place, one.path, Why.NOT_PERMITTED)
    elif code == errno.ENAMETOOLONG:
        yield _gap(one.place, one.path, Why.TOO_LARGE)
    elif code not in GONE or (one.device is None and _there(one.path)):
        yield _gap(one.place, one.path, Why.UNREADABLE)
    elif one.device is None and one.place.named:
        yield _gap(one.place, one.path, Why.NOT_FOUND)


def _backup(path: str, names: set[str]) -> Readable | None:
    """Whether a phone's back-up can be read; None where a folder is none."""
    if is_backup(names):
        return readable(path)
    return Readable.PARTLY if os.path.basename(path) in MAKER_FOLDERS else None


def _android_backups(one: _Due, telling: set[str]) -> Iterator[Unlooked]:
    for name in sorted(telling - TELLING):
        path = f"{one.path.rstrip('/')}/{name}"
        if is_android_backup(path):
            yield _gap(_as_backup(one.place, path), path, SEALED)


def _as_backup(place: Place, path: str) -> Place:
    return place if place.folder is Folder.PHONE_BACKUP else replace(place, folder=Folder.PHONE_BACKUP, path=path)


def _above_hidden(path: str) -> bool:
    """Whether a place lies in what galleries leave out."""
    parts = path.strip("/").split("/")
    above = ["/" + "/".join(parts[:end]) for end in range(1, len(parts))]
    return any(part[:1] == "." for part in parts) or any(_there(f"{one}/{NO_GALLERY}") for one in above)


def _there(path: str) -> bool:
    try:
        return os.path.lexists(path)
    except ValueError:  # a zero byte within
        return False


def _still(path: str, root: tuple[int, int]) -> bool:
    """Whether the same folder still stands there."""
    try:
        seen = os.lstat(path)
    except OSError:
        return False
    return (seen.st_dev, seen.st_ino) == root


def _mount_points() -> frozenset[str] | None:
    """Where file systems are mounted now; None where the system does not say."""
    try:
        with open(DETAILS, "rb") as table:
            return frozenset(one.target for one in parse_details(os.fsdecode(table.read())))
    except (OSError, CollectError):
        return None


def _gap(place: Place, path: str, why: Why, count: int | None = None) -> Unlooked:
    return Unlooked(place=place, path=path if path != place.path else "", why=why, count=count)
