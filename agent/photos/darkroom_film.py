"""Moves the pictures of a film into a new file, as they are coded: no sound, no place, no time, no second track."""

import io
from collections.abc import Callable, Iterator

import av
from av.container import InputContainer, OutputContainer
from av.packet import Packet
from av.stream import Disposition
from av.video.stream import VideoStream

from agent.photos.darkroom_film_setup import length_bytes, plain_setup
from agent.photos.darkroom_film_units import KINDS, cleaner
from agent.photos.darkroom_model import MOST_STRIPPED, Trace
from agent.photos.image import Header, Source, Unread, Unreadable
from agent.photos.readers.boxes import Box, boxes, find
from agent.photos.readers.pixels import check_pixels
from agent.photos.readers.reach import Fetch, Garbled, Reach
from agent.photos.readers.sniff import Form
from agent.photos.readers.video import MOST_PIXELS, Metered, opened_film

CODECS = frozenset({"h264", "hevc", "av1", "mpeg4", "mpeg2video", "vp9"})
"""Of others it is not known what else they may carry."""
READ_TIMES = 4
"""So often the bytes of a film may be read: to find its tracks, then its description, then its pictures."""
TOLD = {
    "creation_time": Trace.TIME, "date": Trace.TIME, "location": Trace.PLACE, "title": Trace.NAMES,
    "comment": Trace.NAMES, "artist": Trace.NAMES, "author": Trace.NAMES, "copyright": Trace.NAMES,
    "description": Trace.NAMES, "handler_name": Trace.NAMES, "service_name": Trace.NAMES,
    "service_provider": Trace.NAMES, "make": Trace.DEVICE, "model": Trace.DEVICE, "encoder": Trace.DEVICE,
}  # fmt: skip
"""By the name that the library gives it."""
MOST_WAITING = 64
"""Pictures whose turn is not known. No coding looks so far ahead."""
OPTIONS = {"fflags": "+bitexact", "empty_hdlr_name": "1"}
"""The first: the writer does not sign its work."""
NEEDED = frozenset({b"avcC", b"hvcC", b"av1C", b"vpcC", b"esds", b"pasp", b"btrt", b"fiel", b"clap"})
"""What may follow the description of the track; and `colr`, where it has no profile."""
TRACK = (b"moov", b"trak", b"mdia", b"minf", b"stbl", b"stsd")
ENTRY, NAME_AT, NAME_BYTES, PARTS_AT = 8, 42, 32, 78
"""Where in such a description the first one starts; where in that one the encoder's name and the parts lie."""


def bare(source: Source, header: Header) -> bytes:
    """An MP4. Raises Garbled, Unreadable; NO_READER for a coding of which it is not known what else it may carry."""
    if source.size > MOST_STRIPPED:
        raise Unreadable(Unread.TOO_LARGE)
    check_pixels(header.width, header.height, MOST_PIXELS)
    form, file = Form(header.format), io.BytesIO()
    spans = [box for box in boxes(Reach(source), 0, source.size) if box.kind == b"mdat"] if form is Form.MP4 else []
    try:
        with opened_film(Metered(source.whole(), READ_TIMES * source.size), form) as film:
            _moved(film, _pictures(film), file, spans)
    except av.FFmpegError as fault:
        raise Unreadable(Unread.BROKEN) from fault
    _blank(file.getbuffer())
    return file.getvalue()


def tracks_tell(source: Source, form: Form) -> Iterator[Trace]:
    """Of any film: sound, names and times that its demuxer knows of. Raises Garbled."""
    try:
        with opened_film(Metered(source.whole(), READ_TIMES * source.size), form) as film:
            for stream in film.streams:
                if stream.type != "video":
                    yield Trace.SOUND if stream.type == "audio" else Trace.OTHER
            for name in (*film.metadata, *(name for stream in film.streams for name in stream.metadata)):
                yield TOLD.get(name.lower(), Trace.OTHER)
    except av.FFmpegError as fault:
        raise Garbled from fault


def _pictures(film: InputContainer) -> VideoStream:
    """The first track of pictures that is no cover."""
    for stream in film.streams.video:
        if not stream.disposition & (Disposition.attached_pic | Disposition.timed_thumbnails):
            return stream
    raise Unreadable(Unread.BROKEN)


def _moved(film: InputContainer, pictures: VideoStream, file: io.BytesIO, spans: list[Box]) -> None:
    codec = pictures.codec_context.codec.canonical_name
    if codec not in CODECS:
        raise Unreadable(Unread.NO_READER)
    setup = bytes(pictures.codec_context.extradata or b"")
    clean = cleaner(codec, length_bytes(codec, setup) if codec in KINDS else 0)
    with av.open(file, "w", format="mp4", options=OPTIONS) as copy:
        track = copy.add_stream_from_template(pictures, opaque=True)
        track.metadata.clear()
        track.codec_context.extradata = plain_setup(codec, setup) or None
        _mux(_within(film.demux(pictures), spans), clean, copy, track)


def _mux(
    packets: "Iterator[Packet[VideoStream]]", clean: Callable[[bytes], bytes], copy: OutputContainer, track: VideoStream
) -> None:
    done = 0
    for packet in in_order(packets):
        plain = Packet(clean(bytes(packet)))
        if not plain.size:
            continue
        plain.pts, plain.dts, plain.time_base = packet.pts, packet.dts, packet.time_base
        plain.duration, plain.is_keyframe = packet.duration, packet.is_keyframe
        plain.stream = track
        done += plain.size
        copy.mux(plain)
    if not done:
        raise Unreadable(Unread.BROKEN)


def _within(packets: "Iterator[Packet[VideoStream]]", spans: list[Box]) -> "Iterator[Packet[VideoStream]]":
    """Each, which must lie where an MP4 keeps its pictures: its tables may point at what it tells as well."""
    for packet in packets:
        at, end = packet.pos or 0, (packet.pos or 0) + packet.size
        if packet.size and spans and not any(span.at <= at <= end <= span.end for span in spans):
            raise Garbled
        yield packet


def in_order(packets: "Iterator[Packet[VideoStream]]") -> "Iterator[Packet[VideoStream]]":
    """Each with its turn to be decoded: some forms leave out the first few, which are counted back from the next."""
    waiting: list[Packet[VideoStream]] = []
    for packet in packets:
        if not packet.size:  # the last, which ends the film, is empty
            continue
        waiting.append(packet)
        if packet.dts is None:
            if len(waiting) > MOST_WAITING:
                raise Garbled
            continue
        for place, one in enumerate(waiting):
            one.dts = packet.dts - (len(waiting) - 1 - place) * max(1, packet.duration or 0)
            yield one
        waiting = []


def _blank(film: memoryview) -> None:
    """Write zeros over the parts that no decoder needs, and over the name of the encoder. Raises Garbled."""

    def fetch(at: int, length: int) -> bytes:
        return bytes(film[at : at + length])

    described = find(fetch, 0, len(film), *TRACK)
    entry = next(boxes(fetch, described.at + ENTRY, described.end), None) if described else None
    if entry is None:
        raise Garbled
    film[entry.at + NAME_AT : entry.at + NAME_AT + NAME_BYTES] = bytes(NAME_BYTES)
    for part in boxes(fetch, entry.at + PARTS_AT, entry.end):
        if not _needed(fetch, part):
            film[part.at - 4 : part.end] = b"free" + bytes(part.end - part.at)


def _needed(fetch: Fetch, part: Box) -> bool:
    return part.kind in NEEDED or (part.kind == b"colr" and fetch(part.at, 4) in {b"nclx", b"nclc"})
