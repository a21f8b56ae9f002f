"""What a scan says goes by the index that it filled and by a consent that still stands, or it says nothing."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from agent import __version__
from agent.collect.host import CollectError
from agent.photos.consent import agree, withdraw
from agent.photos.engine import Outcome
from agent.photos.evidence import opened, told
from agent.photos.index import Index, IndexTrouble, Put, Trouble
from agent.photos.place import File
from agent.photos.weights import Weights, examiner
from checks.clinical_images.fact import Folder
from checks.evidence import Why
from tests.agent.photos.scan_parts import NOW, fill, place, scan, seen

AT = datetime.fromtimestamp(NOW, UTC)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    agree(tmp_path / "kept", now=AT)
    return tmp_path / "kept"


def say(index: Index, outcome: Outcome, pictures: Path):
    return told(index, "laptop", outcome, [place(pictures)], weights=Weights.BEST, now=AT)


def test_a_scan_says_what_its_index_holds(folder: Path, tmp_path: Path) -> None:
    fill(tmp_path / "pictures", "wound1.jpg")
    with opened(folder) as index:
        fact = say(index, scan(index, place(tmp_path / "pictures")), tmp_path / "pictures").fact
    assert (fact.looked_at, [one.count for one in fact.tallies]) == ((Folder.PICTURES,), [1])


def test_an_index_that_another_process_removed_says_nothing(folder: Path, tmp_path: Path) -> None:
    fill(tmp_path / "pictures", "wound1.jpg")

    def scan_and_lose() -> None:
        with opened(folder) as index:
            outcome = scan(index, place(tmp_path / "pictures"))
            Index.wipe(folder)
            Index.open(folder, key=bytes(32)).close()
            say(index, outcome, tmp_path / "pictures")

    with pytest.raises(CollectError) as caught:
        scan_and_lose()
    assert caught.value.why is Why.UNREADABLE


def test_a_device_forgotten_in_its_first_scan_is_gone(folder: Path, tmp_path: Path) -> None:
    file = File(place=place(tmp_path), path=str(tmp_path / "a.jpg"), size=1, stamp=1, modified_s=NOW)
    with Index.open(folder, key=bytes(32)) as index, Index.open(folder, key=bytes(32)) as other:
        index.known("laptop", "finder 1")
        index.put("laptop", [Put(file=file, result=seen(0.9), model="finder 1", digest=None, now=NOW)])
        other.forget("laptop")
        with pytest.raises(IndexTrouble) as caught:
            index.counts("laptop", model="finder 1")
    assert caught.value.reason is Trouble.GONE


def test_a_no_said_while_the_index_is_opened_counts(folder: Path) -> None:
    def open_late(where: Path) -> Index:
        withdraw(folder, now=AT, wipe=Index.wipe)
        return Index.open(where, key=bytes(32))

    with pytest.raises(CollectError) as caught, opened(folder, open_late):
        raise AssertionError("pictures were looked at")
    assert caught.value.why is Why.NOT_CONSENTED


def test_another_version_of_this_program_looks_at_everything_again() -> None:
    assert __version__ in examiner(Weights.BEST)
    assert examiner(Weights.BEST) != examiner(Weights.CLEAN)
