"""A recording names nobody, and is judged as the laptop was."""

import tomllib
from pathlib import Path

import pytest
from fakes import NOON, recorded_host
from hypothesis import given
from hypothesis import strategies as st

from agent.collect.host import CollectError, Command, LocalHost, Output
from agent.collect.recorded import load
from agent.collect.recording import RecordingHost
from agent.commands.record import written
from agent.scrub import Scrubber
from agent.vocabulary import program_words
from checks.evidence import Why

PASSWD = """\
root:x:0:0:root:/root:/bin/sh
anna:x:1000:1000:Anna Lindqvist,,,:/home/anna:/bin/bash
bert:x:1001:1001::/home/bert:/bin/sh
"""


def scrubber() -> Scrubber:
    made = Scrubber(home="/home/anna", account="anna", names=["annas-laptop"], known=["Pictures"])
    made.accounts(PASSWD)
    return made


@pytest.mark.parametrize(
    "text",
    [
        "localPath=/home/anna/Patients Smith/2026", "/home/anna/Wounds/x.jpg",
        "url=https://cloud.lindqvist-clinic.example/dav",
        "anna@lindqvist-clinic.example", "0\\user=anna", "displayname=Dr Lindqvist", '"email": "anna@x.example"',
        "account_hint = \"anna@x.example\"", "mac 3c:22:fb:aa:bb:cc", "id 3f2504e0-4f89-41d3-9a0c-0305e82c3301",
        "host annas-laptop", "address 203.0.113.77 and 2001:db8:aaaa:bbbb:cccc:dddd:eeee:ffff",
        '"/media/anna/Holiday Disk"',
        "serial=R58N12ABCDE", "token=ghp_abcdefABCDEF0123456789abcdefABCD", "Name=Bert",
        "hash 9f86d081884c7d659a2feaa0c55ad015",
    ],
)  # fmt: skip
def test_person_is_taken_out(text: str) -> None:
    clean = scrubber().text(text)
    for secret in (
        "anna", "lindqvist", "smith", "wounds", "bert", "3c:22", "3f2504e0", "203.0", "aaaa:bbbb", "holiday", "r58n",
        "ghp_", "9f86d081", "patients", "x.example",
    ):  # fmt: skip
        assert secret not in clean.lower(), clean


@pytest.mark.parametrize(
    "text",
    [
        "org.gnome.desktop.session idle-delay uint32 300", "AutomaticLoginEnable = true", "Timeout=5",
        "XDG_PICTURES_DIR=\"$HOME/Bilder\"",
        "0\\Folders\\1\\paused=false", "36 25 254:0 / / rw - ext4 /dev/mapper/x rw",
        "clin P 2026-11-21 0 99999 7 -1", "user=", "autologin-user=", "ID=debian", "VERSION_ID=\"12\"",
        "passwd: files ldap",
    ],
)  # fmt: skip
def test_settings_stay_as_they_are(text: str) -> None:
    assert Scrubber(home="/home/clin", account="clin", known=["Bilder"]).text(text) == text


def test_same_folder_gets_the_same_fake_so_that_inside_stays_inside() -> None:
    one = scrubber()
    root, inside = one.path("/home/anna/Patients"), one.path("/home/anna/Patients/Skin/a")
    assert inside.startswith(root + "/")
    assert one.text("localPath=/home/anna/Patients/") == f"localPath={root}/"
    assert one.path("/home/anna/Pictures") == "/home/clin/Pictures"
    assert one.path("/home/anna") == "/home/clin"
    assert one.path("/home/annabel/x").startswith("/home/folder"), "another account's, not ours"


