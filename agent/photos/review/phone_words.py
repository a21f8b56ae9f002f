"""What can't be deleted on a phone through the cable, and what deleting leaves elsewhere: why, and how by hand."""

from collections.abc import Iterable, Mapping

from agent.photos.review.model import Removal
from checks.clinical_images.fact import Folder
from checks.makers import Maker
from checks.plurals import counted

AS_OF = "2026-11"
"""When the menus and clouds were last gone through; look again each year."""
WHY: Mapping[Removal, str] = {
    Removal.REPLACED: (
        "The picture is deleted, but another file has its name now: an app may have put the picture back. "
        "Check the phone again, and look at what is there."
    ),
    Removal.CHANGED: (
        "What lies there now is not the picture you were shown, so it was left alone. "
        "Check the phone again, look at what is there, and decide anew."
    ),
    Removal.LINKED: (
        "A link leads to it, or it has a second name. Deleting one name would leave the picture, so it was left alone."
    ),
    Removal.ON_HOLD: "It is on legal hold, so nothing deletes it until you lift that.",
    Removal.NOT_PERMITTED: (
        "The phone does not let this laptop delete there: the file is in a folder that belongs to an app."
    ),
    Removal.READ_ONLY: (
        "The phone can't write to that memory just now. If it is a memory card, it may be locked or worn out."
    ),
    Removal.PHONE_GONE: (
        "The phone was not there, was locked, or has restarted, and nothing on it was touched. "
        "Plug it in, unlock it, and try again."
    ),
    Removal.UNSURE: (
        "The phone went away in the middle, so nobody can say yet whether it is gone. "
        "Plug it in and unlock it: this page looks first, and tells you."
    ),
    Removal.FAILED: "The phone could not delete it, or did not say that it has.",
}
HANDS_HELP = frozenset({Removal.NOT_PERMITTED, Removal.FAILED, Removal.LINKED})
"""Where doing it on the phone may succeed."""
GALLERY: Mapping[Maker, str] = {
    Maker.GOOGLE: "open Photos, find the picture, tap the bin. Then Collections > Bin, and delete it there too",
    Maker.SAMSUNG: "open Gallery, find the picture, tap the bin. Then Gallery > Menu > Recycle bin, and empty it",
    Maker.XIAOMI: "open Gallery, find the picture, tap Delete. Then Albums > Recently deleted, and delete it there too",
    Maker.OPPO: "open Photos, find the picture, tap Delete. Then Albums > Recently deleted, and delete it there too",
    Maker.VIVO: "open Albums, find the picture, tap Delete. Then Albums > Recently deleted, and delete it there too",
    Maker.HUAWEI: "open Gallery, find the picture, tap Delete. Then Albums > Recently deleted, and delete it there too",
    Maker.HONOR: "open Gallery, find the picture, tap Delete. Then Albums > Recently deleted, and delete it there too",
}
ANY_GALLERY = "open your gallery app, find the picture and delete it. Then look for its bin, and empty that too"
"""On phones of other makers."""
IN_PLACE: Mapping[Folder, str] = {
    Folder.MESSENGER: (
        "in the chat hold your finger on the picture, then Delete for me, with the tick at deleting it from the gallery"
    ),
    Folder.CLOUD: "delete it in the cloud app that put it there, then empty the bin of that app",
    Folder.TRASH: "open the bin of your gallery app, and delete it there",
    Folder.THUMBNAILS: (
        "it is a small picture that an app keeps. Delete the picture itself, then Settings > Apps > your gallery app > "
        "Storage > Clear cache"
    ),
    Folder.PHONE_BACKUP: "it is part of a back-up. Delete that back-up in the app that made it",
}
"""Elsewhere the gallery."""
FILES_APP = "If the gallery does not show it, look for it in the phone's Files app."

GOOGLE_PHOTOS = (
    "If Google Photos backed it up, it is still online. Look at photos.google.com: delete it there, then empty the bin."
)
CLOUDS: Mapping[Maker, str] = {
    Maker.SAMSUNG: (
        "Samsung's Gallery has a recycle bin of its own, and could send it to OneDrive until September 2026. "
        "Empty Gallery > Menu > Recycle bin, and look in OneDrive > Photos and its recycle bin."
    ),
    Maker.XIAOMI: (
        "If Gallery syncs with Xiaomi Cloud, it is still there. "
        "Look at i.mi.com > Gallery: delete it there, then Recently deleted."
    ),
    Maker.HUAWEI: (
        "If Gallery syncs with Huawei Cloud, it is still there. "
        "Look at cloud.huawei.com > Gallery: delete it there, then Recently deleted."
    ),
    Maker.HONOR: "If Gallery syncs with a cloud of Honor's, it is still there. Delete it there, then Recently deleted.",
    Maker.OPPO: "If Photos syncs with the maker's cloud, it is still there. Delete it there, then Recently deleted.",
    Maker.VIVO: "If Albums syncs with vivo Cloud, it is still there. Delete it there, then Recently deleted.",
}
PLACES: Mapping[Folder, str] = {
    Folder.MESSENGER: (
        "The other person's chat still has it, and your own chat may still show it. "
        "Ask them to delete theirs, and delete the message in yours."
    ),
    Folder.CLOUD: "It lay in a folder of a cloud app. What that app keeps online is not deleted with it: look there.",
    Folder.PHONE_BACKUP: "It was part of a back-up. The phone that was backed up may still have it.",
}
NOT_SEEN = "A secure folder, a work profile or a locked album of the phone can't be seen from here. Look there too."
IPHONE = (
    "Pictures on an iPhone or iPad can't be looked at or deleted through the cable. There: Photos > the picture > the "
    "bin, then Collections > Recently Deleted > Delete. With iCloud Photos on, that deletes it from iCloud and from "
    "your other Apple devices too."
)


def by_hand(outcome: Removal, maker: Maker, folder: Folder = Folder.OTHER) -> str:
    """Why a copy is still on the phone, and what to do; "" where there is nothing to say. No path, no name."""
    why = WHY.get(outcome, "")
    if outcome not in HANDS_HELP:
        return why
    steps = IN_PLACE.get(folder)
    if steps is not None:
        return f"{why} By hand: {steps}."
    return f"{why} By hand: {GALLERY.get(maker, ANY_GALLERY)}. {FILES_APP}"


def elsewhere(folders: Iterable[Folder], maker: Maker) -> tuple[str, ...]:
    """Where copies may be that this laptop can't reach, after those in such places were deleted. Each sentence once."""
    said = [PLACES[one] for one in folders if one in PLACES]
    return tuple(dict.fromkeys([GOOGLE_PHOTOS, *((CLOUDS[maker],) if maker in CLOUDS else ()), *said, NOT_SEEN]))


def left_behind(count: int) -> str:
    """What to do about small pictures and entries of the gallery that stayed; "" for none."""
    if not count:
        return ""
    return (
        f"{counted(count, 'trace')} of it may have stayed there: a small picture, or a grey tile in the gallery. "
        "Restart the phone, then look in the gallery and in its bin."
    )
