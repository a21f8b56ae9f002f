"""What can be seen of the apps that may read a person's pictures."""

from dataclasses import dataclass
from enum import StrEnum

from checks.evidence import Fact


class Social(StrEnum):
    """Apps that share with others, or gather pictures to suggest that they be shared. Policies may name them."""

    BEREAL = "bereal"
    BLUESKY = "bluesky"
    DISCORD = "discord"
    FACEBOOK = "facebook"
    INSTAGRAM = "instagram"
    KAKAOTALK = "kakaotalk"
    LINE = "line"
    LINKEDIN = "linkedin"
    MASTODON = "mastodon"
    MESSENGER = "messenger"
    PINTEREST = "pinterest"
    REDDIT = "reddit"
    SIGNAL = "signal"
    SKYPE = "skype"
    SNAPCHAT = "snapchat"
    TEAMS = "teams"
    TELEGRAM = "telegram"
    THREADS = "threads"
    THREEMA = "threema"
    TIKTOK = "tiktok"
    TUMBLR = "tumblr"
    VIBER = "viber"
    VK = "vk"
    WECHAT = "wechat"
    WEIBO = "weibo"
    WHATSAPP = "whatsapp"
    WHATSAPP_BUSINESS = "whatsapp_business"
    X = "x"
    XIAOHONGSHU = "xiaohongshu"


class Cloud(StrEnum):
    """Apps that keep pictures on a server. Whether they upload is another check's matter."""

    AMAZON_PHOTOS = "amazon_photos"
    BOX = "box"
    DROPBOX = "dropbox"
    ENTE = "ente"
    FLICKR = "flickr"
    GOOGLE_DRIVE = "google_drive"
    GOOGLE_PHOTOS = "google_photos"
    IMMICH = "immich"
    MEGA = "mega"
    NEXTCLOUD = "nextcloud"
    ONEDRIVE = "onedrive"
    OWNCLOUD = "owncloud"
    PCLOUD = "pcloud"
    PROTON_DRIVE = "proton_drive"
    SEAFILE = "seafile"
    SHUTTERFLY = "shutterfly"
    SYNOLOGY_PHOTOS = "synology_photos"
    YANDEX_DISK = "yandex_disk"


class Reach(StrEnum):
    """How much of the pictures an app may read."""

    ALL = "all"
    CHOSEN = "chosen"
    """Only those that the person picked for it."""
    NONE = "none"


@dataclass(frozen=True, slots=True, kw_only=True)
class Reader:
    """One app that is there and can run."""

    app: Social
    reach: Reach | None
    """None: the system would not say. A gap's part is the app."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PhotoAccess(Fact):
    """Apps of the device's owner. A gap in "apps" may hide any of them."""

    social: tuple[Reader, ...]
    """Each app once, in the order of Social."""
    clouds: tuple[Cloud, ...]
    """Those that are seen to be able to read all pictures."""
    others: int | None
    """At least so many further apps, which the person installed and we do not know, may read all pictures. Apps that
    came with the device, such as its gallery, are left out. None: none is seen to, and of some it was not seen. Part
    "others"."""
