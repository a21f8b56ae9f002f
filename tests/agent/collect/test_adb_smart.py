"""The adb server's protocol without a library: any bytes give a text or a named reason."""

import socket
import threading

import pytest
from fake_adb import FakeAdbServer, said
from hypothesis import given
from hypothesis import strategies as st

from agent.collect.adb import smart
from agent.collect.host import CollectError
from checks.evidence import Why


def heard(data: bytes, *, close: bool = True) -> str | Why:
    """What `okay` and `block` make of these bytes."""
    ours, theirs = socket.socketpair()
    with ours, theirs:
        ours.settimeout(0.05)
        writer = threading.Thread(target=lambda: (theirs.sendall(data), close and theirs.shutdown(socket.SHUT_WR)))
        writer.start()
        try:
            smart.okay(ours)
            return smart.block(ours)
        except CollectError as error:
            return error.why
        finally:
            writer.join()


@pytest.mark.parametrize(
    ("data", "answer"),
    [
        (b"OKAY0003abc", "abc"),
        (b"OKAY0000", ""),
        (b"OKAY0002\xff\xfe", "\ufffd\ufffd"),
        (b"OKAY", Why.DISCONNECTED),
        (b"OKAY00", Why.DISCONNECTED),
        (b"OKAY0009abc", Why.DISCONNECTED),
        (b"OKAY-001x", Why.UNPARSABLE),
        (b"OKAY0x10", Why.UNPARSABLE),
        (b"OKAY 001x", Why.UNPARSABLE),
        (b"FAIL0003abc", Why.TOOL_FAILED),
        (b"FAILxxxx", Why.UNPARSABLE),
        (b"HTTP/1.1 400 Bad Request", Why.UNPARSABLE),
        (b"", Why.DISCONNECTED),
    ],
)
def test_what_bytes_mean(data: bytes, answer: str | Why) -> None:
    assert heard(data) == answer


def test_a_server_that_falls_silent_is_given_up() -> None:
    assert heard(b"OKAY0009abc", close=False) is Why.TIMED_OUT


@given(st.binary(max_size=200))
def test_any_bytes_give_a_text_or_a_reason(data: bytes) -> None:
    assert isinstance(heard(data), str | Why)


def test_a_request_has_its_length_before_it() -> None:
    with FakeAdbServer({"host:version": said("0029")}) as server, smart.dial(server.port) as connection:
        smart.send(connection, "host:version")
        smart.okay(connection)
        assert smart.block(connection) == "0029"


def test_where_nobody_listens_there_is_no_server() -> None:
    with socket.create_server(("127.0.0.1", 0)) as found:
        port = found.getsockname()[1]
    with pytest.raises(CollectError) as error:
        smart.dial(port)
    assert error.value.why is Why.TOOL_MISSING


def test_a_request_without_measure_is_refused() -> None:
    ours, theirs = socket.socketpair()
    with ours, theirs, pytest.raises(CollectError) as error:
        smart.send(ours, "x" * (smart.LONGEST_REQUEST + 1))
    assert error.value.why is Why.UNPARSABLE


def test_the_rest_is_cut() -> None:
    ours, theirs = socket.socketpair()
    with ours, theirs:
        theirs.sendall(b"x" * 100)
        theirs.shutdown(socket.SHUT_WR)
        assert smart.rest(ours, most=60) == b"x" * 60
