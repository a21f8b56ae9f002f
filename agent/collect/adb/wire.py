"""The smart-socket protocol to the adb server, through adbutils: asking the server, and a shell on one phone."""

import re
import socket
import time
from collections.abc import Sequence
from typing import TYPE_CHECKING, Protocol

from agent.collect.adb.script import script
from agent.collect.android.commands import Reading
from agent.collect.host import CollectError
from checks.evidence import Why

if TYPE_CHECKING:
    from adbutils._adb import AdbConnection

HOST = "127.0.0.1"
"""Only this laptop's own adb server: what a phone says crosses no network in the clear."""
PORT = 5037
CONNECT_S = 3.0
ANSWER_S = 10.0
CHUNK = 256 << 10
SERIAL = re.compile(
    r"(?:[A-Za-z0-9._@/%-]{1,180}|\[[0-9A-Fa-f:.]{2,60}(?:%[A-Za-z0-9._-]{1,30})?\](?=:))(?::[0-9]{1,5})?"
)
"""Of a phone, as adb lists it; over Wi-Fi an address. A colon stands before a port only: after any other the server
could take the rest of the serial, which is the phone's to choose, for a request."""
LENGTH = re.compile(rb"[0-9a-fA-F]{4}")
FEATURES = re.compile(r"[a-z0-9_,]*")
SHELL_V2 = "shell_v2"
OUT, ERR, EXIT = 1, 2, 3
"""Packets of shell v2 that matter here."""
HEAD = 5
REFUSALS: tuple[tuple[re.Pattern[str], Why], ...] = (
    (re.compile("unauthorized|authorizing"), Why.NOT_AUTHORISED),
    (re.compile("offline|connecting"), Why.OFFLINE),
    (re.compile("no permissions|insufficient permissions"), Why.NOT_PERMITTED),
    (re.compile("not found|no devices"), Why.DISCONNECTED),
)
"""Words in the server's refusals, which it never translates."""


class Stream(Protocol):
    """Bytes that a phone's shell writes."""

    def read(self, wait_s: float) -> bytes | None:
        """Some bytes; None when none came in time; b"" at the end. Raises CollectError."""

    def close(self) -> None:
        """Hang up, which ends what runs on the phone."""


class Pipe(Stream, Protocol):
    """What a script on a phone writes, and what it is told."""

    def write(self, data: bytes, wait_s: float) -> None:
        """Tell it something, whole. Raises CollectError."""


class Script(Protocol):
    """A fixed text for a phone's shell."""

    def text(self, marker: str) -> str:
        """With the marker that no answer can hold. Raises ValueError for one of another form."""


class Line(Protocol):
    """A phone that can be asked to run a script."""

    def open(self, readings: Sequence[Reading], marker: str) -> Stream:
        """Start the script that asks for them (script.py has its form). Raises CollectError."""


def listening(port: int) -> bool:
    """Whether anybody serves there."""
    try:
        socket.create_connection((HOST, port), CONNECT_S).close()
    except OSError:
        return False
    return True


def ask(port: int, request: str, *, timeout_s: float = ANSWER_S) -> str:
    """What the server answers to a request such as `host:devices`, whole and within the time. Raises CollectError."""
    connection = _connected(port, request, timeout_s)
    try:
        return str(connection.read_string_block())
    except _failures() as error:
        raise _refused(error) from error
    finally:
        connection.close()


def _connected(port: int, request: str, timeout_s: float, *, gone: Why = Why.TOOL_FAILED) -> "AdbConnection":
    """A connection on which the server has said OKAY to the request. `gone`: what it means when it hangs up."""
    connection = _dialled(port, timeout_s)
    try:
        connection.send_command(request)
        connection.check_okay()
    except _failures() as error:
        connection.close()
        raise _refused(error, gone=gone) from error
    return connection


def _dialled(port: int, timeout_s: float) -> "AdbConnection":
    """All that is read through it must come within the time."""
    from adbutils import AdbConnection  # with it come requests and Pillow, which only this process needs to carry

    until_s = time.monotonic() + timeout_s

    class Dialled(AdbConnection):
        """Never starts a server by itself: whether one may be started, and which, is decided elsewhere.

        What it reads is whole: the library takes a list that was cut for the list, and a byte now and then for life.
        """

        def _safe_connect(self) -> socket.socket:
            return socket.create_connection((HOST, port), CONNECT_S)

        def read(self, n: int) -> bytes:
            return _whole(self.conn, n, until_s)

        def read_string_block(self) -> str:
            head = self.read(4)
            if not LENGTH.fullmatch(head):
                raise ValueError("a length is no number")
            return self.read(int(head, 16)).decode("utf-8", "replace")

    try:
        connection = Dialled(HOST, port)
    except _failures() as error:
        raise CollectError(Why.TOOL_MISSING, "the adb server does not answer") from error
    connection.conn.settimeout(timeout_s)
    return connection


