"""Pictures of a virtual phone: bytes that a scan moves, beside `adb pull` of all of them. Usage: phone_photos.py

The phone is a program on this machine behind the real adb server. Its pictures are as large as those of a camera and
hold no more than their beginning, so that the disk need not: what counts is how many bytes are asked for.
"""

import contextlib
import os
import subprocess
import tempfile
import threading
import time
from collections.abc import Iterator
from pathlib import Path

from table import Row, seconds, show

import agent.demo
from agent.demo.phone import VirtualPhone
from agent.demo.server import AdbServer
from agent.photos.phone_files import PhonePictures
from agent.photos.place import File

PHOTOS = 10_000
PHOTO_BYTES = 4 << 20
"""Of 12 megapixels."""
WHOLE = 20
"""Pictures that are read whole, as for the few that a first look leaves open."""
PULLED = 50
"""So many are pulled, and the time of all is reckoned from them."""
TARGET = 0.02
RECORDING = Path(agent.demo.__file__).parent / "phones" / "good"


def rows() -> list[Row]:
    """All measures of this file."""
    with _phone() as (phone, server):
        pictures = PhonePictures(server.port, phone.address, 34, "bench", threading.Event())
        began, moved = time.perf_counter(), phone.ledger.sent_bytes
        files = [one for one in pictures.listing() if isinstance(one, File)]
        listed_s, listed = time.perf_counter() - began, phone.ledger.sent_bytes - moved
        assert len(files) == PHOTOS
        trips = phone.ledger.round_trips
        assert sum(1 for _ in pictures.heads(files)) == PHOTOS
        for one in files[:WHOLE]:
            assert pictures.whole(one, most=64 << 20)
        ours_s, ours = time.perf_counter() - began, phone.ledger.sent_bytes - moved
        pulled_s = _pulled(server, phone, files)
    return _rows(listed, listed_s, trips, ours, ours_s, pulled_s)


def _rows(listed: int, listed_s: float, trips: int, ours: int, ours_s: float, pulled_s: float) -> list[Row]:
    everything = PHOTOS * PHOTO_BYTES
    name, share = f"phone, {PHOTOS:,} photos", ours / everything
    return [
        Row(
            measure=f"{name}, first scan with {WHOLE} whole, bytes moved",
            seen=f"{ours / (1 << 20):.0f} MB",
            beside=f"all of them {everything / (1 << 20):.0f} MB",
            ratio=share,
            target=f"at most {TARGET:.0%}",
            kept=share <= TARGET,
        ),
        Row(measure=f"{name}, first scan", seen=seconds(ours_s), beside=f"adb pull of all {seconds(pulled_s)}",
            ratio=ours_s / pulled_s),
        Row(measure=f"{name}, nothing changed, bytes moved", seen=f"{listed / (1 << 20):.1f} MB",
            beside=f"all of them {everything / (1 << 20):.0f} MB", ratio=listed / everything),
        Row(measure=f"{name}, nothing changed", seen=seconds(listed_s), beside=f"adb pull of all {seconds(pulled_s)}",
            ratio=listed_s / pulled_s),
        Row(measure=f"{name}, nothing changed, round trips", seen=str(trips), target="5: people, 3 lists, 1 search",
            kept=trips == 5),
    ]  # fmt: skip


@contextlib.contextmanager
def _phone() -> Iterator[tuple[VirtualPhone, AdbServer]]:
    with contextlib.ExitStack() as parts:
        folder = parts.enter_context(tempfile.TemporaryDirectory(prefix="scrubin-bench-"))
        storage, home = os.path.join(folder, "sdcard"), os.path.join(folder, "adb")
        os.mkdir(home)
        _lay(os.path.join(storage, "DCIM/Camera"))
        server = parts.enter_context(AdbServer(home))
        phone = parts.enter_context(VirtualPhone(serial="BENCH0002", recording=str(RECORDING), storage=storage))
        server.connect(phone.address)
        yield phone, server


def _lay(folder: str) -> None:
    os.makedirs(folder)
    for number in range(PHOTOS):
        with open(os.path.join(folder, f"IMG_{number:05}.jpg"), "wb") as stream:
            stream.write(b"\xff\xd8\xff\xe0")
            stream.truncate(PHOTO_BYTES)


def _pulled(server: AdbServer, phone: VirtualPhone, files: list[File]) -> float:
    """Seconds for all of them."""
    with tempfile.TemporaryDirectory(prefix="scrubin-bench-") as folder:
        adb = ["adb", "-P", str(server.port), "-s", phone.address, "pull", *(one.path for one in files[:PULLED])]
        began = time.perf_counter()
        subprocess.run([*adb, folder], env={"HOME": server.home, "PATH": os.defpath}, check=True, capture_output=True)
        return (time.perf_counter() - began) * len(files) / PULLED


if __name__ == "__main__":
    show(rows())
