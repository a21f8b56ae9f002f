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
    ANDROID_DEVICE_POLICY = "android_device_policy"
    """Google's agent, through which many products manage phones."""
    IVANTI = "ivanti"
    MAAS360 = "maas360"
    SOTI = "soti"
    HEADWIND = "headwind"
    KNOX_MANAGE = "knox_manage"
    CITRIX = "citrix"
    MANAGEENGINE = "manageengine"
    SOPHOS = "sophos"
    HEXNODE = "hexnode"
    SCALEFUSION = "scalefusion"
    BLACKBERRY_UEM = "blackberry_uem"
    FMD = "fmd"
    SAMSUNG_FIND = "samsung_find"
    XIAOMI_FIND_DEVICE = "xiaomi_find_device"
    HUAWEI_FIND_DEVICE = "huawei_find_device"
    HONOR_FIND_DEVICE = "honor_find_device"
    OPPO_FIND_DEVICE = "oppo_find_device"
    """With realme and OnePlus."""
    VIVO_FIND_PHONE = "vivo_find_phone"
    FAMILY_LINK = "family_link"
    """Supervision by a parent."""
    PRIVILEGE_APP = "privilege_app"
    """Holds an owner's powers for the person's own apps, or for tests; nobody else can reach it."""
    OTHER = "other"


class Reach(StrEnum):
    """How much an order to wipe would erase."""

    DEVICE = "device"
    PROFILE = "profile"
    """Its own profile; what the camera keeps beside it stays."""
    NOTHING = "nothing"
    """It never asked for that power."""


class Lack(StrEnum):
    """What a finder cannot do without."""

    ACCOUNT = "no_account"
    SERVICE = "service_off"
    LOCATION = "location_off"


@dataclass(frozen=True, slots=True, kw_only=True)
class Enrolment:
    """What was seen of one product."""

    product: Product
    enrolled: bool | None
    """The device is enrolled. False: the client is here and not enrolled. None: that could not be seen; a gap whose
    part is the product's id says why."""
    running: bool | None = None
    """The client runs, so that an order could arrive. None: not looked at, or not to be seen."""
    reach: Reach | None = Reach.DEVICE
    """What an order would erase. None: not seen."""
    finder: bool = False
    """The person arms it in the settings; where `enrolled` is None without a gap, it could work and hides whether."""
    lack: Lack | None = None
    """Why a finder cannot work; then `enrolled` is False."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RemoteWipe(Fact):
    """Every product of which something is on the device."""

    platform: Platform
    """What one product can do differs by system."""
    enrolments: tuple[Enrolment, ...]
    """Products of which nothing was found are left out."""
