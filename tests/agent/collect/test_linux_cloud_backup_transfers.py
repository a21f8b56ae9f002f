"""Programs that carry files: what a call of rclone, rsync, restic, borg and their like sends, and where to."""

from typing import Any

import pytest
from fakes import HOME, recorded_host
from hypothesis import given
from hypothesis import strategies as st

from agent.collect.linux.cloud_backup import probe
from agent.collect.linux.cloud_backup_rclone import behind, parse
from agent.collect.linux.cloud_backup_transfers import ELSEWHERE
from checks.cloud_backup.fact import Kind, Place, Product, Provider
from checks.evidence import Why

DISK = "/dev/sda2 / ext4 rw 0 0\n"
PICTURES = f"{HOME}/Pictures"
CONF = f"{HOME}/.config/rclone/rclone.conf"
REMOTES = (
    "[box]\ntype = box\n[here]\ntype = local\n[other]\ntype = alias\nremote = /srv/other\n[hidden]\ntype = crypt\n"
    "remote = box:x\n[secret]\ntype = crypt\nremote = here:/srv/s\n[loop]\ntype = alias\nremote = loop:\n"
)


def looked(line: str, *, mounts: str = DISK, files: dict[str, Any] | None = None, **more: Any) -> list[Provider]:
    argv = [word.replace("~", HOME) for word in line.split()]
    host = recorded_host(
        files={"/proc/self/mounts": mounts, **(files or {})}, processes=[{"name": argv[0], "argv": argv}], **more
    )
    return list(probe(host).providers)


CALLS = [
    ("rclone sync ~/Pictures box:p", True),
    ("rclone copy -P --transfers 4 ~ box:", True),
    ("rclone move ~/DCIM s3:bucket/x", True),
    ("rclone bisync ~/Pictures box:p", True),
    ("rclone bisync box:p ~/Pictures", True),
    ("rclone sync ~/Pictures :webdav:p --webdav-url https://x", True),
    ("rclone --config /srv/c sync ~/Pictures box:p", True),
    ("rclone sync --log-file ~/Pictures/log /srv/x box:p", False),
    ("rclone sync box:p ~/Pictures", False),
    ("rclone sync ~/Music box:p", False),
    ("rclone sync ~/Pictures /srv/copy", False),
    ("rclone sync ~/Pictures here:/srv/copy", False),
    ("rclone sync ~/Pictures other:copy", False),
    ("rclone sync ~/Pictures secret:copy", False),
    ("rclone sync ~/Pictures hidden:copy", True),
    ("rclone sync ~/Pictures loop:x", True),
    ("rclone sync ~/Pictures box:p --exclude *.jpg", None),
    ("rclone sync ~/Music box:p --exclude *.jpg", False),
    ("rclone sync Pictures box:p", None),
    ("rclone sync ~/Pictures", None),
    ("rclone sync --temp-dir /srv/t ~/Pictures box:p", True),
    ("rclone sync ~/Pictures other:p --config relative", False),
    ("rclone rcd --rc-web-gui", None),
    ("rclone mount box:p ~/Pictures", True),
    ("rclone mount box:p ~/Cloud", False),
    ("rclone mount here:/srv/x ~/Pictures", False),
    ("rsync -a ~/Pictures/ backup@example.org:/srv", True),
    ("rsync -a ~/ rsync://example.org/srv", True),
    ("rsync -a ~/Music ~/Pictures example.org:", True),
    ("rsync -a example.org:/srv ~/Pictures", False),
    ("rsync -a ~/Pictures /media/disk", False),
    ("rsync -a ~/Pictures /mnt/nas/x", True),
    ("rsync -a Pictures example.org:/srv", None),
    ("rsync -a ~/Music Pictures example.org:/srv", None),
    ("rsync -a ~/Music example.org:/srv", False),
    ("rsync", None),
    ("restic -r sftp:h:/r backup ~", True),
    ("restic --repo=/media/disk backup ~", False),
    ("restic backup ~", None),
    ("restic backup --files-from ~/list", None),
    ("restic -r s3:h/b backup ~/Music", False),
    ("borg create ssh://h/r::now ~", True),
    ("borg create u@h:r::now ~/Pictures", True),
    ("borg create /media/r::now ~/Pictures", False),
    ("borg create ::now ~/Pictures", None),
    ("borgmatic create", None),
    ("duplicity ~ sftp://h/x", True),
    ("duplicity full ~ file:///media/disk", False),
    ("duply home backup", None),
    ("s3cmd sync ~/Pictures s3://bucket", True),
    ("s3cmd sync s3://bucket ~/Pictures", False),
    ("gsutil -m rsync -r ~/Pictures gs://bucket", True),
    ("kopia server start", None),
    ("gphotos-uploader-cli push", None),
    ("backintime backup", None),
]


