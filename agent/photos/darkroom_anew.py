"""Decodes a picture and encodes it anew, upright and in sRGB, where its bytes cannot be copied as they are."""

import io
from typing import Any, cast

from PIL import Image, ImageFile

from agent.photos import readers
from agent.photos.darkroom_colours import to_srgb
from agent.photos.image import Header, Source, Unread, Unreadable
from agent.photos.readers.pixels import MOST_PIXELS, check_pixels, opened
from agent.photos.readers.sniff import Form

ALL_PX = 1 << 30
"""No picture has so many on a side: none is made smaller."""
MOST_PAGES = 200
REDUCED = 0x00FE
"""The field of a TIFF that says whether a page is a small copy of another."""
OPTIONS: dict[str, dict[str, Any]] = {
    "JPEG": {"quality": 95, "subsampling": 0},
    "PNG": {},
    "WEBP": {"quality": 95},
    "TIFF": {"compression": "tiff_deflate"},
}


def encoded(source: Source, header: Header, form: str, **options: Any) -> bytes:
    """The picture, flat, with eight bits a colour. `form`: as Pillow calls it. Raises Unreadable."""
    image = next(readers.views(source, header, at_least=ALL_PX), None)
    if image is None:
        raise Unreadable(Unread.BROKEN)
    return _saved([_plain(image)], form, **options)


def pages(source: Source) -> bytes:
    """A TIFF again, with all its pages and with as many bits as they had; without small copies. Raises Unreadable."""
    file = opened(Form.TIFF, source.whole())
    found: list[Image.Image] = []
    left = MOST_PIXELS
    for number in range(MOST_PAGES + 1):
        try:
            file.seek(number)
        except EOFError:
            break
        check_pixels(*file.size, left)
        left -= file.width * file.height
        if number == MOST_PAGES:
            raise Unreadable(Unread.TOO_LARGE)
        if not _is_small_copy(file):
            found.append(_page(file))
    if not found:
        raise Unreadable(Unread.BROKEN)
    return _saved(found, "TIFF")


def _is_small_copy(file: ImageFile.ImageFile) -> bool:
    return bool(int(cast(Any, file).tag_v2.get(REDUCED, 0)) & 1)


def _page(file: ImageFile.ImageFile) -> Image.Image:
    file.load()  # Pillow sets it upright
    image = file.copy()
    image.info = {key: value for key, value in file.info.items() if key == "icc_profile"}
    return _plain(image)


def _plain(image: Image.Image) -> Image.Image:
    """In sRGB, with nothing beside its dots: whatever `info` holds would be written, too."""
    profile = image.info.get("icc_profile")
    plain = to_srgb(image, profile if isinstance(profile, bytes) else None)
    plain.info = {}
    return plain


def _saved(images: list[Image.Image], form: str, **options: Any) -> bytes:
    file = io.BytesIO()
    more = {"save_all": True, "append_images": images[1:]} if len(images) > 1 else {}
    images[0].save(file, form, **OPTIONS[form], **more, **options)
    return file.getvalue()
