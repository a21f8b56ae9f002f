"""The index of pictures: what is known, what is due again, what keeps its age, what is counted."""

import hashlib
import sqlite3

import pytest
from index_parts import CAMERA, DAY, KEY, MODEL, NOW, file, in_memory, only, opened, put, row, seen

from agent.photos.image import Header, Medium, Unread, Words
from agent.photos.index import DUE, LAPTOP, Index, IndexTrouble, Row, Trouble, digest
from agent.photos.place import Place
from checks.clinical_images.fact import Disposition, Folder, Group, Origin

folder = pytest.fixture(in_memory)
PHONE = "99999999-2222-4333-8444-555555555555"
A, B = "/home/ann/Pictures/a.jpg", "/home/ann/Downloads/b.jpg"
MARK, OTHER = b"m" * 16, b"o" * 16


@pytest.fixture
def index(folder):
    with opened(folder) as one:
        yield one


def test_new_index_knows_nothing(index):
    assert index.known(LAPTOP, MODEL) == {}
    assert not index.rebuilt


def test_file_is_known_by_folder_name_size_and_stamp(index):
    put(index, file(A, size=7, stamp=8))
    put(index, file(B, size=9, stamp=10), Unread.NOT_A_PICTURE)
    assert index.known(LAPTOP, MODEL) == {
        "/home/ann/Pictures": {"a.jpg": (7, 8)},
        "/home/ann/Downloads": {"b.jpg": (9, 10)},
    }


@pytest.mark.parametrize("path", ["/a.jpg", "/photos/\udcff\udc80.jpg", "/photos/a\nb 'c\".jpg", "/\ud83d/\u202e.jpg"])
def test_path_of_any_characters_comes_back(index, path):
    put(index, file(path))
    where, _, name = path.rpartition("/")
    assert index.known(LAPTOP, MODEL) == {where or "/": {name: (3_000_000, 5)}}
    assert only(index, path).file == file(path)


def test_file_judged_by_another_model_is_due_and_still_known_to_be_there(index):
    put(index, file(A), model="finder 0")
    assert index.known(LAPTOP, MODEL) == {"/home/ann/Pictures": {"a.jpg": DUE}}


@pytest.mark.parametrize("why", Unread)
def test_only_what_may_pass_by_itself_is_looked_at_again(index, why):
    put(index, file(A), why)
    again = why in {Unread.VANISHED, Unread.CHANGED, Unread.DENIED, Unread.FAILED}
    assert index.known(LAPTOP, MODEL) == {"/home/ann/Pictures": {"a.jpg": DUE if again else (3_000_000, 5)}}


def test_devices_are_kept_apart(index):
    put(index, file(A), device=PHONE)
    assert index.known(LAPTOP, MODEL) == {}
    assert list(index.known(PHONE, MODEL)) == ["/home/ann/Pictures"]
    assert [one.device for one in index.pictures(at_least=0)] == [PHONE]
    assert list(index.pictures(LAPTOP, at_least=0)) == []


def test_numbers_beyond_the_database_are_due_each_time_and_break_nothing(index):
    put(index, file(A, size=1 << 70, stamp=-(1 << 70), modified_s=1 << 80))
    assert index.known(LAPTOP, MODEL)["/home/ann/Pictures"]["a.jpg"] != (1 << 70, -(1 << 70))


def test_everything_that_was_seen_comes_back(index):
    result = seen(0.25, words=Words.UNREAD, group=Group.DOCUMENT)
    put(index, file(A, hidden=True), result)
    put(index, file(B), seen(fingerprint=None))
    assert (only(index, A).result, only(index, A).file) == (result, file(A, hidden=True))
    assert only(index, B).result == seen(fingerprint=None)


def test_pictures_below_the_score_are_not_listed(index):
    for name, score in (("low", 0.49), ("at", 0.5), ("high", 1.0)):
        put(index, file(f"/p/{name}"), seen(score))
    assert [one.file.path for one in index.pictures(at_least=0.5)] == ["/p/at", "/p/high"]


def test_second_look_keeps_when_a_file_was_first_seen_and_its_id(index):
    put(index, file(A), digest=MARK)
    first = only(index, A)
    put(index, file(A), seen(0.1), digest=MARK, model="finder 2", now=NOW + DAY)
    second = only(index, A)
    assert (second.first_seen, second.id, second.model) == (NOW, first.id, "finder 2")
    assert second.result.score == 0.1


def test_clock_that_was_set_back_dates_a_file_back(index):
    put(index, file(A), now=NOW)
    put(index, file(A), now=NOW - DAY)
    assert only(index, A).first_seen == NOW - DAY


