"""A copy of one file that tells nothing but what it shows. Runs in the darkroom only.

First what the original tells is read, then a copy is made, then the copy is read by others than those that made it.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from PIL import Image

from agent.photos import darkroom_jpeg, darkroom_png, darkroom_webp, readers
from agent.photos.darkroom_anew import encoded, pages
from agent.photos.darkroom_colours import is_srgb
from agent.photos.darkroom_model import MOST_STRIPPED, Stripped
from agent.photos.darkroom_proof import STILLS, NotEmpty
from agent.photos.darkroom_proof_film import mp4
from agent.photos.darkroom_proof_tiff import tiff
from agent.photos.darkroom_traces import traces
from agent.photos.image import Header, Medium, Source, Unread, Unreadable
from agent.photos.readers import jpeg
from agent.photos.readers.pixels import MOST_PIXELS, check_pixels, opened
from agent.photos.readers.reach import Garbled, Reach
from agent.photos.readers.sniff import Form
from agent.photos.readers.still import MOST_JPEG_PIXELS, check_jpeg
from agent.photos.source import HeldSource

MOST_BYTES = 128 << 20
"""Of a still, all of which is held in memory."""
SEEN_PX = 64
"""The copy is decoded so large, to see that it can be."""
SHAPE = 2
"""Dots by which its sides may differ from those of the original."""
PROOFS: dict[str, Callable[[bytes], None]] = {**STILLS, ".tif": tiff, ".mp4": mp4}


@dataclass(frozen=True, slots=True, kw_only=True)
class Original:
    """What is copied."""

    source: Source
    header: Header

    def raw(self) -> bytes:
        """All of it. Raises Unreadable."""
        if self.source.size > MOST_BYTES:
            raise Unreadable(Unread.TOO_LARGE)
        return self.source.whole().read(self.source.size)

    def profile(self) -> bytes | None:
        """That of its colours. Raises Unreadable."""
        form = Form(self.header.format)
        check_pixels(self.header.width, self.header.height, MOST_JPEG_PIXELS if form is Form.JPEG else MOST_PIXELS)
        if form is Form.JPEG:
            check_jpeg(jpeg.layout(Reach(self.source)))
        found = opened(form, self.source.whole()).info.get("icc_profile")
        return found if isinstance(found, bytes) else None

    @property
    def lies_right(self) -> bool:
        """Neither a turn nor colours would be lost with what tells of them."""
        return self.header.orientation == 1 and is_srgb(self.profile())


Maker = Callable[[Original], tuple[bytes, str]]
"""Gives the copy and its suffix. Raises Unreadable, Garbled."""


def strip(source: Source, makers: Mapping[Form, Maker] | None = None) -> Stripped:
    """`makers`: MAKERS, unless others are to be tried.

    Raises Unreadable: NO_READER where there is no way to make a copy, BROKEN also where the copy was not empty.
    """
    header = readers.header(source)
    maker = FILMS.get(header.medium) or (makers or MAKERS).get(Form(header.format))
    if maker is None:
        raise Unreadable(Unread.NO_READER)
    removed = traces(source, Form(header.format))
    try:
        data, suffix = maker(Original(source=source, header=header))
    except Image.DecompressionBombError as fault:
        raise Unreadable(Unread.TOO_MANY_PIXELS) from fault
    if len(data) > MOST_STRIPPED:
        raise Unreadable(Unread.TOO_LARGE)
    try:
        PROOFS[suffix](data)
    except NotEmpty as fault:
        raise Unreadable(Unread.BROKEN) from fault
    _check(data, suffix, header)
    return Stripped(data=data, suffix=suffix, removed=removed)


def _check(data: bytes, suffix: str, original: Header) -> None:
    """The scan's own readers must find a picture of these sides, and nothing told. Raises Unreadable."""
    source = HeldSource(f"copy{suffix}", len(data), None, data)
    header = readers.header(source)
    if header.taken_at or header.gps or header.camera or header.orientation != 1:
        raise Unreadable(Unread.BROKEN)
    seen = next(readers.views(source, header, at_least=SEEN_PX), None)
    if seen is None or not _same_shape(header, original):
        raise Unreadable(Unread.BROKEN)


def _same_shape(header: Header, original: Header) -> bool:
    if not original.width or not original.height:
        return True
    sides, before = ((header.width or 0, header.height or 0), (original.width, original.height))
    if original.medium is Medium.VIDEO or Form(original.format) not in MAKERS_OF_BYTES:
        return True
    turned = before if original.orientation < 5 else before[::-1]
    return max(abs(a - b) for a, b in zip(sides, turned, strict=True)) <= SHAPE


def _copied_or_anew(bare: Callable[[bytes], bytes], form: str, suffix: str) -> Maker:
    """Byte for byte where that is certain to look the same."""

    def make(original: Original) -> tuple[bytes, str]:
        copy = _copied(bare, original.raw()) if original.lies_right else None
        return copy or encoded(original.source, original.header, form), suffix

    return make


def _copied(bare: Callable[[bytes], bytes], raw: bytes) -> bytes | None:
    """None where it is not certain what to copy: a decoder may still make a picture of it."""
    try:
        return bare(raw)
    except Garbled:
        return None


def _webp(original: Original) -> tuple[bytes, str]:
    """Of a moving one each frame would have to be encoded anew: it loses its turn and its profile instead."""
    raw = original.raw()
    if original.lies_right or darkroom_webp.is_animated(raw):
        return darkroom_webp.bare(raw), ".webp"
    return encoded(original.source, original.header, "WEBP", lossless=b"VP8L" in raw[:64]), ".webp"


def _gif(original: Original) -> tuple[bytes, str]:
    """As a PNG, dot for dot. A moving one is not copied: nothing tells what lies behind the dots of its frames."""
    image = opened(Form.GIF, original.source.whole())
    if getattr(image, "is_animated", False):
        raise Unreadable(Unread.NO_READER)
    return encoded(original.source, original.header, "PNG"), ".png"


def _tiff(original: Original) -> tuple[bytes, str]:
    check_pixels(original.header.width, original.header.height)
    if original.source.size > MOST_BYTES:
        raise Unreadable(Unread.TOO_LARGE)
    return pages(original.source), ".tif"


def _anew(form: str, suffix: str) -> Maker:
    return lambda original: (encoded(original.source, original.header, form), suffix)


def _film(original: Original) -> tuple[bytes, str]:
    from agent.photos import darkroom_film

    return darkroom_film.bare(original.source, original.header), ".mp4"


MAKERS: dict[Form, Maker] = {
    Form.JPEG: _copied_or_anew(darkroom_jpeg.bare, "JPEG", ".jpg"),
    Form.PNG: _copied_or_anew(darkroom_png.bare, "PNG", ".png"),
    Form.WEBP: _webp,
    Form.GIF: _gif,
    Form.TIFF: _tiff,
    Form.BMP: _anew("PNG", ".png"),
    **dict.fromkeys((Form.HEIF, Form.AVIF, Form.JPEG2000, Form.PSD), _anew("JPEG", ".jpg")),
    # Of a raw file the picture that the camera made of it.
    **dict.fromkeys((Form.DNG, Form.RAW, Form.RAF, Form.CR3), _anew("JPEG", ".jpg")),
}
MAKERS_OF_BYTES = frozenset({Form.JPEG, Form.PNG, Form.WEBP, Form.GIF})
"""Those whose copies have the sides of the original; of others a part may be copied."""
FILMS: dict[Medium, Maker] = {Medium.VIDEO: _film}
