"""Photo uploads on Linux as a whole: the canary, real programs, links, bind mounts, and what must never pass."""

import shutil
import socket
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from fakes import HOME, NOON, laptop, observed, recorded_host, rule_for

from agent.collect.host import Host, LocalHost
from agent.collect.layered import PlantedHost
from agent.collect.linux.cloud_backup import CANARY, probe, probe_with
from checks.cloud_backup.check import CHECK, Limits
from checks.cloud_backup.fact import CloudBackup, Kind, Place, Product
from checks.evaluate import evaluate
from checks.evidence import Why
from checks.model import Status

CANARIES = Path(__file__).parents[3] / "agent" / "collect" / "linux" / "canary" / "cloud_backup"
NEXTCLOUD = f"{HOME}/.config/Nextcloud/nextcloud.cfg"
MOUNTS = {"/proc/self/mounts": "/dev/sda2 / ext4 rw 0 0\n"}
RUNS = [{"name": "nextcloud", "argv": ["/usr/bin/nextcloud"]}]
ROOT = "[Accounts]\n0\\Folders\\1\\localPath={}\n0\\Folders\\1\\paused=false\n0\\url=https://cloud.example.org\n"


def judged(host: Host, extra: tuple[str, ...] = ()) -> tuple[Status, list[str]]:
    evidence = observed(probe_with(extra)(host))
    seen = evaluate(CHECK, laptop(), evidence, rule_for(Limits()), now=NOON, profile="owner")
    return seen.finding.status, [str(point.reason) for point in seen.points]


def client(root: str, *, more: dict[str, Any] | None = None, **changes: Any) -> Host:
    """A host on which Nextcloud runs and sends one folder."""
    files = {**MOUNTS, NEXTCLOUD: ROOT.format(root), **(more or {})}
    return recorded_host(files=files, **{"processes": RUNS, **changes})


@pytest.fixture
def home(tmp_path: Path) -> Path:
    (tmp_path / "Pictures").mkdir()
    return tmp_path


def planted(host: Host) -> PlantedHost:
    files = {path.replace("{home}", host.home): str(CANARIES / name) for path, name in CANARY.files.items()}
    return PlantedHost(host, files, source=LocalHost())


BARE = [
    recorded_host(),
    recorded_host(files=MOUNTS),
    recorded_host(files={NEXTCLOUD: Why.NOT_PERMITTED, **MOUNTS}),
    recorded_host(environ={"XDG_CONFIG_HOME": "/elsewhere"}, files={"/elsewhere/user-dirs.dirs": "garbage"}),
    recorded_host(folders={f"{HOME}/.config/autostart": Why.NOT_PERMITTED}),
    client("/srv/work"),
]


@pytest.mark.parametrize("host", BARE)
def test_canary_is_found_on_any_machine(host: Host) -> None:
    status, reasons = judged(planted(host))
    assert status is Status.FAIL
    assert CANARY.reason in reasons


def test_canary_is_found_on_this_machine(home: Path) -> None:
    status, reasons = judged(planted(LocalHost(environ={"HOME": str(home)})))
    assert (status, CANARY.reason in reasons) == (Status.FAIL, True)


def test_nothing_found_is_a_pass_with_the_places_that_were_looked_for() -> None:
    fact = probe(recorded_host(files=MOUNTS))
    assert fact == CloudBackup(
        providers=(),
        places=(
            Place.PICTURES, Place.DOWNLOADS, Place.DESKTOP, Place.DOCUMENTS, Place.VIDEOS, Place.CAMERA,
        ),
    )  # fmt: skip
    assert judged(recorded_host(files=MOUNTS)) == (Status.PASS, ["none_found"])


def test_an_empty_recording_is_no_pass() -> None:
    status, reasons = judged(recorded_host(complete=False))
    assert status is Status.ERROR
    assert {"mounts_not_seen", "schedules_not_seen", "photo_folders_not_seen", "uploads_not_seen"} <= set(reasons)


PLACES = [
    (f"{HOME}/Pictures", Status.FAIL),
    (f"{HOME}/Pictures/", Status.FAIL),
    (f"{HOME}/Pictures/2026", Status.FAIL),
    (HOME, Status.FAIL),
    ("/home", Status.FAIL),
    ("/", Status.FAIL),
    (f"{HOME}/DCIM", Status.FAIL),
    (f"{HOME}/Documents", Status.FAIL),
    (f"{HOME}/Documents/Notes", Status.PASS),
    (f"{HOME}/pictures", Status.PASS),
    (f"{HOME}/Pictures2", Status.PASS),
    (f"{HOME}/Nextcloud", Status.PASS),
]


