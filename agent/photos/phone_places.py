"""What sort of place a path on a phone is, and how a picture came there: apps do not translate such names."""

import re
from collections.abc import Sequence

from agent.collect.android.camera_apps import CALLED_CAMERA, CAMERAS
from checks.clinical_images.fact import Folder, Origin
from checks.messaging_apps.products import IDENTIFIERS

AS_OF = "2026-11"
"""When the table was last gone through; look again each year."""
OWN = "/storage/emulated/0"
VOLUME = re.compile(r"/storage/(?:emulated/[0-9]+|[^/]+)(?=/)")
SENT = re.compile(r"/sent/")
CHATS = "|".join(re.escape(one.lower()) for one in sorted(IDENTIFIERS))
CLOUDS = (
    "com[.](?:microsoft[.]skydrive|dropbox[.]android|nextcloud[.]client|owncloud[.]android|seafile[.]seadroid2"
    "|google[.]android[.]apps[.](?:docs|photos)|amazon[.]clouddrive[.]photos|box[.]android|pcloud[.][a-z.]+)"
    "|mega[.]privacy[.]android[.]app"
)
_T, _R, _U = Origin.TAKEN, Origin.RECEIVED, Origin.UNKNOWN
RULES: Sequence[tuple[re.Pattern[str], Folder, Origin]] = tuple(
    (re.compile(pattern), folder, origin)
    for pattern, folder, origin in (
        (r"/[.]trashed-[^/]*\Z", Folder.TRASH, _U),
        (r"/(?:[.][a-z]*trash[a-z]*(?:-[0-9]+)?|[.]?recycle(?:[.]?bin)?|[.]recentlydeleted)/", Folder.TRASH, _U),
        (r"/(?:[$]recycle[.]bin|[.]filemanagerrecycler|recycle_bin)/", Folder.TRASH, _U),
        (r"/[.]?thumb(?:nail)?s?/|/[.]thumb[^/]*\Z", Folder.THUMBNAILS, _U),
        (r"/android/data/[^/]*(?:gallery|photos|album)[^/]*/(?:cache|files/[^/]*cache)", Folder.THUMBNAILS, _U),
        (r"/whatsapp(?: business)?/", Folder.MESSENGER, _R),
        (rf"/android/(?:media|data)/(?:{CHATS})/", Folder.MESSENGER, _R),
        (r"/(?:telegram(?: x)?|signal|viber|wechat|weixin|messenger|threema)/", Folder.MESSENGER, _R),
        (r"/(?:snapchat|instagram)/", Folder.MESSENGER, _R),
        (r"/telegram (?:images|video|documents|audio)/", Folder.MESSENGER, _R),
        (r"/(?:line|line_movie|kakaotalk|discord|skype|slack|zalo|imo|wire|element|session)/", Folder.MESSENGER, _R),
        (r"/(?:microsoft )?teams/|/(?:tencent|micromsg|qq_images|qqfile_recv)/", Folder.MESSENGER, _R),
        (r"/(?:facebook|facebook messenger|received_[0-9]+[^/]*\Z)", Folder.MESSENGER, _R),
        (r"/screen[ _-]?(?:shots?|captures?|records?|recorder|recordings?)/", Folder.SCREENSHOTS, _U),
        (r"/(?:scrollshot|capture\+?|smartcapture)/|/screenshot[_-][^/]*\Z", Folder.SCREENSHOTS, _U),
        (r"/(?:smartswitch|samsung backup|huawei/backup|miui/backup|backup/coloros|phoneclone|clonephone)/",
         Folder.PHONE_BACKUP, _U),
        (r"/miui/gallery/cloud/", Folder.CLOUD, _U),
        (rf"/android/(?:media|data)/(?:{CLOUDS})/", Folder.CLOUD, _U),
        (r"/(?:onedrive|dropbox|nextcloud|owncloud|mega|mega downloads|pcloud|google drive|seafile|syncthing)/",
         Folder.CLOUD, _U),
        (r"^/dcim/(?:camera[^/]*|opencamera|raw|gcam|portrait|burst|video|[0-9]{3}[a-z0-9_]{3,8})/", Folder.CAMERA, _T),
        (r"^/(?:camera|opencamera|pictures/(?:opencamera|raw|camera))/", Folder.CAMERA, _T),
        (r"^/dcim/", Folder.CAMERA, _U),
        (r"^/(?:bluetooth|downloads?/bluetooth|beam|nearby share|shareme|shareit|xender)/", Folder.DOWNLOADS, _R),
        (r"^/(?:miui/shareme|downloads?/(?:quick share|nearby share|share))/", Folder.DOWNLOADS, _R),
        (r"^/(?:downloads?|browser|ucdownloads)/", Folder.DOWNLOADS, _U),
        (r"^/(?:voice recorder|recordings?|sounds|miui/sound_recorder|music/recordings)/", Folder.OTHER, _T),
        (r"^/(?:pictures|movies)/", Folder.PICTURES, _U),
    )
)  # fmt: skip
"""Looked for in the path below the volume, in lower case; the first that is found holds."""


def place_of(path: str, owner: str | None) -> tuple[Folder, Origin, bool]:
    """(sort of place, how it came there, whether no gallery shows it). `owner` is the app that made the file, if known.

    A folder with .nomedia cannot be told by its path.
    """
    below = VOLUME.sub("", path, count=1)
    folder, origin = _found(below.lower())
    if folder is Folder.MESSENGER and SENT.search(below.lower()):
        origin = Origin.SENT
    if origin is Origin.UNKNOWN and owner is not None:
        folder, origin = _by_owner(folder, owner)
    return folder, origin, "/." in below


def _found(below: str) -> tuple[Folder, Origin]:
    return next(
        ((folder, origin) for rule, folder, origin in RULES if rule.search(below)), (Folder.OTHER, Origin.UNKNOWN)
    )


def _by_owner(folder: Folder, owner: str) -> tuple[Folder, Origin]:
    """Many apps put pictures into folders that are everybody's."""
    if folder not in (Folder.CAMERA, Folder.PICTURES, Folder.DOWNLOADS, Folder.OTHER):
        return folder, Origin.UNKNOWN
    if owner in IDENTIFIERS:
        return Folder.MESSENGER, Origin.RECEIVED
    if owner in CAMERAS or CALLED_CAMERA.search(owner):
        return Folder.CAMERA, Origin.TAKEN
    return folder, Origin.UNKNOWN
