"""Lists of a phone's pictures that are honest, cut, garbled, endless or hostile."""

import threading

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from phone_fakes import OWNER, PROOF, FakePhone, FakePipe

from agent.collect.adb.files import SILENT_S, PhoneFiles
from agent.collect.android.picture_scripts import PictureScript
from agent.collect.host import CollectError
from agent.phones import marker
from agent.photos.phone_list import PhoneList
from agent.photos.place import File, Unlooked
from checks.evidence import Why

OWN = "/storage/emulated/0"
FOUND = f"@V {OWN}\n@N@A@D 0\n".encode()


def row(number: int, path: str = "", **changes: object) -> bytes:
    fields = {
        "_id": number + 1, "_size": 10, "date_modified": 1700000000, "owner_package_name": "NULL", "is_pending": 0,
        "generation_modified": 7, "_data": path or f"{OWN}/DCIM/Camera/{number}.jpg", **changes,
    }  # fmt: skip
    return f"Row: {number} {', '.join(f'{k}={v}' for k, v in fields.items())}\n".encode()


def files(phone: FakePhone) -> tuple[list[File], list[Unlooked]]:
    found = list(phone.pictures().listing())
    return [one for one in found if isinstance(one, File)], [one for one in found if isinstance(one, Unlooked)]


def whys(phone: FakePhone) -> list[tuple[str, int | None]]:
    return [(one.why, one.count) for one in files(phone)[1]]


def test_a_file_is_as_the_phone_says() -> None:
    (one,), gaps = files(FakePhone({"images": row(0, owner_package_name="com.whatsapp")}, FOUND))
    assert (one.path, one.size, one.stamp, one.modified_s) == (f"{OWN}/DCIM/Camera/0.jpg", 10, 7, 1700000000)
    assert (one.place.path, one.hidden, gaps) == (f"{OWN}/DCIM/Camera", False, [])


def test_before_android_11_the_date_stands_for_the_change() -> None:
    text = f"Row: 0 _id=1, _size=NULL, date_modified=5, _data={OWN}/a.jpg\n".encode()
    found = list(FakePhone({"images": text}, FOUND).pictures(release=26).listing())
    assert [(one.size, one.stamp) for one in found if isinstance(one, File)] == [(0, 5)]


def test_a_file_that_is_both_stored_and_found_comes_once() -> None:
    found = f"@V {OWN}\n@F 10 5 {OWN}/DCIM/Camera/0.jpg\n@N@A@D 0\n".encode()
    assert len(files(FakePhone({"images": row(0)}, found))[0]) == 1


def test_numbers_beyond_any_database_are_bounded() -> None:
    media = {"images": row(0, _size="9" * 19, date_modified=-5, generation_modified="9" * 19)}
    (one,), _ = files(FakePhone(media, FOUND))
    assert (one.size, one.stamp, one.modified_s) == ((1 << 62) - 1, (1 << 62) - 1, 0)


@pytest.mark.parametrize("path", ["/data/x.jpg", f"{OWN}/a\nb.jpg", f"{OWN}/../../x.jpg", f"{OWN}/{'a' * 5000}"])
def test_a_path_that_cannot_be_asked_for_is_counted(path: str) -> None:
    assert whys(FakePhone({"images": row(0, path)}, FOUND)) == [(Why.UNREADABLE, 1)]


def test_more_files_than_any_phone_has_are_not_looked_at() -> None:
    phone = FakePhone({"images": b"".join(map(row, range(5)))}, FOUND)
    reader = PhoneFiles(phone, marker=marker, stop=threading.Event())
    *found, last = PhoneList(reader, release=34, most=3).files()
    assert len(found) == 3
    assert isinstance(last, Unlooked)
    assert last.why == Why.TOO_LARGE


@pytest.mark.parametrize("text", [b"", b"\n", b"Error while accessing provider:media\n", row(0)[:-9]])
def test_a_list_that_is_none_is_said_to_be_missing(text: bytes) -> None:
    reasons = whys(FakePhone({"video": text}, FOUND))
    assert [one for one, _ in reasons] in ([Why.TOOL_FAILED], [Why.UNPARSABLE])


def test_a_list_in_which_the_store_complained_is_not_whole() -> None:
    phone = FakePhone({"images": row(0)}, FOUND)
    phone.complaints = 1
    found, gaps = files(phone)
    assert len(found) == 1
    assert [one.why for one in gaps] == [Why.TOOL_FAILED] * 3


def test_a_list_that_breaks_again_and_again_goes_on_while_something_comes() -> None:
    cuts = {number: len(PROOF) + 38 + len(row(0)) * (number + 1) for number in range(1, 7)}
    phone = FakePhone({"images": b"".join(map(row, range(9)))}, FOUND, cut=cuts)
    found, gaps = files(phone)
    assert (len(found), gaps) == (9, [])
    assert len(phone.runs) > 3 + 5