@pytest.mark.parametrize(
    "line",
    [
        "[annas-gdrive]", "remote = annas-gdrive:Fotos Schmidt", "0\\Folders\\1\\targetPath=/Schmidt Fotos",
        'XDG_PICTURES_DIR="$HOME/Bilder Schmidt"', 'XDG_PICTURES_DIR="/srv/anna krüger/Schmidt"',
        'sync_dir = "~/OneDrive Krüger"', '{"personal": {"path": "/srv/krüger/x", "display_name": "Anna Krüger"}}',
        '<folder label="Schmidt" path="/home/anna/Schmidt"><device name="Annas Handy"/></folder>',
        "0 2 * * * RESTIC_PASSWORD=geheim rclone sync /home/anna/Schmidt annas-gdrive: # für Anna",
        "ExecStart=/usr/local/bin/annas-sync.sh -r sftp:anna@nas-krüger:/backup",
        "file:///home/anna/Bilder%20Schmidt Annas Bilder", "picture-uri 'file:///home/anna/Schmidt.jpg'",
        "\\\\nas-krüger\\Schmidt", "/home/bert.krüger/Schmidt", "--password-command=echo geheim",
    ],
)  # fmt: skip
def test_of_a_persons_own_words_only_those_stay_that_probes_know(line: str) -> None:
    clean = scrubber().text(line, own=True).lower()
    for secret in ("anna", "krüger", "schmidt", "geheim", "handy", "fotos"):
        assert secret not in clean, clean
    for word in ("rclone", "remote", "sync", "xdg_pictures_dir"):
        assert (word in clean) == (word in line.lower()), clean


@pytest.mark.parametrize(
    "path", ["/srv/Schmidt/a", "/home/anna/Schmidt", "/media/anna/Schmidt", "/usr/local/bin/schmidt"]
)
def test_path_in_a_persons_words_is_the_path_that_was_asked_for(path: str) -> None:
    one = scrubber()
    assert one.text(f'DIR="{path}"', own=True).endswith(f'="{one.path(path)}"')


def test_lists_of_accounts_keep_no_full_name() -> None:
    line = "lx:x:1004:1004:Li Xu,Room 7,0412 345,Bo:/home/lx:/bin/sh"
    assert scrubber().text(line) == "lx:x:1004:1004::/home/folder1:/bin/sh"


def test_source_of_a_network_mount_is_scrubbed_and_a_disk_stays() -> None:
    disk = "36 25 254:0 / /x rw - ext4 /dev/mapper/vg-x rw"
    share = "40 25 0:5 / /mnt/Krüger rw - cifs //nas-krüger/Schmidt rw"
    clean = scrubber().text(f"{disk}\n{share}").split("\n")
    assert clean[0] == disk
    assert "cifs" in clean[1]
    assert not {"krüger", "schmidt"} & set(clean[1].lower().replace("/", " ").replace("-", " ").split())


@pytest.mark.parametrize(
    ("folder", "name"),
    [("/home", "frieda.k"), ("/home/anna", "Schmidt"), ("/home/anna/.config/systemd/user", "annas-nas.service"),
     ("/etc/systemd/system", "annas-nas.timer"), ("/etc/cron.d", "annas"), ("/srv", "Schmidt")],
)  # fmt: skip
def test_name_in_a_list_is_the_one_in_paths(folder: str, name: str) -> None:
    one = scrubber()
    listed = one.name(folder, name)
    assert listed != name
    assert one.path(f"{folder}/{name}") == f"{one.path(folder)}/{listed}"


def test_another_account_with_our_fake_name_changes_no_path() -> None:
    made = Scrubber(home="/home/anna", account="root")
    made.accounts("clin:x:1002:1002::/home/clin:/bin/sh")
    assert made.text("at /home/anna/.config").startswith("at /home/clin/")


