"""Which USB devices are phones, by their makers and interfaces: the same for what udev tells and what the bus lists."""

from collections.abc import Mapping

APPLE = "05ac"
PHONE_VENDORS: Mapping[str, str] = {
    "0421": "Nokia", "0489": "Foxconn", "04dd": "Sharp", "04e8": "Samsung", "0502": "Acer", APPLE: "Apple",
    "05c6": "Qualcomm", "0b05": "ASUS", "0bb4": "HTC", "0e8d": "MediaTek", "0fce": "Sony", "1004": "LG",
    "109b": "Hisense", "12d1": "Huawei", "17ef": "Lenovo", "18d1": "Google", "19d2": "ZTE", "1bbb": "TCL",
    "22b8": "Motorola", "22d9": "OPPO", "2717": "Xiaomi", "2a45": "Meizu", "2a70": "OnePlus", "2ae5": "Fairphone",
    "2d95": "vivo", "2e04": "HMD",
}  # fmt: skip
"""USB vendor ids of phone makers. packaging/linux/70-scrubin-phones.rules has the same; a test compares them."""
DEBUGGING = "ff4201"
"""adb's interface, as class, subclass and protocol in hexadecimal."""
PHONE_INTERFACES = frozenset({"060101", DEBUGGING})
"""Still image (MTP, PTP) and adb."""


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
