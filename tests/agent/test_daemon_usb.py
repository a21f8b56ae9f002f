"""Phones being plugged in: udev's properties, and a real netlink monitor over umockdev."""

import os
import subprocess
from pathlib import Path

import pytest

from agent.collect.adb.usb_kinds import PHONE_VENDORS, looks_like_phone
from agent.daemon.usb import MOST_FAULTS, follow

REPOSITORY = Path(__file__).parents[2]
CHILD = Path(__file__).with_name("usb_child.py")


@pytest.mark.parametrize(
    ("phone", "properties"),
    [
        (True, {"ID_MTP_DEVICE": "1"}),
        (True, {"ID_GPHOTO2": "1"}),
        (True, {"ID_USB_INTERFACES": ":060101:"}),
        (True, {"ID_USB_INTERFACES": ":ffff00:FF4201:"}),
        (True, {"ID_VENDOR_ID": "0e8d", "ID_USB_INTERFACES": ":ffff00:"}),
        (True, {"PRODUCT": "e8d/2008/ffff", "ID_USB_INTERFACES": ":ffff00:"}),
        (False, {"ID_VENDOR_ID": "0e8d", "ID_USB_INTERFACES": ":080650:"}),
        (False, {"ID_VENDOR_ID": "1d6b", "ID_USB_INTERFACES": ":ffff00:"}),
        (False, {"ID_MTP_DEVICE": "0", "ID_USB_INTERFACES": ":0e0100:0e0200:"}),
        (False, {"PRODUCT": "", "ID_USB_INTERFACES": ""}),
        (False, {}),
    ],
)
def test_what_looks_like_a_phone(phone: bool, properties: dict[str, str]) -> None:
    assert looks_like_phone(properties) is phone


def test_vendor_ids_are_four_hexadecimal_digits() -> None:
    assert all(len(one) == 4 and int(one, 16) and one == one.lower() for one in PHONE_VENDORS)


class OverflowingMonitor:
    """A udev monitor whose socket overflows."""

    def __init__(self) -> None:
        self.polls = 0

    def poll(self, timeout: float | None) -> None:
        self.polls += 1
        raise OSError(105, "No buffer space available")


def test_a_lost_event_may_have_been_a_phone_and_a_dead_udev_is_given_up(caplog: pytest.LogCaptureFixture) -> None:
    monitor, plugged = OverflowingMonitor(), []
    follow(monitor, lambda: plugged.append(1))
    assert len(plugged) == monitor.polls == MOST_FAULTS
    assert "udev no longer answers" in caplog.text


def test_real_plug_events_are_told_apart(tmp_path: Path) -> None:
    done = subprocess.run(
        ["umockdev-wrapper", "/usr/bin/python3", str(CHILD)], capture_output=True, text=True, timeout=120, check=False,
        env={"PATH": os.environ["PATH"], "PYTHONPATH": str(REPOSITORY), "HOME": str(tmp_path),
             "PYTHONDONTWRITEBYTECODE": "1"},
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines() == ["watching", "plugged: phone", "plugged: rule-less phone", "quiet: keyboard"]
    assert "0123456789ABCDEF" not in done.stderr
