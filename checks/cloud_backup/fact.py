"""What can be seen of programs that may send a person's pictures away: a set, not a switch."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from checks.evidence import Fact


class Product(StrEnum):
    """What sends: by the service where the client serves one, otherwise by the program. Policies may name them."""

    ADOBE_CREATIVE_CLOUD = "adobe_creative_cloud"
    AMAZON_PHOTOS = "amazon_photos"
    ANDROID_BACKUP = "android_backup"
    """The system's own backup of apps, messages and settings; the camera's pictures are not in it."""
    ATT_PERSONAL_CLOUD = "att_personal_cloud"
    AUTOSYNC = "autosync"
    BACK_IN_TIME = "back_in_time"
    BACKBLAZE = "backblaze"
    BORG = "borg"
    BOX = "box"
    CRASHPLAN = "crashplan"
    DEJA_DUP = "deja_dup"
    DROPBOX = "dropbox"
    DUPLICATI = "duplicati"
    DUPLICITY = "duplicity"
    ENTE = "ente"
    FACEBOOK = "facebook"
    FILE_SERVER = "file_server"
    """A network share: SMB, NFS, AFP and their like."""
    FLICKR = "flickr"
    FOLDERSYNC = "foldersync"
    GOOGLE_DRIVE = "google_drive"
    GOOGLE_PHOTOS = "google_photos"
    HEYTAP_CLOUD = "heytap_cloud"
    """OPPO's, also on OnePlus and realme."""
    HONOR_CLOUD = "honor_cloud"
    HUAWEI_CLOUD = "huawei_cloud"
    ICLOUD = "icloud"
    IDRIVE = "idrive"
    IMMICH = "immich"
    INSTAGRAM = "instagram"
    INSYNC = "insync"
    JOTTACLOUD = "jottacloud"
    KOPIA = "kopia"
    MEGA = "mega"
    NEXTCLOUD = "nextcloud"
    NUBIA_CLOUD = "nubia_cloud"
    OBJECT_STORE = "object_store"
    """A rented bucket, such as S3."""
    ONEDRIVE = "onedrive"
    ONLINE_ACCOUNT = "online_account"
    """An account in the desktop's own list, of a service that we cannot name."""
    OWNCLOUD = "owncloud"
    PCLOUD = "pcloud"
    PIKA_BACKUP = "pika_backup"
    PROTON_DRIVE = "proton_drive"
    RCLONE = "rclone"
    RESILIO_SYNC = "resilio_sync"
    RESTIC = "restic"
    RSYNC = "rsync"
    SAMSUNG_CLOUD = "samsung_cloud"
    SEAFILE = "seafile"
    SFTP_SERVER = "sftp_server"
    SHUTTERFLY = "shutterfly"
    SPIDEROAK = "spideroak"
    SYNCTHING = "syncthing"
    SYNOLOGY_DRIVE = "synology_drive"
    SYNOLOGY_PHOTOS = "synology_photos"
    TERABOX = "terabox"
    TIME_MACHINE = "time_machine"
    TIMESHIFT = "timeshift"
    TRESORIT = "tresorit"
    VIVO_CLOUD = "vivo_cloud"
    VORTA = "vorta"
    WEBDAV_SERVER = "webdav_server"
    WHATSAPP = "whatsapp"
    """With WhatsApp Business: the backup of its chats."""
    XIAOMI_CLOUD = "xiaomi_cloud"
    YANDEX_DISK = "yandex_disk"
    OTHER = "other"
    """Something that sends or may send, and that we do not know by name. No policy can approve it."""


class Kind(StrEnum):
    """How it would come by the pictures."""

    SYNC = "sync"
    """What lies in its folders is sent."""
    PHOTO_UPLOAD = "photo_upload"
    """It gathers pictures and sends them."""
    BACKUP = "backup"
    """It copies chosen folders to another place from time to time."""
    MOUNT = "mount"
    """A folder that is not on this device: what is saved in it is sent at once."""
    ACCOUNT = "account"
    """Opened when the person asks for it; sends nothing by itself."""
    APP_DATA = "app_data"
    """It copies what apps keep and not the photo folders; pictures that an app keeps may be in it."""


class Menus(StrEnum):
    """Whose menus lead to a client's switches: the same client has others on a laptop and on each kind of phone."""

    LAPTOP = "laptop"
    ANDROID = "android"
    IOS = "ios"


