"""Notices a phone being plugged in, through udev. Says so and goes on where there is no udev."""

import logging
import os
import threading
from collections.abc import Callable
from typing import Any

from agent.collect.adb.usb_kinds import looks_like_phone
from agent.fault import told

log = logging.getLogger(__name__)

UDEV_CONTROL = "/run/udev/control"
MOST_FAULTS = 20
"""Faults in a row after which udev is given up."""


def watch(plugged: Callable[[], None]) -> bool:
    """Call `plugged` for each phone-like device that is added, from a thread of its own. False without udev."""
    try:
        import pyudev

        monitor = pyudev.Monitor.from_netlink(pyudev.Context())
        monitor.filter_by("usb", "usb_device")
        monitor.start()
    except (ImportError, OSError) as error:
        log.warning(
            "udev cannot be asked (%s): a phone is noticed where an adb server runs, else at the next audit",
            told(error),
        )
        return False
    if not os.path.exists(UDEV_CONTROL):
        log.warning("udev does not run here: a phone is noticed where an adb server runs, else at the next audit")
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
    log.warning("udev no longer answers: a phone is noticed where an adb server runs, else at the next audit")
