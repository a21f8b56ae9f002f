"""The file of the index: private, damaged, foreign, full, read-only, shared, removed."""

import json
import os
import sqlite3
import stat
import traceback
from contextlib import closing

import pytest
from index_child import child
from index_parts import DAY, KEY, MODEL, NOW, file, in_memory, only, opened, put

from agent.photos.index import LAPTOP, Index, IndexTrouble, Trouble

folder = pytest.fixture(in_memory)
FILE = "index.sqlite"
A, B = "/home/ann/Pictures/a.jpg", "/home/ann/Downloads/b.jpg"
MARK = b"m" * 16


def filled(folder, count=1):
    with opened(folder) as index:
        for number in range(count):
            put(index, file(f"/p/{number}"), digest=b"%16d" % number)
        return index.key


def test_folder_and_files_are_private(folder):
    with opened(folder / "new" / "photos") as index:
        put(index, file(A))
        modes = {one.name: stat.S_IMODE(one.stat().st_mode) for one in (folder / "new" / "photos").iterdir()}
    assert modes == {FILE: 0o600, f"{FILE}-wal": 0o600, f"{FILE}-shm": 0o600}
    assert stat.S_IMODE((folder / "new" / "photos").stat().st_mode) == 0o700


def test_file_that_others_could_read_is_made_private_again(folder):
    filled(folder)
    os.chmod(folder / FILE, 0o644)
    with opened(folder) as index:
        assert not index.rebuilt
    assert stat.S_IMODE((folder / FILE).stat().st_mode) == 0o600


def test_closed_index_is_one_file_in_wal_mode(folder):
    filled(folder)
    assert [one.name for one in folder.iterdir()] == [FILE]
    with closing(sqlite3.connect(folder / FILE)) as db:
        assert db.execute("PRAGMA journal_mode").fetchone() == ("wal",)


def test_index_that_somebody_took_out_of_wal_mode_is_put_back(folder):
    filled(folder)
    with closing(sqlite3.connect(folder / FILE)) as db:
        db.execute("PRAGMA journal_mode=DELETE")
    with opened(folder) as index:
        assert list(index.known(LAPTOP, MODEL)) == ["/p"]
    with closing(sqlite3.connect(folder / FILE)) as db:
        assert db.execute("PRAGMA journal_mode").fetchone() == ("wal",)


def test_key_is_the_one_of_the_first_day(folder):
    assert filled(folder) == KEY
    with Index.open(folder, key=KEY[::-1]) as index:
        assert index.key == KEY


@pytest.mark.parametrize(
    "rubbish", [b"not a database at all", b"SQLite format 3\0" + b"\xff" * 8000, b"\0" * 4096, b"\xa5" * 100_000]
)
def test_file_that_is_no_index_is_started_anew_and_said(folder, rubbish):
    (folder / FILE).write_bytes(rubbish)
    with opened(folder) as index:
        assert index.rebuilt
        put(index, file(A))
    with opened(folder) as index:
        assert not index.rebuilt
        assert only(index, A).file == file(A)
    assert rubbish not in (folder / FILE).read_bytes()


def test_empty_file_is_a_new_index(folder):
    (folder / FILE).touch()
    with opened(folder) as index:
        assert not index.rebuilt
        assert index.known(LAPTOP, MODEL) == {}


def altered(folder, *statements):
    with closing(sqlite3.connect(folder / FILE, isolation_level=None)) as db:
        for statement in statements:
            db.execute(statement)


@pytest.mark.parametrize(
    "statement",
    [
        "PRAGMA application_id=7",
        "PRAGMA user_version=0",
        "PRAGMA user_version=2",
        "DROP TABLE gone",
        "DROP INDEX in_place",
        "ALTER TABLE files ADD COLUMN more TEXT",
        "DELETE FROM own",
        "UPDATE own SET key = x'00'",
    ],
)
def test_database_of_another_program_or_version_is_started_anew(folder, statement):
    filled(folder)
    altered(folder, statement)
    with opened(folder) as index:
        assert index.rebuilt
        assert index.known(LAPTOP, MODEL) == {}


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE files SET stage = 'dreamt'",
        "UPDATE files SET kind = 'dreamt'",
        "UPDATE files SET hashes = x'00'",
        "UPDATE files SET disposition = 'dreamt'",
        "UPDATE places SET sort = 'dreamt'",
        "UPDATE folders SET path = x'ff'",
    ],
)
def test_row_that_was_never_written_there_is_damage(folder, statement):
    filled(folder)
    altered(folder, statement)
    with opened(folder) as index:
        with pytest.raises(IndexTrouble) as trouble:
            list(index.pictures(at_least=0))
        assert trouble.value.reason is Trouble.DAMAGED
        assert index.rebuilt
        assert list(index.pictures(at_least=0)) == []


