"""The audit of a virtual phone beside the same readings one by one, and a long list of pictures. Usage: phone.py

The phone is a program on this machine behind the real adb server, and each of its messages comes 20 ms late, as over a
network. It answers from the demo's recordings, so there are fewer bytes than a real phone has.
"""

import shlex
import socket
import subprocess
import threading
import time
import tracemalloc
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from table import Row, ratio_row, seconds, show

import agent.demo
from agent.collect.adb.devices import attached
from agent.collect.android.commands import READINGS
from agent.collect.android.media import columns
from agent.collect.android.media import rows as media_rows
from agent.demo.faults import Faults
from agent.demo.phone import VirtualPhone
from agent.phones import Read, read_all

LATENCY_S = 0.02
TARGET = 10
"""So many times as fast as one call for each reading, at least."""
MEDIA_ROWS = 50_000
CHUNK = 256 << 10
RECORDING = Path(agent.demo.__file__).parent / "phones" / "good"


def rows() -> list[Row]:
    """All measures of this file."""
    return [*_audit(), *_media()]


def _audit() -> list[Row]:
    slow = Faults(latency_s=LATENCY_S)
    with (
        VirtualPhone(serial="BENCH0001", recording=str(RECORDING), faults=slow) as phone,
        _server() as port,
    ):
        subprocess.run(["adb", "-P", str(port), "connect", phone.address], stdout=subprocess.DEVNULL, check=True)
        list(_singly(port, phone.address))  # both ways find everything warm, adbutils loaded
        _together(port)
        trips = phone.ledger.round_trips
        began = time.perf_counter()
        (seen,) = _together(port)
        ours_s = time.perf_counter() - began
        assert phone.ledger.round_trips - trips == seen.trips
        began = time.perf_counter()
        list(_singly(port, phone.address))
        singly_s = time.perf_counter() - began
    name = f"phone, {len(READINGS)} readings, {LATENCY_S * 1000:.0f} ms a message"
    ratio = singly_s / ours_s
    return [
        Row(measure=name, seen=seconds(ours_s), beside=f"one adb shell each {seconds(singly_s)}", ratio=1 / ratio,
            target=f"at most 1/{TARGET}", kept=ratio >= TARGET),
        Row(measure="phone, round trips", seen=str(seen.trips), target="at most 3", kept=seen.trips <= 3),
        Row(measure="phone, received", seen=f"{seen.received_bytes / 1024:.0f} kB"),
    ]  # fmt: skip


def _together(port: int) -> tuple[Read, ...]:
    return read_all(attached(port), port=port, clock=lambda: datetime.now(UTC), stop=threading.Event())


def _singly(port: int, address: str) -> Iterator[int]:
    """The same readings, sifted in the same way, each by a call of its own."""
    for one in READINGS:
        line = " ".join(one.command.argv) + (f" | grep -aE {shlex.quote(one.keep)}" if one.keep else "")
        argv = ["adb", "-P", str(port), "-s", address, "shell", line]
        yield subprocess.run(argv, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False).returncode


@contextmanager
def _server() -> Iterator[int]:
    """An adb server of our own, on a free port."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port: int = free.getsockname()[1]
    adb = ["adb", "-P", str(port)]
    subprocess.run([*adb, "start-server"], stderr=subprocess.DEVNULL, check=True)
    try:
        yield port
    finally:
        subprocess.run([*adb, "kill-server"], stderr=subprocess.DEVNULL, check=False)


def _media() -> list[Row]:
    """Rows as they come off the wire; beside them, the same bytes only cut into lines."""
    began = time.perf_counter()
    lines = sum(chunk.count(b"\n") and len(chunk.split(b"\n")) for chunk in _chunks())
    split_s = time.perf_counter() - began
    began = time.perf_counter()
    count = sum(1 for _ in media_rows(_chunks(), columns(34)))
    ours_s = time.perf_counter() - began
    assert count == MEDIA_ROWS <= lines
    tracemalloc.start()
    sum(1 for _ in media_rows(_chunks(), columns(34)))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    name = f"{MEDIA_ROWS:,} rows of pictures"
    return [
        ratio_row(name, ours_s, beside="made and cut into lines", beside_s=split_s),
        Row(measure=f"{name}, memory at the most", seen=f"{peak / (1 << 20):.1f} MB"),
    ]


def _chunks() -> Iterator[bytes]:
    held = bytearray()
    for number in range(MEDIA_ROWS):
        held += (
            b"Row: %d _id=%d, _size=3987345, date_modified=1700000000, datetaken=1700000000123, mime_type=image/jpeg, "
            b"width=4080, height=3072, owner_package_name=com.android.camera, is_pending=0, is_trashed=0, "
            b"generation_modified=%d, _data=/storage/emulated/0/DCIM/Camera/IMG_20260504_%06d.jpg\n"
            % (number, number, number, number)
        )
        if len(held) >= CHUNK:
            yield bytes(held)
            held.clear()
    yield bytes(held)


if __name__ == "__main__":
    show(rows())
