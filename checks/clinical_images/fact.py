"""What a scan of the pictures on a device counts: tallies, no path, no name, no fingerprint, no picture."""

from dataclasses import dataclass
from enum import StrEnum

from checks.evidence import Fact


class Folder(StrEnum):
    """What sort of place a picture lay in."""

    CAMERA = "camera"
    SCREENSHOTS = "screenshots"
    MESSENGER = "messenger"
    DOWNLOADS = "downloads"
    PICTURES = "pictures"
    CLOUD = "cloud"
    TRASH = "trash"
    THUMBNAILS = "thumbnails"
    PHONE_BACKUP = "phone_backup"
    OTHER = "other"


class Group(StrEnum):
    """What sort of picture the finder took it for."""

    BODY = "body"
    """Wounds, skin, nails, eyes: taken of a patient."""
    IMAGING = "imaging"
    """X-rays, scans, ultrasound, histology, DICOM files; also off a screen."""
    TRACING = "tracing"
    """ECG, CTG, displays of monitors and meters."""
    MEDICATION = "medication"
    DOCUMENT = "document"
    """Reports, letters, charts, prescriptions, clinical screens."""
    RECORDING = "recording"
    """Sound that is likely speech, by where it lies and how it is named: nobody listened, so it has no score."""
    ORDINARY = "ordinary"
    """Nothing clinical."""


class Origin(StrEnum):
    """How a picture came to the device."""

    TAKEN = "taken"
    RECEIVED = "received"
    SENT = "sent"
    UNKNOWN = "unknown"


class Disposition(StrEnum):
    """What the clinician said of a picture."""

    NONE = "none"
    IN_RECORD = "in_record"
    FILED = "filed"
    FILED_BY_SENDER = "filed_by_sender"
    OWN = "own"
    TEACHING = "teaching"
    NOT_CLINICAL = "not_clinical"
    LEGAL_HOLD = "legal_hold"


@dataclass(frozen=True, slots=True, kw_only=True)
class Tally:
    """Pictures, or recordings, that are alike in all of this. Fine steps, so that a new limit needs no new scan."""

    folder: Folder
    age_hours: int | None
    """Hours begun since the picture came to the device; None when its date is missing or lies in the future."""
    score_percent: int
    """The finder's score in whole percent, rounded down: 0 looks like no clinical picture, 100 surely like one."""
    count: int
    """Pictures, copies counted one by one."""
    group: Group = Group.BODY
    origin: Origin = Origin.UNKNOWN
    gps: bool = False
    """The file says where the picture was taken."""
    disposition: Disposition = Disposition.NONE
    known_hours: int = 0
    """Where the age is not known: for so many hours, begun, it has been here at least."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ClinicalImages(Fact):
    """One scan. Gaps of part "folders" stand for places that could not be looked at."""

    looked_at: tuple[Folder, ...]
    """Sorts of places that were looked at to the end; () when none was, which is not the same as nothing found."""
    tallies: tuple[Tally, ...]
    not_scanned: int | None
    """Pictures that were there and could not be judged; None when they were not counted."""
    model: str
    """Name and version of the finder that scored them."""
    unread_documents: int = 0
    """Pictures of pages whose words were not read: whether they are clinical is not known."""
    clean_weights: bool = False
    """The finder's weights come from pictures of stated licences only."""
