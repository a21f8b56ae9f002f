"""What a file tells beside its picture: read from the original, before a copy is stripped of it."""

from collections.abc import Callable, Iterator

from agent.photos.darkroom_jpeg import AFTER_SCAN
from agent.photos.darkroom_model import Trace
from agent.photos.darkroom_png import chunks as png_chunks
from agent.photos.darkroom_traces_exif import exif_traces, tiff_traces
from agent.photos.darkroom_traces_film import film_traces
from agent.photos.darkroom_webp import chunks as webp_chunks
from agent.photos.darkroom_webp import end_of
from agent.photos.image import NeedsWhole, Source
from agent.photos.readers import jpeg, tell
from agent.photos.readers.boxes import boxes
from agent.photos.readers.reach import Fetch, Garbled, Reach, exactly
from agent.photos.readers.sniff import Form
from agent.photos.readers.video import DEMUXERS

Traces = set[Trace]
MOST_HEIF_BYTES = 1 << 20
XMP_STARTS = (b"http://ns.adobe.com/xap/", b"http://ns.adobe.com/xmp/extension/")
PNG_CHUNKS = {
    b"tIME": Trace.TIME, b"tEXt": Trace.NAMES, b"zTXt": Trace.NAMES, b"iTXt": Trace.NAMES,
    b"iCCP": Trace.COLOUR_PROFILE,
}  # fmt: skip
PNG_PLAIN = frozenset({b"IHDR", b"PLTE", b"tRNS", b"IDAT", b"IEND", b"sRGB", b"gAMA", b"eXIf"})
WEBP_CHUNKS = {b"XMP ": Trace.XMP, b"ICCP": Trace.COLOUR_PROFILE}
WEBP_PLAIN = frozenset({b"VP8X", b"VP8 ", b"VP8L", b"ALPH", b"ANIM", b"ANMF", b"EXIF"})
HEIF_MARKS = {b"mime": Trace.XMP, b"thmb": Trace.PREVIEW, b"prof": Trace.COLOUR_PROFILE, b"rICC": Trace.COLOUR_PROFILE}
HEIF_PLAIN = frozenset({b"ftyp", b"meta", b"mdat", b"free"})
XMP_IN_TEXT = b"XML:com.adobe.xmp"
GIF_XMP, GIF_COMMENT = b"XMP DataXMP", b"!\xfe"


def traces(source: Source, form: Form) -> tuple[Trace, ...]:
    """What can be found, each once, in the order of Trace. What is garbled ends the search, and counts as OTHER."""
    found: Traces = set()
    fetch = Reach(source)
    for look in (_of_exif, LOOKS.get(form, _nothing)):
        try:
            found.update(look(source, fetch))
        except (Garbled, NeedsWhole):
            found.add(Trace.OTHER)
    return tuple(trace for trace in Trace if trace in found)


def _of_exif(source: Source, fetch: Fetch) -> Iterator[Trace]:
    told = tell(source)
    if told.header.taken_at:
        yield Trace.TIME
    if told.header.gps:
        yield Trace.PLACE
    if told.header.camera:
        yield Trace.DEVICE
    if told.block is not None:
        look = tiff_traces if told.header.format in {Form.TIFF, Form.DNG, Form.RAW} else exif_traces
        yield from look(told.block)


def _of_jpeg(source: Source, fetch: Fetch) -> Iterator[Trace]:
    at = 0
    for segment in jpeg.segments(fetch):
        at = segment.at + segment.length
        trace = _of_segment(segment.marker, fetch(segment.at, min(segment.length, 64)), segment.length)
        if trace:
            yield trace
    yield from _behind(source, at)


def _of_segment(marker: int, start: bytes, length: int) -> Trace | None:
    match marker:
        case 0xFE:
            return Trace.NAMES
        case 0xE0:
            return Trace.PREVIEW if start.startswith(b"JFXX") or length > 14 else None
        case 0xE1 if start.startswith(XMP_STARTS):
            return Trace.XMP
        case 0xE2 if start.startswith(b"ICC_PROFILE"):
            return Trace.COLOUR_PROFILE
        case 0xE2 if start.startswith(b"MPF"):
            return Trace.PREVIEW
        case 0xED:
            return Trace.NAMES
        case _ if 0xE1 <= marker <= 0xEF and not start.startswith((b"Adobe", b"Exif\0")):
            return Trace.OTHER
    return None


def _behind(source: Source, at: int) -> Iterator[Trace]:
    """What lies behind the picture: a second one, or the film that some phones take along with it."""
    file = source.whole()
    file.seek(at)
    raw = file.read(source.size)
    at = 0
    while (mark := AFTER_SCAN.search(raw, at)) and raw[mark.start() + 1] != 0xD9:
        length = int.from_bytes(raw[mark.end() : mark.end() + 2])
        at = mark.end() + max(2, length)
    rest = raw[mark.end() :] if mark else b""
    if b"ftyp" in rest:
        yield Trace.SOUND
    if b"\xff\xd8\xff" in rest:
        yield Trace.PREVIEW
    if rest.strip(b"\0"):
        yield Trace.OTHER


def _of_png(source: Source, fetch: Fetch) -> Iterator[Trace]:
    raw = source.whole().read(source.size)
    end = 8
    for kind, body in png_chunks(raw):
        end += 12 + len(body)
        if kind == b"iTXt" and body.startswith(XMP_IN_TEXT):
            yield Trace.XMP
        elif kind not in PNG_PLAIN:
            yield PNG_CHUNKS.get(kind, Trace.OTHER)
    if raw[end:]:
        yield Trace.OTHER


def _of_webp(source: Source, fetch: Fetch) -> Iterator[Trace]:
    raw = source.whole().read(source.size)
    end = end_of(raw)
    for kind, _ in webp_chunks(raw, 12, end):
        if kind not in WEBP_PLAIN:
            yield WEBP_CHUNKS.get(kind, Trace.OTHER)
    if raw[end + (end & 1) :]:
        yield Trace.OTHER


def _of_heif(source: Source, fetch: Fetch) -> Iterator[Trace]:
    for box in boxes(fetch, 0, source.size):
        if box.kind == b"meta":
            listed = exactly(fetch, box.at, min(box.end - box.at, MOST_HEIF_BYTES))
            yield from (trace for mark, trace in HEIF_MARKS.items() if mark in listed)
        elif box.kind == b"mpvd":
            yield Trace.SOUND
        elif box.kind not in HEIF_PLAIN:
            yield Trace.OTHER


def _of_gif(source: Source, fetch: Fetch) -> Iterator[Trace]:
    raw = source.whole().read(source.size)
    if GIF_XMP in raw:
        yield Trace.XMP
    if GIF_COMMENT in raw:
        yield Trace.NAMES


def _of_film(source: Source, fetch: Fetch) -> Iterator[Trace]:
    yield from film_traces(fetch, source.size)


def _of_other_film(source: Source, fetch: Fetch) -> Iterator[Trace]:
    from agent.photos.darkroom_film import tracks_tell

    yield from tracks_tell(source, Form(tell(source).header.format))


def _nothing(source: Source, fetch: Fetch) -> Iterator[Trace]:
    return iter(())


LOOKS: dict[Form, Callable[[Source, Fetch], Iterator[Trace]]] = {
    Form.JPEG: _of_jpeg,
    Form.PNG: _of_png,
    Form.WEBP: _of_webp,
    Form.HEIF: _of_heif,
    Form.AVIF: _of_heif,
    Form.GIF: _of_gif,
    Form.MP4: _of_film,
    **dict.fromkeys((form for form in DEMUXERS if form is not Form.MP4), _of_other_film),
}