def test_another_phone_that_answers_after_a_cut_is_not_listened_to() -> None:
    class Swapped(FakePhone):
        def pipe(self, wanted: PictureScript, marker: str) -> FakePipe:
            self.proof = PROOF if len(self.runs) < 2 else "[ro.serialno]: [S2]\n"
            return super().pipe(wanted, marker)

    with pytest.raises(CollectError) as refused:
        files(Swapped({"images": row(0)}, FOUND))
    assert "another phone" in refused.value.detail


@pytest.mark.parametrize(
    ("found", "why"),
    [
        (b"", Why.NOT_FOUND),
        (f"@V {OWN}\n@N@A@D 2\n".encode(), Why.UNREADABLE),
        (f"@V {OWN}\n@N@A@D \n".encode(), Why.UNREADABLE),
        (f"@V {OWN}\n@N@A\n".encode(), Why.TOOL_FAILED),
        (f"@V {OWN}\n@F x 5 {OWN}/a.jpg\n@D 0\n".encode(), Why.UNPARSABLE),
        (f"@V {OWN}\n@F 1 5 {'a' * 40_000}".encode(), Why.TOO_LARGE),
    ],
)
def test_a_search_that_is_not_whole_is_said_to_be_missing(found: bytes, why: Why) -> None:
    assert whys(FakePhone(found=found, piece=4096)) == [(why, None)]


@pytest.mark.parametrize(
    ("people", "gaps"),
    [
        (f"open\n{OWNER}\tUserInfo{{150:Secure Folder:1030}}\n", [Why.OTHER_PROFILE]),
        (f"open\n{OWNER}\tUserInfo{{10:x", [Why.UNPARSABLE]),
        ("open\nError: no permission\n", [Why.UNPARSABLE]),
    ],
)
def test_who_else_is_on_the_phone_is_not_inspected(people: str, gaps: list[Why]) -> None:
    assert [one.why for one in files(FakePhone(found=FOUND, people=people))[1]] == gaps


@pytest.mark.parametrize("people", ["locked\n", "", "opened"])
def test_without_storage_there_is_no_list(people: str) -> None:
    with pytest.raises(CollectError) as refused:
        files(FakePhone(people=people))
    assert refused.value.why is Why.NOT_UNLOCKED_YET


@pytest.mark.parametrize(("run", "why"), [(0, None), (1, Why.TIMED_OUT), (4, Why.TIMED_OUT)])
@pytest.mark.parametrize("size", [0, 5, len(PROOF) + 40, len(PROOF) + 70])
def test_a_list_that_falls_silent_is_said_to_be_missing(run: int, why: Why | None, size: int) -> None:
    phone = FakePhone({"images": row(0)}, FOUND, silent={run: size})
    if why is None:
        with pytest.raises(CollectError) as refused:
            files(phone)
        assert refused.value.why is Why.TIMED_OUT
        assert phone.clock.now_s < 2 * SILENT_S
    else:
        assert whys(phone) == [(why, None)]
    assert all(one.closed for one in phone.runs)


def test_a_phone_that_drips_is_given_up() -> None:
    phone = FakePhone({"images": b"".join(map(row, range(999)))}, FOUND, piece=1)
    phone.drips_s = 1.0
    assert Why.TIMED_OUT in [one for one, _ in whys(phone)]


def test_a_list_that_breaks_again_and_again_ends() -> None:
    phone = FakePhone({"images": row(0)}, FOUND, cut={number: len(PROOF) + 60 for number in range(1, 50)})
    with pytest.raises(CollectError) as gone:
        files(phone)
    assert gone.value.why is Why.DISCONNECTED
    assert len(phone.runs) == 4


@settings(deadline=None, max_examples=60)
@given(st.integers(1, 40), st.lists(st.text("ab,= @/\r\t.é", min_size=1, max_size=12), max_size=12, unique=True))
def test_any_names_in_any_pieces_are_listed(piece: int, names: list[str]) -> None:
    paths = [f"{OWN}/x/{name}" for name in names if "/../" not in f"/{name}" and "\r" not in name[-1:]]
    media = b"".join(row(number, path) for number, path in enumerate(paths)) or b"No result found.\n"
    found, gaps = files(FakePhone({"images": media}, FOUND, piece=piece))
    assert [one.path for one in found] == paths
    assert gaps == []


@settings(deadline=None, max_examples=60)
@given(st.binary(max_size=80), st.binary(max_size=80))
def test_any_bytes_give_a_list_or_a_reason(media: bytes, found: bytes) -> None:
    assert whys(FakePhone({"images": b"Row: 0" + media}, b"@" + found))
