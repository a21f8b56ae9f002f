"""A phone's pictures, from plugging it in to what leaves: real adb server, real finder, the command people type."""

import json
import os
import signal
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from PIL import Image
from virtual_phone.rig import PlugIn, adb_server, virtual_phone

import agent.demo
from agent.cli import main
from agent.demo.server import AdbServer
from agent.photos.consent import agree
from agent.photos.planted import FOLDER

__all__ = ["adb_server", "virtual_phone"]

GOOD = Path(agent.demo.__file__).parent / "phones" / "good"
TRACING = next(FOLDER.glob("*.jpg"))
DAY_S = 86400
Check = Callable[..., tuple[int, Any]]


@pytest.fixture
def check(adb_server: AdbServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Any) -> Iterator[Check]:
    monkeypatch.setenv("ANDROID_ADB_SERVER_PORT", str(adb_server.port))
    for name, folder in {"SCRUBIN_STATE": "state", "SCRUBIN_SYSTEM_CONFIG": "etc", "XDG_CONFIG_HOME": "config"}.items():
        monkeypatch.setenv(name, str(tmp_path / folder))
    before = signal.getsignal(signal.SIGINT)

    def run(*words: str) -> tuple[int, Any]:
        code = main([*words, "--json"])
        return code, json.loads(capsys.readouterr().out)

    yield run
    signal.signal(signal.SIGINT, before)


@pytest.fixture
def storage(tmp_path: Path) -> Path:
    """Three days ago an ECG was taken and sent on; beside it lie a plain picture and a text."""
    folder = tmp_path / "sdcard"
    sent = folder / "Android/media/com.whatsapp/WhatsApp/Media/WhatsApp Images/Sent/IMG-20261119-WA0001.jpg"
    for one in (folder / "DCIM/Camera/IMG_20261119.jpg", sent):
        one.parent.mkdir(parents=True, exist_ok=True)
        one.write_bytes(TRACING.read_bytes())
    with Image.open(TRACING) as image:
        image.resize((800, 600)).save(sent, "JPEG", quality=60)
    Image.new("RGB", (1200, 900), (90, 140, 220)).save(folder / "DCIM/Camera/sky.jpg", "JPEG")
    (folder / "Documents").mkdir()
    (folder / "Documents/note.txt").write_text("buy milk")
    past = time.time() - 3 * DAY_S
    for one in folder.rglob("*"):
        if one.is_file():
            os.utime(one, (past, past))
    return folder


def images(body: Any) -> dict[str, Any]:
    (report,) = body["reports"]
    return next(one for one in report["findings"] if one["check_id"] == "clinical_images")


def agreed(tmp_path: Path) -> None:
    agree(tmp_path / "state" / "photos", now=datetime.now(UTC) - timedelta(minutes=1))


def test_without_a_yes_no_picture_is_asked_for(
    check: Check, virtual_phone: PlugIn, storage: Path, tmp_path: Path
) -> None:
    phone = virtual_phone(recording=GOOD, storage=storage)
    _, body = check("check", "--device", "phones")
    assert (images(body)["status"], phone.ledger.round_trips) == ("unknown", 1)
    assert not (tmp_path / "state/photos").exists()


def test_pictures_that_linger_are_found_counted_and_linked(
    check: Check, virtual_phone: PlugIn, storage: Path, tmp_path: Path
) -> None:
    agreed(tmp_path)
    before = {one: one.stat().st_mtime_ns for one in storage.rglob("*")}
    virtual_phone(recording=GOOD, storage=storage)
    code, body = check("check", "--device", "phones")
    found = images(body)
    assert (code, found["status"]) == (1, "fail")
    assert found["measures"]["images"] == "1-5"
    assert found["measures"]["kinds"] == ["tracing"]
    assert body["reports"][0]["proof"]["state"] == "proven"
    assert {one: one.stat().st_mtime_ns for one in storage.rglob("*")} == before
    text = json.dumps(body)
    assert not [
        word for word in ("IMG_", "IMG-", "DCIM", "WhatsApp", "sky", "sdcard", "storage/emulated") if word in text
    ]

    _, listed = check("photos")
    shown = json.dumps(listed)
    assert "camera" in shown.lower()
    assert "messenger" in shown.lower()


def test_the_second_look_moves_the_list_only(
    check: Check, virtual_phone: PlugIn, storage: Path, tmp_path: Path
) -> None:
    agreed(tmp_path)
    phone = virtual_phone(recording=GOOD, storage=storage)
    check("check", "--device", "phones")
    first = phone.ledger.round_trips
    _, body = check("check", "--device", "phones")
    assert images(body)["status"] == "fail"
    assert phone.ledger.round_trips - first < first