def _whole(connection: socket.socket, size: int, until_s: float) -> bytes:
    """So many bytes. Raises EOFError, OSError."""
    data = bytearray()
    while len(data) < size:
        connection.settimeout(max(until_s - time.monotonic(), 0.001))
        chunk = connection.recv(size - len(data))
        if not chunk:
            raise EOFError("the adb server hung up")
        if time.monotonic() > until_s:
            raise TimeoutError
        data += chunk
    return bytes(data)


def _failures() -> tuple[type[Exception], ...]:
    """What adbutils raises: its own errors, those of sockets, and those of a garbled answer."""
    from adbutils import AdbError

    return (AdbError, OSError, EOFError, ValueError)


def _refused(error: Exception, *, gone: Why = Why.TOOL_FAILED) -> CollectError:
    text = str(error)[:300]
    if isinstance(error, TimeoutError):
        return CollectError(Why.TIMED_OUT, "the adb server does not answer")
    if isinstance(error, EOFError):
        return CollectError(gone, text)
    for pattern, why in REFUSALS:
        if pattern.search(text):
            return CollectError(why, text)
    return CollectError(Why.TOOL_FAILED, text)


class AdbLine:
    """One phone behind the adb server."""

    def __init__(self, port: int, serial: str) -> None:
        """`serial` as `host:devices` lists it. Raises CollectError for one that is none."""
        if not SERIAL.fullmatch(serial):
            raise CollectError(Why.UNPARSABLE, "a serial of a strange form")
        self._port = port
        self._serial = serial
        self._features: frozenset[str] | None = None

    def open(self, readings: Sequence[Reading], marker: str) -> "ShellStream":
        """See Line. The script is made here, so that no other text has a way to the phone.

        A phone of before shell v2 gives its answers in one unframed stream, which serves as well."""
        text = script(readings, marker)
        framed = SHELL_V2 in self._known_features()
        return ShellStream(self._service(f"{'shell,v2,raw' if framed else 'shell'}:{text}"), framed=framed)

    def pipe(self, wanted: Script, marker: str) -> "ExecStream":
        """Start a fixed script that is told more while it runs. Raises CollectError.

        Over `exec`, which changes no byte, and which every phone since Android 5 has."""
        return ExecStream(self._service(f"exec:{wanted.text(marker)}"), framed=False)

    def _service(self, request: str) -> socket.socket:
        way = f"host:transport:{self._serial}"
        connection = _connected(self._port, way, ANSWER_S, gone=Why.DISCONNECTED)
        try:
            connection.send_command(request)
            connection.check_okay()
        except _failures() as error:
            connection.close()
            raise _refused(error, gone=Why.DISCONNECTED) from error
        found: socket.socket = connection.conn
        return found

    def _known_features(self) -> frozenset[str]:
        if self._features is None:
            text = ask(self._port, f"host-serial:{self._serial}:features")
            self._features = frozenset(text.split(",")) if FEATURES.fullmatch(text) else frozenset()
        return self._features


class ShellStream:
    """The shell's output, standard error put in where it came."""

    def __init__(self, connection: socket.socket, *, framed: bool) -> None:
        self._connection = connection
        self._framed = framed
        self._left = 0
        """Bytes that the packet in hand still has."""
        self._kind = OUT
        self._buffer = bytearray()
        self._ended = False

    def read(self, wait_s: float) -> bytes | None:
        """See Stream."""
        if self._ended:
            return b""
        try:
            self._connection.settimeout(max(wait_s, 0.01))
            chunk = self._connection.recv(CHUNK)
        except TimeoutError:
            return None
        except OSError as error:
            raise CollectError(Why.DISCONNECTED, "the connection broke") from error
        if chunk == b"":
            self._ended = True
            return b""
        if not self._framed:
            return chunk
        # A packet may end with a chunk: nothing to hand on is not yet the end.
        return self._unpacked(chunk) or (b"" if self._ended else None)

    def _unpacked(self, chunk: bytes) -> bytes:
        self._buffer += chunk
        said = bytearray()
        while self._buffer and not self._ended:
            if self._left == 0:
                if len(self._buffer) < HEAD:
                    break
                self._kind, self._left = self._buffer[0], int.from_bytes(self._buffer[1:HEAD], "little")
                del self._buffer[:HEAD]
                self._ended = self._kind == EXIT
                continue
            part = self._buffer[: self._left]
            del self._buffer[: len(part)]
            self._left -= len(part)
            if self._kind in (OUT, ERR):
                said += part
        return bytes(said)

    def close(self) -> None:
        """See Stream."""
        self._connection.close()


class ExecStream(ShellStream):
    """The bare output of a script, which listens, too."""

    def write(self, data: bytes, wait_s: float) -> None:
        """See Pipe."""
        try:
            self._connection.settimeout(max(wait_s, 0.01))
            self._connection.sendall(data)
        except TimeoutError as error:
            raise CollectError(Why.TIMED_OUT, "the phone takes nothing more") from error
        except OSError as error:
            raise CollectError(Why.DISCONNECTED, "the connection broke") from error
