"""Where on a laptop pictures lie, as a table of what stands there and what must be made of it."""

import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest
from fakes import HOME, recorded_host
from hypothesis import given
from hypothesis import strategies as st

from agent.collect.host import LocalHost
from agent.collect.linux.mounts import TABLE
from agent.photos.laptop_places import laptop_places
from agent.photos.place import Place, Unlooked
from checks.clinical_images.fact import Folder, Origin
from checks.evidence import Why

ROOT = "/dev/sda2 / ext4 rw 0 0\n"
WHO = {("id", "-u"): "1000\n"}
PASSWD = {("getent", "passwd", "clin"): f"clin:x:1000:1000::{HOME}:/bin/sh\n"}
MEDIA = "/media/clin"
PAUSED = "0\\Folders\\1\\paused=true\n"
RECEIVED = '<folder path="/data/sync" type="receiveonly"/>'


def looked(
    *folders: str,
    extra: Sequence[str] = (),
    mounts: str = "",
    files: Mapping[str, str | Why] | None = None,
    **more: Any,
) -> tuple[tuple[Place, ...], tuple[Unlooked, ...]]:
    """What is found where these folders stand."""
    host = recorded_host(
        folders={HOME: [], **dict.fromkeys(folders, ())},
        files={TABLE: ROOT + mounts, **(files or {})},
        commands={**WHO, **PASSWD},
        **more,
    )
    return laptop_places(host, extra)


def sorts(*folders: str, **more: Any) -> dict[str, tuple[Folder, Origin]]:
    return {one.path: (one.folder, one.origin) for one in looked(*folders, **more)[0]}


def gaps(*folders: str, **more: Any) -> list[tuple[str, str]]:
    return [(one.place.path, one.why) for one in looked(*folders, **more)[1]]


def home(path: str) -> str:
    return f"{HOME}/{path}"


@pytest.mark.parametrize(
    ("path", "folder", "origin"),
    [
        ("Pictures", Folder.PICTURES, Origin.UNKNOWN),
        ("Recordings", Folder.OTHER, Origin.TAKEN),
        ("Bilder", Folder.PICTURES, Origin.UNKNOWN),
        ("Downloads", Folder.DOWNLOADS, Origin.UNKNOWN),
        ("Desktop", Folder.OTHER, Origin.UNKNOWN),
        ("Documents", Folder.OTHER, Origin.UNKNOWN),
        ("Videos", Folder.OTHER, Origin.UNKNOWN),
        ("DCIM", Folder.CAMERA, Origin.TAKEN),
        ("Pictures/Screenshots", Folder.SCREENSHOTS, Origin.UNKNOWN),
        ("Pictures/Bildschirmfotos", Folder.SCREENSHOTS, Origin.UNKNOWN),
        ("Pictures/Camera", Folder.CAMERA, Origin.TAKEN),
        ("Downloads/Telegram Desktop", Folder.MESSENGER, Origin.RECEIVED),
        ("Documents/ViberDownloads", Folder.MESSENGER, Origin.RECEIVED),
        ("Documents/WhatsApp/Media", Folder.MESSENGER, Origin.RECEIVED),
        ("Documents/WhatsApp/Media/WhatsApp Images/Sent", Folder.MESSENGER, Origin.SENT),
        (".ViberPC", Folder.MESSENGER, Origin.UNKNOWN),
        (".local/share/Trash/files", Folder.TRASH, Origin.UNKNOWN),
        (".local/share/Trash/expunged", Folder.TRASH, Origin.UNKNOWN),
        (".cache/thumbnails/large", Folder.THUMBNAILS, Origin.UNKNOWN),
        (".cache/shotwell/thumbs", Folder.THUMBNAILS, Origin.UNKNOWN),
        (".cache/rclone/vfs", Folder.CLOUD, Origin.UNKNOWN),
        ("Dropbox", Folder.CLOUD, Origin.UNKNOWN),
        ("Dropbox/Camera Uploads", Folder.CLOUD, Origin.TAKEN),
        ("OneDrive - Clinic", Folder.CLOUD, Origin.UNKNOWN),
        (".var/app/org.chat/cache/thumbnails/normal", Folder.THUMBNAILS, Origin.UNKNOWN),
        (".var/app/org.chat/data/Trash/files", Folder.TRASH, Origin.UNKNOWN),
        ("snap/telegram-desktop/current/Downloads/Telegram Desktop", Folder.MESSENGER, Origin.RECEIVED),
        ("snap/code/113/.local/share/Trash/files", Folder.TRASH, Origin.UNKNOWN),
    ],
)
def test_folder_has_its_sort(path: str, folder: Folder, origin: Origin) -> None:
    assert sorts(home(path))[home(path)] == (folder, origin)


