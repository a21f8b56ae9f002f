"""The phone's list of pictures, whatever names people and apps give to files."""

from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.collect.android.media import Media, columns, rows
from agent.collect.host import CollectError
from checks.evidence import Why

NEW = columns(34)
NAMES = st.binary(max_size=40).filter(lambda name: b"\0" not in name and b"\r" not in name and b"Row: " not in name)


def printed(*paths: bytes) -> bytes:
    """As `content query` prints it on Android 11 and later."""
    return b"".join(
        b"Row: %d _id=%d, _size=39873, date_modified=1700000000, datetaken=NULL, mime_type=image/jpeg, width=1080, "
        b"height=NULL, owner_package_name=com.whatsapp, is_pending=0, is_trashed=1, generation_modified=7, _data=%s\n"
        % (number, number + 100, path)
        for number, path in enumerate(paths)
    )


def cut(text: bytes, step: int) -> Iterator[bytes]:
    return (text[start : start + step] for start in range(0, len(text), step))


def test_row_is_read_whole() -> None:
    assert list(rows([printed(b"/storage/emulated/0/DCIM/a.jpg")], NEW)) == [
        Media(
            id=100, size_bytes=39873, modified_s=1700000000, taken_ms=None, mime_type="image/jpeg", width=1080,
            height=None, owner="com.whatsapp", pending=False, trashed=True, generation=7,
            path=b"/storage/emulated/0/DCIM/a.jpg",
        )
    ]  # fmt: skip


@given(st.lists(NAMES, max_size=5), st.integers(1, 60))
def test_names_come_out_as_they_are_however_the_stream_is_cut(names: list[bytes], step: int) -> None:
    paths = [b"/sdcard/" + name + b".jpg" for name in names]
    assert [one.path for one in rows(cut(printed(*paths), step), NEW)] == paths


@pytest.mark.parametrize(
    "name", [b"a, _data=b.jpg", b"x\nRow: 77 _id=1.jpg", b"= , =.jpg", "Wunde 7, öffnen.jpg".encode()]
)
def test_names_that_look_like_columns_and_rows_are_names(name: bytes) -> None:
    assert [one.path for one in rows([printed(b"/sdcard/" + name, b"/sdcard/z.jpg")], NEW)] == [
        b"/sdcard/" + name,
        b"/sdcard/z.jpg",
    ]


def test_no_picture_is_no_row() -> None:
    assert list(rows([b"No result found.\n"], NEW)) == []
    assert list(rows([], NEW)) == []


@pytest.mark.parametrize(
    ("release", "lacks"), [(26, {"owner_package_name", "is_trashed"}), (29, {"is_trashed"}), (30, set())]
)
def test_old_releases_are_not_asked_for_columns_that_they_lack(release: int, lacks: set[str]) -> None:
    asked = columns(release)
    assert asked[-1] == "_data"
    assert not lacks & set(asked)


@pytest.mark.parametrize(
    "text",
    [
        b"Error while accessing provider:media\njava.lang.IllegalArgumentException: Invalid column is_trashed\n",
        b"java.lang.SecurityException: Permission Denial: reading MediaProvider\n",
        printed(b"/sdcard/a.jpg").replace(b"_size=39873", b"_size=big"),
        printed(b"/sdcard/a.jpg").replace(b"_id=100", b"_id=NULL"),
    ],
)
def test_other_answers_are_no_empty_list(text: bytes) -> None:
    with pytest.raises(CollectError) as refused:
        list(rows([text], NEW))
    assert refused.value.why is Why.UNPARSABLE


@pytest.mark.parametrize("left", [1, 20, 100])
def test_list_that_was_cut_is_not_whole(left: int) -> None:
    with pytest.raises(CollectError) as refused:
        list(rows([printed(b"/sdcard/a.jpg")[:-left]], NEW))
    assert refused.value.why is Why.UNPARSABLE


def test_rows_before_the_fault_are_good() -> None:
    found = rows([printed(b"/sdcard/a.jpg") + b"Row: 1 noise\n"], NEW)
    assert next(found).path == b"/sdcard/a.jpg"
    with pytest.raises(CollectError):
        next(found)


@pytest.mark.parametrize("flood", [b"Row: 0 _id=" + b"9" * (1 << 17), b"x\n" * (1 << 17)])
def test_row_without_an_end_is_cut_off(flood: bytes) -> None:
    with pytest.raises(CollectError) as refused:
        list(rows([flood], NEW))
    assert refused.value.why is Why.TOO_LARGE


@given(st.binary(max_size=400))
def test_any_bytes_give_rows_or_a_reason(noise: bytes) -> None:
    try:
        found = list(rows([noise], NEW))
    except CollectError:
        return
    assert all(one.id is not None for one in found)
