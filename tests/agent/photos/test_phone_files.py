"""Heads and whole files of phones that are honest, slow, cut off or hostile."""

import re
import threading

import pytest
from hypothesis import given
from hypothesis import strategies as st
from phone_fakes import FakePhone

from agent.collect.adb.files import Until, marked, records
from agent.collect.android.picture_scripts import READ, Kind, PictureScript
from agent.collect.host import CollectError
from agent.photos.image import HEAD_BYTES, Unread
from agent.photos.phone_files import AHEAD, PhonePictures
from agent.photos.place import File, Place
from checks.clinical_images.fact import Folder
from checks.evidence import Why

CAMERA = "/storage/emulated/0/DCIM/Camera"
MARKER = b"@@" + b"0" * 32
HEAD = 10
WORD = MARKER.decode()
CHANGING = {
    "rm", "mv", "cp", "dd", "tee", "touch", "mkdir", "ln", "chmod", "truncate", "insert", "update", "delete", "call",
    "write", "am", "svc", "settings", "setprop", "input", "cmd", "execdir", "ok", "su", "eval",
}  # fmt: skip


def file(name: str, size: int = HEAD) -> File:
    place = Place(folder=Folder.CAMERA, path=CAMERA)
    return File(place=place, path=f"{CAMERA}/{name}", size=size, stamp=1, modified_s=1)


def holding(**files: bytes | str) -> dict[str, bytes | str]:
    return {f"{CAMERA}/{name}": data for name, data in files.items()}


def heads(phone: FakePhone, *files: File) -> list[tuple[str, int, bytes | Unread]]:
    return [(one.path.rpartition("/")[2], one.size, seen) for one, seen in phone.pictures().heads(files)]


def test_no_files_ask_for_nothing() -> None:
    phone = FakePhone()
    assert heads(phone) == []
    assert phone.runs == []


@pytest.mark.parametrize(
    ("held", "seen"),
    [
        ("gone", Unread.VANISHED),
        ("denied", Unread.DENIED),
        ("link", Unread.NOT_A_FILE),
        ("other", Unread.NOT_A_FILE),
        ("failed", Unread.FAILED),
        ("\x1b[2J", Unread.FAILED),
    ],
)
def test_a_file_that_is_not_read_has_its_reason(held: str, seen: Unread) -> None:
    phone = FakePhone(files=holding(a=held, b=b"0123456789"))
    assert heads(phone, file("a"), file("b")) == [("a", HEAD, seen), ("b", HEAD, b"0123456789")]
    assert phone.pictures().whole(file("a"), most=99) is seen


@pytest.mark.parametrize(
    ("listed", "real", "size"),
    [(0, 5, 5), (10, 5, 5), (0, HEAD_BYTES, HEAD_BYTES), (10, 300_000, 300_000), (300_000, 300_000, 300_000)],
)
def test_a_head_comes_with_the_true_size(listed: int, real: int, size: int) -> None:
    phone = FakePhone(files=holding(a=bytes(real)))
    assert heads(phone, file("a", listed)) == [("a", size, bytes(min(real, HEAD_BYTES)))]


def test_only_a_few_files_are_asked_for_ahead() -> None:
    names = [f"{number:03}" for number in range(200)]
    phone = FakePhone(files=holding(**dict.fromkeys(names, b"x")))
    taken: list[str] = []
    files = (taken.append(name) or file(name, 1) for name in names)  # type: ignore[func-returns-value]
    for number, _ in enumerate(phone.pictures().heads(files)):
        assert len(taken) <= number + AHEAD
        assert len(phone.runs[0].told) <= number + AHEAD
    assert len(phone.runs) == 1
    assert len(taken) == number + 1 == 200


def test_a_file_that_never_comes_is_left_out_and_the_others_are_read() -> None:
    phone = FakePhone(files=holding(a=b"1", b="hangs", c=b"3"))
    assert heads(phone, file("a", 1), file("b", 1), file("c", 1)) == [
        ("a", 1, b"1"), ("b", 1, Unread.TIMED_OUT), ("c", 1, b"3"),
    ]  # fmt: skip
    assert len(phone.runs) == 2
    assert all(one.closed for one in phone.runs)