def overwritten(folder, page, size=4096):
    with open(folder / FILE, "r+b") as at:
        at.seek((page - 1) * size)
        at.write(b"\xa5" * size)


def pages(folder):
    return (folder / FILE).stat().st_size // 4096


def test_overwritten_page_never_passes_for_a_whole_index(folder, tmp_path):
    """Each page in turn: either the scan sees all that was there, or it is said and everything is looked at again."""
    filled(folder, 40)
    whole, names = (folder / FILE).read_bytes(), {str(number) for number in range(40)}
    said = []
    for page in range(1, pages(folder) + 1):
        place = tmp_path / str(page)
        place.mkdir()
        (place / FILE).write_bytes(whole)
        overwritten(place, page)
        said.append(scanned(place, names))
    assert "rebuilt" in said


def scanned(place, names):
    """What a scan of unchanged files meets: what is known, what was put in besides, what is counted."""
    with opened(place) as index:
        try:
            known = index.known(LAPTOP, MODEL).get("/p", {})
            for name in sorted(names - known.keys()):
                put(index, file(f"/p/{name}"))
            put(index, file("/p/new"), digest=MARK)
            assert len(index.counts(LAPTOP, model=MODEL).rows) == len(names) + 1
            return "rebuilt" if index.rebuilt else "whole"
        except IndexTrouble as trouble:
            why = trouble.reason
        assert (why, index.rebuilt, index.known(LAPTOP, MODEL)) == (Trouble.DAMAGED, True, {})
        return "rebuilt"


@pytest.mark.parametrize("size", [1, 100, 4096, 10_000, 40_000])
def test_truncated_file_is_started_anew(folder, size):
    filled(folder, 40)
    os.truncate(folder / FILE, size)
    assert scanned(folder, {str(number) for number in range(40)}) == "rebuilt"


def test_damage_after_others_were_asked_about_ends_the_scan(folder):
    filled(folder, 40)
    with opened(folder) as index:
        put(index, file(A), device="phone")
        index.known("phone", MODEL)
        altered(folder, "PRAGMA wal_checkpoint(TRUNCATE)", "UPDATE folders SET path = x'ff' WHERE path = x'2f70'")
        with pytest.raises(IndexTrouble) as trouble:
            index.known(LAPTOP, MODEL)
    assert trouble.value.reason is Trouble.DAMAGED


def test_dates_are_carried_out_of_a_damaged_file_and_words_are_not(folder):
    with opened(folder) as index:
        put(index, file(A), digest=MARK)
        index.drop(LAPTOP, "/home/ann/Pictures", ["a.jpg"], now=NOW)
        put(index, file(B), digest=b"o" * 16, now=NOW + 1)
    altered(folder, "PRAGMA user_version=2", "UPDATE files SET disposition = 'own', disposed_at = 1")
    with Index.open(folder, key=KEY[::-1]) as index:
        assert (index.rebuilt, index.key) == (True, KEY)
        put(index, file(A), digest=MARK, now=NOW + DAY)
        put(index, file(B), digest=b"o" * 16, now=NOW + DAY)
        assert [only(index, path).first_seen for path in (A, B)] == [NOW, NOW + 1]
        assert {one.disposition for one in index.pictures(at_least=0)} == {"none"}


def test_dates_around_a_broken_page_are_carried_over(folder):
    filled(folder, 400)
    with closing(sqlite3.connect(folder / FILE)) as db:
        root = db.execute("SELECT rootpage FROM sqlite_master WHERE name = 'files'").fetchone()[0]
    # The root lists its leaves: the last four bytes of its header point to the rightmost, each cell to another.
    page = (folder / FILE).read_bytes()[(root - 1) * 4096 : root * 4096]
    cell = int.from_bytes(page[12 + 2 * 10 : 14 + 2 * 10], "big")
    overwritten(folder, int.from_bytes(page[cell : cell + 4], "big"))
    with opened(folder) as index:
        assert index.known(LAPTOP, MODEL) == {}
        assert index.rebuilt
        for number in range(400):
            put(index, file(f"/p/{number}"), digest=b"%16d" % number, now=NOW + DAY)
        old = [one.first_seen == NOW for one in index.pictures(at_least=0)]
    assert (old[0], old[-1]) == (True, True)
    assert 350 < sum(old) < 400


