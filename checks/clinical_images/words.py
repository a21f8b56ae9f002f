"""What people call the places in which pictures lie, and what may be said of one."""

from collections.abc import Mapping

from checks.clinical_images.fact import Disposition, Folder

PLACES: Mapping[Folder, str] = {
    Folder.CAMERA: "Camera",
    Folder.SCREENSHOTS: "Screenshots",
    Folder.MESSENGER: "chats",
    Folder.DOWNLOADS: "Downloads",
    Folder.PICTURES: "Pictures",
    Folder.CLOUD: "a synced folder",
    Folder.TRASH: "the trash",
    Folder.THUMBNAILS: "small previews",
    Folder.PHONE_BACKUP: "a phone's backup",
    Folder.OTHER: "other folders",
}
"""As they stand behind "in"."""

SAID: Mapping[str, str] = {
    Disposition.IN_RECORD: "said in the record",
    Disposition.FILED: "said filed",
    Disposition.FILED_BY_SENDER: "said filed by the sender",
    Disposition.OWN: "said the patient's own",
    Disposition.TEACHING: "kept for teaching",
    Disposition.NOT_CLINICAL: "said not clinical",
}
"""By the name of the measure that counts them, which is the disposition; a hold is told as "on hold"."""
