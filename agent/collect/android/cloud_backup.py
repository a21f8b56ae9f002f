"""Android: which photo clouds there are, which of them cannot upload, and which were seen to."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import TypeVar

from agent.collect.android.accounts import account_types
from agent.collect.android.answers import answer
from agent.collect.android.apps import App, Sees, apps
from agent.collect.android.cloud_backup_clients import CLIENTS, Client
from agent.collect.android.cloud_backup_proofs import exempt, synced
from agent.collect.android.cloud_backup_system import backs_up
from agent.collect.android.commands import PHOTO_JOBS, SYNC
from agent.collect.android.packages import enabled, installed
from agent.collect.android.properties import release
from agent.collect.canary import Canary
from agent.collect.host import Host
from agent.collect.observe import attempt
from checks.cloud_backup.fact import CloudBackup, Kind, Menus, Place, Product, Provider, Sight
from checks.evidence import Gap, Why

T = TypeVar("T")
PICTURES_APART = 33
"""From this API level on pictures have a permission of their own, and storage has none."""
CANARY = Canary(answers={SYNC.argv: "dumpsys-content.txt"}, reason="uploads_by_itself")


class Reading(StrEnum):
    """What a verdict on an app rests on."""

    LISTED = "listed"
    ENABLED = "enabled"
    DUMPED = "dumped"
    ACCOUNTS = "accounts"
    RELEASE = "release"
    SYNCED = "synced"
    JOBS = "jobs"


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """What the phone said, read once for all apps. None: it could not be read, and `failed` says why."""

    listed: frozenset[str] | None
    enabled: frozenset[str] | None
    dumped: Mapping[str, App] | None
    accounts: frozenset[str] | None
    release: int | None
    proven: frozenset[Product]
    """Seen to upload."""
    whole: bool
    """The dump tells of every app in the list: else what it says of one may be said of its neighbour."""
    failed: Mapping[str, Gap]
    """Reading -> why there is none."""

    def app(self, name: str) -> App | None:
        """What the dump says of an app."""
        return None if self.dumped is None else self.dumped.get(name)


def probe(host: Host) -> CloudBackup:
    """Look at every app that we know, and at the system's own backup."""
    gaps: list[Gap] = []
    look = _look(host)
    system = attempt(gaps, Product.ANDROID_BACKUP, lambda: backs_up(host))
    found = [_android_backup(system), *(one for client in CLIENTS for one in _providers(client, look, gaps))]
    gaps += _blind(look)
    return CloudBackup(providers=tuple(found), places=(Place.CAMERA,), menus=Menus.ANDROID, gaps=tuple(gaps))


def _android_backup(on: bool | None) -> Provider:
    return Provider(product=Product.ANDROID_BACKUP, kind=Kind.APP_DATA, uploads=on, running=None, starts=on)


def _look(host: Host) -> Look:
    gaps: list[Gap] = []

    def read(reading: Reading, look: Callable[[], T]) -> T | None:
        return attempt(gaps, reading, look)

    listed, running = read(Reading.LISTED, lambda: installed(host)), read(Reading.ENABLED, lambda: enabled(host))
    dumped, accounts = read(Reading.DUMPED, lambda: apps(host)), read(Reading.ACCOUNTS, lambda: account_types(host))
    level = read(Reading.RELEASE, lambda: release(host))
    sync = read(Reading.SYNCED, lambda: synced(answer(host, SYNC)))
    jobs = read(Reading.JOBS, lambda: exempt(answer(host, PHOTO_JOBS)))
    return Look(
        listed=listed, enabled=running, dumped=dumped, accounts=accounts, release=level,
        proven=frozenset((*(sync or ()), *(jobs or ()))), whole=_covers(dumped or {}, listed or frozenset()),
        failed={gap.part: gap for gap in gaps},
    )  # fmt: skip


def _covers(dumped: Mapping[str, App], listed: frozenset[str]) -> bool:
    """Shared libraries carry their version in the dump, and need not in the list."""
    plain = {name.rpartition("_")[0] for name in dumped if "_" in name}
    return all(name in dumped or name in plain for name in listed)


def _blind(look: Look) -> Iterator[Gap]:
    """A list that was cut looks like a whole one, so that an app is absent only where list and dump both lack it."""
    for reading in (Reading.LISTED, Reading.DUMPED):
        if reading in look.failed:
            gap = look.failed[reading]
            yield Gap(part=Sight.APPS, why=gap.why, detail=gap.detail)
            return


def _providers(client: Client, look: Look, gaps: list[Gap]) -> Iterator[Provider]:
    """None where the client is not on the phone."""
    proven = client.product in look.proven
    there = {name: _runs(name, look) for name in sorted(client.packages) if _there(name, look)}
    if not there and not proven:
        return
    names = [name for name, runs in there.items() if runs is not False]
    signed_in = bool(client.accounts & look.accounts) if client.accounts and look.accounts is not None else None
    excused = not names or signed_in is False or (client.asks and all(_cannot_see(name, look) for name in names))
    if not proven and not excused:
        gaps.extend(_gap(client, names, look))
    yield Provider(
        product=client.product,
        kind=client.kind,
        uploads=True if proven else False if excused else None,
        running=None if names or proven else False,
        starts=True if proven else None if names else False,
        signed_in=signed_in,
    )


def _there(name: str, look: Look) -> bool:
    app = look.app(name)
    return name in (look.listed or ()) or (app is not None and app.installed is not False)


def _runs(name: str, look: Look) -> bool | None:
    """Whether it is switched on: False where list or dump say that it is off and neither says that it is on."""
    app = look.app(name)
    said = {app.enabled if app is not None else None}
    if look.enabled is not None and look.listed is not None and name in look.listed:
        said.add(name in look.enabled)
    return True if True in said else False if False in said else None


def _cannot_see(name: str, look: Look) -> bool:
    """Whether the dump says in so many words that the app may not read the pictures that are still to be taken."""
    app = look.app(name)
    if app is None or look.release is None or app.runs is not True or not (look.whole and app.whole):
        return False
    asked = "READ_MEDIA_IMAGES" if look.release >= PICTURES_APART else "READ_EXTERNAL_STORAGE"
    return (
        app.granted.get(asked) is False
        and app.pictures in (Sees.NONE, Sees.CHOSEN)
        and app.holds("READ_MEDIA_VIDEO") is False
    )


def _gap(client: Client, names: list[str], look: Look) -> Iterator[Gap]:
    """Why an app is unclear, where it might not be had everything been read."""
    wanted = [Reading.ENABLED]
    wanted += [Reading.ACCOUNTS] if client.accounts else []
    wanted += [Reading.DUMPED, Reading.RELEASE] if client.asks else []
    wanted += [Reading.SYNCED] if client.authorities else []
    wanted += [Reading.JOBS] if client.product is Product.GOOGLE_PHOTOS else []
    for gap in (look.failed[one] for one in wanted if one in look.failed):
        yield Gap(part=client.product, why=gap.why, detail=gap.detail)
        return
    if client.asks and not all(look.whole and (app := look.app(name)) is not None and app.whole for name in names):
        yield Gap(part=client.product, why=Why.UNPARSABLE, detail="the dump of apps is not whole")