@pytest.mark.parametrize("make", [os.mkfifo, lambda path: os.symlink("/etc/passwd", path)])
def test_pipe_or_link_in_the_place_of_the_file_is_replaced_and_not_followed(folder, make):
    make(folder / FILE)
    with opened(folder) as index:
        assert index.rebuilt
        put(index, file(A))
    assert stat.S_ISREG((folder / FILE).lstat().st_mode)


def test_linked_index_of_somebody_else_is_neither_read_nor_changed(folder):
    filled(folder / "theirs")
    before = (folder / "theirs" / FILE).read_bytes()
    (folder / "mine").mkdir()
    os.symlink(folder / "theirs" / FILE, folder / "mine" / FILE)
    with Index.open(folder / "mine", key=KEY[::-1]) as index:
        assert (index.key, index.known(LAPTOP, MODEL)) == (KEY[::-1], {})
    assert (folder / "theirs" / FILE).read_bytes() == before


def reason(act):
    with pytest.raises(IndexTrouble) as trouble:
        act()
    shown = "".join(traceback.format_exception(trouble.value))
    assert not any(word in shown for word in ("ann", "wound", ".jpg", "Pictures", "scrubin-test"))
    return trouble.value.reason


@pytest.mark.parametrize("place", ["file/photos", "dir"])
def test_place_that_cannot_be_written_is_said_without_its_name(folder, place):
    (folder / "file").touch()
    (folder / "dir" / FILE).mkdir(parents=True)
    assert reason(lambda: opened(folder / place)) is Trouble.READ_ONLY


def test_read_only_disk_is_said(folder):
    filled(folder)
    read_only = lambda path: sqlite3.connect(f"file:{path}?mode=ro", uri=True, isolation_level=None)  # noqa: E731
    with opened(folder, connect=read_only) as index:
        assert list(index.known(LAPTOP, MODEL)) == ["/p"]
        assert reason(lambda: put(index, file())) is Trouble.READ_ONLY


def test_full_disk_is_said_and_what_is_in_stays(folder):
    def limited(path):
        db = sqlite3.connect(path, isolation_level=None)
        db.execute("PRAGMA max_page_count=30")
        return db

    with opened(folder, connect=limited) as index:
        known, rows = [], (file(f"/p/{number}/{'x' * 200}") for number in range(1000))

        def fill():
            for one in rows:
                known.append(index.known(LAPTOP, MODEL))
                put(index, one)

        assert reason(fill) is Trouble.NO_SPACE
        assert index.known(LAPTOP, MODEL) == known[-1] != {}
        index.forget(LAPTOP)
        put(index, file())


def test_file_that_may_not_grow_is_said(folder):
    out, err = child("starve", folder, 300_000).communicate(timeout=60)
    assert err == ""
    count, why, kept = json.loads(out)
    assert why in (Trouble.NO_SPACE, Trouble.BROKEN_DISK)
    assert kept == count > 3


def test_index_held_by_another_process_is_said(folder):
    filled(folder)
    hurried = lambda path: sqlite3.connect(path, timeout=0, isolation_level=None)  # noqa: E731
    with opened(folder, connect=hurried) as index, closing(sqlite3.connect(folder / FILE, isolation_level=None)) as db:
        db.execute("BEGIN IMMEDIATE")
        assert reason(lambda: put(index, file())) is Trouble.BUSY
        assert list(index.known(LAPTOP, MODEL)) == ["/p"]


def test_two_processes_put_in_while_a_third_reads(folder):
    children = [child("put", folder, name, 60) for name in "xy"]
    seen = [0]
    with opened(folder) as index:
        while any(one.poll() is None for one in children):
            seen.append(sum(len(names) for names in index.known(LAPTOP, MODEL).values()))
        assert [one.communicate()[1] for one in children] == ["", ""]
        assert seen == sorted(seen)
        assert {name: len(names) for name, names in index.known(LAPTOP, MODEL).items()} == {"/x": 60, "/y": 60}


