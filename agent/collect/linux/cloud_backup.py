"""Linux: which clients may send pictures away, and whether a photo folder lies in what they send."""

from collections.abc import Callable, Iterable

from agent.collect.canary import Canary
from agent.collect.host import Host
from agent.collect.linux import (
    cloud_backup_accounts,
    cloud_backup_dejadup,
    cloud_backup_dropbox,
    cloud_backup_mounts,
    cloud_backup_nextcloud,
    cloud_backup_onedrive,
    cloud_backup_others,
    cloud_backup_rclone,
    cloud_backup_syncthing,
    cloud_backup_transfers,
)
from agent.collect.linux.cloud_backup_commands import of_process
from agent.collect.linux.cloud_backup_names import INTERPRETERS, PROGRAMS
from agent.collect.linux.cloud_backup_parts import Look, Running
from agent.collect.linux.cloud_backup_schedules import scheduled
from agent.collect.linux.desktop import own_settings
from agent.collect.linux.folders import photo_folders
from agent.collect.linux.mounts import Mounts, mounts
from agent.collect.observe import attempt
from checks.cloud_backup.fact import CloudBackup, Product, Provider, Sight

READERS: tuple[Callable[[Look], Iterable[Provider]], ...] = (
    cloud_backup_nextcloud.providers,
    cloud_backup_onedrive.providers,
    cloud_backup_dropbox.providers,
    cloud_backup_syncthing.providers,
    cloud_backup_rclone.providers,
    cloud_backup_transfers.providers,
    cloud_backup_mounts.providers,
    cloud_backup_accounts.providers,
    cloud_backup_dejadup.providers,
    cloud_backup_others.providers,
)
CANARY = Canary(
    files={
        "{home}/.config/user-dirs.dirs": "user-dirs.dirs",
        "{home}/.config/Nextcloud/nextcloud.cfg": "nextcloud.cfg",
        "{home}/.config/autostart/scrubin-canary.desktop": "scrubin-canary.desktop",
    },
    reason="uploads_by_itself",
)


def probe(host: Host) -> CloudBackup:
    """Look at every way out with the person's own photo folders."""
    return probe_with(())(host)


def probe_with(extra_folders: tuple[str, ...]) -> Callable[[Host], CloudBackup]:
    """A probe that also counts these folders, absolute paths that the person or the practice named."""
    return lambda host: _probe(host, extra_folders)


def _probe(host: Host, extra_folders: tuple[str, ...]) -> CloudBackup:
    look = _look(host, extra_folders)
    found = tuple(one for read in READERS for one in read(look))
    places = tuple(dict.fromkeys(one.place for one in look.folders))
    return CloudBackup(providers=found, places=places, gaps=tuple(dict.fromkeys(look.gaps)))


def _look(host: Host, extra_folders: tuple[str, ...]) -> Look:
    """What all readers share, each part by itself, so that one that fails leaves the others."""
    known = photo_folders(host, extra_folders)
    gaps = list(known.gaps)
    # Elsewhere than in the account's own home nothing that the person set up is in sight.
    attempt(gaps, Sight.PHOTO_FOLDERS, lambda: own_settings(host))
    look = Look(
        host=host,
        folders=known.folders,
        mounts=attempt(gaps, Sight.MOUNTS, lambda: mounts(host)) or Mounts(table=(), parts=()),
        running=attempt(gaps, Sight.PROCESSES, lambda: _running(host)),
        scheduled=scheduled(host, gaps),
        gaps=gaps,
    )
    copies = attempt(gaps, Product.DEJA_DUP, lambda: cloud_backup_dejadup.copies(look)) or ()
    return Look(
        host=host, folders=(*look.folders, *copies), mounts=look.mounts, running=look.running,
        scheduled=look.scheduled, gaps=gaps,
    )  # fmt: skip


def _running(host: Host) -> tuple[Running, ...]:
    found = []
    for one in host.processes(frozenset(PROGRAMS) | INTERPRETERS):
        call = of_process(one.name, one.argv)
        if call is not None:
            found.append(Running(call=call, own=one.own))
    return tuple(found)
