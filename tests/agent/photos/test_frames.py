"""Messages arrive as they were sent, in pieces of any length; what is none is told apart before it is believed."""

import os
import struct
import threading

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agent.photos.frames import MARK, MOST_HEADER, Frame, FrameError, Incoming, Outgoing, buffers, receive, send

MOST = 4096
headers = st.dictionaries(st.text(max_size=5), st.none() | st.booleans() | st.integers() | st.text(max_size=20))
messages = st.lists(st.tuples(headers, st.binary(max_size=200)), max_size=5)


def joined(*sent: tuple[dict[str, object], bytes]) -> bytes:
    return b"".join(b"".join(buffers(header, payload)) for header, payload in sent)


def raw(header: bytes, *, payload: int = 0, mark: bytes = MARK, length: int | None = None) -> bytes:
    return struct.pack("<4sII", mark, len(header) if length is None else length, payload) + header


@settings(deadline=None)
@given(messages, st.lists(st.integers(1, 50)))
def test_messages_cut_anywhere_arrive_whole(sent: list[tuple[dict[str, object], bytes]], cuts: list[int]) -> None:
    data, incoming, heard = joined(*sent), Incoming(most_payload=MOST), []
    for cut in [*cuts, len(data)]:
        heard += incoming.feed(data[:cut])
        data = data[cut:]
    assert heard == [Frame(header=header, payload=payload) for header, payload in sent]


@settings(deadline=None)
@given(st.binary(max_size=400))
def test_any_bytes_are_frames_or_none(data: bytes) -> None:
    try:
        assert all(isinstance(one, Frame) for one in Incoming(most_payload=MOST).feed(data))
    except FrameError:
        return


@pytest.mark.parametrize(
    "data",
    [
        raw(b"{}", mark=b"HTTP"),
        raw(b"", length=MOST_HEADER + 1),
        raw(b"{}", payload=MOST + 1),
        raw(b"{"),
        raw(b"[]"),
        raw(b"\xff"),
        raw(b"[" * 60_000),
        raw(b"1" * 5_000),
    ],
    ids=["mark", "long header", "long payload", "no JSON", "no object", "no text", "deep", "digits"],
)
def test_what_is_no_frame_is_refused(data: bytes) -> None:
    with pytest.raises(FrameError):
        list(Incoming(most_payload=MOST).feed(data))
    assert_refused_from_a_pipe(data)


def assert_refused_from_a_pipe(data: bytes) -> None:
    out, into = os.pipe()
    os.write(into, data)
    os.close(into)
    with pytest.raises(FrameError):
        receive(out, most_payload=MOST)
    os.close(out)


def test_long_message_passes_a_narrow_pipe() -> None:
    payload = os.urandom(1 << 20)
    out, into = os.pipe()
    writer = threading.Thread(target=lambda: send(into, buffers({"a": "\udcff"}, payload[:10], payload[10:])))
    writer.start()
    assert receive(out) == Frame(header={"a": "\udcff"}, payload=payload)
    writer.join()
    os.close(into)
    assert receive(out) is None
    os.close(out)


@pytest.mark.parametrize("kept", [1, 11, 13, 20])
def test_message_that_breaks_off_is_none(kept: int) -> None:
    out, into = os.pipe()
    os.write(into, joined(({"a": 1}, b"payload"))[:kept])
    os.close(into)
    with pytest.raises(FrameError):
        receive(out)
    os.close(out)


def test_full_pipe_is_left_until_it_empties() -> None:
    out, into = os.pipe()
    os.set_blocking(into, False)
    outgoing, payload = Outgoing(), os.urandom(1 << 20)
    outgoing.add(buffers({}, payload))
    outgoing.flush(into)
    with pytest.raises(BlockingIOError):
        outgoing.flush(into)
    assert outgoing.waiting
    os.set_blocking(into, True)
    reader = threading.Thread(target=lambda: heard.append(receive(out)))
    heard: list[Frame | None] = []
    reader.start()
    while outgoing.waiting:
        outgoing.flush(into)
    reader.join()
    assert heard == [Frame(header={}, payload=payload)]
    os.close(out)
    os.close(into)


def test_payload_is_not_copied() -> None:
    payload = bytes(100)
    assert buffers({}, payload)[1] is payload


@pytest.mark.parametrize("header", [{"name": "x" * MOST_HEADER}])
def test_too_long_a_header_is_not_sent(header: dict[str, object]) -> None:
    with pytest.raises(FrameError):
        buffers(header)