@pytest.mark.parametrize(("line", "uploads"), CALLS)
def test_a_call_sends_what_it_names(line: str, uploads: bool | None) -> None:
    mounts = DISK + "nas:/x /mnt/nas nfs4 rw 0 0\n"
    files = {CONF: REMOTES} if line.startswith("rclone") else {}
    found = [one for one in looked(line, mounts=mounts, files=files) if one.product is not Product.FILE_SERVER]
    assert [one.kind for one in found] == [Kind.MOUNT if "rclone mount" in line else Kind.BACKUP]
    assert [(one.uploads, one.running, one.starts) for one in found] == [(uploads, True, False)]


@pytest.mark.parametrize(
    "line",
    [
        "rclone lsd box:", "rclone sync --dry-run ~/Pictures box:p", "rclone sync -n ~/Pictures box:p",
        "rclone serve sftp ~",
        "restic -r x forget", "borg prune /r", "s3cmd ls s3://x", "duplicity verify", "rsync --version", "gsutil ls",
    ],
)  # fmt: skip
def test_a_call_that_sends_nothing_is_no_provider(line: str) -> None:
    assert looked(line) == []


@pytest.mark.parametrize("program", ["rclone", "restic", "borg", "s3cmd"])
def test_a_program_with_hidden_arguments_cannot_be_told(program: str) -> None:
    fact = probe(recorded_host(files={"/proc/self/mounts": DISK}, processes=[{"name": program}]))
    assert [(one.uploads, one.running) for one in fact.providers] == [(None, True)]
    assert [gap.why for gap in fact.gaps] == [Why.NOT_SAID]


def test_settings_without_a_job_are_shown_and_send_nothing() -> None:
    host = recorded_host(files={"/proc/self/mounts": DISK, CONF: REMOTES})
    (one,) = probe(host).providers
    assert (one.product, one.uploads, one.running) == (Product.RCLONE, False, False)


def test_an_encrypted_list_of_remotes_does_not_turn_a_job_into_a_local_one() -> None:
    files = {CONF: "# Encrypted rclone configuration File\n\nRCLONE_ENCRYPT_V0:\nAAAA=\n"}
    assert looked("rclone sync ~/Pictures other:copy", files=files)[0].uploads is True


def test_a_list_of_remotes_that_cannot_be_read_is_a_gap_of_the_job() -> None:
    assert looked("rclone sync ~/Pictures other:copy", files={CONF: Why.NOT_PERMITTED})[0].uploads is None


@pytest.mark.parametrize(("flag", "uploads"), [("", False), ("-L", True), ("--copy-links", True)])
def test_rclone_follows_links_when_it_is_told_to(flag: str, uploads: bool) -> None:
    more = {"links": {"/srv/x/p": PICTURES}, "folders": {"/srv/x": ["p"]}}
    assert looked(f"rclone sync /srv/x box:p {flag}", **more)[0].uploads is uploads


def test_a_scheduled_job_starts_by_itself() -> None:
    commands = {("crontab", "-l"): "0 1 * * * rsync -a ~/Pictures h:\n"}
    (one,) = probe(recorded_host(files={"/proc/self/mounts": DISK}, commands=commands)).providers
    assert (one.uploads, one.running, one.starts, one.places) == (True, False, True, (Place.PICTURES,))


@pytest.mark.parametrize(
    ("text", "remote"),
    [
        ("h:", True), ("u@h:/x", True), ("s3://b", True), (":sftp:x", True), ("box:p", True),
        (":webdav,url='http://x:1':p", True), ("[::1]:x", True), ("/a:b", False), ("a/b:c", False), ("plain", False),
        ("", False),
    ],
)  # fmt: skip
def test_an_address_is_told_from_a_path(text: str, remote: bool) -> None:
    assert (ELSEWHERE.fullmatch(text) is not None) is remote


@given(st.text(max_size=100), st.text(max_size=20))
def test_any_list_of_remotes_is_read(text: str, place: str) -> None:
    assert isinstance(behind(place, parse(text)), str)


@given(st.lists(st.text(st.sampled_from("/~:.-abc@="), max_size=8), max_size=6))
def test_any_arguments_are_judged_without_a_fault(words: list[str]) -> None:
    for program in ("rclone sync", "rsync", "restic backup", "borg create", "duplicity", "gsutil cp"):
        host = recorded_host(
            files={"/proc/self/mounts": DISK},
            processes=[{"name": program.split()[0], "argv": [*program.split(), *words]}],
        )
        assert all(one.product for one in probe(host).providers)
