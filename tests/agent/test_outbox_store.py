"""The outbox's file: damaged, full, read-only, newer, shared by threads and processes."""

import json
import os
import sqlite3
import stat
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, suppress
from datetime import timedelta

import pytest
from outbox_child import child
from outbox_parts import NOON, MemoryTransport, in_memory, name, outbox, parcel
from system_calls import made_by

from agent.outbox_model import OutboxError, Trouble

tmp_path = pytest.fixture(in_memory)

ASIDE = "outbox.sqlite.damaged-20261121T120000Z"


def limited(pages):
    """A disk that takes so many pages and no more."""

    def connect(path):
        db = sqlite3.connect(path, isolation_level=None)
        db.execute(f"PRAGMA max_page_count={pages}")
        return db

    return connect


def file_in(folder):
    return folder / "outbox.sqlite"


def test_file_and_folder_are_private(tmp_path):
    outbox(tmp_path / "new" / "state").enqueue(parcel(1), now=NOON)
    assert stat.S_IMODE(os.stat(file_in(tmp_path / "new" / "state")).st_mode) == 0o600
    assert [stat.S_IMODE(os.stat(tmp_path / one).st_mode) for one in ("new", "new/state")] == [0o700, 0o700]


def test_commits_are_flushed_and_leave_one_file(tmp_path):
    opened = []

    def connect(path):
        opened.append(Watched(path, isolation_level=None))
        return opened[-1]

    outbox(tmp_path, connect=connect).enqueue(parcel(1), now=NOON)
    assert opened[-1].synchronous == 3  # EXTRA
    assert [one.name for one in tmp_path.iterdir()] == ["outbox.sqlite"]
    with closing(sqlite3.connect(file_in(tmp_path))) as db:
        assert db.execute("PRAGMA journal_mode").fetchone() == ("delete",)


def test_name_of_a_new_file_is_made_to_last(tmp_path):
    box = outbox(tmp_path)
    assert made_by(lambda: box.enqueue(parcel(1), now=NOON), {os.fsync}) == ["fsync"]  # SQLite flushes its own
    file_in(tmp_path).write_bytes(b"rubbish")
    box = outbox(tmp_path)
    assert made_by(lambda: box.enqueue(parcel(2), now=NOON), {os.rename, os.fsync}) == ["rename", "fsync", "fsync"]


def test_outbox_that_somebody_put_into_wal_mode_is_put_back(tmp_path):
    outbox(tmp_path).enqueue(parcel(1), now=NOON)
    with closing(sqlite3.connect(file_in(tmp_path))) as db:
        db.execute("PRAGMA journal_mode=WAL")
    outbox(tmp_path).enqueue(parcel(2, "ff"), now=NOON)
    with closing(sqlite3.connect(file_in(tmp_path))) as db:
        assert db.execute("PRAGMA journal_mode").fetchone() == ("delete",)


class Watched(sqlite3.Connection):
    """Remembers how it was set when it was closed."""

    synchronous = None

    def close(self):
        self.synchronous = self.execute("PRAGMA synchronous").fetchone()[0]
        super().close()


@pytest.mark.parametrize("rubbish", [b"not a database at all", b"SQLite format 3\0" + b"\xff" * 8000, b"\0" * 4096])
def test_damaged_file_is_set_aside_whole(tmp_path, rubbish):
    file_in(tmp_path).write_bytes(rubbish)
    receipt = outbox(tmp_path).enqueue(parcel(1), now=NOON)
    assert receipt.set_aside == ASIDE
    assert (tmp_path / ASIDE).read_bytes() == rubbish
    box = outbox(tmp_path)
    assert [one.id for one in box.show()] == [name(1)]
    assert box.pending().set_aside == (ASIDE,)


def test_second_damaged_file_of_a_second_does_not_replace_the_first(tmp_path):
    for rubbish in (b"rubbish one", b"rubbish two"):
        file_in(tmp_path).write_bytes(rubbish)
        outbox(tmp_path).enqueue(parcel(1), now=NOON)
    assert [(tmp_path / one).read_bytes() for one in (ASIDE, f"{ASIDE}-2")] == [b"rubbish one", b"rubbish two"]