class Place(StrEnum):
    """Folders in which a person's pictures gather."""

    PICTURES = "pictures"
    DOWNLOADS = "downloads"
    DESKTOP = "desktop"
    DOCUMENTS = "documents"
    VIDEOS = "videos"
    CAMERA = "camera"
    """What a camera or phone was emptied into, such as DCIM."""
    NAMED = "named"
    """A folder that the practice or the person named."""
    COPIES = "copies"
    """Where a local backup puts its copies of the other folders."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Provider:
    """One way out of the device. In every field but the first two None means that it could not be seen."""

    product: Product
    kind: Kind
    uploads: bool | None
    """It is set to send a photo folder of this person away by itself whenever it runs; for app data: what apps keep."""
    running: bool | None
    """It runs now; for a mount, it is mounted now."""
    starts: bool | None = None
    """It starts by itself: at sign-in, by a timer, by a schedule."""
    signed_in: bool | None = None
    """An account is set up in it."""
    places: tuple[Place, ...] = ()
    """The photo folders that it reaches."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CloudBackup(Fact):
    """Every provider found. A gap's part is a `Product`, or one of `Sight`."""

    providers: tuple[Provider, ...]
    places: tuple[Place, ...]
    """The photo folders that were looked for in what each provider sends."""
    menus: Menus = Menus.LAPTOP


class Sight(StrEnum):
    """What all providers are found with; a gap in one of these may hide any of them."""

    PROCESSES = "processes"
    SCHEDULES = "schedules"
    MOUNTS = "mounts"
    PHOTO_FOLDERS = "photo_folders"
    APPS = "apps"
    """Which apps there are, and what they may read."""


TITLES: Mapping[Product, str] = {
    Product.ADOBE_CREATIVE_CLOUD: "Adobe Creative Cloud",
    Product.AMAZON_PHOTOS: "Amazon Photos",
    Product.ANDROID_BACKUP: "Android Backup",
    Product.ATT_PERSONAL_CLOUD: "AT&T Personal Cloud",
    Product.AUTOSYNC: "Autosync",
    Product.BACK_IN_TIME: "Back In Time",
    Product.BACKBLAZE: "Backblaze",
    Product.BORG: "Borg",
    Product.BOX: "Box",
    Product.CRASHPLAN: "CrashPlan",
    Product.DEJA_DUP: "Backups (Déjà Dup)",
    Product.DROPBOX: "Dropbox",
    Product.DUPLICATI: "Duplicati",
    Product.DUPLICITY: "Duplicity",
    Product.ENTE: "Ente Photos",
    Product.FACEBOOK: "Facebook",
    Product.FILE_SERVER: "a file server",
    Product.FLICKR: "Flickr",
    Product.FOLDERSYNC: "FolderSync",
    Product.GOOGLE_DRIVE: "Google Drive",
    Product.GOOGLE_PHOTOS: "Google Photos",
    Product.HEYTAP_CLOUD: "HeyTap Cloud",
    Product.HONOR_CLOUD: "HONOR Cloud",
    Product.HUAWEI_CLOUD: "HUAWEI Cloud",
    Product.ICLOUD: "iCloud",
    Product.IDRIVE: "IDrive",
    Product.IMMICH: "Immich",
    Product.INSTAGRAM: "Instagram",
    Product.INSYNC: "Insync",
    Product.JOTTACLOUD: "Jottacloud",
    Product.KOPIA: "Kopia",
    Product.MEGA: "MEGA",
    Product.NEXTCLOUD: "Nextcloud",
    Product.NUBIA_CLOUD: "nubia Cloud",
    Product.OBJECT_STORE: "an online bucket",
    Product.ONEDRIVE: "OneDrive",
    Product.ONLINE_ACCOUNT: "an online account",
    Product.OWNCLOUD: "ownCloud",
    Product.PCLOUD: "pCloud",
    Product.PIKA_BACKUP: "Pika Backup",
    Product.PROTON_DRIVE: "Proton Drive",
    Product.RCLONE: "rclone",
    Product.RESILIO_SYNC: "Resilio Sync",
    Product.RESTIC: "restic",
    Product.RSYNC: "rsync",
    Product.SAMSUNG_CLOUD: "Samsung Cloud",
    Product.SEAFILE: "Seafile",
    Product.SFTP_SERVER: "an SFTP server",
    Product.SHUTTERFLY: "Shutterfly",
    Product.SPIDEROAK: "SpiderOak",
    Product.SYNCTHING: "Syncthing",
    Product.SYNOLOGY_DRIVE: "Synology Drive",
    Product.SYNOLOGY_PHOTOS: "Synology Photos",
    Product.TERABOX: "TeraBox",
    Product.TIME_MACHINE: "Time Machine",
    Product.TIMESHIFT: "Timeshift",
    Product.TRESORIT: "Tresorit",
    Product.VIVO_CLOUD: "vivo Cloud",
    Product.VORTA: "Vorta",
    Product.WEBDAV_SERVER: "a WebDAV server",
    Product.WHATSAPP: "WhatsApp",
    Product.XIAOMI_CLOUD: "Xiaomi Cloud",
    Product.YANDEX_DISK: "Yandex Disk",
    Product.OTHER: "a program that we don't know",
}
"""As people know them; complete, which a test holds."""
