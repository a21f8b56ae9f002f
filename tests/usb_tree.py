"""A tree like the kernel's of USB devices, for tests that need a phone on the cable."""

from pathlib import Path

MTP, ADB, DISK, KEYS = "060101", "ff4201", "080650", "030101"
"""Class, subclass and protocol of interfaces."""


def plug(root: Path, place: str, vendor: str, *interfaces: str, serial: str = "") -> Path:
    """Below `root` as below /sys/bus/usb/devices, where the kernel has links."""
    real = root / "real" / place
    real.mkdir(parents=True)
    (real / "idVendor").write_text(f"{vendor}\n")
    if serial:
        (real / "serial").write_text(f"{serial}\n")
    for number, one in enumerate(interfaces):
        folder = real / f"{place}:1.{number}"
        folder.mkdir()
        for name, part in (("Class", one[:2]), ("SubClass", one[2:4]), ("Protocol", one[4:])):
            (folder / f"bInterface{name}").write_text(f"{part}\n")
    bus = root / "bus"
    bus.mkdir(exist_ok=True)
    (bus / place).symlink_to(real)
    return real
