"""What can be seen of the people who may use a device."""

from dataclasses import dataclass

from checks.evidence import Fact


@dataclass(frozen=True, slots=True, kw_only=True)
class SharedUse(Fact):
    """Counts only, never a name. In every field None means that the system would not say."""

    people: int | None
    """Accounts kept on the device with which a person can sign in. Part "people"."""
    directory: bool | None
    """An organisation's directory decides who else may sign in; how many they are is out of sight. Part "directory"."""
    guest: bool | None
    """Somebody without an account can start a session. Part "guest"."""
    previews: bool | None
    """Notifications show while the screen is locked. Part "previews"."""