def test_journal_of_a_damaged_file_goes_with_it(tmp_path):
    journal = tmp_path / "outbox.sqlite-journal"

    def connect(path):
        """A disk that breaks while a journal is open, once; SQLite itself would have played or dropped an idle one."""
        if (tmp_path / ASIDE).exists():
            return sqlite3.connect(path, isolation_level=None)
        journal.write_bytes(b"what was being written")
        error = sqlite3.DatabaseError("malformed")
        error.sqlite_errorcode = sqlite3.SQLITE_CORRUPT
        raise error

    outbox(tmp_path, connect=connect).enqueue(parcel(1), now=NOON)
    assert (tmp_path / f"{ASIDE}-journal").read_bytes() == b"what was being written"
    assert not journal.exists()


@pytest.mark.parametrize("page", range(1, 9))
def test_overwritten_page_is_noticed_and_the_next_report_is_safe(tmp_path, page):
    box = outbox(tmp_path)
    for number in range(6):
        box.enqueue(parcel(number, "pf" if number % 2 else "fp", pad=2000), now=NOON)
    with open(file_in(tmp_path), "r+b") as file:
        file.seek((page - 1) * 4096)
        file.write(b"\xa5" * 4096)
    late = outbox(tmp_path)
    receipt = late.enqueue(parcel(9, "ee"), now=NOON)
    assert name(9) in [one.id for one in late.show()]
    assert receipt.set_aside == ASIDE


def test_reading_a_damaged_file_leaves_it_and_says_so(tmp_path):
    file_in(tmp_path).write_bytes(b"rubbish")
    for read in (outbox(tmp_path).show, outbox(tmp_path).pending):
        with pytest.raises(OutboxError) as refusal:
            read()
        assert refusal.value.reason is Trouble.DAMAGED
    assert file_in(tmp_path).read_bytes() == b"rubbish"


def test_sending_from_a_damaged_file_starts_a_new_one(tmp_path):
    file_in(tmp_path).write_bytes(b"rubbish")
    assert outbox(tmp_path).deliver_due(MemoryTransport(), now=NOON).sent == 0
    assert outbox(tmp_path).pending().set_aside == (ASIDE,)


@pytest.mark.parametrize("version", [0, 1, 2])
def test_database_of_another_program_is_set_aside(tmp_path, version):
    with closing(sqlite3.connect(file_in(tmp_path))) as db:
        db.execute("CREATE TABLE diary(entry)")
        db.execute(f"PRAGMA user_version={version}")
    assert outbox(tmp_path).enqueue(parcel(1), now=NOON).set_aside == ASIDE


def test_outbox_of_a_newer_version_is_left_alone(tmp_path):
    outbox(tmp_path).enqueue(parcel(1), now=NOON)
    with closing(sqlite3.connect(file_in(tmp_path))) as db:
        db.execute("PRAGMA user_version=2")
    with pytest.raises(OutboxError) as refusal:
        outbox(tmp_path).enqueue(parcel(2), now=NOON)
    assert refusal.value.reason is Trouble.NEWER
    assert [one.name for one in tmp_path.iterdir()] == ["outbox.sqlite"]


@pytest.mark.parametrize(
    "damage",
    [
        "DROP TABLE devices", "DROP INDEX unsent", "UPDATE parcels SET kind='x'", "UPDATE parcels SET created_at='x'",
        "UPDATE parcels SET history='x'", "UPDATE parcels SET history='[7]'", "UPDATE parcels SET history='7'",
        "UPDATE parcels SET reason='x'", "UPDATE parcels SET tried_at=0, wait_s=1e300",
    ],
)  # fmt: skip
def test_sound_file_with_unsound_content_is_damaged(tmp_path, damage):
    outbox(tmp_path).enqueue(parcel(1), now=NOON)
    with closing(sqlite3.connect(file_in(tmp_path))) as db:
        db.execute(damage)
        db.commit()
    post = MemoryTransport()
    for read in (outbox(tmp_path).show, lambda: outbox(tmp_path).next_due(NOON), outbox(tmp_path).pending):
        with suppress(OutboxError):
            read()
    outbox(tmp_path).deliver_due(post, now=NOON)
    assert outbox(tmp_path).pending().set_aside == (ASIDE,) or post.ids == [name(1)]
    outbox(tmp_path).enqueue(parcel(2, "ff"), now=NOON)
    assert outbox(tmp_path).deliver_due(post, now=NOON).sent == 1


