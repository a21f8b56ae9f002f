"""What can be seen of a laptop's or phone's encryption."""

from dataclasses import dataclass
from enum import StrEnum

from checks.evidence import Fact


class Machine(StrEnum):
    """What the system runs on. Behind a virtual disk the host may encrypt, unseen from inside."""

    REAL = "real"
    VIRTUAL = "virtual"
    CONTAINER = "container"


@dataclass(frozen=True, slots=True, kw_only=True)
class Encryption(Fact):
    """Each part: True when every disk it lies on is encrypted. In every field None means that it could not be seen."""

    home: bool | None
    """The home folder."""
    inside: bool | None
    """Further disks mounted inside the home folder, or holding its photo folders; True when there are none."""
    system: bool | None
    """The system's own files, temporary folders among them."""
    swap: bool | None
    """Memory written to disk; True when none is."""
    machine: Machine | None
    """What the system runs on."""
