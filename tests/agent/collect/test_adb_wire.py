"""The adb server and a phone's shell, when they are honest, slow, dead or hostile."""

import contextlib
import re
import socket
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agent.collect.adb.script import script
from agent.collect.adb.wire import SERIAL, AdbLine, ShellStream, ask, listening
from agent.collect.android.commands import READINGS
from agent.collect.host import CollectError
from checks.evidence import Why

MARKER = "@@" + "0" * 32
Talk = Callable[[socket.socket], None]


@contextlib.contextmanager
def server(talk: Talk) -> Iterator[int]:
    """A port on which each connection is handed to `talk`, one after the other."""
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def serve() -> None:
            with contextlib.suppress(OSError):
                while True:
                    connection, _ = listener.accept()
                    with connection, contextlib.suppress(OSError):
                        talk(connection)

        thread = threading.Thread(target=serve)
        thread.start()
        try:
            yield listener.getsockname()[1]
        finally:
            listener.shutdown(socket.SHUT_RDWR)
            thread.join()


def request(connection: socket.socket) -> str:
    with connection.makefile("rb") as stream:
        return stream.read(int(stream.read(4), 16)).decode()


def saying(data: bytes) -> Talk:
    """Takes one request and gives these bytes."""

    def talk(connection: socket.socket) -> None:
        request(connection)
        connection.sendall(data)

    return talk


def answer(data: bytes, *, timeout_s: float = 5.0) -> str | Why:
    """What is heard when the server gives these bytes and hangs up."""
    with server(saying(data)) as port:
        try:
            return ask(port, "host:devices", timeout_s=timeout_s)
        except CollectError as error:
            return error.why


def test_answer_is_heard_whole() -> None:
    assert answer(b"OKAY000fR5CT1\tdevice\nX!") == "R5CT1\tdevice\nX!"


@pytest.mark.parametrize("cut", range(18))
def test_answer_that_is_cut_is_no_answer(cut: int) -> None:
    """A list that ends early would hide phones, and one that is missing would look like none."""
    assert answer(b"OKAY000aR5CT1\tdevice"[:cut]) is Why.TOOL_FAILED


@pytest.mark.parametrize("length", [b"-001", b"0x01", b" 001", b"1_00", b"abcg", b"\xff\xff\xff\xff"])
def test_length_that_is_none_is_refused(length: bytes) -> None:
    assert answer(b"OKAY" + length + b"x" * 300) is Why.TOOL_FAILED


@settings(deadline=None, max_examples=40)
@given(st.binary(max_size=40))
def test_any_bytes_give_a_text_or_a_reason(data: bytes) -> None:
    assert isinstance(answer(data), str)
    assert isinstance(answer(b"OKAY" + data), str)


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("device unauthorized.\nThis adb server's $ADB_VENDOR_KEYS is not set", Why.NOT_AUTHORISED),
        ("device still authorizing", Why.NOT_AUTHORISED),
        ("device offline", Why.OFFLINE),
        ("device still connecting", Why.OFFLINE),
        ("insufficient permissions for device", Why.NOT_PERMITTED),
        ("device 'R5CT1' not found", Why.DISCONNECTED),
        ("no devices/emulators found", Why.DISCONNECTED),
        ("more than one device/emulator", Why.TOOL_FAILED),
    ],
)
def test_refusal_has_its_reason(text: str, why: Why) -> None:
    assert answer(f"FAIL{len(text):04x}{text}".encode()) is why


def test_server_that_takes_the_call_and_says_nothing_is_given_up() -> None:
    over = threading.Event()
    with server(lambda _: bool(over.wait(30))) as port:  # type: ignore[arg-type, return-value]
        with pytest.raises(CollectError) as given_up:
            ask(port, "host:devices", timeout_s=0.1)
        over.set()
    assert given_up.value.why is Why.TIMED_OUT


def test_server_that_drips_is_given_up_all_the_same() -> None:
    """Each byte comes in time, the answer never does."""

    def drip(connection: socket.socket) -> None:
        request(connection)
        for byte in b"OKAY0030" + b"x" * 48:
            connection.sendall(bytes([byte]))
            time.sleep(0.05)

    with server(drip) as port, pytest.raises(CollectError) as given_up:
        ask(port, "host:devices", timeout_s=0.5)
    assert given_up.value.why is Why.TIMED_OUT


def test_nobody_there_is_said_and_no_server_is_started() -> None:
    with server(lambda _: None) as port:
        pass
    with pytest.raises(CollectError) as gone:
        ask(port, "host:devices")
    assert gone.value.why is Why.TOOL_MISSING
    assert not listening(port)


@pytest.mark.parametrize(
    "serial",
    ["R5CT30ABCDE", "emulator-5554", "192.168.1.7:5555", "[fe80::1%wlan0]:37045", "localhost:5555",
     "adb-R5CT1-x1y2z3._adb-tls-connect._tcp", "0123456789ABCDEF"],
)  # fmt: skip
def test_serials_that_phones_have_are_taken(serial: str) -> None:
    assert SERIAL.fullmatch(serial)


@pytest.mark.parametrize(
    "serial",
    ["", "a b", "a\nb", "\x1b[2J", "x;y", "x\u202ey", "host:kill", "X:reboot", "X:connect:evil:5555", "x" * 300,
     "A:reboot:1", "A:1:2", ":5555"],
)  # fmt: skip
def test_serial_that_could_be_read_as_another_request_is_refused(serial: str) -> None:
    with pytest.raises(CollectError) as refused:
        AdbLine(5037, serial)
    assert refused.value.why is Why.UNPARSABLE


