"""The small parts of the review: what is remembered, what is forgotten, and in which words it is said."""

import threading
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from review_parts import NOW_S, PHONE, FakePhone, judged

from agent.page.note import Told, note
from agent.page.review_shelf import gathered
from agent.page.review_words import age, bytes_of, listing, sure, taken, what
from agent.page.reviewing_files import read_whole
from agent.page.reviewing_memory import Few
from agent.page.reviewing_phones import Phones
from agent.page.reviewing_previews import Previews
from agent.page.reviewing_waiting import LIFE_S, Waiting
from agent.photos.darkroom_model import DarkroomError, Held, Preview, Shot
from agent.photos.image import Unread
from agent.photos.index_model import LAPTOP, Reviewable
from agent.photos.scan import Found
from checks.clinical_images.fact import Disposition, Folder, Origin
from checks.model import Ownership

SHOT = Held(name="a.jpg", data=b"x")


def made(size: int = 10) -> Preview:
    return Preview(clear=bytes(size), blurred=b"", width=1, height=1, sha256=bytes(32))


def reviewable(id: int = 1, *, device: str = LAPTOP, stamp: int = 5) -> Reviewable:
    return Reviewable(
        id=id, device=device, path=f"/{id}.jpg", size=3, stamp=stamp, modified_s=1, digest=None, folder=Folder.CAMERA,
        origin=Origin.TAKEN, disposition=Disposition.NONE, first_seen=1, result=judged(1),
    )  # fmt: skip


def found(id: int, **changes) -> Found:
    values = {
        "path": f"/{id}.jpg", "place": Folder.CAMERA, "result": judged(1), "device": LAPTOP, "first_seen": NOW_S - 9000,
        "modified_s": NOW_S - 9000, "origin": Origin.TAKEN,
    }  # fmt: skip
    return Found(id=id, **{**values, **changes})


class Maker:
    """Makes previews, or fails, and counts how often."""

    def __init__(self, answer: Preview | Unread) -> None:
        self.answer, self.times = answer, 0

    def __call__(self, shot: Shot) -> Preview:
        self.times += 1
        if isinstance(self.answer, Unread):
            raise DarkroomError(self.answer)
        return self.answer


def test_a_preview_is_made_once() -> None:
    maker = Maker(made())
    previews = Previews(maker)
    assert previews.of(reviewable(), lambda: SHOT) is previews.of(reviewable(), lambda: SHOT)
    assert maker.times == 1


def test_a_file_that_changed_gets_a_preview_of_its_own() -> None:
    maker = Maker(made())
    previews = Previews(maker)
    previews.of(reviewable(stamp=5), lambda: SHOT)
    previews.of(reviewable(stamp=6), lambda: SHOT)
    assert maker.times == 2


@pytest.mark.parametrize(("why", "times"), [(Unread.BROKEN, 1), (Unread.TIMED_OUT, 1), (Unread.VANISHED, 2)])
def test_what_cannot_become_better_is_not_tried_again(why: Unread, times: int) -> None:
    maker = Maker(why)
    previews = Previews(maker)
    assert [previews.of(reviewable(), lambda: SHOT) for _ in range(2)] == [why, why]
    assert maker.times == times


@given(sizes=st.lists(st.integers(0, 60), max_size=30))
def test_previews_never_take_more_than_their_room(sizes: list[int]) -> None:
    maker = Maker(made())
    previews = Previews(maker, most_bytes=100)
    for number, size in enumerate(sizes):
        maker.answer = made(size)
        previews.of(reviewable(number), lambda: SHOT)
        assert previews.bytes <= 100


def test_what_is_forgotten_while_it_is_made_is_not_kept() -> None:
    def make(_: Shot) -> Preview:
        previews.forget()
        return made()

    previews = Previews(make)
    previews.of(reviewable(), lambda: SHOT)
    assert previews.devices == frozenset()


