"""The virtual phone's half of the protocol against bytes that no adb server would send."""

import contextlib
import json
import os
import socket
import struct
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from virtual_phone.rig import write_recording

from agent.collect.recorded import RecordingError
from agent.demo.asked import Asked
from agent.demo.faults import NONE, Faults
from agent.demo.filesync import Files
from agent.demo.ledger import Ledger
from agent.demo.phone import VirtualPhone
from agent.demo.services import Packet, _Unpacker
from agent.demo.stream import Stream
from agent.demo.system import Recording, key
from agent.demo.wire import HEADER, LARGEST_PAYLOAD, Cable, Message, Unplugged, Verb


@contextmanager
def connected() -> Iterator[tuple[Cable, socket.socket]]:
    """A phone's cable, and the computer's end of it."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        computer = socket.create_connection(server.getsockname())
        phone, _ = server.accept()
    with phone, computer:
        yield Cable(phone, NONE, Ledger()), computer


def received(data: bytes) -> list[Message]:
    """What a cable makes of bytes, until it gives up."""
    found = []
    with connected() as (cable, computer):
        threading.Thread(target=_send_all, args=(computer, data), daemon=True).start()
        try:
            while True:
                found.append(cable.receive())
        except Unplugged:
            return found


def _send_all(computer: socket.socket, data: bytes) -> None:
    with contextlib.suppress(OSError):  # nobody reads on after the first bad message
        computer.sendall(data)
        computer.shutdown(socket.SHUT_WR)


@given(st.binary(max_size=200))
def test_any_bytes_are_messages_or_end_the_connection(data: bytes) -> None:
    assert len(received(data)) <= len(data) // HEADER.size


def test_a_message_that_promises_too_much_is_none() -> None:
    verb = Verb.WRTE
    good = HEADER.pack(verb, 1, 2, 3, 0, verb ^ 0xFFFFFFFF) + b"abc"
    size = LARGEST_PAYLOAD + 1
    huge = HEADER.pack(verb, 1, 2, size, 0, verb ^ 0xFFFFFFFF) + bytes(size)
    assert received(good + huge + good) == [Message(verb=verb, first=1, second=2, payload=b"abc")]


def test_one_message_waits_until_the_last_was_taken() -> None:
    with connected() as (cable, computer):
        stream = Stream(cable, number=1, host_number=7, most_payload=2)
        sender = threading.Thread(target=stream.send, args=(b"abcd",))
        sender.start()
        assert computer.recv(HEADER.size + 2)[-2:] == b"ab"
        computer.settimeout(0.2)
        with pytest.raises(TimeoutError):
            computer.recv(1)
        stream.taken()
        sender.join()
        computer.settimeout(30)
        assert computer.recv(HEADER.size + 2)[-2:] == b"cd"


@given(st.lists(st.binary(max_size=40), max_size=6), st.data())
def test_input_packets_are_whole_however_they_were_cut(parts: list[bytes], data: st.DataObject) -> None:
    stream = b"".join(struct.pack("<BI", Packet.INPUT, len(part)) + part for part in parts)
    cut = data.draw(st.integers(0, len(stream)))
    unpacker = _Unpacker()
    assert unpacker.take(stream[:cut]) + unpacker.take(stream[cut:]) == parts


def test_a_packet_that_promises_too_much_ends_the_stream() -> None:
    with pytest.raises(Unplugged):
        _Unpacker().take(struct.pack("<BI", Packet.INPUT, 0xFFFFFFFF))


@given(st.text(alphabet="a./\0\n", max_size=30))
def test_no_path_leads_out_of_the_storage(text: str) -> None:
    storage = os.path.dirname(os.path.realpath(__file__))
    try:
        found = Files(storage).find(f"/sdcard/{text}")
    except (OSError, ValueError):
        return
    assert found == storage or found.startswith(f"{storage}/")


def test_what_commands_tell_is_put_together_again(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "asked")
    pulled: list[int] = []
    asked = Asked(str(tmp_path / "asked"), ledger := Ledger(), lambda: pulled.append(len(ledger.asked)))
    with open(tmp_path / "asked", "wb", buffering=0) as told:
        told.write(b"dumpsys\x1ftrust\x1ebm")
        asked.read()
        told.write(b"gr\x1f\xff\x1e3\x1e!pul")
        asked.read()
        assert pulled == []
        told.write(b"led\x1e")
        asked.read()
    asked.close()
    assert pulled == [2], "the cable came out after what was asked"
    assert ledger.asked == [("dumpsys", "trust"), ("bmgr", "\udcff")]
    assert ledger.left_running == 2


@pytest.mark.parametrize(
    ("row", "trouble"),
    [
        ({"stdout": "../outside.txt"}, "lies outside"),
        ({"stdout": "/etc/passwd"}, "lies outside"),
        ({"stdout": 5}, "wrong type"),
        ({"error": "nosuch"}, "not a reason"),
    ],
)
def test_recordings_that_lead_astray_are_refused(row: dict[str, object], trouble: str, tmp_path: Path) -> None:
    folder = write_recording(tmp_path / "recording", {"getprop": row})
    with pytest.raises(RecordingError, match=trouble):
        VirtualPhone(serial="S", recording=str(folder))


def test_a_recording_of_a_laptop_is_no_phone(tmp_path: Path) -> None:
    folder = write_recording(tmp_path, {})
    index = folder / "recording.toml"
    index.write_text(index.read_text().replace(json.dumps("android"), json.dumps("linux")))
    with pytest.raises(RecordingError, match="expected android"):
        Recording(str(folder), replaced={}, faults=NONE)


def test_time_limits_of_dumpsys_change_no_answer() -> None:
    assert key(["dumpsys", "-t", "10", "trust"]) == key(["dumpsys", "-T", "9", "trust"]) == key(["dumpsys", "trust"])
    assert key(["settings", "-t", "10", "x"]) != key(["settings", "x"])


def test_a_phone_without_any_fault_is_the_default() -> None:
    assert Faults() == NONE
