"""Where on a Linux laptop pictures lie: folders of the desktop, cards, clouds, trash, caches, chats, back-ups."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from agent.collect.host import Host
from agent.collect.linux.cloud_backup_filesystems import DESKTOP
from agent.collect.linux.desktop import own_settings
from agent.collect.linux.folders import photo_folders, settle
from agent.collect.linux.mounts import below
from agent.photos import (
    laptop_backups,
    laptop_caches,
    laptop_cards,
    laptop_chats,
    laptop_inside,
    laptop_sync,
    laptop_trash,
)
from agent.photos.laptop_ground import (
    PHONES,
    Ground,
    ground,
    is_disk,
    is_far,
    noted,
    shut,
    standing,
    standing_on,
)
from agent.photos.place import Place, Unlooked
from checks.clinical_images.fact import Folder, Origin
from checks.cloud_backup.fact import Place as Sort
from checks.evidence import Why

SORTS: Mapping[Sort, tuple[Folder, Origin]] = {
    Sort.PICTURES: (Folder.PICTURES, Origin.UNKNOWN),
    Sort.DOWNLOADS: (Folder.DOWNLOADS, Origin.UNKNOWN),
    Sort.CAMERA: (Folder.CAMERA, Origin.TAKEN),
}
"""The desktop's own folders; all others of them are OTHER."""
RECORDINGS = "Recordings"
"""Where GNOME's recorder puts what was spoken."""
IN_SANDBOX: Mapping[str, Folder] = {
    "Downloads": Folder.DOWNLOADS, "Pictures": Folder.PICTURES, "Desktop": Folder.OTHER, "Documents": Folder.OTHER,
}  # fmt: skip
"""What a program in a sandbox makes for itself where it may not use the person's own."""


def laptop_places(host: Host, extra: Sequence[str] = ()) -> tuple[tuple[Place, ...], tuple[Unlooked, ...]]:
    """All places, each path once, and what cannot be looked into. `extra` are absolute paths that somebody named.

    Never raises. Of two places one of which lies in the other, the walk takes what is in the inner one as the inner's.
    Places that nobody named are there now; a named one may be missing.
    """
    here = ground(host)
    noted(here.gaps, Folder.OTHER, here.home, lambda: own_settings(host))
    found: dict[str, Place] = {}
    named = [place for path in extra for place in _named(here, path)]
    for place in (*_found(here, named), *named):
        found.setdefault(place.path, place)
    for place in named:  # it keeps the sort that it has without its name
        found[place.path] = replace(found[place.path], named=True)
    for place in [*found.values()]:
        for inner in _mounted_in(here, place):
            found.setdefault(inner.path, inner)
    near = tuple(place for place in found.values() if _is_near(here, place))
    for place in found.values():
        if not _is_near(here, place):
            shut(here, place.path, Why.NOT_ASKED, place.folder)
    return near, tuple(dict.fromkeys(here.gaps))


def _found(here: Ground, named: Sequence[Place]) -> Iterator[Place]:
    """In the order of their right to a path: whoever comes first gives it its sort."""
    own = [*_desktop(here), *_sandboxes(here)]
    cards = [*laptop_cards.places(here)]
    clouds = [*laptop_sync.places(here)]
    yield from laptop_trash.places(here, cards)
    yield from laptop_caches.places(here)
    yield from laptop_chats.places(here)
    yield from own
    for place in (*own, *clouds, *cards, *named):
        if _is_near(here, place):
            yield from laptop_inside.places(here, place)
    yield from clouds
    yield from laptop_backups.places(here)
    yield from cards


def _named(here: Ground, path: str) -> Iterator[Place]:
    real = noted(here.gaps, Folder.OTHER, path, lambda: settle(here.host, path))
    if real is not None:
        yield Place(folder=Folder.OTHER, path=real, named=True)


def _desktop(here: Ground) -> Iterator[Place]:
    known = photo_folders(here.host)
    for gap in known.gaps:
        shut(here, here.home, gap.why, Folder.PICTURES)
    for one in known.folders:
        folder, origin = SORTS.get(one.place, (Folder.OTHER, Origin.UNKNOWN))
        yield from standing(here, one.path, folder, origin)
    yield from standing(here, f"{here.home}/{RECORDINGS}", Folder.OTHER, Origin.TAKEN)


def _sandboxes(here: Ground) -> Iterator[Place]:
    for home in here.homes:
        if home.sandbox:
            for name, folder in IN_SANDBOX.items():
                yield from standing(here, f"{home.path}/{name}", folder)


def _mounted_in(here: Ground, place: Place) -> Iterator[Place]:
    """Disks that are mounted inside a place belong to it; the walk stays on one file system."""
    for mount in below(here.mounts, place.path):
        if is_disk(mount):
            yield replace(place, path=mount.target, named=False)


def _is_near(here: Ground, place: Place) -> bool:
    """Whether a place is on this laptop. A server's is not looked through unless it holds the home folder or was named;
    a phone's never in this way.
    """
    held = standing_on(here, place.path)
    if held is None or not is_far(held) or held == standing_on(here, here.home):
        return True
    return place.named and held.kind not in PHONES and held.kind not in DESKTOP
