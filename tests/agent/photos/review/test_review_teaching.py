"""A copy for teaching lies in a folder of its own, under a name that says nothing, and counts as kept for that."""

import hashlib
import os
import stat
from pathlib import Path

import pytest

from agent.photos.image import HEAD_BYTES
from agent.photos.index import digest
from agent.photos.ledger_apply import apply_ledger
from agent.photos.ledger_model import Event, LedgerTrouble
from agent.photos.review.rules import ReviewRefusal, Why
from checks.clinical_images.fact import Disposition
from tests.agent.photos.ledger_parts import DAY, NOW, picture, put_in, said
from tests.agent.photos.review.acts_parts import Bench

TEACHING, NONE = Disposition.TEACHING, Disposition.NONE
SAID = said(TEACHING, until=NOW + 90 * DAY, reason="registrars' course")
DATA = os.urandom(HEAD_BYTES + 5)


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    return Bench(folder=tmp_path / "kept")


def kept(bench: Bench, folder: Path, data: bytes = DATA, suffix: str = ".jpg") -> Path:
    ids = bench.scan(picture(1, look=7))
    return bench.review.keep_for_teaching(ids[0], data, suffix, SAID, folder)


def scanned(bench: Bench, path: Path, **changes) -> list[int]:
    """As a scan finds the copy: it looks like its original."""
    found, data = path.stat(), path.read_bytes()
    with bench.index() as index:
        values = {
            "path": str(path), "size": found.st_size, "modified_s": found.st_mtime_ns // 10**9,
            "digest": digest(index.key, len(data), data[:HEAD_BYTES]),
        }  # fmt: skip
        ids = put_in(index, picture(2, look=7, **{**values, **changes}))
        with bench.ledger() as ledger:
            apply_ledger(index, ledger, NOW)
        return ids


def test_it_is_there_whole_and_private_under_a_name_that_says_nothing(bench: Bench, tmp_path: Path) -> None:
    path = kept(bench, tmp_path / "Pictures")
    day = bench.clock.now().astimezone().date().isoformat()
    assert path == tmp_path / "Pictures" / "Teaching" / f"teaching-{day}-1.jpg"
    assert path.read_bytes() == DATA
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert sorted(path.parent.iterdir()) == [path]


def test_it_counts_as_kept_for_teaching_once_it_is_scanned_and_its_original_as_undecided(
    bench: Bench, tmp_path: Path
) -> None:
    path = kept(bench, tmp_path)
    assert bench.counted(scanned(bench, path)) == [TEACHING]
    assert bench.counted([1]) == [NONE]
    assert bench.counted(scanned(bench, path, digest=b"x" * 16)) == [NONE], "another file in its place"


def test_it_is_logged_by_its_contents(bench: Bench, tmp_path: Path) -> None:
    kept(bench, tmp_path)
    with bench.ledger() as ledger:
        [line] = ledger.log()
    assert (line.event, line.sha256) == (Event.TEACHING, hashlib.sha256(DATA).hexdigest())


def test_nothing_that_lies_there_is_written_over(bench: Bench, tmp_path: Path) -> None:
    first = kept(bench, tmp_path)
    first.write_bytes(b"my own")
    second = kept(bench, tmp_path)
    third = second.with_name(second.name.replace("-2.", "-3."))
    third.symlink_to(tmp_path / "elsewhere")
    fourth = kept(bench, tmp_path)
    assert [one.name[-6:] for one in (first, second, fourth)] == ["-1.jpg", "-2.jpg", "-4.jpg"]
    assert first.read_bytes() == b"my own"
    assert not (tmp_path / "elsewhere").exists()


@pytest.mark.parametrize("suffix", ["", "jpg", "./../x", ".JPG", ".jpg\n", ".toolong", ".a/b"])
def test_a_suffix_that_is_none_is_refused(bench: Bench, tmp_path: Path, suffix: str) -> None:
    with pytest.raises(ReviewRefusal) as caught:
        kept(bench, tmp_path, suffix=suffix)
    assert caught.value.why is Why.NO_PLACE


def test_a_folder_that_leads_elsewhere_is_refused(bench: Bench, tmp_path: Path) -> None:
    (tmp_path / "shared").mkdir()
    (tmp_path / "Teaching").symlink_to(tmp_path / "shared")
    with pytest.raises(ReviewRefusal) as caught:
        kept(bench, tmp_path)
    assert caught.value.why is Why.NO_PLACE
    assert list((tmp_path / "shared").iterdir()) == []


def test_a_file_in_place_of_the_folder_is_refused(bench: Bench, tmp_path: Path) -> None:
    (tmp_path / "Teaching").write_bytes(b"my notes")
    with pytest.raises(ReviewRefusal) as caught:
        kept(bench, tmp_path)
    assert caught.value.why is Why.NO_PLACE
    assert (tmp_path / "Teaching").read_bytes() == b"my notes"


def test_a_copy_that_could_not_be_remembered_is_not_left(bench: Bench, tmp_path: Path) -> None:
    ids = bench.scan(picture(1))
    (bench.folder / "ledger.sqlite").write_bytes(b"")
    with pytest.raises(LedgerTrouble):
        bench.review.keep_for_teaching(ids[0], DATA, ".jpg", SAID, tmp_path)
    assert not list(tmp_path.rglob("teaching-*"))


def test_nothing_is_kept_of_what_is_no_longer_there(bench: Bench, tmp_path: Path) -> None:
    bench.scan(picture(1))
    with pytest.raises(ReviewRefusal) as caught:
        bench.review.keep_for_teaching(9, DATA, ".jpg", SAID, tmp_path)
    assert caught.value.why is Why.CHANGED
    assert not (tmp_path / "Teaching").exists()