def test_a_phone_on_which_nothing_comes_is_given_up() -> None:
    phone = FakePhone(files=holding(**dict.fromkeys("abcdefgh", "hangs")))
    with pytest.raises(CollectError) as refused:
        heads(phone, *(file(name) for name in "abcdefgh"))
    assert refused.value.why is Why.TIMED_OUT
    assert phone.pictures().whole(file("a"), most=99) is Unread.TIMED_OUT


class Breaking(FakePhone):
    """Hangs up in the middle of one file, each time."""

    def _read(self, line: bytes, mark: bytes) -> bytes:
        if line.endswith(b"/poison\n"):
            self.runs[-1].ends = True
            return b"half"
        return b"" if self.runs[-1].ends else super()._read(line, mark)


def test_a_file_that_breaks_the_connection_is_left_out() -> None:
    phone = Breaking(files=holding(a=b"1", b=b"2"))
    assert heads(phone, file("a", 1), file("poison"), file("b", 1)) == [
        ("a", 1, b"1"), ("poison", HEAD, Unread.FAILED), ("b", 1, b"2"),
    ]  # fmt: skip


def test_whole_file_is_bounded_and_of_the_size_that_was_listed() -> None:
    pictures = FakePhone(files=holding(a=bytes(100))).pictures()
    assert pictures.whole(file("a", 100), most=100) == bytes(100)
    assert pictures.whole(file("a", 101), most=100) is Unread.TOO_LARGE
    assert pictures.whole(file("a", 99), most=100) is Unread.CHANGED
    assert pictures.whole(file("a", 101), most=200) is Unread.CHANGED


def test_content_without_an_end_is_no_content() -> None:
    class Endless(FakePhone):
        def _read(self, line: bytes, mark: bytes) -> bytes:
            return bytes(HEAD_BYTES + 4096)

    with pytest.raises(CollectError) as refused:
        heads(Endless(), file("a"))
    assert refused.value.why is Why.TOO_LARGE


def test_who_stops_gets_no_more() -> None:
    stop = threading.Event()
    phone = FakePhone(files=holding(a=b"1", b="hangs"))
    found = phone.pictures(stop=stop).heads([file("a", 1), file("b", 1)])
    next(found)
    stop.set()
    with pytest.raises(CollectError) as stopped:
        next(found)
    assert stopped.value.why is Why.STOPPED
    assert phone.runs[0].closed


@pytest.mark.parametrize("path", ["/data/a", "/storage/a\nb", "relative"])
def test_a_path_of_no_listing_is_never_sent(path: str) -> None:
    odd = File(place=Place(folder=Folder.OTHER, path="/"), path=path, size=1, stamp=1, modified_s=1)
    phone = FakePhone()
    with pytest.raises(ValueError, match="no listing"):
        list(phone.pictures().heads([odd]))
    assert all(one.told == [] for one in phone.runs)


def test_scripts_take_in_no_text_of_anybodys() -> None:
    for marker in ("", "@@x", f"{WORD}\n", '"; reboot'):
        with pytest.raises(ValueError, match="form"):
            READ.text(marker)
    with pytest.raises(ValueError, match="form"):
        PictureScript(kind=Kind.MEDIA, collection="images/media; reboot").text(WORD)
    with pytest.raises(CollectError):
        PhonePictures(1, "a:b:c", 34, "id", threading.Event())


@pytest.mark.parametrize("kind", Kind)
@pytest.mark.parametrize("release", [26, 29, 34])
def test_scripts_only_read(kind: Kind, release: int) -> None:
    text = PictureScript(kind=kind, release=release).text(WORD)
    assert re.findall(r"@[A-Z]+@", text) == []
    written = {one.rstrip(");") for one in re.findall(r">\s*(\S+)", text.replace("_id>0", ""))}
    assert written <= {"/dev/null", "&1", "&2", "&3"}
    assert set(re.findall(r"[a-z]+", text)).isdisjoint(CHANGING)
    assert len(text) < 60_000, "one request to the adb server"


