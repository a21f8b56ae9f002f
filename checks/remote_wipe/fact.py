"""What a device can show of its enrolment. Whether a wipe would be sent is known to the other end only."""

from dataclasses import dataclass
from enum import StrEnum

from checks.evidence import Fact
from checks.model import Platform


class Product(StrEnum):
    """Products that manage or find devices. Policies and reports name them so."""

    INTUNE = "intune"
    ENTRA = "entra"
    FLEET = "fleet"
    JUMPCLOUD = "jumpcloud"
    LANDSCAPE = "landscape"
    PREY = "prey"
    WORKSPACE_ONE = "workspace_one"
    ABSOLUTE = "absolute"
    JAMF = "jamf"
    KANDJI = "kandji"
    MOSYLE = "mosyle"
    APPLE_FIND_MY = "apple_find_my"
    WINDOWS_FIND_MY_DEVICE = "windows_find_my_device"
    GOOGLE_FIND_HUB = "google_find_hub"
    OTHER = "other"


@dataclass(frozen=True, slots=True, kw_only=True)
class Enrolment:
    """What was seen of one product."""

    product: Product
    enrolled: bool | None
    """The device is enrolled. False: the client is here and not enrolled. None: that could not be seen; a gap whose
    part is the product's id says why."""
    running: bool | None = None
    """The client runs, so that an order could arrive. None: not looked at, or not to be seen."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RemoteWipe(Fact):
    """Every product of which something is on the device."""

    platform: Platform
    """What one product can do differs by system."""
    enrolments: tuple[Enrolment, ...]
    """Products of which nothing was found are left out."""