def test_moved_file_keeps_when_it_was_first_seen_and_what_was_said_of_it(index):
    put(index, file(A), digest=MARK)
    assert index.dispose(only(index, A).id, Disposition.NOT_CLINICAL, at=NOW + 1)
    put(index, file(B), digest=MARK, now=NOW + DAY)
    assert (only(index, B).first_seen, only(index, B).disposition) == (NOW, Disposition.NOT_CLINICAL)


def test_moved_file_is_recognised_after_its_old_place_was_found_empty(index):
    put(index, file(A), digest=MARK)
    index.dispose(only(index, A).id, Disposition.OWN, at=NOW + 1)
    index.drop(LAPTOP, "/home/ann/Pictures", ["a.jpg"], now=NOW + 2)
    put(index, file(B), digest=MARK, now=NOW + DAY)
    assert (only(index, B).first_seen, only(index, B).disposition) == (NOW, Disposition.OWN)


@pytest.mark.parametrize(("after_days", "since"), [(30, NOW), (31, NOW + 32 * DAY)])
def test_contents_that_are_gone_are_remembered_for_a_month(index, after_days, since):
    put(index, file(A), digest=MARK)
    put(index, file(B), digest=OTHER)
    index.drop(LAPTOP, "/home/ann/Pictures", ["a.jpg"], now=NOW)
    index.drop(LAPTOP, "/home/ann/Downloads", [], now=NOW + after_days * DAY)
    put(index, file(A), digest=MARK, now=NOW + 32 * DAY)
    assert only(index, A).first_seen == since


def test_same_head_and_another_time_is_as_old_and_not_excused(index):
    """Beyond the head the two may differ: the doubt goes against the picture both times."""
    put(index, file(A), digest=MARK)
    index.dispose(only(index, A).id, Disposition.NOT_CLINICAL, at=NOW)
    put(index, file(B, modified_s=NOW), digest=MARK, now=NOW + DAY)
    assert (only(index, B).first_seen, only(index, B).disposition) == (NOW, Disposition.NONE)


def test_small_file_is_the_same_whatever_its_time(index):
    put(index, file(A, size=65536), digest=MARK)
    index.dispose(only(index, A).id, Disposition.NOT_CLINICAL, at=NOW)
    put(index, file(B, size=65536, modified_s=NOW), digest=MARK)
    assert only(index, B).disposition is Disposition.NOT_CLINICAL


def test_last_word_on_equal_pictures_counts(index):
    for path, said, at in ((A, Disposition.OWN, NOW + 2), (B, Disposition.TEACHING, NOW + 1)):
        put(index, file(path), digest=MARK)
        index.dispose(only(index, path).id, said, at=at)
    put(index, file("/c.jpg"), digest=MARK)
    assert only(index, "/c.jpg").disposition is Disposition.OWN


@pytest.mark.parametrize(
    "changes",
    [{"digest": OTHER}, {"size": 8}, {"digest": None, "stamp": 6}, {"digest": MARK, "modified_s": NOW, "stamp": 6}],
)
def test_other_contents_under_the_same_path_are_as_old_and_not_excused(index, changes):
    put(index, file(A), digest=MARK)
    before = only(index, A)
    index.dispose(before.id, Disposition.NOT_CLINICAL, at=NOW)
    mark = changes.pop("digest", OTHER)
    put(index, file(A, **changes), digest=mark, now=NOW + DAY)
    after = only(index, A)
    assert (after.first_seen, after.disposition) == (NOW, Disposition.NONE)
    assert after.id != before.id
    assert not index.dispose(before.id, Disposition.OWN, at=NOW)


def test_contents_that_made_way_for_others_are_recognised_elsewhere(index):
    put(index, file(A), digest=MARK)
    put(index, file(A), digest=OTHER, now=NOW + DAY)
    put(index, file(B), digest=MARK, now=NOW + DAY)
    assert only(index, B).first_seen == NOW


def test_file_that_may_not_be_read_this_time_keeps_what_was_known_of_its_contents(index):
    put(index, file(A), digest=MARK)
    index.dispose(only(index, A).id, Disposition.LEGAL_HOLD, at=NOW)
    put(index, file(A), Unread.DENIED, now=NOW + DAY)
    assert list(index.pictures(at_least=0)) == []
    put(index, file(A, stamp=6), digest=MARK, now=NOW + DAY)
    assert (only(index, A).first_seen, only(index, A).disposition) == (NOW, Disposition.LEGAL_HOLD)