def test_an_empty_home_has_no_places_and_no_gaps() -> None:
    assert looked() == ((), ())


def test_notes_of_failed_thumbnails_are_no_place() -> None:
    assert sorts(home(".cache/thumbnails/fail")) == {}


def test_caches_and_data_elsewhere_are_found() -> None:
    given_homes = {"XDG_CACHE_HOME": "/big/cache", "XDG_DATA_HOME": "/big/data"}
    found = sorts("/big/cache/thumbnails/normal", "/big/data/Trash/files", environ=given_homes)
    assert set(found) == {"/big/cache/thumbnails/normal", "/big/data/Trash/files"}


def test_folder_that_leads_to_the_whole_home_is_no_place() -> None:
    assert sorts(home("Dropbox"), links={home("Dropbox"): HOME}) == {}


def test_home_that_is_a_link_gives_settled_places() -> None:
    found = sorts("/data/clin/Pictures", home("Pictures"), links={HOME: "/data/clin"})
    assert found == {"/data/clin/Pictures": (Folder.PICTURES, Origin.UNKNOWN)}


@pytest.mark.parametrize(
    ("file", "text"),
    [
        (".config/Nextcloud/nextcloud.cfg", "[Accounts]\n0\\Folders\\1\\localPath=/data/sync/\n"),
        (".config/ownCloud/owncloud.cfg", "[Accounts]\n0\\Folders\\1\\localPath=/data/sync\n" + PAUSED),
        (".dropbox/info.json", '{"personal": {"path": "/data/sync"}}'),
        (".config/maestral/maestral.ini", "[sync]\npath = /data/sync\n"),
        (".config/onedrive/config", 'sync_dir = "/data/sync"\ndownload_only = "true"\n'),
        (".config/onedrive-work/config", 'sync_dir = "/data/sync"\n'),
        (".config/syncthing/config.xml", f"<configuration>{RECEIVED}</configuration>"),
    ],
)  # fmt: skip
def test_folder_that_a_client_keeps_is_a_cloud_also_when_it_only_receives(file: str, text: str) -> None:
    assert sorts("/data/sync", files={home(file): text}) == {"/data/sync": (Folder.CLOUD, Origin.UNKNOWN)}


@pytest.mark.parametrize(
    ("file", "text"),
    [
        (".dropbox/info.json", "{"),
        (".config/syncthing/config.xml", "<configuration>"),
        (".config/syncthing/config.xml", "<other/>"),
        (".config/Nextcloud/nextcloud.cfg", "nonsense\n"),
        (".config/syncthing/config.xml", '<!DOCTYPE a [<!ENTITY b "c">]><configuration/>'),
        (".config/onedrive/config", "sync_dir\n"),
        (".config/Nextcloud/nextcloud.cfg", Why.NOT_PERMITTED),
    ],
)
def test_settings_that_are_not_understood_are_a_gap(file: str, text: str | Why) -> None:
    why = text if isinstance(text, Why) else Why.UNPARSABLE
    assert gaps(files={home(file): text}) == [(home(file), why)]


