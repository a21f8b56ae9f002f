"""What all who look for places on a laptop share: the home folder, what is mounted, and a note of what is not seen."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TypeVar

from agent.collect.absent import if_there, names_if_there
from agent.collect.host import CollectError, EntryKind, Host
from agent.collect.linux.cloud_backup_filesystems import DESKTOP, REMOTE
from agent.collect.linux.folders import settle, within
from agent.collect.linux.mounts import Mount, mounts, over
from agent.photos.place import Place, Unlooked
from checks.clinical_images.fact import Folder, Origin
from checks.evidence import Why

T = TypeVar("T")
PHONES = frozenset(
    {
        "fuse.jmtpfs", "fuse.simple-mtpfs", "fuse.aft-mtp-mount", "fuse.go-mtpfs", "fuse.mtpfs", "fuse.DeviceFs",
        "fuse.ifuse", "fuse.gphotofs",
    }
)  # fmt: skip
"""File systems of phones and cameras that hang on a cable: slow, and looked into by a way of their own."""
BEHIND = frozenset({"mtp", "gphoto2", "afc", "camera"})
"""The same among the file manager's own connections."""
DISKS = frozenset(
    {
        "zfs", "ecryptfs", "fuse.encfs", "fuse.gocryptfs", "fuse.cryfs", "fuse.securefs", "fuse.ntfs-3g", "fuse.ntfs",
        "fuse.exfat", "fuse.apfs-fuse", "fuse.bcachefs", "fuse.dislocker", "fuse.zfs-fuse", "fuse.xfs_fuse",
    }
)  # fmt: skip
"""Local file systems whose source is no device file."""
READ_ONLY_IMAGES = frozenset({"squashfs", "fuse.squashfuse", "fuse.snapfuse"})
"""Programs, not pictures, are packed in these."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Home:
    """A home folder as one program sees it: the person's own, or one that a sandbox keeps for itself."""

    path: str
    data: str
    cache: str
    config: str
    sandbox: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Ground:
    """The laptop as those who look for places see it."""

    host: Host
    home: str
    """The person's home folder, settled."""
    mounts: tuple[Mount, ...]
    """Empty where the table could not be read; the gap is noted."""
    homes: tuple[Home, ...]
    """The person's own comes first."""
    gaps: list[Unlooked]
    """Whoever looks adds what is not seen."""


def ground(host: Host) -> Ground:
    """Never raises: what could not be read is a gap."""
    gaps: list[Unlooked] = []
    home = noted(gaps, Folder.OTHER, host.home, lambda: settle(host, host.home)) or host.home
    table = noted(gaps, Folder.OTHER, home, lambda: mounts(host).table) or ()
    return Ground(host=host, home=home, mounts=table, homes=tuple(_homes(host, home, gaps)), gaps=gaps)


def noted(gaps: list[Unlooked], folder: Folder, path: str, look: Callable[[], T]) -> T | None:
    """What a look sees; on CollectError a gap of that sort of place, and None."""
    try:
        return look()
    except CollectError as error:
        gaps.append(Unlooked(place=Place(folder=folder, path=path), why=error.why))
        return None


def standing(here: Ground, path: str, folder: Folder, origin: Origin = Origin.UNKNOWN) -> Iterator[Place]:
    """The place, where a folder stands at this path; where that cannot be seen, the gap is noted.

    One that leads to the whole home folder, or above it, is no place: no program keeps pictures so.
    """
    path = path.rstrip("/") or "/"
    seen = noted(here.gaps, folder, path, lambda: if_there(lambda: here.host.stat(path)))
    if seen is None or seen.kind is not EntryKind.FOLDER:
        return
    real = noted(here.gaps, folder, path, lambda: settle(here.host, path))
    if real is not None and not within(here.home, real):
        yield Place(folder=folder, path=real, origin=origin)


def listed(here: Ground, path: str, folder: Folder) -> tuple[str, ...]:
    """The names in a folder; () where there is none, or where the gap is noted."""
    return noted(here.gaps, folder, path, lambda: names_if_there(here.host, path)) or ()


def shut(here: Ground, path: str, why: Why, folder: Folder) -> None:
    """Note that what is at this path is not looked into."""
    here.gaps.append(Unlooked(place=Place(folder=folder, path=path), why=why))


def standing_on(here: Ground, path: str) -> Mount | None:
    """The mount that a settled path lies on."""
    return over(here.mounts, path)


def is_far(mount: Mount) -> bool:
    """Whether reading there means asking a server, a phone or a program."""
    return mount.kind in REMOTE or mount.kind in DESKTOP or mount.kind in PHONES or mount.kind in {"fuse", "autofs"}


def is_disk(mount: Mount) -> bool:
    """Whether files of a person may lie there, on a disk of this laptop or in it."""
    if is_far(mount) or mount.kind in READ_ONLY_IMAGES:
        return False
    return mount.source.startswith("/dev/") or mount.kind in DISKS


def _homes(host: Host, home: str, gaps: list[Unlooked]) -> Iterator[Home]:
    own = _dot_home(home, sandbox=False)
    yield own
    given = {key: host.environ.get(f"XDG_{key}_HOME", "").rstrip("/") for key in ("DATA", "CACHE", "CONFIG")}
    set_up = {key: path for key, path in given.items() if path.startswith("/")}
    if set_up:
        yield Home(
            path=home, data=set_up.get("DATA", own.data), cache=set_up.get("CACHE", own.cache),
            config=set_up.get("CONFIG", own.config), sandbox=False,
        )  # fmt: skip
    for path in _within(host, f"{home}/.var/app", gaps):  # Flatpak
        yield Home(path=path, data=f"{path}/data", cache=f"{path}/cache", config=f"{path}/config")
    for app in _within(host, f"{home}/snap", gaps):
        for path in _within(host, app, gaps):  # `common`, `current`, and old revisions that were left behind
            yield _dot_home(path, sandbox=True)


def _dot_home(path: str, *, sandbox: bool) -> Home:
    return Home(
        path=path, data=f"{path}/.local/share", cache=f"{path}/.cache", config=f"{path}/.config", sandbox=sandbox
    )


def _within(host: Host, folder: str, gaps: list[Unlooked]) -> list[str]:
    names = noted(gaps, Folder.OTHER, folder, lambda: names_if_there(host, folder)) or ()
    return [f"{folder}/{name}" for name in names if not name.startswith(".")]
