"""Notices a phone being plugged in, through udev. Says so and goes on where there is no udev."""

import logging
import os
import threading
from collections.abc import Callable, Mapping
from typing import Any

from agent.fault import told

log = logging.getLogger(__name__)

UDEV_CONTROL = "/run/udev/control"
PHONE_VENDORS: Mapping[str, str] = {
    "0421": "Nokia", "0489": "Foxconn", "04dd": "Sharp", "04e8": "Samsung", "0502": "Acer", "05ac": "Apple",
    "05c6": "Qualcomm", "0b05": "ASUS", "0bb4": "HTC", "0e8d": "MediaTek", "0fce": "Sony", "1004": "LG",
    "109b": "Hisense", "12d1": "Huawei", "17ef": "Lenovo", "18d1": "Google", "19d2": "ZTE", "1bbb": "TCL",
    "22b8": "Motorola", "22d9": "OPPO", "2717": "Xiaomi", "2a45": "Meizu", "2a70": "OnePlus", "2ae5": "Fairphone",
    "2d95": "vivo", "2e04": "HMD",
}  # fmt: skip
"""USB vendor ids of phone makers. packaging/linux/70-scrubin-phones.rules has the same; a test compares them."""
PHONE_INTERFACES = frozenset({"060101", "ff4201"})
"""Still image (MTP, PTP) and adb, as class, subclass and protocol in hexadecimal."""
MOST_FAULTS = 20
"""Faults in a row after which udev is given up."""


def looks_like_phone(properties: Mapping[str, str]) -> bool:
    """Whether udev's properties of a USB device are those of a phone. A camera may pass, at little cost."""
    if properties.get("ID_MTP_DEVICE") == "1" or properties.get("ID_GPHOTO2") == "1":
        return True
    interfaces = set(properties.get("ID_USB_INTERFACES", "").lower().split(":"))
    if interfaces & PHONE_INTERFACES:
        return True
    # Without udev's tables MTP is a nameless vendor interface, which disks and headsets of the same makers lack.
    maker = properties.get("ID_VENDOR_ID", "").lower() or _vendor(properties.get("PRODUCT", ""))
    return maker in PHONE_VENDORS and any(one.startswith("ff") for one in interfaces)


def _vendor(product: str) -> str:
    """The kernel's PRODUCT is "e8d/2008/ffff": vendor, model and revision without leading zeros."""
    return product.partition("/")[0].lower().rjust(4, "0")


def watch(plugged: Callable[[], None]) -> bool:
    """Call `plugged` for each phone-like device that is added, from a thread of its own. False without udev."""
    try:
        import pyudev

        monitor = pyudev.Monitor.from_netlink(pyudev.Context())
        monitor.filter_by("usb", "usb_device")
        monitor.start()
    except (ImportError, OSError) as error:
        log.warning("udev cannot be asked (%s): a phone that is plugged in is seen at the next audit", told(error))
        return False
    if not os.path.exists(UDEV_CONTROL):
        log.warning("udev does not run here: a phone that is plugged in is seen at the next audit")
    threading.Thread(target=follow, args=(monitor, plugged), name="scrubin-usb", daemon=True).start()
    return True


def follow(monitor: Any, plugged: Callable[[], None]) -> None:
    """Read events until udev fails for good. A burst that overflows the socket may have hidden a phone."""
    faults = 0
    while faults < MOST_FAULTS:
        try:
            device = monitor.poll(timeout=None)
        except OSError as error:
            faults += 1
            log.debug("a udev event was lost (%s)", error.strerror)
            plugged()
            continue
        faults = 0
        if device is not None and device.action == "add" and looks_like_phone(dict(device.properties)):
            plugged()
    log.warning("udev no longer answers: a phone that is plugged in is seen at the next audit")
