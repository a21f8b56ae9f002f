"""`scrubin devices pair`: what is asked, in which order, and what each end of it says."""

import argparse
import io
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from fake_adb import FakeAdbServer, block, said

from agent.collect.adb.wifi import Outcome
from agent.commands.devices import run
from agent.commands.devices_pair import DONE, FAILED
from agent.exits import Answer, CannotRun, WrongUse

PAIR = "host:pair:482915:192.168.1.5:37045"
CONNECT = "host:connect:192.168.1.5:40001"
PAIRED = b"OKAY" + block("Successfully paired to 192.168.1.5:37045 [guid=adb-SECRET-x]")
CONNECTED = said("connected to 192.168.1.5:40001")
NO_PHONES = {"host:devices": said("")}
Pair = Callable[..., Answer]


@pytest.fixture
def pair(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Pair:
    def typed(server: FakeAdbServer, text: str, address: str | None = None, *, as_json: bool = False) -> Answer:
        monkeypatch.setenv("ANDROID_ADB_SERVER_PORT", str(server.port))
        monkeypatch.setattr(sys, "stdin", io.StringIO(text))
        return run(argparse.Namespace(act="pair", address=address, json=as_json))

    return typed


def server(**answers: bytes) -> FakeAdbServer:
    named = {"pair": PAIR, "connect": CONNECT}
    return FakeAdbServer({**NO_PHONES, **{named[name]: answer for name, answer in answers.items()}})


def test_pairing_then_connecting_ends_with_what_to_switch_off(pair: Pair) -> None:
    with server(pair=PAIRED, connect=CONNECTED) as adb:
        answer = pair(adb, "192.168.1.5:37045\n482915\n192.168.1.5:40001\n")
        assert [one for one in adb.requests if one != "host:devices"] == [PAIR, CONNECT]
    assert answer.out == DONE
    assert "switch it off again" in DONE
    assert "SECRET" not in str(answer.out)


def test_the_address_may_be_an_argument_and_the_code_never_is(pair: Pair) -> None:
    with server(pair=PAIRED) as adb:
        answer = pair(adb, "482 915\n", "192.168.1.5:37045")
        assert PAIR in adb.requests
    assert answer.out == "Paired. Nothing is connected yet.\n"


def test_json_says_how_far_it_went(pair: Pair) -> None:
    with server(pair=PAIRED) as adb:
        answer = pair(adb, "482915\n", "192.168.1.5:37045", as_json=True)
    assert answer.out == '{"schema": "scrubin/pair/1", "paired": true, "connected": false}\n'


@pytest.mark.parametrize(
    ("reply", "outcome"),
    [
        (b"FAIL" + block("unknown host service"), Outcome.TOO_OLD),
        (b"OKAYFAIL" + block("Failed: Wrong password or connection was dropped."), Outcome.WRONG_CODE),
        (b"OKAYFAIL" + block("Failed: Unable to start pairing client."), Outcome.NOT_REACHED),
    ],
)
def test_a_pairing_that_fails_says_what_to_do(pair: Pair, reply: bytes, outcome: Outcome) -> None:
    with server(pair=reply) as adb, pytest.raises(CannotRun) as error:
        pair(adb, "192.168.1.5:37045\n482915\n")
    assert str(error.value) == FAILED[outcome]


def test_every_failure_has_its_words() -> None:
    assert set(FAILED) == set(Outcome) - {Outcome.DONE}


@pytest.mark.parametrize("typed", ["", "nonsense\n", "192.168.1.5:37045\n12\n", "192.168.1.5:37045\n"])
def test_what_is_no_address_or_code_is_wrong_use_and_goes_nowhere(pair: Pair, typed: str) -> None:
    with server() as adb:
        with pytest.raises(WrongUse):
            pair(adb, typed)
        assert set(adb.requests) <= {"host:devices"}


def test_a_wrong_argument_is_told_before_a_server_is_asked(pair: Pair) -> None:
    with server() as adb:
        with pytest.raises(WrongUse):
            pair(adb, "", "nonsense")
        assert adb.requests == []


def test_an_endless_line_is_read_in_part(pair: Pair) -> None:
    with server() as adb, pytest.raises(WrongUse):
        pair(adb, "9" * 1_000_000)