@given(
    st.lists(st.tuples(st.binary(max_size=60), st.sampled_from(["read", "gone", ""])), max_size=6), st.integers(1, 30)
)
def test_answers_are_taken_apart_however_they_come(answers: list[tuple[bytes, str]], piece: int) -> None:
    text = b"".join(b"%s\n%s %s\n" % (body, MARKER, ending.encode()) for body, ending in answers)
    chunks = (text[start : start + piece] for start in range(0, len(text), piece))
    assert list(marked(chunks, MARKER, most=60)) == answers


@given(st.lists(st.binary(min_size=1, max_size=60), max_size=6), st.integers(1, 30))
def test_records_are_taken_apart_however_they_come(found: list[bytes], piece: int) -> None:
    wanted = [b"F " + one for one in found]
    text = b"\n".join(MARKER + b" " + one for one in [*wanted, b"Z 0"])[0:] + b"\n"
    chunks = (text[start : start + piece] for start in range(0, len(text), piece))
    assert list(records(chunks, MARKER)) == [*wanted, b"Z 0"]


@given(st.binary(max_size=200), st.integers(1, 30))
def test_what_comes_before_the_end_is_handed_on_whole(body: bytes, piece: int) -> None:
    text = body + b"\n" + MARKER + b" Z 0\n"
    said = Until((text[start : start + piece] for start in range(0, len(text), piece)), MARKER)
    assert b"".join(said) == body
    assert (said.ending, said.head) == ("0", body[: len(said.head)])


ROW = (
    b"Row: 0 _id=1, _size=10, date_modified=5, owner_package_name=NULL, is_pending=0, generation_modified=7, _data=%s\n"
)
ALL = ROW % f"{CAMERA}/here.jpg".encode()
SEARCHED = b"@V /storage/emulated/0\n@N@A@D 1\n"
"""It complained, so something was not searched."""


def gone(phone: FakePhone, *names: str) -> set[str]:
    pictures = phone.pictures()
    list(pictures.listing())
    return {one.rpartition("/")[2] for one in pictures.gone([f"{CAMERA}/{name}" for name in names])}


def test_what_no_list_has_and_the_phone_denies_is_gone() -> None:
    names = [f"{number}.jpg" for number in range(AHEAD * 2 + 3)]
    phone = FakePhone({"images": ALL}, SEARCHED, files=holding(**{"7.jpg": b"x", "8.jpg": "denied", "9.jpg": "link"}))
    assert gone(phone, *names) == {*names} - {"7.jpg", "8.jpg", "9.jpg"}


def test_a_phone_whose_media_store_was_not_listed_to_its_end_proves_nothing() -> None:
    phone = FakePhone({"images": ALL, "video": b"Error while accessing provider:media\n"}, SEARCHED)
    assert gone(phone, "a.jpg") == set()
    assert gone(FakePhone({"images": ALL}, SEARCHED), "a.jpg") == {"a.jpg"}
    assert FakePhone().pictures().gone([f"{CAMERA}/a.jpg"]) == set(), "nothing was listed at all"


def test_a_card_that_is_out_and_a_path_that_cannot_be_asked_for_prove_nothing() -> None:
    pictures = FakePhone({"images": ALL}, SEARCHED).pictures()
    list(pictures.listing())
    assert pictures.gone(["/storage/1234-ABCD/DCIM/a.jpg", "/storage/emulated/0/a\nb.jpg"]) == set()


def test_a_phone_that_goes_while_it_is_asked_is_said() -> None:
    phone = FakePhone({"images": ALL}, SEARCHED, cut=dict.fromkeys(range(5, 99), 0))
    with pytest.raises(CollectError):
        gone(phone, "a.jpg")
