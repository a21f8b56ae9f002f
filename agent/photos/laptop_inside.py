"""Folders known by their name wherever pictures lie: screenshots, cameras, what chats and phones left there."""

from collections.abc import Iterator, Mapping

from agent.collect.absent import names_if_there
from agent.collect.host import CollectError
from agent.photos.laptop_ground import Ground, standing
from agent.photos.place import Place
from checks.clinical_images.fact import Folder, Origin

Sort = tuple[Folder, Origin]
SHOT: Sort = (Folder.SCREENSHOTS, Origin.UNKNOWN)
TAKEN: Sort = (Folder.CAMERA, Origin.TAKEN)
CHAT: Sort = (Folder.MESSENGER, Origin.RECEIVED)
SMALL: Sort = (Folder.THUMBNAILS, Origin.UNKNOWN)
BIN: Sort = (Folder.TRASH, Origin.UNKNOWN)
SCREENSHOTS = (
    "Screenshots", "Bildschirmfotos", "Captures d\u2019écran", "Captures d'écran", "Capturas de pantalla",
    "Capturas de tela", "Capturas de ecrã", "Schermate", "Istantanee schermata", "Schermafdrukken",
    "Schermafbeeldingen", "Skärmbilder", "Skjermbilder", "Skjermdumper", "Skærmbilleder", "Kuvakaappaukset",
    "Zrzuty ekranu", "Snímky obrazovky", "Képernyőképek", "Ekran Görüntüleri", "Снимки экрана", "Знімки екрана",
    "截图", "屏幕截图", "螢幕擷圖", "スクリーンショット", "스크린샷", "Capturas", "DCIM/Screenshots",
    "Pictures/Screenshots",
)  # fmt: skip
CAMERAS = ("DCIM", "Camera", "Camera Roll", "Camera Uploads", "Camera imports", "InstantUpload", "Webcam")
"""Webcam and Camera are what GNOME's camera programs make; the others come from phones and clouds."""
WHATSAPP = (
    "WhatsApp/Media", "WhatsApp Business/Media", "Android/media/com.whatsapp/WhatsApp/Media",
    "Android/media/com.whatsapp.w4b/WhatsApp Business/Media",
)  # fmt: skip
CHATS = (
    "Telegram Desktop", "ViberDownloads", "Telegram", "WhatsApp Images", "WhatsApp Video", "Pictures/Telegram",
    "Pictures/WhatsApp", "Pictures/Signal", "Pictures/Viber", "Viber/media", *WHATSAPP,
)  # fmt: skip
INSIDE: Mapping[str, Sort] = {
    **dict.fromkeys(SCREENSHOTS, SHOT),
    **dict.fromkeys(CAMERAS, TAKEN),
    **dict.fromkeys(CHATS, CHAT),
    **dict.fromkeys(("DCIM/.thumbnails", "Pictures/.thumbnails", "Movies/.thumbnails", ".thumbnails"), SMALL),
    **dict.fromkeys(("$RECYCLE.BIN", ".Trashes"), BIN),
    "Download": (Folder.DOWNLOADS, Origin.UNKNOWN),
}
"""Path within a place -> what lies there."""
SENT = tuple(
    f"{app} {kind}/Sent"
    for app in ("WhatsApp", "WhatsApp Business")
    for kind in ("Images", "Video", "Documents", "Animated Gifs", "Audio", "Voice Notes")
)
"""Within a chat's folder: what the person sent."""
SEARCHED = frozenset({Folder.PICTURES, Folder.DOWNLOADS, Folder.CAMERA, Folder.CLOUD, Folder.OTHER})


def places(here: Ground, holder: Place) -> Iterator[Place]:
    """Places of another sort that lie in one. What lies in a cloud's folder stays there, whatever it is called."""
    if holder.folder not in SEARCHED:
        return
    names = _names(here, holder.path)
    for path, (folder, origin) in INSIDE.items():
        if names is not None and path.partition("/")[0] not in names:
            continue  # on a card DCIM and dcim are one folder: the walk knows it as it is written there
        kept = Folder.CLOUD if holder.folder is Folder.CLOUD and folder is Folder.CAMERA else folder
        for place in standing(here, f"{holder.path}/{path}", kept, origin):
            yield place
            if folder is Folder.MESSENGER:
                yield from _sent(here, place)


def _names(here: Ground, folder: str) -> frozenset[str] | None:
    """None where a folder holds too many to list, or may not be listed, which the walk will say."""
    try:
        return frozenset(names_if_there(here.host, folder))
    except CollectError:
        return None


def _sent(here: Ground, chat: Place) -> Iterator[Place]:
    yield from standing(here, f"{chat.path}/Sent", chat.folder, Origin.SENT)
    for path in SENT:
        yield from standing(here, f"{chat.path}/{path}", chat.folder, Origin.SENT)