def test_a_phone_that_goes_takes_its_previews_along_and_no_others() -> None:
    now, there = [0.0], {PHONE: FakePhone()}
    previews = Previews(Maker(made()))
    phones = Phones(lambda: dict(there), clock_s=lambda: now[0], stop=threading.Event(), gone=previews.forget)
    phones.here()
    previews.of(reviewable(1, device=PHONE), lambda: SHOT)
    previews.of(reviewable(2), lambda: SHOT)
    there.clear()
    assert PHONE in phones.here()  # asked a moment ago
    now[0] = 6.0
    assert phones.here() == {}
    assert previews.devices == {LAPTOP}


def test_a_phone_is_watched_for_as_long_as_something_of_it_is_shown() -> None:
    stop, looked, left = threading.Event(), threading.Event(), [True, True, False]
    phones = Phones(dict, clock_s=float, stop=stop, gone=lambda _: None, watch_s=0.001)
    phones.watch(lambda: left.pop(0), looked.set)
    assert looked.wait(30)
    thread = next((one for one in threading.enumerate() if one.name == "phones"), None)
    if thread is not None:
        thread.join(30)
        assert not thread.is_alive()
    assert left == []


@pytest.mark.parametrize(("seconds", "dropped"), [(LIFE_S, []), (LIFE_S + 1, ["key"])])
def test_what_gives_no_sign_of_life_is_dropped(seconds: float, dropped: list[str]) -> None:
    now, gone = [0.0], []
    waiting = Waiting(clock_s=lambda: now[0], drop=gone.append)
    waiting.add("key", number=1, count=2)
    now[0] = seconds
    waiting.sweep()
    assert gone == dropped
    assert (waiting.alive("key") is None) is bool(dropped)


def test_only_the_newest_few_are_remembered() -> None:
    few: Few[int, int] = Few(most=3)
    for one in range(5):
        few.put(one, one)
    assert [few.get(one) for one in range(5)] == [None, None, 2, 3, 4]


def test_a_file_is_read_only_while_it_is_the_same(tmp_path) -> None:
    path = tmp_path / "a.jpg"
    path.write_bytes(b"abc")
    stamp = path.stat().st_mtime_ns
    (tmp_path / "link").symlink_to(path)
    assert read_whole(str(path), 3, stamp) == b"abc"
    assert read_whole(str(path), 3, stamp + 1) is Unread.CHANGED
    assert read_whole(str(path), 4, stamp) is Unread.CHANGED
    assert read_whole(str(tmp_path / "link"), 3, stamp) is Unread.DENIED
    assert read_whole(str(tmp_path / "none"), 3, stamp) is Unread.VANISHED
    assert read_whole(str(path), 1 << 40, stamp) is Unread.TOO_LARGE


@pytest.mark.parametrize(
    ("score", "word"), [(0.99, "very likely"), (0.95, "very likely"), (0.9, "likely"), (0.8, "perhaps")]
)
def test_how_sure_is_said_in_words(score: float, word: str) -> None:
    assert sure(score) == word


@pytest.mark.parametrize(("hours", "word"), [(None, "no date"), (1, "1 hour"), (48, "48 hours"), (49, "2 days")])
def test_ages_are_words(hours: int | None, word: str) -> None:
    assert age(hours) == word


@pytest.mark.parametrize(
    ("taken_at", "words"),
    [
        ("2026-11-12T14:41:00", "Thu 12 November 2026, 2:41 pm"),
        ("2026-11-12T00:05:00+10:00", "Thu 12 November 2026, 12:05 am"),
        ("nonsense", ""),
        (None, ""),
    ],
)
def test_when_it_was_taken_is_what_the_file_says(taken_at: str | None, words: str) -> None:
    assert taken(judged(1, taken_at=taken_at)) == words


