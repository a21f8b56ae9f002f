"""Backups as people write them for a shell: what only the shell can read is never taken for "sends no pictures"."""

import pytest
from fakes import HOME, recorded_host

from agent.collect.linux.cloud_backup import probe
from checks.cloud_backup.check import Limits, judge
from checks.cloud_backup.fact import Product
from checks.model import Status

DISK = "/dev/sda2 / ext4 rw 0 0\n"
SMB = "/run/user/1000/gvfs/smb-share:server=nas,share=x"


def judged(crontab: str, *, script: str = "", mounts: str = DISK) -> Status:
    files = {"/proc/self/mounts": mounts, f"{HOME}/bin/backup": script}
    return judge(probe(recorded_host(files=files, commands={("crontab", "-l"): crontab})), Limits()).status


@pytest.mark.parametrize(
    ("line", "wanted"),
    [
        (r"borg create nas:repo::$(date +\%F) ~/Pictures", Status.FAIL),
        (r"borg create nas:repo::$(date +\%F_$(hostname)) ~/Pictures; true", Status.FAIL),
        (r"borg create nas:repo::$((1+1)) ~/Pictures", Status.FAIL),
        (r"borg create nas:repo::`date +\%F` ~/Pictures", Status.FAIL),
        (r"(borg create nas:repo::$(date +\%F) /etc); ls ~/Pictures", Status.PASS),
        (r"(borg create nas:repo::$(date +\%F)); ls ~/Pictures", Status.UNKNOWN),
        ('borg create "$REPO::x" "$SRC"', Status.UNKNOWN),
        ("borg create nas:repo::x", Status.UNKNOWN),
        ("rsync -a ~/{Pictures,Music} nas:x", Status.UNKNOWN),
        ("rsync -a /home/*/ nas:x", Status.UNKNOWN),
        ("rsync -a /home/cli? nas:x", Status.UNKNOWN),
        ("rsync -a ~clin/Pictures nas:x", Status.UNKNOWN),
        ("rsync -a /home/$USER/Pictures nas:x", Status.UNKNOWN),
        ("rsync -a /etc $SRC nas:x", Status.UNKNOWN),
        ("rsync -a /etc /media/copy-$DAY", Status.PASS),
        ("rsync -a --exclude=*.tmp /etc nas:x", Status.PASS),
        ("restic -r sftp:nas:x backup /home/[a-z]*", Status.UNKNOWN),
        ('duplicity "$SRC" "$DST"', Status.UNKNOWN),
        ('duplicity "$SRC" s3://bucket', Status.UNKNOWN),
        ("duplicity verify s3://bucket /etc", Status.PASS),
        ("aws s3 sync ~/Pictures s3://bucket", Status.FAIL),
        ("azcopy copy ~/Pictures https://x.example.org/c", Status.FAIL),
        ("aws s3 ls s3://bucket", Status.PASS),
        ("b2 file upload bucket ~/Pictures/a.jpg b2://bucket/a", Status.FAIL),
        ("scp -r ~/Pictures nas:x", Status.FAIL),
        ("scp nas:x ~/Pictures", Status.PASS),
    ],
)
def test_a_crontab_line(line: str, wanted: Status) -> None:
    assert judged(f"0 1 * * * {line}\n") is wanted


@pytest.mark.parametrize(
    ("script", "wanted"),
    [
        ("borg create \\\n  --stats \\\n  nas:repo::x \\\n  /etc \\\n  $HOME/Pictures\n", Status.FAIL),
        ("borg create \\\r\n  nas:repo::x \\\r\n  $HOME/Pictures\r\n", Status.FAIL),
        ("export BORG_REPO=ssh://nas/x\nborg create \\\n  ::x \\\n  /etc /home \\\n\n", Status.UNKNOWN),
        ("rsync -a \\\n  /etc \\\n  nas:x\n", Status.PASS),
    ],
)
def test_a_script_that_goes_on_over_lines(script: str, wanted: Status) -> None:
    assert judged("@daily ~/bin/backup\n", script=f"#!/bin/sh\n{script}") is wanted


def test_a_daily_script_of_the_system_goes_on_over_lines() -> None:
    script = f"#!/bin/sh\nborg create \\\n  nas:repo::x \\\n  {HOME}/Pictures\n"
    files = {"/proc/self/mounts": DISK, "/etc/cron.daily/backup": script}
    assert [one.uploads for one in probe(recorded_host(files=files)).providers] == [True]


@pytest.mark.parametrize(
    ("mount", "target", "wanted"),
    [
        ("gvfsd-fuse /run/user/1000/gvfs fuse.gvfsd-fuse rw 0 0", SMB, Status.FAIL),
        ("gvfsd-fuse /run/user/1000/gvfs fuse.gvfsd-fuse rw 0 0", "/run/user/1000/gvfs/mtp:host=x", Status.PASS),
        ("systemd-1 /mnt/nas autofs rw 0 0", "/mnt/nas/x", Status.UNKNOWN),
        ("systemd-1 /mnt/nas autofs rw 0 0\nnas:/x /mnt/nas nfs4 rw 0 0", "/mnt/nas/x", Status.FAIL),
        ("x /mnt/x fuse.stranger rw 0 0", "/mnt/x", Status.UNKNOWN),
        ("x /mnt/x fuse rw 0 0", "/mnt/x", Status.UNKNOWN),
        ("/dev/sdb1 /mnt/x fuseblk rw 0 0", "/mnt/x", Status.PASS),
    ],
)
def test_where_a_backup_goes(mount: str, target: str, wanted: Status) -> None:
    assert judged(f"0 1 * * * rsync -a ~/Pictures {target}\n", mounts=f"{DISK}{mount}\n") is wanted


@pytest.mark.parametrize("kind", ["autofs", "fuse", "fuse.stranger"])
def test_pictures_on_something_unknown_are_no_pass(kind: str) -> None:
    fact = probe(recorded_host(files={"/proc/self/mounts": f"{DISK}x {HOME}/Pictures {kind} rw 0 0\n"}))
    assert [one.product for one in fact.providers] == [Product.OTHER]
    assert judge(fact, Limits(allowed=tuple(Product))).status is Status.UNKNOWN