@pytest.mark.parametrize(("root", "status"), PLACES)
def test_a_root_is_compared_by_whole_names_and_by_case(root: str, status: Status) -> None:
    assert judged(client(root))[0] is status


@pytest.mark.parametrize(("root", "status"), PLACES)
def test_a_root_is_compared_the_same_way_when_the_disks_are_known(root: str, status: Status) -> None:
    details = "25 1 8:2 / / rw - ext4 /dev/sda2 rw\n26 25 0:40 /@home /home rw - btrfs /dev/sda3 rw\n"
    assert judged(client(root, more={"/proc/self/mountinfo": details}))[0] is status


def test_a_bind_mount_of_pictures_in_a_root_is_sent() -> None:
    details = (
        "26 25 8:3 / /home rw - ext4 /dev/sda3 rw\n"
        f"27 26 8:3 /clin/Pictures {HOME}/Nextcloud/P rw - ext4 /dev/sda3 rw\n"
    )
    assert judged(client(f"{HOME}/Nextcloud", more={"/proc/self/mountinfo": details}))[0] is Status.FAIL


def test_the_same_path_on_another_disk_is_another_folder() -> None:
    details = f"26 25 8:3 / /home rw - ext4 x rw\n27 26 8:17 / {HOME}/Stick rw - ext4 x rw\n"
    host = client(f"{HOME}/Stick/clin/Pictures", more={"/proc/self/mountinfo": details})
    assert judged(host)[0] is Status.PASS


def test_pictures_as_a_bind_mount_out_of_a_root_are_sent() -> None:
    details = f"26 25 8:3 / /home rw - ext4 x rw\n27 26 8:3 /clin/Nextcloud/P {HOME}/Pictures rw - ext4 x rw\n"
    assert judged(client(f"{HOME}/Nextcloud", more={"/proc/self/mountinfo": details}))[0] is Status.FAIL


@pytest.mark.parametrize("links", [
    {f"{HOME}/Pictures": f"{HOME}/Nextcloud/Pictures"},
    {f"{HOME}/Nextcloud": f"{HOME}/Pictures"},
    {f"{HOME}/Pictures": "/data/a", "/data/a": "/data/b", f"{HOME}/Nextcloud": "/data/c", "/data/c": "/data"},
])  # fmt: skip
def test_links_on_either_side_are_followed(links: dict[str, str]) -> None:
    assert judged(client(f"{HOME}/Nextcloud", links=links))[0] is Status.FAIL


def test_a_folder_that_the_person_named_counts() -> None:
    host = client("/srv/clinic")
    assert judged(host)[0] is Status.PASS
    assert judged(host, ("/srv/clinic/camera",)) == (Status.FAIL, ["uploads_by_itself"])


@pytest.mark.parametrize("why", [Why.TOO_LARGE, Why.UNREADABLE, Why.NOT_PERMITTED, Why.UNPARSABLE])
@pytest.mark.parametrize("path", [
    NEXTCLOUD, f"{HOME}/.dropbox/info.json", f"{HOME}/.config/syncthing/config.xml", "/proc/self/mountinfo",
    f"{HOME}/.config/goa-1.0/accounts.conf", f"{HOME}/.config/user-dirs.dirs", "/proc/self/mounts",
])  # fmt: skip
def test_a_file_that_cannot_be_read_is_never_a_pass(path: str, why: Why) -> None:
    status, _ = judged(recorded_host(files={**MOUNTS, path: why}))
    assert status is (Status.UNKNOWN if why is Why.UNPARSABLE else Status.ERROR)


def test_a_provider_that_uploads_is_a_fail_beside_one_that_cannot_be_read() -> None:
    status, reasons = judged(client(HOME, more={f"{HOME}/.dropbox/info.json": "["}))
    assert (status, reasons) == (Status.FAIL, ["uploads_by_itself", "uploads_not_seen"])


@pytest.mark.parametrize("listed", ["/srv/clin", "/root"])
def test_another_home_than_the_accounts_own_is_no_pass(listed: str) -> None:
    host = client(f"{HOME}/Cloud", more={"/etc/passwd": f"clin:x:1001:1001::{listed}:/bin/sh\n"})
    assert judged(host) == (Status.UNKNOWN, ["photo_folders_not_seen"])
    assert judged(client(HOME, more={"/etc/passwd": f"clin:x:1001:1001::{listed}:/bin/sh\n"}))[0] is Status.FAIL


def test_another_persons_client_is_not_this_persons() -> None:
    host = client(f"{HOME}/Pictures", processes=[{"name": "nextcloud", "own": False}])
    assert judged(host) == (Status.UNKNOWN, ["ready_to_upload"])