def test_two_processes_that_meet_the_same_damage_lose_nothing_of_each_other(folder):
    (folder / FILE).write_bytes(b"rubbish")
    children = [child("put", folder, name, 20) for name in "xy"]
    assert [one.communicate()[1] for one in children] == ["", ""]
    with opened(folder) as index:
        assert not index.rebuilt
        assert {name: len(names) for name, names in index.known(LAPTOP, MODEL).items()} == {"/x": 20, "/y": 20}


def test_index_that_another_process_has_started_anew_is_not_removed_again(folder):
    """Both meet the damage; the quicker one has made a new index, with a file in it, before the other acts."""
    (folder / FILE).write_bytes(b"rubbish")
    late = []

    def connect(path):
        db = sqlite3.connect(path, isolation_level=None)
        if not late:
            late.append(db)
            filled(folder)
        return db

    with opened(folder, connect=connect) as index:
        assert list(index.known(LAPTOP, MODEL)) == ["/p"]


def test_damage_met_in_use_leaves_a_new_index_that_others_can_fill(folder):
    with opened(folder) as mine:
        put(mine, file(A))
        altered(folder, "UPDATE folders SET path = x'ff'")
        mine.settle(LAPTOP, [])
        assert mine.known(LAPTOP, MODEL) == {}
        put(mine, file(A))
        with opened(folder) as other:
            put(other, file(B))
        assert len(mine.known(LAPTOP, MODEL)) == 2
        with opened(folder) as other:
            assert len(other.known(LAPTOP, MODEL)) == 2


def test_withdrawn_consent_removes_every_file_and_whoever_works_learns_it(folder):
    with opened(folder) as index:
        put(index, file(A))
        Index.wipe(folder)
        assert list(folder.iterdir()) == []
        for act in (lambda: put(index, file(B)), lambda: index.counts(LAPTOP, model=MODEL)):
            assert reason(act) is Trouble.GONE
    assert list(folder.iterdir()) == []
    Index.wipe(folder)
    Index.wipe(folder / "never made")


def test_damaged_index_can_be_removed(folder):
    (folder / FILE).write_bytes(b"rubbish")
    (folder / f"{FILE}-journal").write_bytes(b"rubbish")
    Index.wipe(folder)
    assert list(folder.iterdir()) == []


def test_index_started_anew_by_another_is_not_taken_for_the_one_that_was_read(folder):
    filled(folder)
    with opened(folder) as mine:
        mine.known(LAPTOP, MODEL)
        Index.wipe(folder)
        filled(folder)
        assert reason(lambda: mine.counts(LAPTOP, model=MODEL)) is Trouble.GONE


def test_device_forgotten_by_another_is_not_counted_as_empty(folder):
    filled(folder)
    with opened(folder) as mine, opened(folder) as other:
        mine.known(LAPTOP, MODEL)
        other.forget(LAPTOP)
        assert reason(lambda: mine.counts(LAPTOP, model=MODEL)) is Trouble.GONE
        assert mine.known(LAPTOP, MODEL) == {}


def test_other_devices_may_be_forgotten_meanwhile(folder):
    filled(folder)
    with opened(folder) as mine, opened(folder) as other:
        mine.known(LAPTOP, MODEL)
        put(other, file(A), device="planted")
        other.forget("planted")
        assert len(mine.counts(LAPTOP, model=MODEL).rows) == 1


def test_interrupted_commit_leaves_the_index_as_it_was(folder):
    class Interrupting(sqlite3.Connection):
        armed = False

        def execute(self, statement, *values):
            if self.armed and statement.startswith("INSERT INTO files"):
                self.armed = False
                raise KeyboardInterrupt
            return super().execute(statement, *values)

    made = []

    def connect(path):
        made.append(sqlite3.connect(path, isolation_level=None, factory=Interrupting))
        return made[-1]

    with opened(folder, connect=connect) as index:
        put(index, file(B))
        made[-1].armed = True
        with pytest.raises(KeyboardInterrupt):
            put(index, file(A))
        assert list(index.known(LAPTOP, MODEL)) == ["/home/ann/Downloads"]
        put(index, file(A))
        assert len(list(index.pictures(at_least=0))) == 2
