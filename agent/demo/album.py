"""The photo trees of the two demo phones: coloured squares, and three drawn pictures that look clinical, of nobody."""

import os
import shutil
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from pathlib import Path

from agent.demo.jpeg import Colour, picture

SIDE = 12
GOOD: Sequence[str] = ("DCIM/Camera/PXL_20261102_081502.jpg", "DCIM/Camera/PXL_20261115_173040.jpg")
BAD: Sequence[str] = (
    "DCIM/Camera/20261103_090210.jpg",
    "DCIM/Camera/20261103_090233.jpg",
    "DCIM/Camera/20261119_140501.jpg",
    "DCIM/Camera/.trashed-1797000000-20261101_113344.jpg",
    "DCIM/Screenshots/Screenshot_20261110_201500_Gallery.jpg",
    "Android/media/com.whatsapp/WhatsApp/Media/WhatsApp Images/IMG-20261112-WA0003.jpg",
    "Android/media/com.whatsapp/WhatsApp/Media/WhatsApp Images/Sent/IMG-20261112-WA0004.jpg",
)
CLINICAL: Mapping[str, str] = {
    "DCIM/Camera/20261112_144103.jpg": "wound.jpg",
    "DCIM/Camera/.trashed-1797000001-20261112_144051.jpg": "wound.jpg",
    "Android/media/com.whatsapp/WhatsApp/Media/WhatsApp Images/Sent/IMG-20261112-WA0007.jpg": "wound-sent.jpg",
    "DCIM/Camera/20261115_091530.jpg": "tracing.jpg",
    "Android/media/com.whatsapp/WhatsApp/Media/WhatsApp Images/IMG-20261116-WA0001.jpg": "medicine.jpg",
}
"""What the bad phone has besides: a drawn wound with two copies, an ECG, and tablets that somebody sent."""
CLINICAL_DAYS = 9
DRAWN = Path(__file__).parent / "clinical"
ALBUMS: Mapping[str, Sequence[str]] = {"good": GOOD, "bad": BAD}
"""By the name of the phone's recording."""


def lay(folder: str, names: Sequence[str]) -> None:
    """Write the pictures, each of other colours, below a folder."""
    for number, name in enumerate(names):
        path = os.path.join(folder, name)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "wb") as stream:
            stream.write(picture(_squares(number)))


def lay_clinical(folder: str, now: datetime) -> None:
    """Write what lingers, as old as it would be on a phone that nobody cleared."""
    then_s = (now - timedelta(days=CLINICAL_DAYS)).timestamp()
    for name, drawn in CLINICAL.items():
        path = os.path.join(folder, name)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        shutil.copyfile(DRAWN / drawn, path)
        os.utime(path, (then_s, then_s))


def _squares(number: int) -> list[list[Colour]]:
    return [[_colour(number, across, down) for across in range(SIDE)] for down in range(SIDE)]


def _colour(number: int, across: int, down: int) -> Colour:
    return (60 + 10 * down + 5 * number, 40 + 13 * across, (200 - 11 * down + 37 * number) % 256)
