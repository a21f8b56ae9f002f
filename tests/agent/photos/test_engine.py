"""A scan looks at what is new, forgets what is gone, keeps what it did, and never calls half a look whole."""

import os
import threading
from collections.abc import Iterable, Iterator
from pathlib import Path

import pytest

from agent.collect.host import CollectError
from agent.photos.crew import Job
from agent.photos.engine import FromDisk, Scan
from agent.photos.image import Unread
from agent.photos.index import Index
from agent.photos.keeping import KEPT_AT_ONCE
from agent.photos.place import File, Unlooked
from agent.photos.planted import was_found
from agent.photos.walk import Folderful, walk
from checks.clinical_images.fact import Folder
from checks.evidence import Why
from tests.agent.photos.scan_parts import DAY, MODEL, NOW, FakeCrew, by_name, fill, place, scan, seen


@pytest.fixture
def index() -> Iterator[Index]:
    with Index.in_memory(key=bytes(range(32))) as one:
        yield one


def names(index: Index, at_least: float = 0.0) -> set[str]:
    return {Path(one.file.path).name for one in index.pictures("laptop", at_least=at_least)}


def test_new_files_are_judged_and_kept(index: Index, tmp_path: Path) -> None:
    fill(tmp_path, "wound1.jpg", "cat.jpg", "broken.jpg", "text.txt")
    done = scan(index, place(tmp_path))
    assert done.complete
    assert done.judged == 4
    assert done.unread == {Unread.BROKEN: 1, Unread.NOT_A_PICTURE: 1}
    assert names(index, at_least=0.8) == {"wound1.jpg"}


def test_nothing_new_starts_no_crew(index: Index, tmp_path: Path) -> None:
    fill(tmp_path, "wound1.jpg", "cat.jpg")
    scan(index, place(tmp_path))
    again = FakeCrew()
    assert scan(index, place(tmp_path), crew=again).complete
    assert again.names == []


def test_only_the_changed_file_is_looked_at_again(index: Index, tmp_path: Path) -> None:
    fill(tmp_path, "a.jpg", "b.jpg")
    scan(index, place(tmp_path))
    (tmp_path / "b.jpg").write_bytes(b"another picture")
    again = FakeCrew()
    scan(index, place(tmp_path), crew=again)
    assert again.names == ["b.jpg"]


def test_another_finder_looks_at_everything_again(index: Index, tmp_path: Path) -> None:
    fill(tmp_path, "a.jpg", "b.jpg")
    scan(index, place(tmp_path))
    again = FakeCrew()
    scan(index, place(tmp_path), crew=again, model="finder 2")
    assert sorted(again.names) == ["a.jpg", "b.jpg"]


def test_what_is_gone_is_forgotten(index: Index, tmp_path: Path) -> None:
    fill(tmp_path / "one", "wound1.jpg")
    fill(tmp_path / "two", "wound2.jpg")
    scan(index, place(tmp_path))
    (tmp_path / "one" / "wound1.jpg").unlink()
    (tmp_path / "two" / "wound2.jpg").unlink()
    (tmp_path / "two").rmdir()
    assert scan(index, place(tmp_path)).complete
    assert names(index) == set()


def test_a_moved_file_is_known_again_without_a_look(index: Index, tmp_path: Path) -> None:
    fill(tmp_path, "wound1.jpg")
    scan(index, place(tmp_path), now=NOW - 5)
    (tmp_path / "wound1.jpg").rename(tmp_path / "renamed.jpg")
    again = FakeCrew()
    assert scan(index, place(tmp_path), crew=again).complete
    assert again.names == []
    (one,) = index.pictures("laptop", at_least=0.8)
    assert (Path(one.file.path).name, one.first_seen) == ("renamed.jpg", NOW - 5)


def test_what_was_no_picture_is_looked_at_again_under_another_name(index: Index, tmp_path: Path) -> None:
    fill(tmp_path, "text.txt")
    scan(index, place(tmp_path))
    (tmp_path / "text.txt").rename(tmp_path / "wound1.dcm")
    scan(index, place(tmp_path))
    assert names(index, at_least=0.8) == {"wound1.dcm"}