def test_caller_may_know_an_earlier_date_and_not_a_later_one(index):
    put(index, file(A), first_seen=NOW - DAY)
    put(index, file(B), first_seen=NOW + DAY)
    assert [only(index, path).first_seen for path in (A, B)] == [NOW - DAY, NOW]
    index.date_back(only(index, A).id, NOW)
    index.date_back(only(index, B).id, NOW - 2 * DAY)
    assert [only(index, path).first_seen for path in (A, B)] == [NOW - DAY, NOW - 2 * DAY]


def test_what_was_found_in_the_same_contents_need_not_be_found_again(index):
    put(index, file(A), seen(0.7), digest=MARK)
    assert index.moved(LAPTOP, MARK, file(B), model=MODEL) == seen(0.7)
    assert index.moved(LAPTOP, MARK, file(B), model="finder 2") is None
    assert index.moved(LAPTOP, OTHER, file(B), model=MODEL) is None
    assert index.moved(LAPTOP, MARK, file(B, modified_s=NOW), model=MODEL) is None
    assert index.moved(LAPTOP, MARK, file(B, size=9), model=MODEL) is None
    assert index.moved(PHONE, MARK, file(B), model=MODEL) is None


def test_moved_poison_is_not_tried_and_a_moved_refusal_is(index):
    put(index, file(A), Unread.CRASHED, digest=MARK)
    put(index, file(B), Unread.FAILED, digest=OTHER)
    assert index.moved(LAPTOP, MARK, file("/c.jpg"), model=MODEL) is Unread.CRASHED
    assert index.moved(LAPTOP, OTHER, file("/c.jpg"), model=MODEL) is None


def test_dropped_files_and_folders_are_gone(index):
    for path in ("/p/a", "/p/b", "/p/q/c", "/r/d", "/r/e"):
        put(index, file(path))
    index.drop(LAPTOP, "/p", ["a", "never there"], now=NOW)
    index.drop_folders(LAPTOP, ["/r", "/never there"], now=NOW)
    index.drop(PHONE, "/p", ["b"], now=NOW)
    assert index.known(LAPTOP, MODEL) == {"/p": {"b": (3_000_000, 5)}, "/p/q": {"c": (3_000_000, 5)}}


def test_known_files_move_with_the_places(index):
    inner = Place(folder=Folder.CLOUD, path="/home/ann/Pictures/Sync")
    for path in ("/home/ann/Pictures/a", "/home/ann/Pictures/Sync/b", "/home/ann/Pictures/Sync2/c", "/media/d"):
        put(index, file(path))
    index.settle(LAPTOP, [CAMERA, inner, Place(folder=Folder.OTHER, path="/home/ann")])
    kept = {one.file.path.rpartition("/")[2]: one.file.place for one in index.pictures(at_least=0)}
    assert kept == {"a": CAMERA, "b": inner, "c": CAMERA, "d": CAMERA}


def test_counts_hold_each_picture_and_say_what_was_not_judged(index):
    put(index, file(A), seen(0.29))
    put(index, file(B), seen(0.1, words=Words.UNREAD), model="finder 0")
    for number, why in enumerate((Unread.BROKEN, Unread.BROKEN, Unread.DENIED, Unread.NOT_A_PICTURE)):
        put(index, file(f"/p/{number}"), why)
    put(index, file(A), device=PHONE)
    found = index.counts(LAPTOP, model=MODEL, at_least=0.2)
    when = (NOW - 10 * DAY, NOW)
    assert found.rows == (Row(Folder.CAMERA, Origin.TAKEN, Group.BODY, 29, False, Disposition.NONE, *when),)
    assert (found.below, found.stale) == (1, 1)
    assert found.unread == {(Folder.CAMERA, Unread.BROKEN): 2, (Folder.CAMERA, Unread.DENIED): 1}
    assert found.unread_documents == {Folder.CAMERA: 1}


@pytest.mark.parametrize(("score", "percent"), [(0, 0), (0.009, 0), (0.58, 58), (0.999, 99), (1, 100)])
def test_scores_are_counted_in_whole_percent_rounded_down(index, score, percent):
    put(index, file(A), seen(score))
    assert [one.score_percent for one in index.counts(LAPTOP, model=MODEL).rows] == [percent]


def careless(path):
    """A SQLite that leaves what was deleted in the file, as some are built."""
    db = sqlite3.connect(path, isolation_level=None)
    db.execute("PRAGMA secure_delete=OFF")
    return db