@pytest.mark.parametrize(("size", "words"), [(12, "12 bytes"), (212_000, "212 kB"), (3_100_000, "3.1 MB")])
def test_sizes_are_words(size: int, words: str) -> None:
    assert bytes_of(size) == words


@pytest.mark.parametrize(
    ("words", "said"), [([], ""), (["a"], "a"), (["a", "b"], "a and b"), (["a", "b", "c"], "a, b and c")]
)
def test_lists_are_words(words: list[str], said: str) -> None:
    assert listing(words) == said


@pytest.mark.parametrize(
    ("changes", "size", "words"),
    [
        ({}, 100, "The original, with time inside"),
        ({"origin": Origin.SENT}, 10, "Smaller, made when it was sent, with time inside"),
        ({"origin": Origin.RECEIVED}, 10, "Smaller or cropped, with time inside"),
        ({"place": Folder.THUMBNAILS}, 10, "A small preview that a program made, with time inside"),
        ({"place": Folder.TRASH}, 100, "In the trash, which empties itself in time, with time inside"),
        ({"result": judged(1, gps=True)}, 100, "The original, with time and place inside"),
        ({"result": judged(1, camera=False, taken_at=None)}, 100, "Of full size"),
    ],
)
def test_each_copy_says_what_it_is(changes: dict, size: int, words: str) -> None:
    assert what(found(1, **changes), size, 100) == words


@pytest.mark.parametrize(
    ("changes", "disposition", "words"),
    [
        ({}, Disposition.IN_RECORD, "taken by [your name and role] on 12/11/2026 at 14:41 with [which camera"),
        ({"device": PHONE}, Disposition.IN_RECORD, "with a phone of the practice"),
        ({"origin": Origin.RECEIVED}, Disposition.IN_RECORD, "received in a chat from [who], taken by [who]"),
        ({"origin": Origin.SENT}, Disposition.IN_RECORD, "Sent in a chat to: [who]."),
        ({"result": judged(1, taken_at=None)}, Disposition.IN_RECORD, "on [date and time]"),
        ({}, Disposition.FILED, "Printed, and the print filed in this record on 22/11/2026"),
        ({}, Disposition.FILED_BY_SENDER, "Stored in the record by its sender, [who]"),
    ],
)
def test_the_note_is_drafted_from_what_is_known(changes: dict, disposition: Disposition, words: str) -> None:
    one = found(1, **changes)
    now = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)
    text = note(
        Told(first=one, copies=[one], phones=Ownership.PRACTICE_OWNED, disposition=disposition, now=now)
    )  # fmt: skip
    assert words in text
    assert "/1.jpg" not in text


def states(*dispositions: Disposition, score: float = 0.93) -> list[str]:
    numbers = range(1, len(dispositions) + 1)
    copies = [
        found(
            one, disposition=said, copies=tuple(other for other in numbers if other != one),
            result=judged(1, score=score if one == 1 else 0.3),
        )
        for one, said in zip(numbers, dispositions, strict=True)
    ]  # fmt: skip
    return [one.state.value for one in gathered(copies, {LAPTOP: 0.8}, {}, NOW_S)]


@pytest.mark.parametrize(
    ("dispositions", "state"),
    [
        ([Disposition.NONE], "open"),
        ([Disposition.IN_RECORD], "open"),
        ([Disposition.FILED_BY_SENDER], "open"),
        ([Disposition.NOT_CLINICAL], "decided"),
        ([Disposition.TEACHING], "decided"),
        ([Disposition.OWN, Disposition.NONE], "decided"),
        ([Disposition.NONE, Disposition.LEGAL_HOLD], "hold"),
        ([Disposition.LEGAL_HOLD, Disposition.NONE], "hold"),
    ],
)
def test_each_picture_stands_under_one_heading(dispositions: list[Disposition], state: str) -> None:
    assert states(*dispositions) == [state]


def test_what_does_not_look_clinical_is_not_shown() -> None:
    assert states(Disposition.NONE, score=0.7) == []