def test_read_only_disk_can_be_read_and_says_why_it_cannot_be_written(tmp_path):
    outbox(tmp_path).enqueue(parcel(1), now=NOON)
    box = outbox(tmp_path, connect=lambda path: sqlite3.connect(f"file:{path}?mode=ro", uri=True, isolation_level=None))
    assert [one.id for one in box.show()] == [name(1)]
    assert box.pending().waiting == 1
    with pytest.raises(OutboxError) as refusal:
        box.enqueue(parcel(2, "ff"), now=NOON)
    assert refusal.value.reason is Trouble.READ_ONLY


def test_file_set_aside_by_another_process_is_not_set_aside_again(tmp_path):
    """Both meet the damage; the quicker one has made a new outbox, with a report in it, before the other acts."""
    file_in(tmp_path).write_bytes(b"rubbish")

    def late(path):
        if not (tmp_path / ASIDE).exists():
            outbox(tmp_path).enqueue(parcel(1), now=NOON)
            return sqlite3.connect(tmp_path / ASIDE, isolation_level=None)
        return sqlite3.connect(path, isolation_level=None)

    receipt = outbox(tmp_path, connect=late).enqueue(parcel(2, "ff"), now=NOON)
    assert receipt.set_aside is None
    assert [one.id for one in outbox(tmp_path).show()] == [name(1), name(2)]


def test_disk_that_stays_damaged_is_said(tmp_path):
    def broken(path):
        error = sqlite3.DatabaseError("malformed")
        error.sqlite_errorcode = sqlite3.SQLITE_CORRUPT
        raise error

    with pytest.raises(OutboxError) as refusal:
        outbox(tmp_path, connect=broken).enqueue(parcel(1), now=NOON)
    assert refusal.value.reason is Trouble.BROKEN_DISK


def test_fault_of_ours_is_not_taken_for_damage(tmp_path):
    def forgetful(path):
        db = sqlite3.connect(path, isolation_level=None)
        db.execute("CREATE TEMP TABLE devices(nothing)")
        return db

    outbox(tmp_path).enqueue(parcel(1), now=NOON)
    with pytest.raises(sqlite3.OperationalError):
        outbox(tmp_path, connect=forgetful).enqueue(parcel(2, "ff"), now=NOON)
    assert outbox(tmp_path).pending().set_aside == ()


def test_empty_file_is_a_new_outbox(tmp_path):
    file_in(tmp_path).touch()
    assert outbox(tmp_path).enqueue(parcel(1), now=NOON).set_aside is None


def test_full_disk_is_said_and_what_was_queued_stays(tmp_path):
    box = outbox(tmp_path, connect=limited(20))
    parcels = [parcel(number, "pf" if number % 2 else "fp", pad=3000) for number in range(99)]
    with pytest.raises(OutboxError) as refusal:
        [box.enqueue(one, now=NOON) for one in parcels]
    assert refusal.value.reason is Trouble.NO_SPACE
    kept = len(box.show())
    assert [one.body for one in box.show()] == [one.body for one in parcels[:kept]]
    assert box.deliver_due(MemoryTransport(), now=NOON).sent == kept > 0


def test_disk_full_at_the_first_report(tmp_path):
    with pytest.raises(OutboxError) as refusal:
        outbox(tmp_path, connect=limited(2)).enqueue(parcel(1), now=NOON)
    assert refusal.value.reason is Trouble.NO_SPACE
    assert outbox(tmp_path).enqueue(parcel(1), now=NOON).set_aside is None


