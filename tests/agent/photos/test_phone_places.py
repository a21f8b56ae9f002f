"""Where pictures lie on phones, maker by maker and app by app."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.photos.phone_places import place_of
from checks.clinical_images.fact import Folder, Origin

OWN = "/storage/emulated/0/"
CARD = "/storage/0F1B-1234/"
CAMERA, SHOTS, CHAT, LOADS = Folder.CAMERA, Folder.SCREENSHOTS, Folder.MESSENGER, Folder.DOWNLOADS
PLAIN, CLOUD, TRASH, THUMBS = Folder.PICTURES, Folder.CLOUD, Folder.TRASH, Folder.THUMBNAILS
TAKEN, RECEIVED, SENT, UNKNOWN = Origin.TAKEN, Origin.RECEIVED, Origin.SENT, Origin.UNKNOWN
WHATSAPP = "Android/media/com.whatsapp/WhatsApp/Media/WhatsApp "
BUSINESS = "Android/media/com.whatsapp.w4b/WhatsApp Business/Media/WhatsApp Business "

TABLE = [
    ("DCIM/Camera/PXL_1.jpg", CAMERA, TAKEN),
    ("DCIM/Camera/PXL_1/PXL_1.BURST-01.jpg", CAMERA, TAKEN),
    ("DCIM/100ANDRO/DSC_1.JPG", CAMERA, TAKEN),
    ("DCIM/100MEDIA/IMAG_1.jpg", CAMERA, TAKEN),
    ("DCIM/OpenCamera/IMG_1.jpg", CAMERA, TAKEN),
    ("DCIM/Raw/PXL_1.dng", CAMERA, TAKEN),
    ("DCIM/MyAlbum/a.jpg", CAMERA, UNKNOWN),
    ("Camera/a.jpg", CAMERA, TAKEN),
    ("Pictures/Raw/a.dng", CAMERA, TAKEN),
    ("DCIM/Screenshots/Screenshot_1_Gallery.jpg", SHOTS, UNKNOWN),
    ("Pictures/Screenshots/Screenshot_1.png", SHOTS, UNKNOWN),
    ("DCIM/Screen recordings/Screen_Recording_1.mp4", SHOTS, UNKNOWN),
    ("DCIM/ScreenRecorder/1.mp4", SHOTS, UNKNOWN),
    ("Movies/ScreenRecord/1.mp4", SHOTS, UNKNOWN),
    ("Pictures/Screenshot_20260101.png", SHOTS, UNKNOWN),
    ("Pictures/Screenshots/.hidden/a.png", SHOTS, UNKNOWN),
    ("WhatsApp/Media/WhatsApp Images/IMG-WA0001.jpg", CHAT, RECEIVED),
    ("WhatsApp/Media/WhatsApp Images/Sent/IMG-WA0001.jpg", CHAT, SENT),
    ("WhatsApp/Media/.Statuses/a.jpg", CHAT, RECEIVED),
    (f"{WHATSAPP}Images/IMG-WA0001.jpg", CHAT, RECEIVED),
    (f"{WHATSAPP}Images/Sent/IMG-WA0001.jpg", CHAT, SENT),
    (f"{WHATSAPP}Images/Private/IMG-WA0001.jpg", CHAT, RECEIVED),
    (f"{WHATSAPP}Video/Sent/VID-WA0001.mp4", CHAT, SENT),
    (f"{WHATSAPP}Documents/report.pdf", CHAT, RECEIVED),
    (f"{WHATSAPP}Documents/Sent/report.pdf", CHAT, SENT),
    (f"{WHATSAPP}Voice Notes/202601/PTT-WA0001.opus", CHAT, RECEIVED),
    (f"{BUSINESS}Images/a.jpg", CHAT, RECEIVED),
    (f"{BUSINESS}Images/Sent/a.jpg", CHAT, SENT),
    ("WhatsApp Business/Media/WhatsApp Business Images/a.jpg", CHAT, RECEIVED),
    ("Telegram/Telegram Images/1.jpg", CHAT, RECEIVED),
    ("Android/media/org.telegram.messenger/Telegram/Telegram Images/1.jpg", CHAT, RECEIVED),
    ("Pictures/Telegram/IMG_1.jpg", CHAT, RECEIVED),
    ("Pictures/Signal/signal-2026.jpg", CHAT, RECEIVED),
    ("Signal/Backups/a.jpg", CHAT, RECEIVED),
    ("Pictures/Messenger/received_1.jpeg", CHAT, RECEIVED),
    ("DCIM/Facebook/FB_IMG_1.jpg", CHAT, RECEIVED),
    ("Android/data/com.viber.voip/files/.image/a.jpg", CHAT, RECEIVED),
    ("viber/media/Viber Images/a.jpg", CHAT, RECEIVED),
    ("Pictures/Viber/a.jpg", CHAT, RECEIVED),
    ("tencent/MicroMsg/WeiXin/mmexport1.jpg", CHAT, RECEIVED),
    ("Pictures/WeiXin/mmexport1.jpg", CHAT, RECEIVED),
    ("Pictures/LINE/1.jpg", CHAT, RECEIVED),
    ("Pictures/Discord/a.png", CHAT, RECEIVED),
    ("Download/Teams/a.png", CHAT, RECEIVED),
    ("Pictures/Microsoft Teams/a.png", CHAT, RECEIVED),
    ("Pictures/Slack/a.png", CHAT, RECEIVED),
    ("Download/a.jpg", LOADS, UNKNOWN),
    ("Download/sub/report.pdf", LOADS, UNKNOWN),
    ("Downloads/a.jpg", LOADS, UNKNOWN),
    ("Bluetooth/a.jpg", LOADS, RECEIVED),
    ("Download/Bluetooth/a.jpg", LOADS, RECEIVED),
    ("Download/Quick Share/a.jpg", LOADS, RECEIVED),
    ("MIUI/ShareMe/a.jpg", LOADS, RECEIVED),
    ("DCIM/Camera/.trashed-1797000000-a.jpg", TRASH, UNKNOWN),
    (f"{WHATSAPP}Images/.trashed-1797000000-a.jpg", TRASH, UNKNOWN),
    ("Android/.Trash/com.sec.android.gallery3d/abc", TRASH, UNKNOWN),
    ("MIUI/Gallery/cloud/.trashBin/a.jpg", TRASH, UNKNOWN),
    ("Pictures/.Gallery2/recycle/a.jpg", TRASH, UNKNOWN),
    (".Trash-1000/files/a.jpg", TRASH, UNKNOWN),
    ("DCIM/.globalTrash/a.jpg", TRASH, UNKNOWN),
    ("$RECYCLE.BIN/a.jpg", TRASH, UNKNOWN),
    ("DCIM/.thumbnails/1000.jpg", THUMBS, UNKNOWN),
    ("Pictures/.thumbnails/1000.jpg", THUMBS, UNKNOWN),
    ("Movies/.thumbnails/1000.jpg", THUMBS, UNKNOWN),
    ("DCIM/.thumbdata4--1967290299", THUMBS, UNKNOWN),
    ("Android/data/com.sec.android.gallery3d/cache/1/a.0", THUMBS, UNKNOWN),
    ("Android/data/com.microsoft.skydrive/files/a.jpg", CLOUD, UNKNOWN),
    ("Android/media/com.nextcloud.client/nextcloud/a.jpg", CLOUD, UNKNOWN),
    ("OneDrive/a.jpg", CLOUD, UNKNOWN),
    ("Pictures/Dropbox/a.jpg", CLOUD, UNKNOWN),
    ("MIUI/Gallery/cloud/secretAlbum/a.jpg", CLOUD, UNKNOWN),
    ("SmartSwitch/backup/a.jpg", Folder.PHONE_BACKUP, UNKNOWN),
    ("Recordings/Voice Recorder/a.m4a", Folder.OTHER, TAKEN),
    ("Pictures/a.jpg", PLAIN, UNKNOWN),
    ("Movies/a.mp4", PLAIN, UNKNOWN),
    ("Documents/a.pdf", Folder.OTHER, UNKNOWN),
    ("a.jpg", Folder.OTHER, UNKNOWN),
    ("present/a.jpg", Folder.OTHER, UNKNOWN),
    ("Pictures/Online/a.jpg", PLAIN, UNKNOWN),
]


@pytest.mark.parametrize("volume", [OWN, CARD])
@pytest.mark.parametrize(("path", "folder", "origin"), TABLE)
def test_place(volume: str, path: str, folder: Folder, origin: Origin) -> None:
    assert place_of(f"{volume}{path}", None)[:2] == (folder, origin)


@pytest.mark.parametrize(
    ("path", "owner", "folder", "origin"),
    [
        ("Pictures/a.jpg", "com.whatsapp", CHAT, RECEIVED),
        ("DCIM/Other/a.jpg", "com.facebook.orca", CHAT, RECEIVED),
        ("Download/a.jpg", "org.thoughtcrime.securesms", CHAT, RECEIVED),
        ("Pictures/a.jpg", "com.google.android.GoogleCamera", CAMERA, TAKEN),
        ("DCIM/Other/a.jpg", "com.example.dermcamera", CAMERA, TAKEN),
        ("Pictures/a.jpg", "com.android.chrome", PLAIN, UNKNOWN),
        ("DCIM/Camera/a.jpg", "com.whatsapp", CAMERA, TAKEN),
        ("OneDrive/a.jpg", "com.whatsapp", CLOUD, UNKNOWN),
        ("DCIM/Camera/.trashed-1-a.jpg", "com.whatsapp", TRASH, UNKNOWN),
    ],
)
def test_the_app_that_made_a_file_counts_where_its_folder_is_everybodys(
    path: str, owner: str, folder: Folder, origin: Origin
) -> None:
    assert place_of(f"{OWN}{path}", owner)[:2] == (folder, origin)


@pytest.mark.parametrize(
    ("path", "hidden"),
    [("DCIM/Camera/a.jpg", False), ("DCIM/.a/b.jpg", True), ("DCIM/.b.jpg", True), ("DCIM/a.b/c.jpg", False)],
)
def test_what_begins_with_a_dot_is_hidden(path: str, hidden: bool) -> None:
    assert place_of(f"{OWN}{path}", None)[2] is hidden


@given(st.text(max_size=200), st.none() | st.text(max_size=50))
def test_any_path_has_a_place(path: str, owner: str | None) -> None:
    assert place_of(path, owner)[0] in Folder
