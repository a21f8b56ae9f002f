"""Pairing and connecting over Wi-Fi: what may be typed, and what the server's words mean."""

import os
import signal
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest
from fake_adb import FakeAdbServer, block, said
from hypothesis import given
from hypothesis import strategies as st

from agent.collect.adb.program import programs, start_server
from agent.collect.adb.wifi import AddressError, Outcome, address, code, connect, outcome, pair
from agent.demo.server import AdbServer


@pytest.mark.parametrize(
    ("typed", "meant"),
    [("192.168.1.5:37045", "192.168.1.5:37045"), (" 192.168.1.5:5555 \n", "192.168.1.5:5555"),
     ("phone.local:37045", "phone.local:37045"), ("[fe80::1]:37045", "[fe80::1]:37045"),
     ("10.0.0.1:00080", "10.0.0.1:80")],
)  # fmt: skip
def test_addresses_that_a_phone_shows(typed: str, meant: str) -> None:
    assert address(typed) == meant


@pytest.mark.parametrize(
    "typed",
    ["", ":", "192.168.1.5", "192.168.1.5:", "192.168.1.5:0", "192.168.1.5:65536", ":5555", "a b:5555", "a:b:5555",
     "[x]:5555", "fe80::1:5555", "-x:5555", "a..b:5555", "x;reboot:5555", f"{'a' * 300}:5555", "a\n:5555", "ä:5555",
     "1.2.3.4:٣٣٣٣"],
)  # fmt: skip
def test_what_is_no_address(typed: str) -> None:
    with pytest.raises(AddressError):
        address(typed)


@given(st.text(max_size=300))
def test_an_address_that_is_taken_can_be_no_other_request(typed: str) -> None:
    try:
        taken = address(typed)
    except AddressError:
        return
    assert taken.isascii()
    assert taken.isprintable()
    assert " " not in taken
    assert taken.count(":") == 1 or taken.startswith("[")


@pytest.mark.parametrize(("typed", "meant"), [("482915", "482915"), (" 482 915\n", "482915")])
def test_codes_that_a_phone_shows(typed: str, meant: str) -> None:
    assert code(typed) == meant


@pytest.mark.parametrize("typed", ["", "48291", "4829155", "48291a", "482:91", "٤٨٢٩١٥"])
def test_what_is_no_code(typed: str) -> None:
    with pytest.raises(AddressError, match="six digits"):
        code(typed)


@pytest.mark.parametrize(
    ("answer", "meaning"),
    [
        ("OKAY0042Successfully paired to 192.168.1.5:37045 [guid=adb-x]", Outcome.DONE),
        ("OKAYOKAY0042Successfully paired to 192.168.1.5:37045 [guid=adb-x]", Outcome.DONE),
        ("OKAYFAIL0030Failed: Wrong password or connection was dropped.", Outcome.WRONG_CODE),
        ("OKAYFAIL0027Failed: Unable to start pairing client.", Outcome.NOT_REACHED),
        ("OKAY0040Failed: Successfully paired but server returned unknown response=x", Outcome.NOT_REACHED),
        ("FAIL0014unknown host service", Outcome.TOO_OLD),
        ("OKAY001cconnected to 192.168.1.5:5555", Outcome.DONE),
        ("OKAY0024already connected to 192.168.1.5:5555", Outcome.DONE),
        ("OKAY0039failed to connect to '192.168.1.5:5555': Connection refused", Outcome.NOT_REACHED),
        ("OKAY0028failed to authenticate to 192.168.1.5:5555", Outcome.NOT_KNOWN),
        ("OKAY", Outcome.NOT_REACHED),
        ("", Outcome.NOT_REACHED),
        ("connected to nobody", Outcome.NOT_REACHED),
    ],
)
def test_what_the_servers_words_mean(answer: str, meaning: Outcome) -> None:
    assert outcome(answer) is meaning


@given(st.text(max_size=200))
def test_any_answer_has_a_meaning(answer: str) -> None:
    assert outcome(answer) in Outcome


def test_code_and_address_are_asked_of_the_server_itself() -> None:
    request = "host:pair:482915:192.168.1.5:37045"
    with FakeAdbServer({request: b"OKAY" + block("Successfully paired to 192.168.1.5:37045 [guid=x]")}) as server:
        assert pair(server.port, "192.168.1.5:37045", "482915") is Outcome.DONE
        assert server.requests == [request]


def test_nothing_is_sent_for_what_is_no_address() -> None:
    with FakeAdbServer({}) as server:
        with pytest.raises(AddressError):
            pair(server.port, "x:y", "482915")
        with pytest.raises(AddressError):
            connect(server.port, "x")
        assert server.requests == []


def test_connecting_takes_words_for_what_they_say() -> None:
    refused = said("failed to connect to '192.168.1.5:5555': No route to host")
    with FakeAdbServer({"host:connect:192.168.1.5:5555": refused}) as server:
        assert connect(server.port, "192.168.1.5:5555") is Outcome.NOT_REACHED


def test_without_a_server_that_is_the_answer() -> None:
    with socket.create_server(("127.0.0.1", 0)) as found:
        port = found.getsockname()[1]
    assert pair(port, "192.168.1.5:5555", "482915") is Outcome.NO_SERVER


@pytest.fixture(scope="module")
def debians_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[AdbServer]:
    with AdbServer(str(tmp_path_factory.mktemp("adb"))) as server:
        yield server


def nobody() -> str:
    """An address at which nobody answers."""
    with socket.create_server(("127.0.0.1", 0)) as found:
        return f"127.0.0.1:{found.getsockname()[1]}"


def test_a_server_of_before_android_11_says_that_it_is_too_old(debians_server: AdbServer) -> None:
    can = programs("/usr/bin")[0].fit_for_wifi
    assert pair(debians_server.port, nobody(), "482915") is (Outcome.NOT_REACHED if can else Outcome.TOO_OLD)


def test_a_real_server_finds_nobody_there(debians_server: AdbServer) -> None:
    assert connect(debians_server.port, nobody()) is Outcome.NOT_REACHED


def test_the_bundled_server_can_pair_and_says_when_nobody_is_there(tmp_path: Path) -> None:
    port = int(nobody().rpartition(":")[2])
    pid = start_server(port, programs("")[0], {"HOME": str(tmp_path)})
    assert pid is not None
    try:
        assert pair(port, nobody(), "482915") is Outcome.NOT_REACHED
    finally:
        os.kill(pid, signal.SIGKILL)
        os.waitpid(pid, 0)
