"""Plugs made devices into an umockdev testbed and says what the daemon's monitor made of each.

Run by test_daemon_usb.py with the system's Python, to which umockdev's bindings belong.
"""

import logging
import queue
import sys

import gi

gi.require_version("UMockdev", "1.0")
from gi.repository import UMockdev  # noqa: E402

from agent.daemon import usb  # noqa: E402 - gi wants its version first

WAIT_S = 30.0
PHONE = """P: /devices/pci0000:00/0000:00:14.0/usb3/3-1
N: bus/usb/003/052=12010002000000400D0E0820FFFF010203010902
E: DEVNAME=/dev/bus/usb/003/052
E: DEVTYPE=usb_device
E: ID_MTP_DEVICE=1
E: ID_SERIAL_SHORT=0123456789ABCDEF
E: ID_USB_INTERFACES=:ffff00:
E: ID_VENDOR_ID=0e8d
E: PRODUCT=e8d/2008/ffff
E: SUBSYSTEM=usb
A: idVendor=0e8d
A: serial=0123456789ABCDEF
"""
RULELESS = """P: /devices/pci0000:00/0000:00:14.0/usb3/3-2
E: DEVTYPE=usb_device
E: ID_USB_INTERFACES=:ffff00:ff4201:
E: PRODUCT=18d1/4ee7/440
E: SUBSYSTEM=usb
A: idVendor=18d1
"""
KEYBOARD = """P: /devices/pci0000:00/0000:00:14.0/usb3/3-3
E: DEVTYPE=usb_device
E: ID_USB_INTERFACES=:030101:
E: ID_VENDOR_ID=05ac
E: PRODUCT=5ac/24f/1
E: SUBSYSTEM=usb
A: idVendor=05ac
"""


def main() -> int:
    """Plug each in turn. The keyboard comes last: a phone after it would hide that it was taken for one."""
    logging.basicConfig(stream=sys.stderr, level=logging.DEBUG)
    plugged: queue.Queue[None] = queue.Queue()
    testbed = UMockdev.Testbed.new()
    if not usb.watch(lambda: plugged.put(None)):
        return 1
    print("watching")
    for name, device in (("phone", PHONE), ("rule-less phone", RULELESS)):
        testbed.add_from_string(device)
        plugged.get(timeout=WAIT_S)
        print("plugged:", name)
    testbed.add_from_string(KEYBOARD)
    testbed.uevent("/sys/devices/pci0000:00/0000:00:14.0/usb3/3-1", "remove")
    testbed.uevent("/sys/devices/pci0000:00/0000:00:14.0/usb3/3-1", "add")
    plugged.get(timeout=WAIT_S)
    print("quiet: keyboard" if plugged.empty() else "taken for a phone: keyboard")
    return 0


if __name__ == "__main__":
    sys.exit(main())
