"""What can't be deleted on this laptop, and what deleting here leaves elsewhere: why, and how to do it by hand."""

from collections.abc import Iterable, Mapping

from agent.photos.review.model import Removal
from checks.clinical_images.fact import Folder
from checks.plurals import counted

IN_FOLDER = (
    "By hand: open its folder in your file manager, select it and press Shift+Delete. "
    "Delete alone only moves it to the trash."
)
IN_PLACE: Mapping[Folder, str] = {
    Folder.TRASH: "By hand: open the trash in your file manager, right-click it and choose Delete permanently.",
    Folder.THUMBNAILS: (
        "By hand: it is a small picture that a program keeps. Press Ctrl+H in your file manager to show hidden "
        "folders, open .cache, and delete the folder thumbnails. Programs make it again."
    ),
    Folder.CLOUD: "By hand: delete it in your sync program or on its web page, then empty the bin there.",
    Folder.PHONE_BACKUP: (
        "By hand: it is part of a phone's back-up. Take the picture off the phone, make a new back-up, "
        "then delete this one in the program that made it."
    ),
    Folder.MESSENGER: "By hand: open the chat program, delete the message there, then look that the file is gone too.",
}
"""Elsewhere IN_FOLDER."""
WHY: Mapping[Removal, str] = {
    Removal.REPLACED: (
        "The picture is deleted, but another file has its name now: a program may have put the picture back. "
        "Check again, and look at what is there."
    ),
    Removal.CHANGED: (
        "What lies there now is not the picture you were shown, so it was left alone. "
        "Check again, look at what is there, and decide anew."
    ),
    Removal.LINKED: (
        "It has a second name, or a link leads to it. Deleting one name would leave the picture, so it was left alone. "
        "Remove the link or the second name first, then try again; your IT can find it."
    ),
    Removal.ON_HOLD: "It is on legal hold, so nothing deletes it until you lift that.",
    Removal.NOT_PERMITTED: (
        "Your account may not delete it: it belongs to another account, or it is protected. "
        "Ask whoever looks after this laptop."
    ),
    Removal.READ_ONLY: (
        "Its disk is read-only. A card may have a small lock on its side: slide it, put the card back and try again. "
        "A disk that turned read-only by itself may be failing: tell your IT."
    ),
    Removal.UNSURE: (
        "The disk stopped answering in the middle, so nobody can say yet whether it is gone. "
        "Connect the disk, then open this page again: it looks first."
    ),
    Removal.FAILED: (
        "It could not be deleted. Its disk may be full, faulty, or not connected: make room or connect it, "
        "then try again."
    ),
}
HANDS_HELP = frozenset({Removal.FAILED})
"""Where the file manager may succeed. What it would only get wrong is not told."""
ELSEWHERE: Mapping[Folder, str] = {
    Folder.CLOUD: "Your sync program deletes it online too, but the bin there keeps it for weeks: empty that as well.",
    Folder.MESSENGER: "The other person's chat still has it. We can't see that.",
    Folder.PHONE_BACKUP: "The phone that this back-up is of may still have it. Plug it in, and check it too.",
}


def by_hand(outcome: Removal, folder: Folder) -> str:
    """Why a copy is still there, and what to do; "" where there is nothing to say. No path, no name."""
    why = WHY.get(outcome, "")
    return f"{why} {IN_PLACE.get(folder, IN_FOLDER)}" if outcome in HANDS_HELP else why


def elsewhere(folders: Iterable[Folder]) -> tuple[str, ...]:
    """What copies that were deleted in such places may have left out of our sight, each sentence once."""
    return tuple(dict.fromkeys(ELSEWHERE[one] for one in folders if one in ELSEWHERE))


def left_behind(count: int) -> str:
    """What to do about small pictures and trash notes that stayed; "" for none."""
    if not count:
        return ""
    return (
        f"{counted(count, 'trace')} of it may have stayed: a small picture, or a note in the trash. Empty the trash. "
        "Then press Ctrl+H in your file manager to show hidden folders, open .cache, and delete the folder thumbnails."
    )
