"""What a virtual phone does for a computer: runs lines in its shell, and lists and reads files."""

import os
import re
import selectors
import struct
import threading
from dataclasses import dataclass
from enum import IntEnum

from agent.demo import filesync, sandbox
from agent.demo.asked import Asked
from agent.demo.faults import Faults
from agent.demo.ledger import Ledger
from agent.demo.script import RECORD_ENDS
from agent.demo.session import Serve
from agent.demo.stream import Stream
from agent.demo.wire import Unplugged

PACKET = struct.Struct("<BI")
CHUNK = 64 << 10
COMPLAINT = re.compile(rb"(?m)^[EW]: (?=/system/bin/sh: )")
"""Debian's shell says by a letter how bad a complaint is; those of phones do not."""
LARGEST_PACKET = 1 << 20


class Packet(IntEnum):
    """Kinds of packets of the second shell protocol."""

    INPUT = 0
    OUTPUT = 1
    ERRORS = 2
    EXIT = 3
    INPUT_ENDS = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class Services:
    """Finds who answers a service."""

    root: str
    """The phone's system."""
    storage: str | None
    """Its pictures; None before the first unlock."""
    faults: Faults
    ledger: Ledger
    asked: Asked
    user: int
    """As whom its shell runs."""
    writable: bool = False
    """Its shell can delete pictures; nothing else of it can ever be changed."""

    def find(self, service: str) -> Serve | None:
        """None for what is not there, and for all that could change the phone; such attempts are counted."""
        self.ledger.opened(service)
        if service == "sync:":
            return lambda stream: filesync.serve(stream, self.storage, self.ledger)
        line = _line(service)
        packets = service.startswith("shell,v2")
        if not line or (packets and self.faults.no_shell_v2):
            self.ledger.refused.append(service)
            return None
        self.ledger.commands.append(line)
        ends = self.faults.crlf and service.startswith("shell")
        return lambda stream: self._run(stream, line, packets=packets, crlf=ends)

    def _run(self, stream: Stream, line: str, *, packets: bool, crlf: bool) -> None:
        """Raises Unplugged."""
        try:
            child = sandbox.shell(
                self.root, self.storage, line,
                ends=RECORD_ENDS, user=self.user, merged=not packets, writable=self.writable,
            )  # fmt: skip
        except sandbox.SandboxError as error:
            stream.send(_packed(Packet.ERRORS, str(error).encode()) if packets else str(error).encode())
            return
        stream.when_ended(lambda: sandbox.end(child))
        reader = threading.Thread(target=_pass_input, args=(stream, child, packets), daemon=True)
        reader.start()
        try:
            self._pass_output(stream, child, packets=packets, crlf=crlf)
            code = child.wait()
            if packets:
                stream.send(_packed(Packet.EXIT, bytes([code & 0xFF])))
        finally:
            sandbox.end(child)
            stream.input_over()
            reader.join()
            _close(child)
            self.asked.read()

    def _pass_output(self, stream: Stream, child: sandbox.Child, *, packets: bool, crlf: bool) -> None:
        with selectors.DefaultSelector() as watch:
            for kind, pipe in ((Packet.OUTPUT, child.stdout), (Packet.ERRORS, child.stderr)):
                if pipe is not None:
                    watch.register(pipe, selectors.EVENT_READ, kind)
            watch.register(self.asked, selectors.EVENT_READ)
            while len(watch.get_map()) > 1:
                for found, _ in watch.select():
                    if found.fileobj is self.asked:
                        self.asked.read()  # else a full pipe would hold up the phone's commands
                        continue
                    data = os.read(found.fd, CHUNK)
                    if not data:
                        watch.unregister(found.fileobj)
                        continue
                    data = COMPLAINT.sub(b"", data)
                    data = data.replace(b"\n", b"\r\n") if crlf else data
                    stream.send(_packed(found.data, data) if packets else data)


def _line(service: str) -> str:
    """The line that a shell is to run; "" where the service is another one, or wants a shell to type into."""
    found = re.match(r"shell,([^:]*):|shell:|exec:", service)
    if found is None or (found[1] is not None and "pty" in found[1].split(",")):
        return ""
    return service[found.end() :].replace("\0", "")


def _packed(kind: Packet, data: bytes) -> bytes:
    return PACKET.pack(kind, len(data)) + data


def _pass_input(stream: Stream, child: sandbox.Child, packets: bool) -> None:
    """Hand the computer's input to the shell until it ends. A shell that reads none of it is no error."""
    pipe = child.stdin
    assert pipe is not None
    unpacked = _Unpacker() if packets else None
    try:
        while (data := stream.receive()) is not None:
            for one in (data,) if unpacked is None else unpacked.take(data):
                if one is None:
                    pipe.close()
                elif not pipe.closed:
                    _write(pipe.fileno(), one)
    except Unplugged:
        return


def _write(number: int, data: bytes) -> None:
    try:
        while data:
            data = data[os.write(number, data) :]
    except BrokenPipeError:
        return


def _close(child: sandbox.Child) -> None:
    for pipe in (child.stdin, child.stdout, child.stderr):
        if pipe is not None:
            pipe.close()


class _Unpacker:
    """Takes the packets of the second shell protocol apart, however they were cut."""

    def __init__(self) -> None:
        self._rest = b""

    def take(self, data: bytes) -> list[bytes | None]:
        """Pieces of input; None where it ends. Raises Unplugged for what is no packet."""
        self._rest += data
        found: list[bytes | None] = []
        while len(self._rest) >= PACKET.size:
            kind, size = PACKET.unpack_from(self._rest)
            if size > LARGEST_PACKET:
                raise Unplugged
            if len(self._rest) < PACKET.size + size:
                break
            body, self._rest = self._rest[PACKET.size : PACKET.size + size], self._rest[PACKET.size + size :]
            if kind == Packet.INPUT:
                found.append(body)
            elif kind == Packet.INPUT_ENDS:
                found.append(None)
        return found
