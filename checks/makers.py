"""Who made a phone: menus and preinstalled apps differ by maker."""

from enum import StrEnum


class Maker(StrEnum):
    """Makers whose menus we name. Sub-brands count as the house whose menus they carry."""

    GOOGLE = "google"
    SAMSUNG = "samsung"
    XIAOMI = "xiaomi"
    """With Redmi and POCO."""
    OPPO = "oppo"
    """With realme and OnePlus."""
    VIVO = "vivo"
    """With iQOO."""
    HUAWEI = "huawei"
    HONOR = "honor"
    MOTOROLA = "motorola"
    SONY = "sony"
    NOTHING = "nothing"
    """With CMF."""
    FAIRPHONE = "fairphone"
    HMD = "hmd"
    """With the phones it sells under the name of Nokia."""
    OTHER = "other"
