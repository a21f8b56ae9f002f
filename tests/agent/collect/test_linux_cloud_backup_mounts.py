"""Photo folders that are kept elsewhere: clouds, servers, the file manager's connections; phones are not."""

import pytest
from fakes import HOME, recorded_host

from agent.collect.linux.cloud_backup import probe
from agent.collect.linux.cloud_backup_filesystems import CONNECTIONS, DESKTOP, LOCAL, REMOTE
from checks.cloud_backup.fact import Kind, Place, Product, Provider
from checks.evidence import Why

DISK = "/dev/sda2 / ext4 rw 0 0\n"
GVFS = "/run/user/1000/gvfs"
CONNECTED = f"gvfsd-fuse {GVFS} fuse.gvfsd-fuse rw 0 0\n"


def looked(mounts: str, **more: object) -> tuple[list[Provider], list[Why]]:
    fact = probe(recorded_host(files={"/proc/self/mounts": DISK + mounts}, **more))  # type: ignore[arg-type]
    return list(fact.providers), [gap.why for gap in fact.gaps]


@pytest.mark.parametrize(("kind", "product"), REMOTE.items())
def test_a_photo_folder_on_a_server_is_sent(kind: str, product: Product) -> None:
    found, _ = looked(f"x {HOME}/Pictures {kind} rw 0 0\n")
    assert found == [Provider(product=product, kind=Kind.MOUNT, uploads=True, running=True, places=(Place.PICTURES,))]


@pytest.mark.parametrize("kind", sorted(REMOTE))
def test_a_server_beside_the_photo_folders_is_shown(kind: str) -> None:
    found, gaps = looked(f"x {HOME}/Cloud {kind} rw 0 0\n")
    assert ([one.uploads for one in found], gaps) == ([False], [])


@pytest.mark.parametrize(
    "kind", [*sorted(LOCAL - set(DESKTOP)), "ext4", "btrfs", "fuseblk", "ecryptfs", "tmpfs", "fusectl"]
)
def test_disks_and_phones_are_no_cloud(kind: str) -> None:
    assert looked(f"x {HOME}/Pictures {kind} rw 0 0\n") == ([], [])


@pytest.mark.parametrize("kind", ["fuse.mergerfs", "fuse.bindfs", "fuse.brand-new"])
def test_a_photo_folder_on_an_unknown_kind_cannot_be_told(kind: str) -> None:
    found, gaps = looked(f"x {HOME}/Pictures {kind} rw 0 0\n")
    assert ([(one.product, one.uploads) for one in found], gaps) == ([(Product.OTHER, None)], [Why.NOT_SAID])
    assert looked(f"x {HOME}/else {kind} rw 0 0\n") == ([], [])


def test_the_home_on_a_server_takes_the_photo_folders_with_it() -> None:
    found, _ = looked("nas:/home /home nfs4 rw 0 0\n")
    assert found[0].places[:2] == (Place.PICTURES, Place.DOWNLOADS)


def test_a_disk_over_a_server_hides_it() -> None:
    found, _ = looked(f"nas:/p {HOME}/Pictures nfs4 rw 0 0\n/dev/sdb1 {HOME}/Pictures ext4 rw 0 0\n")
    assert found == []


def test_a_server_inside_a_photo_folder_holds_a_part_of_it() -> None:
    found, _ = looked(f"nas:/p {HOME}/Pictures/nas nfs4 rw 0 0\n")
    assert found[0].places == (Place.PICTURES,)


@pytest.mark.parametrize(("name", "product"), CONNECTIONS.items())
def test_the_file_managers_connections_are_told_by_their_names(name: str, product: Product) -> None:
    folder = f"{GVFS}/{name}:host=example.org,user=clin"
    found, _ = looked(CONNECTED, links={f"{HOME}/Pictures": f"{folder}/p"})
    assert [(one.product, one.uploads) for one in found] == [(product, True)]
    shown, _ = looked(CONNECTED, folders={GVFS: [f"{name}:host=example.org"]})
    assert [(one.product, one.uploads) for one in shown] == [(product, False)]


@pytest.mark.parametrize("name", ["mtp:host=X", "gphoto2:host=X", "afc:host=X", "archive:host=X", "trash:"])
def test_phones_and_archives_in_the_file_manager_are_none(name: str) -> None:
    assert looked(CONNECTED, folders={GVFS: [name]}, links={f"{HOME}/Pictures": f"{GVFS}/{name}/DCIM"}) == ([], [])


def test_kdes_connections_are_told_by_their_folders() -> None:
    mount = "kio-fuse /run/user/1000/kio-fuse-AbC fuse.kio-fuse rw 0 0\n"
    links = {f"{HOME}/Pictures": "/run/user/1000/kio-fuse-AbC/gdrive/me@example.org/p"}
    found, _ = looked(mount, links=links)
    assert [(one.product, one.uploads) for one in found] == [(Product.GOOGLE_DRIVE, True)]


def test_another_persons_connections_are_not_ours_to_see() -> None:
    assert looked(CONNECTED, folders={GVFS: Why.NOT_PERMITTED}) == ([], [])


def test_connections_that_cannot_be_listed_are_a_gap() -> None:
    assert looked(CONNECTED, folders={GVFS: Why.UNREADABLE}) == ([], [Why.UNREADABLE])
