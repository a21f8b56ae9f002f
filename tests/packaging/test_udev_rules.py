"""The udev rule as udev itself applies it, to devices of an umockdev testbed."""

import os
import subprocess
from pathlib import Path

import pytest

RULES = Path(__file__).parents[2] / "packaging" / "linux" / "70-scrubin-phones.rules"
PLACE = "/devices/pci0000:00/0000:00:14.0/usb3/3-1"
DEVICE = """P: {place}
N: bus/usb/003/052=12010002000000400D0E0820FFFF010203010902
E: DEVNAME=/dev/bus/usb/003/052
E: DEVTYPE=usb_device
E: BUSNUM=003
E: DEVNUM=052
E: MAJOR=189
E: MINOR=307
E: SUBSYSTEM=usb
A: idVendor={vendor}
A: idProduct=4ee7
"""
OPENED = "run: 'uaccess'"
"""udev hands the device to whoever sits at the screen."""


def opened(tmp_path: Path, vendor: str, interfaces: str, *, rules: str | None = RULES.name) -> bool:
    """Whether udev, with the system's own rules and ours as `rules`, opens such a device."""
    folder = tmp_path / "rules"
    folder.mkdir()
    # Debian's rule for Android must not do our work; and the testbed has no descriptors to read interfaces from.
    (folder / "51-android.rules").symlink_to(os.devnull)
    (folder / "60-testbed.rules").write_text(f'SUBSYSTEM=="usb", ENV{{ID_USB_INTERFACES}}="{interfaces}"\n')
    if rules is not None:
        (folder / rules).write_bytes(RULES.read_bytes())
    (tmp_path / "device").write_text(DEVICE.format(place=PLACE, vendor=vendor))
    done = subprocess.run(
        ["bwrap", "--dev-bind", "/", "/", "--tmpfs", "/run", "--dir", "/run/udev",
         "--ro-bind", str(folder), "/run/udev/rules.d",
         "umockdev-run", "-d", str(tmp_path / "device"), "--", "udevadm", "test", "--action=add", f"/sys{PLACE}"],
        capture_output=True, text=True, timeout=120, check=True, env={"PATH": "/usr/bin:/bin:/usr/sbin:/sbin"},
    )  # fmt: skip
    assert "ID_USB_INTERFACES=" in done.stdout, "udev saw the device"
    assert "Invalid" not in done.stderr
    return OPENED in done.stdout


@pytest.mark.parametrize(
    ("phone", "vendor", "interfaces"),
    [
        (True, "18d1", ":ffff00:ff4201:"),
        (True, "fffe", ":ff4201:"),
        (True, "fffe", ":060101:"),
        (True, "04e8", ":ffff00:"),
        (False, "fffe", ":ffff00:"),
        (False, "04e8", ":080650:"),
        (False, "05ac", ":030101:"),
    ],
)
def test_udev_opens_phones_and_nothing_else(tmp_path: Path, phone: bool, vendor: str, interfaces: str) -> None:
    assert opened(tmp_path, vendor, interfaces) is phone


def test_without_the_rule_a_phone_stays_closed(tmp_path: Path) -> None:
    assert not opened(tmp_path, "18d1", ":ffff00:ff4201:", rules=None)


def test_a_rule_that_sorts_after_the_seats_comes_too_late(tmp_path: Path) -> None:
    assert not opened(tmp_path, "18d1", ":ffff00:ff4201:", rules="74-scrubin-phones.rules")
