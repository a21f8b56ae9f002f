"""Where secrets may lie: names, values, the file that only this account reads."""

import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from agent.secrets import MEND, Lack, NoStore, Store, StoreError, StoreFault, open_store
from agent.secrets_file import FileStore

SECRET = "correct horse ünd battery"


def store_at(path: Path) -> Store:
    store = open_store(in_file=str(path))
    assert not isinstance(store, NoStore), store
    return store


def lack_at(path: Path) -> NoStore:
    store = open_store(in_file=str(path))
    assert isinstance(store, NoStore)
    return store


def test_a_secret_comes_back_from_another_process(tmp_path: Path) -> None:
    store_at(tmp_path / "own" / "secrets.json").set("smtp-password", SECRET)
    code = "from agent.secrets import open_store; import sys; print(open_store(in_file=sys.argv[1]).get(sys.argv[2]))"
    argv = [sys.executable, "-X", "utf8", "-c", code, str(tmp_path / "own" / "secrets.json"), "smtp-password"]
    assert subprocess.run(argv, capture_output=True, encoding="utf-8", check=True).stdout.strip() == SECRET


def test_secrets_are_kept_side_by_side_and_forgotten_one_by_one(tmp_path: Path) -> None:
    store = store_at(tmp_path / "secrets.json")
    store.set("one", "1")
    store.set("two", "2")
    store.delete("one")
    store.delete("one")
    assert (store.get("one"), store.get("two")) == (None, "2")


def test_the_file_is_for_this_account_alone(tmp_path: Path) -> None:
    before = os.umask(0)
    try:
        store_at(tmp_path / "secrets.json").set("one", "1")
    finally:
        os.umask(before)
    assert stat.S_IMODE((tmp_path / "secrets.json").stat().st_mode) == 0o600


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o620, 0o602, 0o660, 0o644])
def test_a_file_that_others_can_reach_is_refused(tmp_path: Path, mode: int) -> None:
    path = tmp_path / "secrets.json"
    store_at(path).set("one", SECRET)
    path.chmod(mode)
    lack = lack_at(path)
    assert lack.lack is Lack.UNSAFE_FILE
    assert "other accounts" in lack.reason
    assert SECRET not in lack.reason


def test_a_link_is_not_followed(tmp_path: Path) -> None:
    store_at(tmp_path / "real.json").set("one", "1")
    (tmp_path / "secrets.json").symlink_to(tmp_path / "real.json")
    assert lack_at(tmp_path / "secrets.json").lack is Lack.UNSAFE_FILE


def test_a_second_name_of_another_file_is_refused(tmp_path: Path) -> None:
    store_at(tmp_path / "real.json").set("one", "1")
    (tmp_path / "secrets.json").hardlink_to(tmp_path / "real.json")
    assert lack_at(tmp_path / "secrets.json").lack is Lack.UNSAFE_FILE


def test_a_pipe_neither_blocks_nor_counts(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "secrets.json", 0o600)
    assert lack_at(tmp_path / "secrets.json").lack is Lack.UNSAFE_FILE


def test_a_folder_that_others_write_is_refused(tmp_path: Path) -> None:
    tmp_path.chmod(0o777)
    store_at_ok = open_store(in_file=str(tmp_path / "secrets.json"))
    assert isinstance(store_at_ok, NoStore)
    assert "folder" in store_at_ok.reason


@pytest.mark.parametrize("text", [b"", b"[]", b'{"a": 1}', b"\xff\xfe", b"[" * 100_000, b'{"a": "' + b"x" * 300_000])
def test_a_file_that_is_not_ours_is_refused(tmp_path: Path, text: bytes) -> None:
    path = tmp_path / "secrets.json"
    path.touch(0o600)
    path.write_bytes(text)
    assert lack_at(path).lack is Lack.UNSAFE_FILE


def test_a_file_that_turned_unsafe_is_refused_at_the_next_use(tmp_path: Path) -> None:
    store = store_at(tmp_path / "secrets.json")
    store.set("one", "1")
    (tmp_path / "secrets.json").chmod(0o644)
    with pytest.raises(StoreError) as caught:
        store.get("one")
    assert caught.value.fault is StoreFault.UNSAFE_FILE


@pytest.mark.parametrize("name", ["", "A", "a b", "../x", "a" * 65, "-a", "a\n", "ä"])
def test_a_name_that_not_every_store_takes_is_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(StoreError) as caught:
        store_at(tmp_path / "secrets.json").set(name, "x")
    assert caught.value.fault is StoreFault.BAD_NAME


@pytest.mark.parametrize(
    ("value", "fault"),
    [("", StoreFault.BAD_VALUE), ("a\0b", StoreFault.BAD_VALUE), ("\ud800", StoreFault.BAD_VALUE),
     ("x" * 16_385, StoreFault.TOO_LARGE)],
)  # fmt: skip
def test_a_value_that_would_not_come_back_whole_is_refused(tmp_path: Path, value: str, fault: StoreFault) -> None:
    with pytest.raises(StoreError) as caught:
        store_at(tmp_path / "secrets.json").set("one", value)
    assert caught.value.fault is fault


def test_the_file_does_not_grow_for_ever(tmp_path: Path) -> None:
    store = store_at(tmp_path / "secrets.json")

    def fill() -> None:
        for number in range(20):
            store.set(f"secret-{number}", "x" * 16_000)

    with pytest.raises(StoreError, match="would pass"):
        fill()
    assert store.get("secret-3") == "x" * 16_000


@given(value=st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), min_size=1, max_size=200))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=30)
def test_any_text_comes_back_as_it_was(tmp_path: Path, value: str) -> None:
    store = FileStore(str(tmp_path / "secrets.json"))
    store.set("one", value)
    assert store.get("one") == value


def test_two_writers_lose_nothing(tmp_path: Path) -> None:
    path = tmp_path / "secrets.json"
    code = (
        "import sys; from agent.secrets_file import FileStore\n"
        "for n in range(20): FileStore(sys.argv[1]).set(f'{sys.argv[2]}-{n}', 'x')"
    )
    writers = [subprocess.Popen([sys.executable, "-c", code, str(path), name]) for name in ("a", "b")]
    assert [writer.wait(60) for writer in writers] == [0, 0]
    store = store_at(path)
    assert all(store.get(f"{name}-{number}") == "x" for name in ("a", "b") for number in range(20))


def test_every_lack_says_how_to_mend_it() -> None:
    assert set(MEND) == set(Lack)
    assert all(text.endswith(".") for text in MEND.values())