def test_pictures_that_are_a_clouds_folder_stay_pictures() -> None:
    files = {home(".dropbox/info.json"): f'{{"personal": {{"path": "{HOME}/Pictures"}}}}'}
    assert sorts(home("Pictures"), files=files)[home("Pictures")] == (Folder.PICTURES, Origin.UNKNOWN)


@pytest.mark.parametrize("target", [f"{MEDIA}/CANON", "/run/media/clin/CANON", "/media/usb0"])
def test_card_is_a_place_and_its_camera_folder_another(target: str) -> None:
    found = sorts(f"{target}/DCIM", target, mounts=f"/dev/sdb1 {target} vfat rw 0 0\n")
    assert found == {target: (Folder.OTHER, Origin.UNKNOWN), f"{target}/DCIM": (Folder.CAMERA, Origin.TAKEN)}


def test_card_of_a_phone_keeps_received_and_sent_apart() -> None:
    media = f"{MEDIA}/SD/Android/media/com.whatsapp/WhatsApp/Media"
    found = sorts(f"{media}/WhatsApp Images/Sent", mounts=f"/dev/sdb1 {MEDIA}/SD exfat rw 0 0\n")
    assert found[media] == (Folder.MESSENGER, Origin.RECEIVED)
    assert found[f"{media}/WhatsApp Images/Sent"] == (Folder.MESSENGER, Origin.SENT)


@pytest.mark.parametrize(
    "line",
    [
        "/dev/sdb1 /media/other/CANON vfat",  # another account's session
        "/dev/sda3 /mnt/archive ext4",  # a fixed disk
        "/dev/loop3 /media/clin/app squashfs",
        "//nas/share /media/clin/nas cifs",
        "/dev/sda1 /boot/efi vfat",
    ],
)
def test_what_is_no_card_is_no_place(line: str) -> None:
    assert looked(line.split()[1], mounts=f"{line} rw 0 0\n") == ((), ())


@pytest.mark.parametrize(
    ("real", "removable", "found"),
    [
        ("/sys/devices/pci/usb2/2-1/block/sdb/sdb1", None, True),
        ("/sys/devices/pci/mmc0/block/mmcblk0/mmcblk0p1", "1\n", True),
        ("/sys/devices/pci/ata1/block/sdb/sdb1", "0\n", False),
        ("/sys/devices/pci/ata1/block/sdb/sdb1", None, False),
    ],
)
def test_disk_mounted_by_hand_is_a_card_where_the_kernel_says_so(real: str, removable: str | None, found: bool) -> None:
    files = {f"{os.path.dirname(real)}/removable": removable} if removable else {}
    found_places = sorts("/mnt/x", mounts="/dev/sdb1 /mnt/x ext4 rw 0 0\n", files=files,
                         links={"/sys/class/block/sdb1": real})  # fmt: skip
    assert ("/mnt/x" in found_places) is found


@pytest.mark.parametrize(
    ("line", "inside", "path"),
    [
        ("jmtpfs /home/clin/phone fuse.jmtpfs", None, "/home/clin/phone"),
        ("gvfsd-fuse /run/user/1000/gvfs fuse.gvfsd-fuse", "mtp:host=V_M_S", "/run/user/1000/gvfs/mtp:host=V_M_S"),
        ("gvfsd-fuse /run/user/1000/gvfs fuse.gvfsd-fuse", "afc:host=x", "/run/user/1000/gvfs/afc:host=x"),
    ],
)
def test_mounted_phone_is_said_and_not_walked(line: str, inside: str | None, path: str) -> None:
    target = line.split()[1]
    folders = [target, *([f"{target}/{inside}/DCIM"] if inside else [])]
    assert looked(*folders, mounts=f"{line} rw 0 0\n")[0] == ()
    assert gaps(*folders, mounts=f"{line} rw 0 0\n") == [(path, Why.NOT_ASKED)]


