"""What the products are called and where they have no wipe. Read from vendors' own pages; look again each year."""

from collections.abc import Mapping

from checks.model import Platform
from checks.remote_wipe.fact import Lack, Product

AS_OF = "2026-03"
"""When the vendors' pages were read."""

NAMES: Mapping[Product, str] = {
    Product.INTUNE: "Microsoft Intune",
    Product.ENTRA: "Microsoft Entra",
    Product.FLEET: "Fleet",
    Product.JUMPCLOUD: "JumpCloud",
    Product.LANDSCAPE: "Landscape",
    Product.PREY: "Prey",
    Product.WORKSPACE_ONE: "Workspace ONE",
    Product.ABSOLUTE: "Absolute",
    Product.JAMF: "Jamf",
    Product.KANDJI: "Kandji (Iru)",
    Product.MOSYLE: "Mosyle",
    Product.APPLE_FIND_MY: "Find My",
    Product.WINDOWS_FIND_MY_DEVICE: "Find my device",
    Product.GOOGLE_FIND_HUB: "Find Hub",
    Product.ANDROID_DEVICE_POLICY: "Android Device Policy",
    Product.IVANTI: "Ivanti (MobileIron)",
    Product.MAAS360: "IBM MaaS360",
    Product.SOTI: "SOTI MobiControl",
    Product.HEADWIND: "Headwind MDM",
    Product.KNOX_MANAGE: "Knox Manage",
    Product.CITRIX: "Citrix Endpoint Management",
    Product.MANAGEENGINE: "ManageEngine MDM",
    Product.SOPHOS: "Sophos Mobile",
    Product.HEXNODE: "Hexnode",
    Product.SCALEFUSION: "Scalefusion",
    Product.BLACKBERRY_UEM: "BlackBerry UEM",
    Product.FMD: "FMD",
    Product.SAMSUNG_FIND: "Samsung Find",
    Product.XIAOMI_FIND_DEVICE: "Xiaomi Find device",
    Product.HUAWEI_FIND_DEVICE: "HUAWEI Find Device",
    Product.HONOR_FIND_DEVICE: "HONOR Find Device",
    Product.OPPO_FIND_DEVICE: "OPPO Find My Device",
    Product.VIVO_FIND_PHONE: "vivo Find Phone",
    Product.FAMILY_LINK: "Family Link",
    Product.PRIVILEGE_APP: "an app that only lends its powers to other apps",
    Product.OTHER: "a management product",
}
"""As their makers write them."""

LACKS: Mapping[Lack, str] = {
    Lack.ACCOUNT: "nobody is signed in to its account",
    Lack.SERVICE: "its app is switched off or missing",
    Lack.LOCATION: "location is switched off",
}
"""As both the person and the practice read it."""

NO_WIPE: Mapping[Platform, frozenset[Product]] = {
    # Intune lists no action at all for Linux, Entra registers only, Landscape runs scripts and has no wipe of its own.
    Platform.LINUX: frozenset({Product.INTUNE, Product.ENTRA, Product.LANDSCAPE}),
    # It locates and locks.
    Platform.WINDOWS: frozenset({Product.ENTRA, Product.WINDOWS_FIND_MY_DEVICE}),
    # Entra registers, Jamf filters the network, Family Link supervises a child, and nobody sits at the other end of
    # an app that lends an owner's powers.
    Platform.ANDROID: frozenset(
        {Product.ENTRA, Product.JAMF, Product.LANDSCAPE, Product.FAMILY_LINK, Product.PRIVILEGE_APP}
    ),
}
"""Products that cannot wipe a device of that system. Every other one may; only its console knows."""


def may_wipe(platform: Platform, product: Product) -> bool:
    """Whether the vendor offers a wipe for such a device, or is not known to lack one."""
    return product not in NO_WIPE.get(platform, frozenset())
