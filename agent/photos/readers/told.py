"""What a file says of itself: the right walk for each form, none of which decodes a pixel."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

from agent.photos.image import Header, Medium, NeedsWhole, Source, Unread, Unreadable
from agent.photos.readers import jpeg
from agent.photos.readers.boxes import boxes, find
from agent.photos.readers.exif import HEIGHT, NO_EXIF, WIDTH, Exif, read, told
from agent.photos.readers.items import items
from agent.photos.readers.measures import MEASURED, measures
from agent.photos.readers.movie import movie
from agent.photos.readers.reach import Fetch, Garbled, Reach, exactly, part
from agent.photos.readers.sniff import Form, medium, sniff
from agent.photos.readers.tiff import Fields, Tiff, folder, number

SUB_FOLDERS = 0x014A
MOST_SUB_FOLDERS = 8
DIRECT_WALK = 16


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """A header, with the EXIF block it was read from."""

    header: Header
    exif: Exif = NO_EXIF
    block: Fetch | None = None
    """The EXIF block as a file of its own."""


def tell(source: Source, *, beyond: bool = True) -> Told:
    """All that can be told; what lies beyond the head, where no more is at hand, counts as absent."""
    head = source.head()
    if not head:
        raise Unreadable(Unread.EMPTY)
    form = sniff(head, source.name, source.size)
    return TOLD.get(form, _plain)(Reach(source, beyond=beyond), form, source)


def _from_block(form: Form, block: Fetch | None, width: int | None, height: int | None) -> Told:
    try:
        exif = read(block) if block else NO_EXIF
    except NeedsWhole:
        exif, block = NO_EXIF, None
    return _told(form, exif, block, width or exif.width, height or exif.height)


def _told(form: Form, exif: Exif, block: Fetch | None, width: int | None, height: int | None) -> Told:
    header = Header(
        medium=medium(form),
        format=form,
        taken_at=exif.taken_at,
        gps=exif.gps,
        camera=exif.camera,
        orientation=exif.orientation,
        width=width or None,
        height=height or None,
    )
    return Told(header=header, exif=exif, block=block)


def _plain(fetch: Fetch, form: Form, source: Source) -> Told:
    return Told(header=Header(medium=medium(form), format=form))


def _jpeg(fetch: Fetch, form: Form, source: Source) -> Told:
    found = jpeg.layout(fetch)
    return _from_block(form, jpeg.exif_part(fetch, found), found.width, found.height)


def _measured(fetch: Fetch, form: Form, source: Source) -> Told:
    found = measures(fetch, form)
    return _from_block(form, found.exif, found.width, found.height)


def _heif(fetch: Fetch, form: Form, source: Source) -> Told:
    try:
        found = items(fetch, source.size)
    except NeedsWhole:
        return _plain(fetch, form, source)
    told_so = _from_block(form, found.exif, found.width, found.height)
    if found.orientation == 1:
        return told_so
    return replace(told_so, header=replace(told_so.header, orientation=found.orientation))


def _raf(fetch: Fetch, form: Form, source: Source) -> Told:
    """A whole JPEG lies in it, with the EXIF of the picture."""
    span = raf_preview(fetch)
    inner = part(fetch, *span) if span else None
    found = jpeg.layout(inner) if inner else jpeg.Layout()
    block = jpeg.exif_part(inner, found) if inner else None
    return _from_block(form, block, found.width, found.height)


def raf_preview(fetch: Fetch) -> tuple[int, int] | None:
    """Where the JPEG in a RAF starts, and its bytes."""
    try:
        raw = exactly(fetch, 84, 8)
    except Garbled:
        return None
    start, length = int.from_bytes(raw[:4]), int.from_bytes(raw[4:])
    return (start, length) if start and length else None


def _tiff(fetch: Fetch, form: Form, source: Source) -> Told:
    try:
        tiff = Tiff(fetch)
        chain = _chain(tiff)
        first, second = next(chain, {}), next(chain, {})
        exif = told(tiff, first, second)
        others = [first] if form is Form.TIFF else [first, second, *sub_folders(tiff, first)]
        sizes = [_size(tiff, fields) for fields in others]
    except (Garbled, NeedsWhole):
        return _plain(fetch, form, source)
    width, height = max(sizes, key=lambda size: size[0] * size[1])
    return _told(form, exif, fetch, width, height)


def _chain(tiff: Tiff) -> Iterator[Fields]:
    """The main chain, up to where it breaks."""
    try:
        yield from tiff.chain()
    except (Garbled, NeedsWhole):
        return


def sub_folders(tiff: Tiff, fields: Fields) -> Iterator[Fields]:
    """Raw files keep their pictures and previews one level down."""
    field = fields.get(SUB_FOLDERS)
    try:
        places = tiff.numbers(field, MOST_SUB_FOLDERS) if field else ()
    except Garbled:
        return
    for place in places:
        yield folder(tiff, place)


def _size(tiff: Tiff, fields: Fields) -> tuple[int, int]:
    return number(tiff, fields, WIDTH) or 0, number(tiff, fields, HEIGHT) or 0


def _cr3(fetch: Fetch, form: Form, source: Source) -> Told:
    """Canon keeps the folders of the EXIF as boxes, each a TIFF of its own: CMT1 has the camera, CMT2 the date."""
    try:
        found = find(fetch, 0, source.size, b"moov", b"uuid")
        parts = {box.kind: box for box in boxes(fetch, found.at + DIRECT_WALK, found.end)} if found else {}
        blocks = {kind: part(fetch, box.at, box.end - box.at) for kind, box in parts.items()}
        exifs = {kind: read(blocks[kind]) for kind in (b"CMT1", b"CMT2") if kind in blocks}
    except (Garbled, NeedsWhole):
        return _plain(fetch, form, source)
    first, second = exifs.get(b"CMT1", NO_EXIF), exifs.get(b"CMT2", NO_EXIF)
    exif = replace(first, taken_at=second.taken_at or first.taken_at, thumbnail=None)
    return _told(form, exif, None, second.width, second.height)


def _movie(fetch: Fetch, form: Form, source: Source) -> Told:
    try:
        found = movie(fetch, source.size)
    except NeedsWhole:
        return _plain(fetch, form, source)
    header = Header(
        medium=Medium.AUDIO if found.sound_only else Medium.VIDEO,
        format=form,
        taken_at=found.taken_at,
        gps=found.gps,
        camera=found.camera,
        width=found.width,
        height=found.height,
    )
    return Told(header=header)


def _streams(fetch: Fetch, form: Form, source: Source) -> Told:
    """These name their streams near the start; one that names sound and no pictures is a recording of sound."""
    pictures, sound = STREAM_MARKS[form]
    head = source.head()
    heard = any(mark in head for mark in sound) and not any(mark in head for mark in pictures)
    return Told(header=Header(medium=Medium.AUDIO if heard else Medium.VIDEO, format=form))


STREAM_MARKS: dict[Form, tuple[tuple[bytes, ...], tuple[bytes, ...]]] = {
    Form.MATROSKA: (
        (b"V_VP", b"V_MPEG", b"V_AV1", b"V_THEORA", b"V_MS/", b"V_MJPEG", b"V_UNCOMPRESSED", b"V_PRORES", b"V_FFV1"),
        (b"A_OPUS", b"A_VORBIS", b"A_AAC", b"A_MPEG", b"A_PCM", b"A_FLAC", b"A_AC3", b"A_EAC3"),
    ),
    Form.OGG: ((b"\x80theora", b"\x01video", b"BBCD\0"), (b"\x01vorbis", b"OpusHead", b"Speex   ", b"\x7fFLAC")),
    Form.ASF: (
        (b"\xc0\xef\x19\xbc\x4d\x5b\xcf\x11\xa8\xfd\x00\x80\x5f\x5c\x44\x2b",),
        (b"\x40\x9e\x69\xf8\x4d\x5b\xcf\x11\xa8\xfd\x00\x80\x5f\x5c\x44\x2b",),
    ),
}
"""What stands in the head where there are pictures, and where there is sound."""


def _dicom(fetch: Fetch, form: Form, source: Source) -> Told:
    from agent.photos.readers import dicom

    return Told(header=dicom.header(source))


TOLD: dict[Form, Callable[[Fetch, Form, Source], Told]] = {
    Form.JPEG: _jpeg,
    **dict.fromkeys(MEASURED, _measured),
    Form.HEIF: _heif,
    Form.AVIF: _heif,
    **dict.fromkeys((Form.TIFF, Form.DNG, Form.RAW), _tiff),
    Form.RAF: _raf,
    Form.CR3: _cr3,
    Form.MP4: _movie,
    **dict.fromkeys(STREAM_MARKS, _streams),
    Form.DICOM: _dicom,
}