class Phone:
    """The server's side of one phone: notes what is asked of it."""

    def __init__(self, *, features: str = "shell_v2,cmd", shell: bytes = b"OKAY", transport: bytes = b"OKAY") -> None:
        self.requests: list[str] = []
        self._features = f"OKAY{len(features):04x}{features}".encode()
        self._shell = shell
        self._transport = transport

    def __call__(self, connection: socket.socket) -> None:
        asked = request(connection)
        self.requests.append(asked)
        if asked.endswith(":features"):
            connection.sendall(self._features)
            return
        connection.sendall(self._transport)
        if self._transport == b"OKAY":
            self.requests.append(request(connection))
            connection.sendall(self._shell)


def opened(phone: Phone) -> list[bytes]:
    """All that the stream gives until its end."""
    with server(phone) as port:
        stream = AdbLine(port, "R5CT1").open(READINGS, MARKER)
        said = []
        while (chunk := stream.read(5.0)) != b"":
            said.append(chunk or b"")
        stream.close()
        return said


def test_phone_is_sent_the_script_and_nothing_else() -> None:
    phone = Phone(shell=b"OKAY\x01\x02\x00\x00\x00hi\x03\x01\x00\x00\x00\x00")
    assert b"".join(opened(phone)) == b"hi"
    text = script(READINGS, MARKER)
    assert phone.requests == ["host-serial:R5CT1:features", "host:transport:R5CT1", f"shell,v2,raw:{text}"]


def test_one_module_opens_services_on_phones_and_they_are_shells_for_fixed_scripts() -> None:
    service = re.compile(r"""["'](?:shell|exec|sync|root|unroot|remount|reboot|tcpip|usb|install|backup|abb)[,:{]""")
    agent = Path(__file__).parents[3] / "agent"
    texts = {str(one.relative_to(agent)): one.read_text() for one in agent.rglob("*.py") if "demo" not in one.parts}
    found = {name: service.findall(text) for name, text in texts.items() if service.search(text)}
    assert found == {"collect/adb/wire.py": ["'shell,", '"exec:']}
    assert [name for name, text in texts.items() if "AdbDevice" in text or "AdbClient" in text] == []


@pytest.mark.parametrize("features", ["cmd", "", "shell_v2 \x1b[2J"])
def test_phone_without_shell_v2_is_asked_the_old_way(features: str) -> None:
    phone = Phone(features=features, shell=b"OKAYhi")
    assert b"".join(opened(phone)) == b"hi"
    assert phone.requests[-1].startswith("shell:m=@@")


@pytest.mark.parametrize(
    ("phone", "why"),
    [
        (Phone(transport=b"FAIL000edevice offline"), Why.OFFLINE),
        (Phone(transport=b""), Why.DISCONNECTED),
        (Phone(shell=b""), Why.DISCONNECTED),
        (Phone(shell=b"FAIL0006closed"), Why.TOOL_FAILED),
        (Phone(shell=b"WHAT"), Why.TOOL_FAILED),
    ],
    ids=["offline", "gone at the transport", "gone at the shell", "closed", "garbled"],
)
def test_phone_that_does_not_open_says_why(phone: Phone, why: Why) -> None:
    with pytest.raises(CollectError) as refused:
        opened(phone)
    assert refused.value.why is why


def packet(kind: int, data: bytes) -> bytes:
    return bytes([kind]) + len(data).to_bytes(4, "little") + data


def unpacked(data: bytes, *, step: int = 1 << 20) -> bytes:
    """What a stream makes of packets that come in pieces."""
    ours, theirs = socket.socketpair()
    stream, said = ShellStream(ours, framed=True), bytearray()
    with ours, theirs:
        for start in range(0, len(data), step):
            theirs.sendall(data[start : start + step])
            said += stream.read(5.0) or b""
        theirs.shutdown(socket.SHUT_WR)
        while chunk := stream.read(5.0):
            said += chunk
    return bytes(said)


@settings(deadline=None)
@given(
    st.lists(st.tuples(st.sampled_from([0, 1, 2, 4, 9, 255]), st.binary(max_size=20)), max_size=8), st.integers(1, 9)
)
def test_packets_come_out_as_they_went_in_however_they_are_cut(packets: list[tuple[int, bytes]], step: int) -> None:
    data = b"".join(packet(kind, text) for kind, text in packets)
    assert unpacked(data, step=step) == b"".join(text for kind, text in packets if kind in (1, 2))


def test_nothing_counts_after_the_exit() -> None:
    assert unpacked(packet(1, b"a") + packet(3, b"\0") + packet(1, b"b")) == b"a"


def test_packet_that_claims_four_gigabytes_is_taken_as_it_comes() -> None:
    assert unpacked(b"\x01\xff\xff\xff\xffabc") == b"abc"
    assert unpacked(b"\x09\xff\xff\xff\xffabc") == b""


def test_silence_is_no_end() -> None:
    ours, theirs = socket.socketpair()
    with ours, theirs:
        assert ShellStream(ours, framed=True).read(0.01) is None


def test_connection_that_breaks_is_said() -> None:
    ours, theirs = socket.socketpair()
    with theirs:
        stream = ShellStream(ours, framed=True)
        stream.close()
        with pytest.raises(CollectError) as broken:
            stream.read(0.01)
    assert broken.value.why is Why.DISCONNECTED