def test_a_backup_that_root_runs_cannot_be_told() -> None:
    host = recorded_host(files=MOUNTS, processes=[{"name": "restic", "own": False}])
    assert judged(host) == (Status.ERROR, ["uploads_not_seen"])
    (one,) = probe(host).providers
    assert (one.product, one.uploads, one.running) == (Product.RESTIC, None, True)


@pytest.mark.parametrize(
    ("path", "process"),
    [
        (".config/Insync/live/x.db", "insync"), (".pcloud/data.db", "pcloud"),
        (".local/share/data/Mega Limited/MEGAsync/MEGAsync.cfg", "megasync"),
        (".SynologyDrive/data/db/sys.sqlite", "cloud-drive-daemon"), (".local/share/Vorta/settings.db", "vorta"),
    ],
)  # fmt: skip
def test_clients_with_closed_settings_are_unknown_by_trace_and_by_process(path: str, process: str) -> None:
    left = recorded_host(files={**MOUNTS, f"{HOME}/{path}": ""})
    running = recorded_host(files=MOUNTS, processes=[{"name": process}])
    assert judged(left) == judged(running) == (Status.UNKNOWN, ["uploads_not_seen"])


def test_an_empty_folder_is_no_trace() -> None:
    assert judged(recorded_host(files=MOUNTS, folders={f"{HOME}/.pcloud": []}))[0] is Status.PASS


def test_timeshift_writes_to_this_machine_only() -> None:
    fact = probe(recorded_host(files={**MOUNTS, "/etc/timeshift/timeshift.json": "{}"}))
    assert [(one.product, one.uploads) for one in fact.providers] == [(Product.TIMESHIFT, False)]


def test_a_real_sync_root_behind_real_links_is_found(home: Path) -> None:
    (home / "cloud").mkdir()
    (home / "Pictures").rmdir()
    (home / "Pictures").symlink_to(home / "cloud" / "p")
    settings = home / ".config" / "Nextcloud"
    settings.mkdir(parents=True)
    (settings / "nextcloud.cfg").write_text(ROOT.format(home / "cloud"))
    fact = probe(LocalHost(environ={"HOME": str(home)}))
    (one,) = (one for one in fact.providers if one.product is Product.NEXTCLOUD)
    assert (one.uploads, one.places) == (True, (Place.PICTURES,))


@pytest.mark.parametrize("size", [1 << 21, 1 << 30])
def test_a_real_monster_of_a_file_is_an_error_and_no_pass(home: Path, size: int) -> None:
    settings = home / ".config" / "Nextcloud"
    settings.mkdir(parents=True)
    with (settings / "nextcloud.cfg").open("wb") as stream:
        stream.truncate(size)
    fact = probe(LocalHost(environ={"HOME": str(home)}))
    assert (Product.NEXTCLOUD, Why.TOO_LARGE) in [(gap.part, gap.why) for gap in fact.gaps]


def test_a_real_pipe_and_a_link_to_itself_are_gaps_at_once(home: Path) -> None:
    import os

    (home / ".config" / "Nextcloud").mkdir(parents=True)
    (home / ".dropbox").mkdir()
    os.mkfifo(home / ".config" / "Nextcloud" / "nextcloud.cfg")
    (home / ".dropbox" / "info.json").symlink_to("info.json")
    fact = probe(LocalHost(environ={"HOME": str(home)}))
    assert {gap.part for gap in fact.gaps} >= {Product.NEXTCLOUD, Product.DROPBOX}


@pytest.fixture
def silent_server() -> Iterator[socket.socket]:
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(30)
        yield server


def test_a_real_rclone_that_sends_pictures_is_seen(home: Path, silent_server: socket.socket) -> None:
    """rclone waits for a server that never speaks: it is there for as long as we look."""
    program = shutil.which("rclone")
    assert program, "the Debian package rclone is needed"
    (home / "Pictures" / "a.jpg").write_bytes(b"x")
    config = home / "rclone.conf"
    config.write_text(f"[away]\ntype = webdav\nurl = http://127.0.0.1:{silent_server.getsockname()[1]}\n")
    argv = [program, "sync", str(home / "Pictures"), "away:p", "--config", str(config)]
    with subprocess.Popen(argv, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as child:
        try:
            with silent_server.accept()[0]:
                fact = probe(LocalHost(environ={"HOME": str(home)}))
        finally:
            child.kill()
    (one,) = (one for one in fact.providers if one.places)
    assert (one.product, one.kind, one.uploads, one.running) == (Product.RCLONE, Kind.BACKUP, True, True)


def test_a_vanished_home_is_no_fault(tmp_path: Path) -> None:
    fact = probe(LocalHost(environ={"HOME": str(tmp_path / "gone")}))
    assert fact.providers == ()
