"""What every client's reader is given, and how it tells whether a folder that is sent reaches a photo folder."""

import posixpath
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from agent.collect.absent import names_if_there
from agent.collect.host import Host
from agent.collect.linux.cloud_backup_commands import Call
from agent.collect.linux.cloud_backup_filesystems import DESKTOP, REMOTE
from agent.collect.linux.folders import PhotoFolder, config_homes, settle, within
from agent.collect.linux.mounts import Mounts, Spot, over, spots
from agent.collect.observe import attempt
from checks.cloud_backup.fact import Kind, Place, Product, Provider
from checks.evidence import Gap, Why


@dataclass(frozen=True, slots=True, kw_only=True)
class Running:
    """A known program that runs."""

    call: Call
    own: bool
    """It runs as the audited account."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """The device as readers see it: the host, and what all of them would otherwise ask again."""

    host: Host
    folders: tuple[PhotoFolder, ...]
    mounts: Mounts
    """Empty where they could not be seen; the gap is noted."""
    running: tuple[Running, ...] | None
    """None where the processes could not be seen; the gap is noted."""
    scheduled: tuple[Call, ...]
    gaps: list[Gap]
    """Readers add theirs, one part a product."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Setup:
    """One configuration of a client."""

    roots: tuple[str, ...]
    """Folders that it sends, as they are written: absolute, links not followed."""
    certain: bool = True
    """False where some of what lies in the roots is left out and we cannot tell what."""
    follows_links: bool = False
    """It also sends what links inside its roots lead to."""
    signed_in: bool | None = None


def runs(look: Look, product: Product) -> bool | None:
    """Whether the person runs one of a product's programs now."""
    if look.running is None:
        return None
    return any(one.own and one.call.product is product for one in look.running)


def starts(look: Look, product: Product) -> bool:
    """Whether one of its programs starts by itself. A gap in the schedules is noted elsewhere."""
    return any(one.product is product for one in look.scheduled)


def own_calls(look: Look, product: Product) -> Iterator[tuple[Call, bool]]:
    """(program with arguments, whether it runs now) of the person's processes and of every schedule."""
    for one in look.running or ():
        if one.own and one.call.product is product:
            yield one.call, True
    yield from ((one, False) for one in look.scheduled if one.product is product)


def client(look: Look, product: Product, configs: Iterable[Callable[[], Setup | None]]) -> Iterator[Provider]:
    """Providers of a sync client. Each of `configs` reads one place and answers None where nothing is set up there.

    A client that runs while no configuration was found keeps it where we do not look: never an "off".
    """
    found = False
    for read in configs:
        before = len(look.gaps)
        setup = attempt(look.gaps, product, read)
        if setup is not None or len(look.gaps) > before:
            found = True
            yield synced(look, product, setup)
    if not found and (runs(look, product) or starts(look, product)):
        look.gaps.append(Gap(part=product, why=Why.NOT_FOUND, detail="it runs; its settings are not where we look"))
        yield synced(look, product, None)


def synced(look: Look, product: Product, setup: Setup | None) -> Provider:
    """One provider. Without a setup nothing is known of what it sends."""
    reached = attempt(look.gaps, product, lambda: reach(look, setup)) if setup is not None else None
    uploads: bool | None = None
    if setup is not None and setup.signed_in is False:
        uploads = False
    elif setup is not None and reached is not None:
        uploads = bool(reached) if setup.certain or not reached else None
    return Provider(
        product=product,
        kind=Kind.SYNC,
        uploads=uploads,
        running=runs(look, product),
        starts=starts(look, product),
        signed_in=setup.signed_in if setup is not None else None,
        places=reached or (),
    )


def reach(look: Look, setup: Setup) -> tuple[Place, ...]:
    """The photo folders that a setup sends, each kind once. Raises CollectError."""
    places: dict[Place, None] = {}
    for root in setup.roots:
        real = settle(look.host, root)
        places.update(dict.fromkeys(reached(look, real)))
        if setup.follows_links:
            for inside in linked(look, real):
                places.update(dict.fromkeys(reached(look, inside)))
    return tuple(places)


def reached(look: Look, root: str) -> tuple[Place, ...]:
    """The photo folders that overlap with a settled folder, by path or as their file systems know them."""
    own = spots(look.mounts.parts, root)
    return tuple(dict.fromkeys(one.place for one in look.folders if _overlap(look, one, root, own)))


def _overlap(look: Look, folder: PhotoFolder, root: str, own: frozenset[Spot]) -> bool:
    """Whether a root holds a photo folder or lies in one.

    Documents is where people put anything, sync roots included: there only the folder as a whole counts.
    """
    inner = folder.place is not Place.DOCUMENTS
    theirs = spots(look.mounts.parts, folder.path)
    pairs = [(folder.path, root), *((b.path, a.path) for a in own for b in theirs if a.device == b.device)]
    return any(within(place, sent) or (inner and within(sent, place)) for place, sent in pairs)


def linked(look: Look, root: str) -> Iterator[str]:
    """Where links directly inside a folder lead. Nothing on a server is listed: that may block or fetch files."""
    held = over(look.mounts.table, root)
    if held is not None and (held.kind in REMOTE or held.kind in DESKTOP):
        return
    for name in names_if_there(look.host, root):
        path = posixpath.join(root, name)
        real = settle(look.host, path)
        if real != path:
            yield real


def in_homes(look: Look, *paths: str) -> tuple[str, ...]:
    """Absolute paths of what may lie in the configuration folders (`@/x`) or in the home folder (`x`), or at `/x`."""
    home = look.host.home.rstrip("/")
    found: list[str] = []
    for path in paths:
        if path.startswith("@/"):
            found += (f"{folder}/{path[2:]}" for folder in config_homes(look.host))
        else:
            found.append(path if path.startswith("/") else f"{home}/{path}")
    return tuple(found)
