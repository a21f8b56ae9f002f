"""The adb server's protocol in its barest form, for whoever must not load a library: the daemon, and pairing."""

import re
import socket

from agent.collect.adb.wire import HOST
from agent.collect.host import CollectError
from checks.evidence import Why

DIAL_S = 3.0
STATUS_BYTES = 4
LONGEST_REQUEST = 4096
BLOCK_BYTES = 64 << 10
"""A length has four hexadecimal digits, so no honest block is longer."""
LENGTH = re.compile(rb"[0-9a-fA-F]{4}")


def dial(port: int, *, timeout_s: float = DIAL_S) -> socket.socket:
    """A connection to this laptop's own adb server. Raises CollectError(TOOL_MISSING) where none answers."""
    try:
        return socket.create_connection((HOST, port), timeout_s)
    except OSError as error:
        raise CollectError(Why.TOOL_MISSING, "no adb server answers") from error


def send(connection: socket.socket, request: str) -> None:
    """Ask for a service. Raises UNPARSABLE for one too long, DISCONNECTED."""
    data = request.encode("utf-8")
    if len(data) > LONGEST_REQUEST:
        raise CollectError(Why.UNPARSABLE, "the request is too long")
    try:
        connection.sendall(b"%04x%s" % (len(data), data))
    except OSError as error:
        raise CollectError(Why.DISCONNECTED, "the adb server hung up") from error


def okay(connection: socket.socket) -> None:
    """Take the server's word that it will do so. Raises TOOL_FAILED with its reason, DISCONNECTED, UNPARSABLE."""
    status = exactly(connection, STATUS_BYTES)
    if status == b"FAIL":
        raise CollectError(Why.TOOL_FAILED, block(connection)[:300])
    if status != b"OKAY":
        raise CollectError(Why.UNPARSABLE, "this is no adb server")


def block(connection: socket.socket) -> str:
    """A text with its length before it. Raises DISCONNECTED, TIMED_OUT, UNPARSABLE."""
    head = exactly(connection, STATUS_BYTES)
    if not LENGTH.fullmatch(head):
        raise CollectError(Why.UNPARSABLE, "a length is no number")
    return exactly(connection, int(head, 16)).decode("utf-8", "replace")


def exactly(connection: socket.socket, size: int) -> bytes:
    """So many bytes. Raises DISCONNECTED, TIMED_OUT, TOO_LARGE."""
    if size > BLOCK_BYTES:
        raise CollectError(Why.TOO_LARGE, "the adb server's answer")
    data = bytearray()
    while len(data) < size:
        chunk = _some(connection, size - len(data))
        if not chunk:
            raise CollectError(Why.DISCONNECTED, "the adb server hung up")
        data += chunk
    return bytes(data)


def rest(connection: socket.socket, *, most: int) -> bytes:
    """What the server says until it hangs up, cut at `most` bytes. Raises DISCONNECTED, TIMED_OUT."""
    data = bytearray()
    while len(data) < most and (chunk := _some(connection, most - len(data))):
        data += chunk
    return bytes(data)


def _some(connection: socket.socket, size: int) -> bytes:
    try:
        return connection.recv(size)
    except TimeoutError as error:
        raise CollectError(Why.TIMED_OUT, "the adb server does not answer") from error
    except OSError as error:
        raise CollectError(Why.DISCONNECTED, "the connection broke") from error
