"""What can be seen of cameras that may write into a picture where it was taken."""

from dataclasses import dataclass
from enum import StrEnum

from checks.evidence import Fact
from checks.makers import Maker


class CameraApp(StrEnum):
    """Whose camera it is, hence how its switch is called."""

    BUILT_IN = "built_in"
    """The phone maker's own."""
    GOOGLE = "google_camera"
    OPEN_CAMERA = "open_camera"
    OTHER = "other"
    """A camera that we do not know."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Camera:
    """One camera app that is there and can run."""

    app: CameraApp
    name: str
    """Its identifier, as the phone has it. For the person only."""
    may_locate: bool | None
    """It may look up where the device is, if only roughly. None: the system would not say."""
    looked_up_days: int | None
    """Whole days since it last did. None: it was not seen to, which proves nothing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Geotagging(Fact):
    """Cameras of the device's owner. A gap in "cameras" may hide any of them; one in "permission" is of all."""

    cameras: tuple[Camera, ...]
    maker: Maker | None
    """None: the system would not say."""