def test_connected_server_is_no_phone() -> None:
    target = "/run/user/1000/gvfs"
    assert looked(f"{target}/smb-share:server=nas", mounts=f"gvfsd-fuse {target} fuse.gvfsd-fuse rw 0 0\n") == ((), ())


def test_connections_of_another_account_are_theirs() -> None:
    target = "/run/user/1001/gvfs"
    host = recorded_host(
        folders={HOME: [], target: Why.NOT_PERMITTED}, commands={**WHO, **PASSWD},
        files={TABLE: f"{ROOT}gvfsd-fuse {target} fuse.gvfsd-fuse rw 0 0\n"},
    )  # fmt: skip
    assert laptop_places(host) == ((), ())


def test_pictures_on_a_server_are_said_and_not_walked_unless_named() -> None:
    mounts = f"nas:/x {HOME}/Pictures nfs4 rw 0 0\n"
    assert looked(home("Pictures"), mounts=mounts)[0] == ()
    assert gaps(home("Pictures"), mounts=mounts) == [(home("Pictures"), Why.NOT_ASKED)]
    (found,), none = looked(home("Pictures"), mounts=mounts, extra=[home("Pictures")])
    assert (found.path, found.folder, found.named, none) == (home("Pictures"), Folder.PICTURES, True, ())


def test_what_lies_in_pictures_on_a_server_is_not_even_asked_for() -> None:
    mounts = f"nas:/x {HOME}/Pictures nfs4 rw 0 0\n"
    assert gaps(home("Pictures/Screenshots"), mounts=mounts) == [(home("Pictures"), Why.NOT_ASKED)]


def test_home_on_a_server_is_walked_as_any() -> None:
    assert home("Pictures") in sorts(home("Pictures"), mounts="nas:/home /home nfs4 rw 0 0\n")


def test_disk_mounted_within_pictures_belongs_to_them() -> None:
    found = sorts(home("Pictures/old"), mounts=f"/dev/sda5 {HOME}/Pictures/old ext4 rw 0 0\n")
    assert found[home("Pictures/old")] == (Folder.PICTURES, Origin.UNKNOWN)


@pytest.mark.parametrize("trash", ["/data/.Trash-1000/files", "/data/.Trash/1000/files", "/.Trash-1000/expunged"])
def test_trash_of_every_disk_is_found(trash: str) -> None:
    assert sorts(trash, mounts="/dev/sda5 /data ext4 rw 0 0\n") == {trash: (Folder.TRASH, Origin.UNKNOWN)}


def test_trash_of_others_is_theirs_but_on_a_card() -> None:
    card, disk = f"{MEDIA}/A/.Trash-1001/files", "/data/.Trash-1001/files"
    found = sorts(card, disk, mounts=f"/dev/sdb1 {MEDIA}/A vfat rw 0 0\n/dev/sda5 /data ext4 rw 0 0\n")
    assert card in found
    assert disk not in found


@pytest.mark.parametrize("answer", ["", "uid=1000", "-1", "../../etc"])
def test_account_without_a_number_is_a_gap(answer: str) -> None:
    host = recorded_host(files={TABLE: ROOT}, commands={("id", "-u"): answer, **PASSWD})
    assert [(one.place.folder, one.why) for one in laptop_places(host)[1]] == [(Folder.TRASH, Why.UNPARSABLE)]


@pytest.mark.parametrize(
    "start", [".config", ".var/app/org.signal.Signal/config", "snap/signal-desktop/current/.config"]
)
def test_signals_store_is_walked_and_is_a_gap(start: str) -> None:
    store = home(f"{start}/Signal/attachments.noindex")
    assert sorts(store)[store] == (Folder.MESSENGER, Origin.UNKNOWN)
    assert gaps(store) == [(store, Why.ENCRYPTED)]


def test_telegrams_store_is_a_gap_alone() -> None:
    store = home(".local/share/TelegramDesktop/tdata")
    assert (sorts(store), gaps(store)) == ({}, [(store, Why.ENCRYPTED)])


