"""Which device it is, without a word of its owner."""

import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from fakes import recorded_host

from agent.escape import printable
from agent.identity import IdentityError, describe, laptop_id, recording_id
from checks.evidence import Why
from checks.model import Device, Kind, Ownership, Platform


def described(**files: str | Why) -> Device:
    names = {"model": "/sys/class/dmi/id/product_name", "release": "/etc/os-release", "other": "/usr/lib/os-release"}
    host = recorded_host(files={names[key]: text for key, text in files.items()})
    return describe(host, device_id="x", platform=Platform.LINUX, ownership=Ownership.PERSONAL)


def test_id_is_made_once_and_kept_for_this_account_only(tmp_path: Path) -> None:
    first = laptop_id(tmp_path / "state")
    assert laptop_id(tmp_path / "state") == first
    assert laptop_id(tmp_path / "other") != first
    assert (tmp_path / "state" / "device-id").stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize("text", ["", "not-a-uuid", "\xff"])
def test_damaged_id_is_said_and_never_replaced(tmp_path: Path, text: str) -> None:
    (tmp_path / "device-id").write_text(text, "latin-1")
    with pytest.raises(IdentityError, match="damaged"):
        laptop_id(tmp_path)
    assert (tmp_path / "device-id").read_text("latin-1") == text


def test_state_folder_that_cannot_be_made_is_said(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(IdentityError):
        laptop_id(tmp_path / "file" / "state")


def test_recording_has_an_id_of_its_own_that_stays() -> None:
    assert recording_id("clin", "t") == recording_id("clin", "t") != recording_id("clin", "u")


def test_laptop_is_named_by_maker_and_system() -> None:
    device = described(model="ThinkPad X1 Carbon\n", release='NAME="x"\nID=debian\nVERSION_ID="12"\n')
    assert (device.model, device.os_version, device.kind) == ("ThinkPad X1 Carbon", "debian 12", Kind.LAPTOP)


@pytest.mark.parametrize(
    ("release", "version"),
    [
        ("", ""),
        ("ID=arch\n", "arch"),
        ('ID="opensuse-leap"\nVERSION_ID="15.6"', "opensuse-leap 15.6"),
        ('ID="Dr Example"\nVERSION_ID="12"', "12"),
        ("ID=debian;rm\nPRETTY_NAME=Dr Example", ""),
        (f"ID={'a' * 25}", ""),
    ],
)
def test_only_the_two_tame_fields_of_os_release_are_taken(release: str, version: str) -> None:
    assert described(release=release).os_version == version


def test_second_place_of_os_release_counts_when_the_first_is_missing() -> None:
    assert described(other="ID=fedora\nVERSION_ID=44").os_version == "fedora 44"
    assert described(release=Why.NOT_PERMITTED, other="ID=fedora").os_version == ""


def test_model_is_letters_and_digits_and_bounded() -> None:
    assert described(model="A\x1b[31m/b\u202e" + "x" * 99).model == ("A 31m b " + "x" * 99)[:48]
    assert described().model == ""


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("plain", "plain"), ("\x1b[31m", "\\x1b[31m"), ("a\nb", "a\\x0ab"), ("\u202eabc", "\\u202eabc"),
        ("\udcff", "\\udcff"), ("gr\xfcn", "gr\xfcn"), ("\x9b", "\\x9b"), ("\u2028", "\\u2028"), ("x" * 4, "xxx..."),
        ("xxx", "xxx"),
    ],
)  # fmt: skip
def test_foreign_text_cannot_command_a_terminal(text: str, shown: str) -> None:
    assert printable(text, 3 if set(text) == {"x"} else 300) == shown


def test_first_runs_at_once_agree_on_one_id(tmp_path: Path) -> None:
    gate = threading.Barrier(8)

    def first_run(_: int) -> str:
        gate.wait()
        return laptop_id(tmp_path / "state")

    for round_ in range(20):
        with ThreadPoolExecutor(8) as pool:
            assert len(set(pool.map(first_run, range(8)))) == 1, f"round {round_}"
        (tmp_path / "state" / "device-id").unlink()


def test_unreadable_id_quotes_no_path(tmp_path: Path) -> None:
    (tmp_path / "device-id").mkdir()
    with pytest.raises(IdentityError) as caught:
        laptop_id(tmp_path)
    assert str(tmp_path) not in str(caught.value)