def test_forgotten_device_leaves_nothing_in_any_file(folder):
    with opened(folder, connect=careless) as index:
        put(index, file("/secret-folder/secret-name.jpg"), device=PHONE, digest=MARK)
        put(index, file("/secret-folder/gone.jpg"), device=PHONE, digest=OTHER)
        index.drop(PHONE, "/secret-folder", ["gone.jpg"], now=NOW)
        put(index, file(A))
        index.forget(PHONE)
        left = b"".join(one.read_bytes() for one in folder.iterdir())
        assert [one for one in (b"secret-folder", b"secret-name", PHONE.encode(), MARK, OTHER) if one in left] == []
        assert index.known(PHONE, MODEL) == {}
        assert index.counts(PHONE, model=MODEL).rows == ()
        assert [one.file.path for one in index.pictures(at_least=0)] == [A]


def test_index_in_memory_does_the_same_and_writes_nothing(folder, monkeypatch):
    monkeypatch.chdir(folder)
    with Index.in_memory(key=KEY) as index:
        put(index, file(A), digest=MARK)
        index.drop(LAPTOP, "/home/ann/Pictures", ["a.jpg"], now=NOW)
        put(index, file(B), digest=MARK, now=NOW + DAY)
        assert only(index, B).first_seen == NOW
        index.forget(LAPTOP)
        assert index.known(LAPTOP, MODEL) == {}
    assert list(folder.iterdir()) == []


@pytest.mark.parametrize(
    "unfit",
    [
        {"result": seen(float("nan"))},
        {"result": seen(1.01)},
        {"result": seen(label="x" * 201)},
        {"result": seen(label="two\nlines")},
        {"result": seen(label="\ud83d")},
        {"model": "\udcff"},
    ],
)
def test_result_that_cannot_be_true_is_refused_with_all_that_came_with_it(index, unfit):
    with pytest.raises(IndexTrouble) as refusal:
        index.put(LAPTOP, [row(file(B)), row(file(A), **unfit)])
    assert refusal.value.reason is Trouble.UNFIT
    assert index.known(LAPTOP, MODEL) == {}


def test_device_of_odd_characters_is_refused_and_the_index_stays(index):
    put(index, file(A))
    for ask in (lambda: index.known("\udcff", MODEL), lambda: list(index.pictures("\udcff", at_least=0))):
        with pytest.raises(IndexTrouble) as refusal:
            ask()
        assert refusal.value.reason is Trouble.UNFIT
    assert index.known(LAPTOP, MODEL) != {}


def test_digest_depends_on_key_size_and_head():
    head = hashlib.shake_256(b"head").digest(65536)
    one = digest(KEY, 70000, head)
    others = [digest(KEY[::-1], 70000, head), digest(KEY, 70001, head), digest(KEY, 70000, head[:-1] + b"?")]
    assert len(one) == 16
    assert one not in others
    assert one == digest(KEY, 70000, head + b"more")


def test_head_that_proves_nothing_has_no_digest():
    page = hashlib.shake_256(b"head").digest(61440) + b"\xff" * 4096
    assert digest(KEY, 70000, page) is None
    assert digest(KEY, 65536, page) is not None  # all of the file
    assert digest(KEY, 70000, page[:-1]) is None
    assert digest(KEY, 10, b"123456789") is None


def sound(index, path, *, form="mp4", device=LAPTOP, **changes):
    put(index, file(path, **changes), seen(0, header=Header(medium=Medium.AUDIO, format=form)), device=device)


def test_recordings_are_told_by_device_and_are_no_pictures(index):
    put(index, file(A))
    sound(index, "/p/Recordings/a.m4a")
    sound(index, "/p/Music/song.mp3", form="mp3")
    sound(index, "/sdcard/chat/b.opus", device=PHONE, place=Place(folder=Folder.MESSENGER, path="/sdcard/chat"))
    told = index.recordings()
    assert {device: [(one.folder, one.group) for one in rows] for device, rows in told.items()} == {
        LAPTOP: [(Folder.CAMERA, Group.RECORDING)], PHONE: [(Folder.MESSENGER, Group.RECORDING)],
    }  # fmt: skip
    counted = index.counts(LAPTOP, model=MODEL, at_least=0.01)
    assert counted.recordings == told[LAPTOP]
    assert [one.group for one in counted.rows] == [Group.BODY]


def test_sound_beside_a_clinical_picture_of_the_same_day_is_told(index):
    put(index, file("/p/x/wound.jpg", modified_s=NOW - 10 * DAY))
    sound(index, "/p/x/one.m4a", modified_s=NOW - 10 * DAY + 60)
    sound(index, "/p/x/old.m4a", modified_s=NOW - 20 * DAY)
    sound(index, "/p/y/other.m4a", modified_s=NOW - 10 * DAY)
    [row] = index.counts(LAPTOP, model=MODEL).recordings
    assert row.modified_s == NOW - 10 * DAY + 60