def test_a_new_copy_is_as_old_as_the_first(index: Index, tmp_path: Path) -> None:
    fill(tmp_path, "wound1.jpg")
    scan(index, place(tmp_path), crew=FakeCrew(lambda _: seen(0.9, mark=7)), now=NOW - 1000)
    (tmp_path / "wound1.jpg").unlink()
    fill(tmp_path, "smaller.webp")
    scan(index, place(tmp_path), crew=FakeCrew(lambda _: seen(0.9, mark=7)))
    (one,) = index.pictures("laptop", at_least=0.8)
    assert one.first_seen == NOW - 1000


def test_another_picture_is_as_old_as_itself(index: Index, tmp_path: Path) -> None:
    fill(tmp_path, "wound1.jpg")
    scan(index, place(tmp_path), crew=FakeCrew(lambda _: seen(0.9, mark=7)), now=NOW - 1000)
    fill(tmp_path, "wound2.jpg")
    scan(index, place(tmp_path), crew=FakeCrew(lambda _: seen(0.9, mark=8)))
    assert {one.first_seen for one in index.pictures("laptop", at_least=0.8)} == {NOW - 1000, NOW}


def test_a_stop_keeps_what_was_judged_and_is_no_whole_look(index: Index, tmp_path: Path) -> None:
    fill(tmp_path, *(f"wound{k}.jpg" for k in range(9)))
    stop, crew = threading.Event(), FakeCrew()
    crew.after = lambda count: stop.set() if count == 3 else None
    done = scan(index, place(tmp_path), crew=crew, stop=stop)
    assert not done.complete
    assert done.why is Why.STOPPED
    assert 1 <= len(names(index)) < 9
    rest = FakeCrew()
    assert scan(index, place(tmp_path), crew=rest).complete
    assert len(names(index)) == 9
    assert len(rest.names) < 9


def test_a_fault_in_the_middle_keeps_what_was_judged(index: Index, tmp_path: Path) -> None:
    fill(tmp_path, *(f"wound{k}.jpg" for k in range(5)))
    crew = FakeCrew()

    def fails(count: int) -> None:
        if count == 4:
            raise KeyboardInterrupt

    crew.after = fails
    with pytest.raises(KeyboardInterrupt):
        scan(index, place(tmp_path), crew=crew)
    assert len(names(index)) == 3


def test_a_crew_that_ends_early_leaves_the_scan_incomplete(index: Index, tmp_path: Path) -> None:
    fill(tmp_path, "a.jpg", "b.jpg", "c.jpg")

    class Tired(FakeCrew):
        def answers(self, jobs: Iterable[Job]) -> Iterator:
            for count, one in enumerate(super().answers(jobs)):
                if count == 2:
                    return
                yield one

    done = scan(index, place(tmp_path), crew=Tired())
    assert (done.complete, done.why, done.left) == (False, Why.TIMED_OUT, 1)


def test_rows_of_a_folder_that_is_shut_stay(index: Index, tmp_path: Path) -> None:
    fill(tmp_path, "wound1.jpg")
    fill(tmp_path / "inner", "wound2.jpg")
    here = place(tmp_path)
    scan(index, here)

    def half_seen() -> Iterator[Folderful | Unlooked]:
        for one in walk([here], stop=threading.Event()):
            if one.path == str(tmp_path / "inner"):
                yield Unlooked(place=here, why=Why.NOT_PERMITTED, path=one.path)
            else:
                yield one

    run = Scan(device="laptop", index=index, model=MODEL, crew=lambda _: FakeCrew(), stop=threading.Event())
    done = run.run(half_seen(), FromDisk())
    assert [one.why for one in done.gaps] == [Why.NOT_PERMITTED]
    assert names(index) == {"wound1.jpg", "wound2.jpg"}


def test_the_planted_picture_is_found_and_is_nobodys(index: Index, tmp_path: Path) -> None:
    fill(tmp_path / "pictures", "cat.jpg")
    fill(tmp_path / "planted", "planted.jpg")
    scan(index, place(tmp_path / "pictures"), planted=place(tmp_path / "planted", Folder.OTHER))
    assert was_found(index, "laptop", MODEL)
    assert names(index) == {"cat.jpg"}