@pytest.mark.parametrize("limit", [0, 1000, 20_000, 60_000])
def test_file_that_cannot_grow_refuses_without_harm(tmp_path, limit):
    out, _ = child("starve", tmp_path, limit).communicate(timeout=60)
    number, reason, sentence, kept = json.loads(out)
    assert reason in (Trouble.NO_SPACE, Trouble.BROKEN_DISK)
    assert "could not be" in sentence
    assert kept == number == len(outbox(tmp_path).show())
    assert outbox(tmp_path).enqueue(parcel(900, "ee"), now=NOON).set_aside is None


@pytest.mark.parametrize(
    ("place", "reason"), [("file/outbox", Trouble.READ_ONLY), ("/proc/self/outbox", Trouble.BROKEN_DISK)]
)
def test_place_that_cannot_be_written_is_said(tmp_path, place, reason):
    (tmp_path / "file").touch()
    with pytest.raises(OutboxError) as refusal:
        outbox(tmp_path / place).enqueue(parcel(1), now=NOON)
    assert refusal.value.reason is reason


def test_folder_in_the_place_of_the_file_is_said(tmp_path):
    file_in(tmp_path).mkdir()
    with pytest.raises(OutboxError) as refusal:
        outbox(tmp_path).enqueue(parcel(1), now=NOON)
    assert refusal.value.reason is Trouble.READ_ONLY


def test_outbox_held_by_another_process_is_said(tmp_path):
    outbox(tmp_path).enqueue(parcel(1), now=NOON)
    hurried = outbox(tmp_path, connect=lambda path: sqlite3.connect(path, timeout=0, isolation_level=None))
    with closing(sqlite3.connect(file_in(tmp_path), isolation_level=None)) as other:
        other.execute("BEGIN EXCLUSIVE")
        with pytest.raises(OutboxError) as refusal:
            hurried.enqueue(parcel(2, "ff"), now=NOON)
    assert refusal.value.reason is Trouble.BUSY
    assert [one.id for one in hurried.show()] == [name(1)]


def test_two_processes_put_in_while_a_third_reads(tmp_path):
    children = [child("put", tmp_path, first, 40) for first in (0, 100)]
    reader, seen = outbox(tmp_path), [0]
    while any(one.poll() is None for one in children):
        seen.append(reader.pending().waiting)
    assert [one.communicate()[1] for one in children] == ["", ""]
    assert seen == sorted(seen)
    assert reader.pending().waiting + len(unchanged(tmp_path)) == 80


def unchanged(tmp_path):
    """Reports that became notes, and notes that became newer ones: both were put in, and neither is a full letter."""
    with closing(sqlite3.connect(file_in(tmp_path))) as db:
        return db.execute("SELECT id FROM known WHERE id NOT IN (SELECT id FROM parcels)").fetchall()


def test_threads_share_one_outbox(tmp_path):
    box, post = outbox(tmp_path), MemoryTransport()
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda n: box.enqueue(parcel(n, "pf", device=name(500 + n)), now=NOON), range(24)))
        list(pool.map(lambda _: box.deliver_due(post, now=NOON), range(4)))
    assert sorted(post.ids) == sorted(name(n) for n in range(24))


def test_known_ids_do_not_grow_for_ever(tmp_path):
    box, post = outbox(tmp_path, limit_bytes=3000), MemoryTransport()
    with closing(sqlite3.connect(":memory:")):
        box.enqueue(parcel(1), now=NOON)
    with closing(sqlite3.connect(file_in(tmp_path))) as db:
        db.executemany("INSERT INTO known(id, digest) VALUES (?, '')", ((f"old-{n}",) for n in range(3000)))
        db.commit()
    box.deliver_due(post, now=NOON)
    box.enqueue(parcel(2, "ff"), now=NOON + timedelta(days=1))
    with closing(sqlite3.connect(file_in(tmp_path))) as db:
        assert db.execute("SELECT count(*) FROM known").fetchone()[0] <= 2001
        assert db.execute("SELECT count(*) FROM known WHERE id = ?", (name(1),)).fetchone() == (1,)
