"""Phones on the bus: a tree like the kernel's, with everything that may stand or go missing in it."""

import os
from pathlib import Path

import pytest
from usb_tree import ADB, DISK, KEYS, MTP, plug

from agent.collect.adb.usb import ATTRIBUTE_BYTES, MOST_DEVICES, OnBus, on_bus
from agent.collect.host import CollectError
from checks.evidence import Why


def seen(root: Path) -> tuple[OnBus, ...]:
    return on_bus(str(root / "bus"))


@pytest.mark.parametrize(
    ("vendor", "interfaces", "expected"),
    [
        ("18d1", (MTP, ADB), OnBus(serial="A1", debugging=True, maker="Google")),
        ("18d1", (MTP,), OnBus(serial="A1", debugging=False, maker="Google")),
        ("04e8", ("ffff00",), OnBus(serial="A1", debugging=False, maker="Samsung")),
        ("abcd", (ADB,), OnBus(serial="A1", debugging=True)),
        ("05ac", (MTP, "fffe02"), OnBus(serial="A1", debugging=False, maker="Apple")),
        ("04a9", (MTP,), None),
        ("18d1", (KEYS,), None),
        ("04e8", (DISK,), None),
        ("1d6b", ("090000",), None),
        ("18d1", (), None),
    ],
)
def test_what_is_a_phone_and_whether_it_offers_itself_to_adb(
    tmp_path: Path, vendor: str, interfaces: tuple[str, ...], expected: OnBus | None
) -> None:
    plug(tmp_path, "3-1", vendor, *interfaces, serial="A1")
    assert seen(tmp_path) == (() if expected is None else (expected,))


def test_several_phones_behind_hubs_and_a_bus_itself(tmp_path: Path) -> None:
    plug(tmp_path, "1-1.4.2", "18d1", ADB, serial="B")
    plug(tmp_path, "3-2", "04e8", MTP, serial="A")
    plug(tmp_path, "usb3", "18d1", ADB, serial="ROOT")
    assert [one.serial for one in seen(tmp_path)] == ["B", "A"]


@pytest.mark.parametrize("serial", ["", "two words", "x\x1b[31m", "ü", "x" * 201, "a\nb"])
def test_a_serial_of_a_strange_form_is_none(tmp_path: Path, serial: str) -> None:
    plug(tmp_path, "3-1", "18d1", ADB, serial=serial)
    assert [one.serial for one in seen(tmp_path)] == [""]


def test_no_usb_at_all_is_no_phone(tmp_path: Path) -> None:
    assert on_bus(str(tmp_path / "nowhere")) == ()


def test_a_list_that_may_not_be_read_is_said(tmp_path: Path) -> None:
    (tmp_path / "bus").write_text("no folder")
    with pytest.raises(CollectError) as error:
        seen(tmp_path)
    assert error.value.why is Why.UNREADABLE


def test_a_phone_that_is_just_being_unplugged_is_not_there(tmp_path: Path) -> None:
    real = plug(tmp_path, "3-1", "18d1", ADB)
    (tmp_path / "bus" / "3-2").symlink_to(tmp_path / "gone")
    (real / "3-1:1.0" / "bInterfaceClass").unlink()
    assert seen(tmp_path) == ()


def test_an_endless_attribute_is_read_in_part(tmp_path: Path) -> None:
    real = plug(tmp_path, "3-1", "18d1", ADB)
    (real / "serial").write_text("A" * (ATTRIBUTE_BYTES * 100))
    assert [one.serial for one in seen(tmp_path)] == [""]


def test_more_devices_than_a_laptop_has_are_refused(tmp_path: Path) -> None:
    (tmp_path / "bus").mkdir()
    for number in range(MOST_DEVICES + 1):
        os.mkdir(tmp_path / "bus" / f"1-{number}")
    with pytest.raises(CollectError) as error:
        seen(tmp_path)
    assert error.value.why is Why.TOO_LARGE