@pytest.mark.parametrize("judge", [lambda _: seen(0.7), lambda _: Unread.CRASHED, lambda _: Unread.NOT_A_PICTURE])
def test_a_finder_that_passes_over_the_planted_picture_proves_nothing(index: Index, tmp_path: Path, judge) -> None:
    fill(tmp_path / "pictures", "cat.jpg")
    fill(tmp_path / "planted", "planted.jpg")
    scan(index, place(tmp_path / "pictures"), planted=place(tmp_path / "planted"), crew=FakeCrew(judge))
    assert not was_found(index, "laptop", MODEL)


def test_a_finder_that_fails_later_proves_nothing_by_its_past(index: Index, tmp_path: Path) -> None:
    fill(tmp_path / "planted", "planted.jpg")
    fill(tmp_path / "pictures", "cat.jpg")
    both = place(tmp_path / "pictures"), place(tmp_path / "planted")
    scan(index, both[0], planted=both[1])
    fill(tmp_path / "pictures", "dog.jpg")
    scan(index, both[0], planted=both[1], crew=FakeCrew(lambda _: seen(0.0)))
    assert not was_found(index, "laptop", MODEL)


def test_what_was_judged_without_proof_is_looked_at_again(index: Index, tmp_path: Path) -> None:
    fill(tmp_path / "planted", "planted.jpg")
    fill(tmp_path / "pictures", "wound1.jpg", "cat.jpg")
    both = place(tmp_path / "pictures"), place(tmp_path / "planted")
    scan(index, both[0], planted=both[1], crew=FakeCrew(lambda _: seen(0.0)))
    assert index.counts("laptop", model=MODEL).stale == 2
    scan(index, both[0], planted=both[1])
    assert was_found(index, "laptop", MODEL)
    assert names(index, at_least=0.8) == {"wound1.jpg"}


def test_what_an_unproven_finder_finds_still_counts(index: Index, tmp_path: Path) -> None:
    fill(tmp_path / "planted", "planted.jpg")
    fill(tmp_path / "pictures", "wound1.jpg")
    crew = FakeCrew(lambda job: Unread.CRASHED if job.name == "planted.jpg" else by_name(job))
    scan(index, place(tmp_path / "pictures"), planted=place(tmp_path / "planted"), crew=crew)
    assert names(index, at_least=0.8) == {"wound1.jpg"}


def test_results_that_come_before_the_proof_are_as_good(index: Index, tmp_path: Path) -> None:
    fill(tmp_path / "planted", "planted.jpg")
    fill(tmp_path / "pictures", *(f"cat{k}.jpg" for k in range(80)))

    class Backwards(FakeCrew):
        def answers(self, jobs: Iterable[Job]) -> Iterator:
            yield from reversed(list(super().answers(jobs)))

    scan(index, place(tmp_path / "pictures"), planted=place(tmp_path / "planted"), crew=Backwards())
    assert index.counts("laptop", model=MODEL).stale == 0


def test_a_copy_of_the_planted_picture_proves_nothing(index: Index, tmp_path: Path) -> None:
    fill(tmp_path / "planted", "planted.jpg")
    fill(tmp_path / "pictures", "planted.jpg")
    scan(index, place(tmp_path / "pictures"))
    fill(tmp_path / "pictures", "cat.jpg")
    blind = FakeCrew(lambda _: seen(0.0))
    scan(index, place(tmp_path / "pictures"), planted=place(tmp_path / "planted"), crew=blind)
    assert not was_found(index, "laptop", MODEL)


def test_without_the_planted_picture_its_past_proves_nothing(index: Index, tmp_path: Path) -> None:
    fill(tmp_path / "planted", "planted.jpg")
    fill(tmp_path / "pictures", "cat.jpg")
    both = place(tmp_path / "pictures"), place(tmp_path / "planted")
    scan(index, both[0], planted=both[1])
    (tmp_path / "planted" / "planted.jpg").unlink()
    scan(index, both[0], planted=both[1])
    assert not was_found(index, "laptop", MODEL)


