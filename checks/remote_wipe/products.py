"""What the products are called and where they have no wipe. Read from vendors' own pages; look again each year."""

from collections.abc import Mapping

from checks.model import Platform
from checks.remote_wipe.fact import Product

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
    Product.OTHER: "a management product",
}
"""As their makers write them."""

NO_WIPE: Mapping[Platform, frozenset[Product]] = {
    # Intune lists no action at all for Linux, Entra registers only, Landscape runs scripts and has no wipe of its own.
    Platform.LINUX: frozenset({Product.INTUNE, Product.ENTRA, Product.LANDSCAPE}),
    # It locates and locks.
    Platform.WINDOWS: frozenset({Product.ENTRA, Product.WINDOWS_FIND_MY_DEVICE}),
}
"""Products that cannot wipe a device of that system. Every other one may; only its console knows."""


def may_wipe(platform: Platform, product: Product) -> bool:
    """Whether the vendor offers a wipe for such a device, or is not known to lack one."""
    return product not in NO_WIPE.get(platform, frozenset())
