"""Phones on the USB bus, which the kernel lists also where adb sees none: debugging off, or no server."""

import os
import re
from collections.abc import Iterator
from dataclasses import dataclass

from agent import limits
from agent.collect.adb.usb_kinds import DEBUGGING, PHONE_VENDORS, looks_like_phone
from agent.collect.adb.wire import SERIAL
from agent.collect.host import CollectError
from checks.evidence import Why

DEVICES = "/sys/bus/usb/devices"
DEVICE = re.compile(r"[0-9]{1,4}-[0-9]{1,4}(?:\.[0-9]{1,4}){0,8}")
"""A folder of a device; "usb1" is a bus, "3-1:1.0" an interface."""
INTERFACE = re.compile(r"[0-9.-]{1,60}:[0-9]{1,4}\.[0-9]{1,4}")
MOST_DEVICES = 512
MOST_INTERFACES = 64
ATTRIBUTE_BYTES = 256


@dataclass(frozen=True, slots=True, kw_only=True)
class OnBus:
    """A phone on the cable, whether or not adb knows it."""

    serial: str
    """As adb has it; "" for none, or one of a strange form. It stays on this laptop."""
    debugging: bool
    """It offers itself to adb: USB debugging is on."""
    maker: str = ""
    """Such as "Samsung"; "" for one that is not in our table."""


def on_bus(root: str = DEVICES) -> tuple[OnBus, ...]:
    """Phones on the cable, those without a server or without debugging too. None where there is no USB.

    Raises NOT_PERMITTED or UNREADABLE where the list can't be read, TOO_LARGE.
    """
    names = _names(root, DEVICE, MOST_DEVICES)
    found = (_phone(os.path.join(root, name)) for name in sorted(names))
    return tuple(one for one in found if one is not None)[: limits.PHONES]


def _phone(folder: str) -> OnBus | None:
    vendor = _attribute(folder, "idVendor").lower()
    interfaces = tuple(_interfaces(folder))
    known = vendor in PHONE_VENDORS
    looks = looks_like_phone({"ID_VENDOR_ID": vendor, "ID_USB_INTERFACES": f":{':'.join(interfaces)}:"})
    # A still image interface of a maker that makes no phones is a camera: nobody should be sent to its settings.
    if not looks or not (known or DEBUGGING in interfaces):
        return None
    serial = _attribute(folder, "serial")
    return OnBus(
        serial=serial if SERIAL.fullmatch(serial) else "",
        debugging=DEBUGGING in interfaces,
        maker=PHONE_VENDORS.get(vendor, ""),
    )


def _interfaces(folder: str) -> Iterator[str]:
    """Class, subclass and protocol of each, such as "ff4201"."""
    try:
        names = _names(folder, INTERFACE, MOST_INTERFACES)
    except CollectError:
        return  # it was unplugged while we looked
    for name in names:
        place = os.path.join(folder, name)
        parts = (_attribute(place, f"bInterface{one}") for one in ("Class", "SubClass", "Protocol"))
        yield "".join(parts).lower()


def _names(folder: str, form: re.Pattern[str], most: int) -> list[str]:
    found = []
    try:
        with os.scandir(folder) as entries:
            for entry in entries:
                if form.fullmatch(entry.name):
                    found.append(entry.name)
                if len(found) > most:
                    raise CollectError(Why.TOO_LARGE, "the list of USB devices")
    except FileNotFoundError:
        return []
    except PermissionError as error:
        raise CollectError(Why.NOT_PERMITTED, "the list of USB devices") from error
    except OSError as error:
        raise CollectError(Why.UNREADABLE, "the list of USB devices") from error
    return found


def _attribute(folder: str, name: str) -> str:
    """What the kernel says of it; "" where it says nothing, or the phone has just gone."""
    try:
        with open(os.path.join(folder, name), "rb") as stream:
            return stream.read(ATTRIBUTE_BYTES).decode("utf-8", "replace").strip()
    except OSError:
        return ""