def test_recording_of_a_personal_laptop_names_nobody() -> None:
    host = RecordingHost(
        recorded_host(
            files={"/home/clin/.config/rclone/rclone.conf": "[annas-gdrive]\ntype = drive\n",
                   "/etc/cron.d/annas": "0 1 * * * anna rclone sync /srv/anna annas-gdrive: --token geheim\n"},
            commands={"crontab -l": Output(exit_code=0, stdout="@daily KEY=geheim rclone sync a annas:\n", stderr="")},
            folders={"/etc/cron.d": ["annas"], "/home": ["anna", "clin"]},
            processes=[{"name": "rclone", "argv": ["rclone", "mount", "annas-gdrive:", "/srv/anna"], "own": True}],
        )
    )  # fmt: skip
    host.read("/home/clin/.config/rclone/rclone.conf")
    host.read("/etc/cron.d/annas")
    host.run(Command(argv=("crontab", "-l")))
    host.names("/etc/cron.d"), host.names("/home"), host.processes(frozenset({"rclone"}))
    text = "\n".join(written(host, "linux").values())
    assert "anna" not in text
    assert "geheim" not in text
    assert "type = drive" in text
    assert '"rclone", "mount"' in text


def test_vocabulary_is_what_probes_look_for_and_not_what_is_said_about_them() -> None:
    words = program_words()
    assert {"rclone", "localpath", "exec", "pictures", "folders"} <= words
    assert not {"says", "whether", "raises", "anna", "smith"} & words, "words of sentences about functions"


@pytest.mark.parametrize("unit", ["a-", "a.", "a@", ":", "a=", "/x", '"', "ab:", "1a", "wörd "])
def test_enormous_line_is_scrubbed_in_one_pass(unit: str) -> None:
    size = 1 << 19
    clean = scrubber().text("/home/anna" + unit * (size // len(unit)), own=True)
    assert "anna" not in clean


@given(st.text(max_size=200))
def test_any_text_can_be_scrubbed(text: str) -> None:
    clean = scrubber().text(text)
    assert clean.count("\n") == text.count("\n")
    clean.encode()


def test_recording_answers_as_the_laptop_did(tmp_path: Path) -> None:
    behind = recorded_host(
        files={"/etc/group": "a\nb\x7f\n", "/one": 'say "x"', "/etc/secret": Why.NOT_PERMITTED},
        commands={"passwd -S": Output(exit_code=3, stdout="clin P\nmore\n", stderr="warn")},
        folders={"/etc/d": ["a", "b"]}, links={"/home/clin/Pictures": "/home/clin/Nextcloud"},
        environ={"XDG_CURRENT_DESKTOP": "GNOME", "USER": "clin"}, modified={"/one": NOON},
        processes=[{"name": "rclone", "argv": ["rclone", "mount"], "own": True}],
    )  # fmt: skip
    host = RecordingHost(behind)
    ask(host)
    folder = tmp_path / "r"
    folder.mkdir()
    for name, text in written(host, "linux", known=frozenset({"Pictures", "Nextcloud"})).items():
        (folder / name).write_text(text)
    again = load(str(folder), LocalHost())
    assert ask(again) == ask(behind)
    assert again.environ == {"XDG_CURRENT_DESKTOP": "GNOME"}


def ask(host) -> list[object]:
    answers: list[object] = [
        host.read("/etc/group"), host.read("/one"), host.stat("/one").modified_at, host.names("/etc/d"),
        host.run(Command(argv=("passwd", "-S"))), host.resolve("/home/clin/Pictures/Camera"), host.home, host.account,
        host.processes(frozenset({"rclone"})),
    ]  # fmt: skip
    for look in (lambda: host.read("/etc/secret"), lambda: host.read("/none"), lambda: host.stat("/none")):
        try:
            look()
        except CollectError as error:
            answers.append(error.why)
    return answers


def test_index_is_toml_that_the_docs_describe(tmp_path: Path) -> None:
    host = RecordingHost(recorded_host(files={"/etc/group": "a\nb\n"}))
    host.read("/etc/group")
    files = written(host, "linux")
    index = tomllib.loads(files["recording.toml"])
    assert index["schema"] == "scrubin/recording/1"
    (row,) = index["file"]
    assert files[row["content"]] == "a\nb\n"
