"""The messages between an adb server and a phone, and the cable that carries them with its faults."""

import socket
import struct
import threading
import time
from dataclasses import dataclass
from enum import IntEnum

from agent.demo.faults import Faults
from agent.demo.ledger import Ledger

HEADER = struct.Struct("<6I")
VERSION = 0x01000001
"""From this version on nobody looks at checksums."""
MOST_PAYLOAD = 256 << 10
"""What phones of Android 8 take at once; later ones take more."""
LARGEST_PAYLOAD = 1 << 20
"""No adb server sends more in one message."""


class Verb(IntEnum):
    """First word of a message: four letters, read as a number."""

    CNXN = 0x4E584E43
    AUTH = 0x48545541
    OPEN = 0x4E45504F
    OKAY = 0x59414B4F
    WRTE = 0x45545257
    CLSE = 0x45534C43


class Unplugged(Exception):
    """The cable is out, or what came over it was no message."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """One message, from either side."""

    verb: Verb
    first: int
    """Version, kind of authentication, or the sender's number of the stream."""
    second: int
    """Largest payload, or the receiver's number of the stream."""
    payload: bytes = b""


class Cable:
    """One connection to an adb server. Everything that a slow, noisy or loose cable does happens here."""

    def __init__(self, connection: socket.socket, faults: Faults, ledger: Ledger) -> None:
        self._connection = connection
        self._faults = faults
        self._ledger = ledger
        self._sending = threading.Lock()
        self._answered_bytes = 0
        self.cut = False
        """A fault has pulled it."""
        # Without it each answer waits for the other side's delayed acknowledgement.
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def send(self, message: Message) -> None:
        """Raises Unplugged."""
        payload, cut = message.payload, False
        time.sleep(self._faults.latency_s)  # not in the lock: streams side by side wait side by side
        with self._sending:
            if message.verb is Verb.WRTE:
                payload, cut = self._worn(payload)
            size, verb = len(message.payload), message.verb
            header = HEADER.pack(verb, message.first, message.second, size, 0, verb ^ 0xFFFFFFFF)
            if self._faults.bandwidth_bytes_s:
                time.sleep((len(header) + len(payload)) / self._faults.bandwidth_bytes_s)
            try:
                self._connection.sendall(header + payload)
            except OSError as error:
                raise Unplugged from error
            self._ledger.carried(sent=len(header) + len(payload))
            self.cut = self.cut or cut
        if cut:
            self.close()
            raise Unplugged

    def _worn(self, payload: bytes) -> tuple[bytes, bool]:
        """(what arrives of an answer, whether the cable is out after it)."""
        before, limit, every = self._answered_bytes, self._faults.cut_after_bytes, self._faults.flip_every_bytes
        self._answered_bytes += len(payload)
        if every:
            flipped = bytearray(payload)
            for place in range(every - 1 - before % every, len(flipped), every):
                flipped[place] ^= 0x10
            payload = bytes(flipped)
        if limit is None or before + len(payload) <= limit:
            return payload, False
        return payload[: limit - before], True

    def receive(self) -> Message:
        """The next message. Raises Unplugged."""
        number, first, second, size, _, magic = HEADER.unpack(self._exactly(HEADER.size))
        if magic != number ^ 0xFFFFFFFF or size > LARGEST_PAYLOAD:
            raise Unplugged
        payload = self._exactly(size)
        self._ledger.carried(received=HEADER.size + size)
        try:
            verb = Verb(number)
        except ValueError as error:
            raise Unplugged from error
        return Message(verb=verb, first=first, second=second, payload=payload)

    def _exactly(self, size: int) -> bytes:
        data = bytearray()
        while len(data) < size:
            try:
                chunk = self._connection.recv(size - len(data))
            except OSError as error:
                raise Unplugged from error
            if not chunk:
                raise Unplugged
            data += chunk
        return bytes(data)

    def close(self) -> None:
        """Pull the cable. Whoever waits in `receive` hears of it."""
        try:
            self._connection.shutdown(socket.SHUT_RDWR)
        except OSError:  # the other side was faster
            return
