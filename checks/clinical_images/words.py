"""What people call the places in which pictures lie."""

from collections.abc import Mapping

from checks.clinical_images.fact import Folder

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
