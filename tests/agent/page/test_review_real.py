"""The whole way with real parts: files on the disk, a phone on the real adb server, the finder, the page, the end."""

import io
import itertools
import json
import os
import signal
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from PIL import Image
from review_parts import confirmed, ids, said, waits_at
from virtual_phone.rig import PlugIn, adb_server, until, virtual_phone
from visit_parts import Visit, plain, visited

import agent.demo
from agent.cli import main
from agent.demo.server import AdbServer
from agent.photos.consent import agree
from agent.photos.planted import FOLDER
from agent.places import places

__all__ = ["adb_server", "virtual_phone"]

GOOD = Path(agent.demo.__file__).parent / "phones" / "good"
TRACING = next(FOLDER.glob("*.jpg")).read_bytes()
SENT = "Android/media/com.whatsapp/WhatsApp/Media/WhatsApp Images/Sent/IMG-20261119-WA0001.jpg"
DAYS_AGO_S = 3 * 86400


def smaller() -> bytes:
    held = io.BytesIO()
    with Image.open(io.BytesIO(TRACING)) as image:
        image.resize((800, 600)).save(held, "JPEG", quality=60)
    return held.getvalue()


def laid(folder: Path, pictures: dict[str, bytes]) -> None:
    past = time.time() - DAYS_AGO_S
    for name, data in pictures.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
        os.utime(path, (past, past))


def plain_picture() -> bytes:
    held = io.BytesIO()
    Image.new("RGB", (1200, 900), (90, 140, 220)).save(held, "JPEG")
    return held.getvalue()


@dataclass
class Real:
    """A laptop and a phone with one clinical picture in four copies, and a plain one on each."""

    home: Path
    storage: Path
    later_s: float = 0.0

    def clock_s(self) -> float:
        return time.monotonic() + self.later_s

    def copies(self) -> list[Path]:
        own = (self.home / "Pictures/ecg.jpg", self.home / "Downloads/ecg-small.jpg")
        return [*own, self.storage / "DCIM/Camera/IMG_20261119.jpg", self.storage / SENT]


@pytest.fixture
def real(
    home: Path, virtual_phone: PlugIn, adb_server: AdbServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Real:
    monkeypatch.setenv("ANDROID_ADB_SERVER_PORT", str(adb_server.port))
    storage = tmp_path / "sdcard"
    laid(storage, {"DCIM/Camera/IMG_20261119.jpg": TRACING, SENT: smaller(), "DCIM/Camera/sky.jpg": plain_picture()})
    own = {"Pictures/ecg.jpg": TRACING, "Downloads/ecg-small.jpg": smaller(), "Pictures/sky.jpg": plain_picture()}
    laid(home, own)
    virtual_phone(recording=GOOD, storage=storage, writable=True)
    agree(places().photos, now=datetime.now(UTC))
    before = signal.getsignal(signal.SIGINT)
    main(["check", "--json"])
    signal.signal(signal.SIGINT, before)
    return Real(home=home, storage=storage)


def findings() -> list[dict[str, Any]]:
    """What the practice was told last of the pictures of each device."""
    last = [places().kept().last_report, *(one.last_report for one in places().kept_phones())]
    found = itertools.chain.from_iterable(json.loads(one.read_text())["findings"] for one in last if one.exists())
    return [one for one in found if one["check_id"] == "clinical_images"]


def only(visit: Visit) -> int:
    shelf = visit.page.reviewing.shelf(visit.page.open_desk())
    [one] = shelf.pictures
    return one.number


def test_from_being_found_on_two_devices_to_being_gone_from_both(real: Real) -> None:
    assert [one["status"] for one in findings()] == ["fail", "fail"]
    with visited(clock_s=real.clock_s) as visit:
        visit.open()
        number = only(visit)
        assert "4 copies" in plain(visit.get(f"/pictures/{number}").text)
        assert visit.get(f"/pictures/{number}/preview").headers["content-type"] == "image/jpeg"
        said(visit, number)
        assert len(ids(visit, number)) == 4
        where = waits_at(confirmed(visit, number))
        assert all(one.exists() for one in real.copies())
        real.later_s = 31
        done = visit.post(f"{where}/delete", count="4")
        text = plain(visit.get(done.headers["location"].removesuffix("#panel")).text)
        assert "4 copies deleted, and checked" in text
        assert not any(one.exists() for one in real.copies())
        assert (real.home / "Pictures/sky.jpg").exists()
        assert (real.storage / "DCIM/Camera/sky.jpg").exists()
        until(lambda: [one["measures"]["images"] for one in findings()] == ["0", "0"])
        assert "The finder can miss pictures" in plain(visit.get("/pictures").text)
        assert plain(visit.get("/pictures/log").text).count("Deleted, and looked for again") == 4
    kept = b"".join(one.read_bytes() for one in places().state.rglob("last-report.json"))
    assert not any(word in kept for word in (b"ecg", b"IMG_2026", b"Camera/", str(real.home).encode()))