PHONE = "00008030-000000000000002E"


@pytest.mark.parametrize("folder", [f"old/{PHONE}", "old", f"MobileSync/Backup/{PHONE}", "Samsung/SmartSwitch"])
def test_phone_backup_in_the_home_is_found(folder: str) -> None:
    files = dict.fromkeys((home(f"{folder}/Manifest.plist"), home(f"{folder}/Manifest.db")), "x")
    assert sorts(home(folder), files=files)[home(folder)] == (Folder.PHONE_BACKUP, Origin.UNKNOWN)


def test_home_folder_without_a_manifest_is_no_backup() -> None:
    assert sorts(home(f"old/{PHONE}"), files={home("old/Info.plist"): "x"}) == {}


def test_folder_that_somebody_named_counts_though_it_is_missing() -> None:
    (found,), none = looked(extra=["/srv/wounds"])
    assert (found.path, found.folder, found.named, none) == ("/srv/wounds", Folder.OTHER, True, ())


def test_named_folder_keeps_the_sort_that_it_has_by_itself() -> None:
    (found,), _ = looked(home("Downloads"), extra=[home("Downloads/")])
    assert (found.folder, found.named) == (Folder.DOWNLOADS, True)


def test_name_from_nowhere_is_a_gap() -> None:
    assert gaps(extra=["wounds"]) == [("wounds", Why.UNPARSABLE)]


@pytest.mark.parametrize(("path", "why"), [("Pictures", Why.NOT_PERMITTED), (".cache/thumbnails", Why.UNREADABLE)])
def test_place_that_cannot_be_seen_is_a_gap(path: str, why: Why) -> None:
    host = recorded_host(files={TABLE: ROOT}, commands={**WHO, **PASSWD}, folders={HOME: [], home(path): why})
    assert (home(path), why) in [(one.place.path, one.why) for one in laptop_places(host)[1]]


def test_unreadable_mounts_are_a_gap_and_the_rest_is_found() -> None:
    assert (HOME, Why.NOT_PERMITTED) in gaps(home("Pictures"), files={TABLE: Why.NOT_PERMITTED})
    assert home("Pictures") in sorts(home("Pictures"), files={TABLE: Why.NOT_PERMITTED})


def test_unread_names_of_the_desktops_folders_are_a_gap() -> None:
    assert gaps(files={home(".config/user-dirs.dirs"): "nonsense\n"}) == [(HOME, Why.UNPARSABLE)]


def test_administrators_own_home_is_not_the_clinicians(tmp_path: Path) -> None:
    host = LocalHost(environ={"HOME": str(tmp_path)})
    assert Why.UNTRUSTED_CONTEXT in [one.why for one in laptop_places(host)[1]]


def test_real_home_gives_real_paths(tmp_path: Path) -> None:
    (tmp_path / "real" / "Pictures" / "Screenshots").mkdir(parents=True)
    (tmp_path / "real" / ".local" / "share" / "Trash" / "files").mkdir(parents=True)
    (tmp_path / "home").symlink_to(tmp_path / "real")
    found, _ = laptop_places(LocalHost(environ={"HOME": str(tmp_path / "home")}))
    assert {one.path.removeprefix(f"{tmp_path}/real/") for one in found if one.path.startswith(str(tmp_path))} == {
        "Pictures", "Pictures/Screenshots", ".local/share/Trash/files"
    }  # fmt: skip


@given(text=st.text(max_size=200), file=st.sampled_from([
    ".config/Nextcloud/nextcloud.cfg", ".dropbox/info.json", ".config/maestral/a.ini", ".config/onedrive/config",
    ".config/syncthing/config.xml", ".config/user-dirs.dirs",
]))  # fmt: skip
def test_no_text_of_any_settings_makes_it_fail(text: str, file: str) -> None:
    found, unlooked = looked(files={home(file): text})
    assert all(one.path.startswith("/") for one in found)
    assert all(one.why in set(Why) for one in unlooked)
