"""Decodes a few key frames of a recording, spread over its length, within a budget of bytes."""

import io
from collections.abc import Iterator
from typing import BinaryIO

import av
from av.container import InputContainer
from av.video.frame import VideoFrame
from av.video.stream import VideoStream
from PIL import Image

from agent.photos.image import Header, Source, Unread, Unreadable
from agent.photos.readers.pixels import check_pixels, finished
from agent.photos.readers.reach import Garbled
from agent.photos.readers.sniff import Form

KEY_FRAMES = 6
PACKETS = 600
"""So many are passed over on the way to one key frame: twenty seconds of film."""
MOST_BYTES = 96 << 20
"""Read in all; six key frames of a film in 4K, with what lies between, are a third of it."""
MOST_PIXELS = 40_000_000
DEMUXERS = {
    Form.MP4: "mov",
    Form.MATROSKA: "matroska",
    Form.AVI: "avi",
    Form.MPEG_TS: "mpegts",
    Form.MPEG_PS: "mpeg",
    Form.ASF: "asf",
    Form.FLV: "flv",
    Form.OGG: "ogg",
}
"""Each is named, so that none is chosen by what the file says: playlists among them open other files."""
TURNS = {90: 8, 180: 3, 270: 6}
"""EXIF orientation by the film's own turn, anticlockwise in degrees."""
OPTIONS = {"probesize": str(4 << 20), "analyzeduration": "2000000", "enable_drefs": "0", "use_absolute_path": "0"}


class Metered(io.RawIOBase):
    """A file of which no more than so many bytes are read; then it seems to end."""

    def __init__(self, file: BinaryIO, most: int) -> None:
        super().__init__()
        self._file = file
        self.left = most

    def read(self, size: int = -1) -> bytes:
        raw = self._file.read(max(0, min(size if size >= 0 else self.left, self.left)))
        self.left -= len(raw)
        return raw

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        return self._file.seek(offset, whence)

    def tell(self) -> int:
        return self._file.tell()

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True


def views(source: Source, header: Header, at_least: int) -> Iterator[Image.Image]:
    """Raises TOO_LARGE where not one key frame lies within the budget, BROKEN where there is none."""
    check_pixels(header.width, header.height, MOST_PIXELS)
    file = Metered(source.whole(), MOST_BYTES)
    shown = 0
    try:
        with opened_film(file, Form(header.format)) as film:
            for frame in _key_frames(film, film.streams.video[0]):
                yield _picture(frame, at_least)
                shown += 1
    except (av.FFmpegError, IndexError) as fault:
        if not shown:
            why = Unread.TOO_LARGE if file.left <= 0 else Unread.BROKEN
            raise Unreadable(why) from fault
    if not shown:
        raise Unreadable(Unread.TOO_LARGE if file.left <= 0 else Unread.BROKEN)


def _refuse(url: str, flags: int, options: dict[str, str]) -> BinaryIO:
    """A film may name other files: it is not for a film to say what is read."""
    raise Garbled


def opened_film(file: Metered, form: Form) -> InputContainer:
    return av.open(
        file,
        "r",
        format=DEMUXERS[form],
        options=OPTIONS,
        metadata_errors="replace",
        io_open=_refuse,
        buffer_size=1 << 16,
    )


def _key_frames(film: InputContainer, stream: VideoStream) -> Iterator[VideoFrame]:
    context = stream.codec_context
    context.thread_count = 1
    context.skip_frame = "NONKEY"
    last: int | None = None
    for moment in _moments(film):
        if moment is not None:
            film.seek(moment)
        frame = _next_frame(film, stream)
        if frame is not None and (frame.pts is None or frame.pts != last):
            last = frame.pts
            yield frame


def _moments(film: InputContainer) -> list[int | None]:
    """Where to look, in microseconds; None is where the reading stands: films of unknown length are read on."""
    if not film.duration or film.duration <= 0:
        return [None] * KEY_FRAMES
    start = max(0, film.start_time or 0)
    return [None, *(start + film.duration * step // KEY_FRAMES for step in range(1, KEY_FRAMES))]


def _next_frame(film: InputContainer, stream: VideoStream) -> VideoFrame | None:
    for place, packet in enumerate(film.demux(stream)):
        check_pixels(stream.codec_context.width, stream.codec_context.height, MOST_PIXELS)
        if place > PACKETS:
            return None
        for frame in packet.decode():
            check_pixels(frame.width, frame.height, MOST_PIXELS)
            return frame
    return None


def _picture(frame: VideoFrame, at_least: int) -> Image.Image:
    """Scaled by the film's own library, which is three times as fast as scaling RGB."""
    shorter = min(frame.width, frame.height)
    scale = min(1.0, at_least / shorter) if shorter else 1.0
    sides = (max(1, round(frame.width * scale)), max(1, round(frame.height * scale)))
    image: Image.Image = frame.reformat(*sides, format="rgb24").to_image()  # type: ignore[no-untyped-call]
    return finished(image, TURNS.get(frame.rotation % 360, 1), at_least)