def test_rows_of_a_folder_that_was_listed_in_part_stay(index: Index, tmp_path: Path) -> None:
    fill(tmp_path, "wound1.jpg", "wound2.jpg")
    here = place(tmp_path)
    scan(index, here)
    (tmp_path / "wound2.jpg").rename(tmp_path.parent / "elsewhere.jpg")  # stands for what the list did not come to
    cut = Unlooked(place=here, why=Why.TOO_LARGE)
    run = Scan(device="laptop", index=index, model=MODEL, crew=lambda _: FakeCrew(), stop=threading.Event())
    run.run([*walk([here], stop=threading.Event()), cut], FromDisk())
    assert names(index) == {"wound1.jpg", "wound2.jpg"}


class HeadsOnly(FromDisk):
    """As a phone: the crew gets heads, and whole files only on demand."""

    def __init__(self, *, gone_after: int = 10**6) -> None:
        self.fetched: list[str] = []
        self.gone_after = gone_after

    def jobs(self, files: Iterable[File]) -> Iterator[tuple[File, Job | Unread]]:
        for count, file in enumerate(files):
            if count == self.gone_after:
                raise CollectError(Why.DISCONNECTED, "")
            head = Path(file.path).read_bytes()
            yield file, Job(number=0, name=Path(file.path).name, size=file.size, path=None, stamp=1, head=head)

    def whole(self, file: File) -> bytes | Unread:
        self.fetched.append(Path(file.path).name)
        return Path(file.path).read_bytes()


def test_whole_files_are_fetched_for_those_that_need_it(index: Index, tmp_path: Path) -> None:
    fill(tmp_path, "half1.jpg", "cat.jpg", "wound1.jpg")
    supply = HeadsOnly()
    run = Scan(device="phone", index=index, model=MODEL, crew=lambda _: FakeCrew(), stop=threading.Event())
    assert run.run(walk([place(tmp_path)], stop=threading.Event()), supply).complete
    assert supply.fetched == ["half1.jpg"]
    assert len(list(index.pictures("phone", at_least=0.8))) == 2


def test_a_file_that_never_decides_counts_as_unread(index: Index, tmp_path: Path) -> None:
    fill(tmp_path, "half1.jpg")
    run = Scan(
        device="phone", index=index, model=MODEL, crew=lambda _: FakeCrew(lambda _: None), stop=threading.Event()
    )
    done = run.run(walk([place(tmp_path)], stop=threading.Event()), HeadsOnly())
    assert done.unread == {Unread.FAILED: 1}


def test_a_phone_that_goes_away_leaves_what_was_judged(index: Index, tmp_path: Path) -> None:
    fill(tmp_path, *(f"wound{k}.jpg" for k in range(6)))
    run = Scan(device="phone", index=index, model=MODEL, crew=lambda _: FakeCrew(), stop=threading.Event())
    done = run.run(walk([place(tmp_path)], stop=threading.Event()), HeadsOnly(gone_after=4))
    assert (done.complete, done.why) == (False, Why.DISCONNECTED)
    assert len(list(index.pictures("phone", at_least=0.8))) == 4


def test_progress_counts_to_the_end_and_leaves_the_planted_one_out(index: Index, tmp_path: Path) -> None:
    fill(tmp_path / "planted", "planted.jpg")
    fill(tmp_path / "pictures", "a.jpg", "b.jpg")
    told = []
    scan(index, place(tmp_path / "pictures"), planted=place(tmp_path / "planted"), tick=told.append)
    assert [(one.done, one.known) for one in told] == [(0, 2), (1, 2), (2, 2)]


def test_names_of_the_fake_are_what_they_say() -> None:
    assert by_name(Job(number=1, name="half1.jpg", size=1, path=None, stamp=0)) is None


