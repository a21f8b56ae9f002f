"""What can be seen of a screen lock."""

from dataclasses import dataclass
from enum import StrEnum

from checks.evidence import Fact
from checks.makers import Maker

NEVER_ASKS = -1
"""In place of a grace: a locked screen opens without a credential, however long it was locked."""


class Desktop(StrEnum):
    """What draws the screen, hence what locks it and how its settings are called."""

    GNOME = "gnome"
    KDE = "kde"
    CINNAMON = "cinnamon"
    MATE = "mate"
    XFCE = "xfce"
    SWAY = "sway"
    HYPRLAND = "hyprland"
    ANDROID = "android"
    OTHER = "other"
    NONE = "none"


@dataclass(frozen=True, slots=True, kw_only=True)
class ScreenLock(Fact):
    """The parts of a lock. In every field None means that the system would not say."""

    desktop: Desktop
    locks: bool | None
    """The screen locks when nobody uses the device."""
    idle_s: int | None
    """Seconds without use until the lock shows, all delays added; 0 is never. Means nothing where `locks` is False."""
    grace_s: int | None
    """Seconds after locking in which no credential is asked; NEVER_ASKS when none ever is."""
    on_resume: bool | None
    """A credential is asked after sleep."""
    password: bool | None
    """The account has a password, PIN or the like."""
    auto_login: bool | None
    """The device starts a session without asking for a credential."""
    stays_on: bool | None = False
    """It stays open while it charges. Always False on laptops, where `idle_s` says it all."""
    extended_unlock: bool | None = False
    """A place, a thing nearby or an app may open it, or keep it open, in place of the credential. False on laptops."""
    maker: Maker | None = None
    """Of a phone, since each maker names its menus otherwise. None on laptops too."""
