"""Turns what decoders give into what the finder looks at: upright, eight bits, RGB, no larger than asked for."""

import math
from importlib import import_module
from typing import BinaryIO, cast

from PIL import Image, ImageFile

from agent.photos.image import Unread, Unreadable
from agent.photos.readers.reach import Garbled
from agent.photos.readers.sniff import Form

MOST_PIXELS = 120_000_000
"""Decoded in full, this many take 360 MB: more than a reading process may have."""
TURNS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
"""What sets a picture upright, by its EXIF orientation."""
DECODERS = {
    Form.JPEG: "Jpeg",
    Form.PNG: "Png",
    Form.GIF: "Gif",
    Form.WEBP: "WebP",
    Form.TIFF: "Tiff",
    Form.BMP: "Bmp",
    Form.AVIF: "Avif",
    Form.JPEG2000: "Jpeg2K",
    Form.PSD: "Psd",
}
"""Pillow's names of them."""
CLASSES = {Form.JPEG2000: "Jpeg2KImageFile"}


def opened(form: Form, file: BinaryIO) -> ImageFile.ImageFile:
    """By that form's decoder alone: Image.open would try others, and refuse the photos of newer phones as bombs."""
    name = DECODERS[form]
    decoder = getattr(import_module(f"PIL.{name}ImagePlugin"), f"{name}ImageFile")
    return cast(ImageFile.ImageFile, decoder(file))


def check_pixels(width: int | None, height: int | None, most: int = MOST_PIXELS) -> None:
    """Raises TOO_MANY_PIXELS; sides that are not known pass, for the decoder is asked again."""
    if (width or 0) * (height or 0) > most:
        raise Unreadable(Unread.TOO_MANY_PIXELS)


def finished(image: Image.Image, orientation: int, at_least: int) -> Image.Image:
    """Its shorter side keeps at least so many pixels where it has them. A plain picture comes back itself."""
    image.load()
    flat = _flat(_smaller(_eight_bits(image), at_least))
    turn = TURNS.get(orientation)
    return flat if turn is None else flat.transpose(turn)


def _eight_bits(image: Image.Image) -> Image.Image:
    """X-rays come in 16 bits of which they use a part: what is used is spread over the whole range."""
    if not image.mode.startswith(("I", "F")):
        return image
    wide = image.convert("F")
    extremes = cast(tuple[float, float], wide.getextrema())
    if not all(map(math.isfinite, extremes)):
        raise Garbled
    low, high = extremes
    scale = 255 / ((high - low) or 1)
    return wide.point(lambda value: value * scale - low * scale).convert("L")


def _smaller(image: Image.Image, at_least: int) -> Image.Image:
    factor = min(image.size) // max(1, at_least)
    if factor < 2:
        return image
    plain = {"1": "L", "P": "RGBA" if "transparency" in image.info else "RGB", "PA": "RGBA"}
    return (image.convert(plain[image.mode]) if image.mode in plain else image).reduce(factor)


def _flat(image: Image.Image) -> Image.Image:
    """RGB; what shows through is white, as on a page."""
    if image.mode == "RGB" and "transparency" not in image.info:
        return image
    if image.has_transparency_data:
        clear = image.convert("RGBA")
        white = Image.new("RGB", image.size, "white")
        white.paste(clear, mask=clear.getchannel("A"))
        return white
    return image.getchannel(0).convert("RGB") if image.mode in {"LAB", "HSV"} else image.convert("RGB")