def test_a_glance_judges_what_came_last_and_takes_nothing_out(index: Index, tmp_path: Path) -> None:
    fill(tmp_path, "cat.jpg", "gone.jpg")
    fill(tmp_path / "other", "dog.jpg")
    scan(index, place(tmp_path))
    (tmp_path / "gone.jpg").unlink()
    fill(tmp_path, "wound1.jpg", "wound2.jpg")
    stop, crew = threading.Event(), FakeCrew()
    glance = Scan(device="laptop", index=index, model=MODEL, crew=lambda _: crew, stop=stop, clock_s=lambda: NOW)
    first = next(one for one in walk([place(tmp_path)], stop=stop) if isinstance(one, Folderful))
    assert glance.glance([first], FromDisk(), newest=lambda files: sorted(files, key=lambda one: one.path)[:1]) == 1
    assert crew.names == ["wound1.jpg"]
    assert names(index) == {"cat.jpg", "gone.jpg", "dog.jpg", "wound1.jpg"}
    assert not glance.outcome.complete


class Phone(FromDisk):
    """Lists by collection, not by folder; knows what is proven to be gone."""

    whole_folders = False

    def __init__(self, *proven: str, fault: CollectError | None = None) -> None:
        self.proven, self.fault = proven, fault
        self.asked: dict[str, list[str]] = {}

    def absent(self, folders):
        self.asked = dict(folders)
        if self.fault is not None:
            raise self.fault
        return {folder: [name for name in found if name in self.proven] for folder, found in folders.items()}


def rescan(index: Index, root: Path, supply: FromDisk, *gaps: Path) -> set[str]:
    stop = threading.Event()
    again = Scan(device="laptop", index=index, model=MODEL, crew=lambda _: FakeCrew(), stop=stop, clock_s=lambda: NOW)
    shut = [Unlooked(place=place(one), why=Why.NOT_ASKED, count=1) for one in gaps]
    again.run([*walk([place(root)], stop=stop), *shut], supply)
    return names(index)


def test_under_a_gap_only_what_is_proven_to_be_gone_goes(index: Index, tmp_path: Path) -> None:
    fill(tmp_path / "a", "wound1.jpg", "wound2.jpg", "stays.jpg")
    fill(tmp_path / "b", "wound3.jpg", "wound4.jpg")
    scan(index, place(tmp_path))
    for name in ("a/wound1.jpg", "a/wound2.jpg", "b/wound3.jpg", "b/wound4.jpg"):
        (tmp_path / name).unlink()
    phone = Phone("wound1.jpg", "wound3.jpg")
    assert rescan(index, tmp_path, phone, tmp_path) == {"wound2.jpg", "wound4.jpg", "stays.jpg"}
    assert sorted(phone.asked) == [str(tmp_path / "a"), str(tmp_path / "b")]
    assert rescan(index, tmp_path, Phone(fault=CollectError(Why.DISCONNECTED, "")), tmp_path) >= {"wound2.jpg"}
    assert rescan(index, tmp_path, Phone()) == {"stays.jpg"}, "without a gap the lists are whole"


def test_on_a_disk_a_folder_that_was_listed_has_no_doubt_and_one_that_was_not_keeps_its_files(
    index: Index, tmp_path: Path
) -> None:
    fill(tmp_path / "a", "wound1.jpg", "stays.jpg")
    fill(tmp_path / "b", "wound3.jpg")
    scan(index, place(tmp_path))
    (tmp_path / "a" / "wound1.jpg").unlink()
    (tmp_path / "b" / "wound3.jpg").unlink()
    assert rescan(index, tmp_path, FromDisk(), tmp_path) == {"stays.jpg", "wound3.jpg"}


def test_a_copy_of_what_was_judged_earlier_in_the_same_scan_is_not_judged_again(index: Index, tmp_path: Path) -> None:
    fill(tmp_path, *(f"cat{number}.jpg" for number in range(KEPT_AT_ONCE + 2)))
    (tmp_path / "copy.jpg").write_bytes((tmp_path / "cat0.jpg").read_bytes())
    os.utime(tmp_path / "copy.jpg", (NOW - 9 * DAY, NOW - 9 * DAY))
    os.utime(tmp_path / "cat0.jpg", (NOW, NOW))
    crew = FakeCrew()
    assert scan(index, place(tmp_path), crew=crew).complete
    assert (crew.names[0], "copy.jpg" in crew.names) == ("cat0.jpg", False)
    assert "copy.jpg" in names(index)
