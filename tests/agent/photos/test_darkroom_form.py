"""What the confined process says is believed only where it has the form of an answer."""

from collections.abc import Mapping
from typing import Any

import pytest

from agent.photos.darkroom_form import (
    PIECE_BYTES,
    Asked,
    PreviewAnswer,
    StrippedAnswer,
    Wish,
    asked,
    handed,
    refusal,
    request,
    shown,
)
from agent.photos.darkroom_model import MOST_SHOWN_BYTES, MOST_STRIPPED, DarkroomError, Preview, Stripped, Trace
from agent.photos.frames import Frame, FrameError, Incoming
from agent.photos.image import Unread

JPEG = b"\xff\xd8\xff\xe0\xff\xd9"
PREVIEW = Preview(clear=JPEG, blurred=JPEG + JPEG, width=960, height=1, sha256=bytes(range(32)))
ROW = {"number": 7, "width": 960, "height": 1, "clear": len(JPEG), "sha256": bytes(range(32)).hex()}


def heard(*messages: tuple[bytes, ...]) -> list[Frame]:
    incoming = Incoming(most_payload=128 << 20)
    return [frame for message in messages for frame in incoming.feed(b"".join(message))]


def frame(row: Mapping[str, object], payload: bytes = JPEG + JPEG) -> Frame:
    return Frame(header=row, payload=payload)


def test_a_preview_comes_through() -> None:
    (one,) = heard(shown(7, PREVIEW))
    assert PreviewAnswer(7).heed(one) == PREVIEW


@pytest.mark.parametrize("size", [1, PIECE_BYTES, PIECE_BYTES + 1, 3 * PIECE_BYTES])
def test_a_copy_of_any_size_comes_through(size: int) -> None:
    copy = Stripped(data=bytes(size), suffix=".mp4", removed=(Trace.PLACE, Trace.SOUND))
    answer = StrippedAnswer(7)
    *before, last = [answer.heed(one) for one in heard(*handed(7, copy))]
    assert set(before) == {None}
    assert last == copy


@pytest.mark.parametrize("answer", [PreviewAnswer(7), StrippedAnswer(7)])
@pytest.mark.parametrize("why", Unread)
def test_a_refusal_says_why(answer: Any, why: Unread) -> None:
    (one,) = heard(refusal(7, why))
    with pytest.raises(DarkroomError) as raised:
        answer.heed(one)
    assert raised.value.why is why


@pytest.mark.parametrize("path", [None, "/home/a\n\udcff.jpg"])
def test_a_question_comes_through(path: str | None) -> None:
    question = Asked(number=7, wish=Wish.STRIP, name="\u202egpj", size=9, path=path, stamp=-1)
    (one,) = heard(request(question, b"bytes"))
    assert asked(one) == question
    assert one.payload == b"bytes"


@pytest.mark.parametrize(
    "wrong",
    [
        {"number": 8}, {"number": True}, {"number": None}, {"width": 0}, {"width": 961}, {"width": "960"},
        {"height": 0}, {"height": True}, {"clear": 0}, {"clear": -1}, {"clear": 10**9}, {"clear": 3}, {"sha256": "00"},
        {"sha256": "G" * 64}, {"sha256": None}, {"unread": "no such reason"}, {"unread": ["broken"]},
    ],
)  # fmt: skip
def test_what_is_no_preview_is_refused(wrong: dict[str, object]) -> None:
    assert PreviewAnswer(7).heed(frame(ROW))
    with pytest.raises(FrameError):
        PreviewAnswer(7).heed(frame(ROW | wrong))


@pytest.mark.parametrize("missing", ROW)
def test_a_preview_that_lacks_anything_is_refused(missing: str) -> None:
    with pytest.raises(FrameError):
        PreviewAnswer(7).heed(frame({name: value for name, value in ROW.items() if name != missing}))


@pytest.mark.parametrize(
    "clear", [b"<html>", b"\x89PNG" + JPEG, JPEG + b"trailer", JPEG[:3] + bytes(MOST_SHOWN_BYTES) + JPEG]
)
def test_what_is_no_small_jpeg_is_refused(clear: bytes) -> None:
    for payload in (clear + JPEG, JPEG + clear):
        start = len(clear) if payload.startswith(clear + JPEG) else len(JPEG)
        with pytest.raises(FrameError):
            PreviewAnswer(7).heed(frame(ROW | {"clear": start}, payload))


@pytest.mark.parametrize(
    "wrong",
    [
        {"size": 0}, {"size": MOST_STRIPPED + 1}, {"size": "1"}, {"suffix": ".exe"}, {"suffix": "../x.jpg"},
        {"suffix": None}, {"removed": "place"}, {"removed": ["the patient's name"]}, {"removed": None}, {"number": 8},
    ],
)  # fmt: skip
def test_what_is_no_copy_is_refused(wrong: dict[str, object]) -> None:
    row = {"number": 7, "size": 1, "suffix": ".jpg", "removed": []}
    assert StrippedAnswer(7).heed(frame(row)) is None
    with pytest.raises(FrameError):
        StrippedAnswer(7).heed(frame(row | wrong))


@pytest.mark.parametrize(("at", "payload"), [(1, b"xy"), (0, b"xyz"), (0, b""), (True, b"xy"), (None, b"xy")])
def test_pieces_that_do_not_fit_are_refused(at: object, payload: bytes) -> None:
    answer = StrippedAnswer(7)
    answer.heed(frame({"number": 7, "size": 2, "suffix": ".jpg", "removed": []}))
    with pytest.raises(FrameError):
        answer.heed(frame({"number": 7, "at": at}, payload))
