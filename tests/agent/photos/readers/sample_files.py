"""Makes a small file of every form in memory, and a source that remembers how it was read."""

import io
import struct
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from fractions import Fraction
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, BinaryIO

import av
import pillow_heif
import pydicom
from PIL import Image, ImageDraw, ImageFont
from pydicom.dataset import FileDataset, FileMetaDataset
from pydicom.uid import ExplicitVRLittleEndian, SecondaryCaptureImageStorage, generate_uid

from agent.photos.image import HEAD_BYTES, NeedsWhole

TAKEN = "2024:05:01 10:20:30"
TAKEN_ISO = "2024-05-01T10:20:30"
RED, BLUE = (200, 30, 30), (30, 30, 200)


@dataclass
class HeldBytes:
    """A source in memory. `only_head`: as a phone's file whose rest was not fetched."""

    data: bytes
    name: str = "picture"
    only_head: bool = False
    asked_whole: int = field(default=0, init=False)

    @property
    def size(self) -> int:
        return len(self.data)

    def head(self) -> bytes:
        return self.data[:HEAD_BYTES]

    def whole(self) -> BinaryIO:
        self.asked_whole += 1
        if self.only_head and len(self.data) > HEAD_BYTES:
            raise NeedsWhole
        return io.BytesIO(self.data)


@cache
def picture(width: int = 640, height: int = 480, mode: str = "RGB") -> Image.Image:
    """Red above, blue below, and a white corner at the top left: each turn of it looks different."""
    image = Image.new("RGB", (width, height), BLUE)
    draw = ImageDraw.Draw(image)
    draw.rectangle((0, 0, width, height // 2), RED)
    draw.rectangle((0, 0, width // 4, height // 4), "white")
    return image.convert(mode)


@cache
def noise(width: int = 1600, height: int = 1200) -> Image.Image:
    """What no form can pack small."""
    return Image.effect_noise((width, height), 90).convert("RGB")


def saved(image: Image.Image, form: str, **options: Any) -> bytes:
    file = io.BytesIO()
    image.save(file, form, **options)
    return file.getvalue()


def small_jpeg(width: int = 160, height: int = 120) -> bytes:
    return saved(picture(width, height), "JPEG", quality=70)


def tiff_folder(at: int, rows: list[tuple[int, int, Any]], following: int = 0) -> bytes:
    """One folder as it lies at `at`: rows of tag, type (2 text, 3 short, 4 long, 5 fractions) and value."""
    entries, room = b"", b""
    after = at + 2 + 12 * len(rows) + 4
    for tag, kind, value in sorted(rows):
        raw, count = _packed(kind, value)
        if len(raw) > 4:
            entries += struct.pack("<HHII", tag, kind, count, after + len(room))
            room += raw + b"\0" * (len(raw) & 1)
        else:
            entries += struct.pack("<HHI", tag, kind, count) + raw.ljust(4, b"\0")
    return struct.pack("<H", len(rows)) + entries + struct.pack("<I", following) + room


def _packed(kind: int, value: Any) -> tuple[bytes, int]:
    if kind == 2:
        return value.encode() + b"\0", len(value) + 1
    values = value if isinstance(value, tuple) else (value,)
    return struct.pack("<" + {3: "H", 4: "I", 5: "I"}[kind] * len(values), *values), len(values) // (1 + (kind == 5))


def exif_block(
    *,
    taken: str | None = TAKEN,
    offset: str | None = None,
    latitude: tuple[int, ...] | None = (27, 1, 28, 1, 12, 1),
    make: str | None = "Canon",
    orientation: int = 1,
    thumbnail: bytes = b"",
    sides: tuple[int, int] | None = None,
) -> bytes:
    """An EXIF block from its byte order on."""
    details: list[tuple[int, int, Any]] = [(0x9003, 2, taken)] if taken else []
    details += [(0x9011, 2, offset)] if offset else []
    details += [(0xA002, 4, sides[0]), (0xA003, 4, sides[1])] if sides else []
    gps: list[tuple[int, int, Any]] = [(1, 2, "S"), (2, 5, latitude)] if latitude else []
    rows: list[tuple[int, int, Any]] = [(0x0112, 3, orientation), (0x8769, 4, 600)]
    rows += [(0x010F, 2, make)] if make else []
    rows += [(0x8825, 4, 800)] if gps else []
    small = [(0x0103, 3, 6), (0x0201, 4, 1000), (0x0202, 4, len(thumbnail))]
    block = b"II*\0\x08\0\0\0" + tiff_folder(8, rows, 400 if thumbnail else 0)
    block = block.ljust(400, b"\0") + (tiff_folder(400, small) if thumbnail else b"")
    block = block.ljust(600, b"\0") + tiff_folder(600, details)
    block = block.ljust(800, b"\0") + tiff_folder(800, gps)
    return block.ljust(1000, b"\0") + thumbnail


def photo(width: int = 640, height: int = 480, **exif: Any) -> bytes:
    """A JPEG as a camera makes it."""
    exif.setdefault("thumbnail", small_jpeg())
    return saved(picture(width, height), "JPEG", exif=b"Exif\0\0" + exif_block(**exif))


def heic(image: Image.Image | None = None, exif: bytes | None = None, **options: Any) -> bytes:
    file = io.BytesIO()
    block = b"Exif\0\0" + exif if exif else None
    # The encoder's own threads crawl where a machine is busy.
    quick = {"preset": "ultrafast", "x265:pools": "none", "x265:frame-threads": "1"}
    pillow_heif.from_pillow(image or picture()).save(file, quality=50, exif=block, enc_params=quick, **options)
    return file.getvalue()


def box(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I", 8 + len(body)) + kind + body


@contextmanager
def written(form: str, options: dict[str, str]) -> Iterator[tuple[av.container.OutputContainer, io.BytesIO]]:
    """What is muxed into the first is in the second afterwards. It takes a file: some forms are written twice."""
    file = io.BytesIO()
    with TemporaryDirectory() as folder:
        path = Path(folder) / "written"
        with av.open(path, "w", format=form, options=options) as container:
            yield container, file
        file.write(path.read_bytes())


@cache
def film(frames: int = 40, form: str = "mp4", codec: str = "mpeg4", *, turned: int = 0, early: bool = True) -> bytes:
    """A film that turns from red to blue; with `early` its description comes before its pictures."""
    options = {"movflags": "faststart"} if form == "mp4" and early else {}
    with written(form, options) as (container, file):
        container.metadata["creation_time"] = datetime(2024, 5, 1, 10, 20, 30, tzinfo=UTC).isoformat()
        stream = container.add_stream(codec, rate=10)
        stream.width, stream.height, stream.pix_fmt = 320, 240, "yuv420p"
        stream.codec_context.gop_size = 5
        if turned:
            stream.set_display_rotation(turned)
        for number in range(frames):
            share = number / max(1, frames - 1)
            colour = tuple(round(a + (b - a) * share) for a, b in zip(RED, BLUE, strict=True))
            frame = av.VideoFrame.from_image(Image.new("RGB", (320, 240), colour))
            frame.pts, frame.time_base = number, Fraction(1, 10)
            container.mux(stream.encode(frame))
        container.mux(stream.encode())
    return file.getvalue()


@cache
def sound(form: str = "mp4", codec: str = "aac") -> bytes:
    """A quarter of a second of silence."""
    with written(form, {"movflags": "faststart"} if form == "mp4" else {}) as (container, file):
        stream = container.add_stream(codec, rate=48000, layout="mono")
        size = stream.codec_context.frame_size or 1024
        for number in range(12):
            frame = av.AudioFrame(format=stream.codec_context.format.name, layout="mono", samples=size)
            for plane in frame.planes:
                plane.update(bytes(plane.buffer_size))
            frame.sample_rate, frame.pts, frame.time_base = 48000, number * size, Fraction(1, 48000)
            container.mux(stream.encode(frame))
        container.mux(stream.encode())
    return file.getvalue()


def pages(count: int = 5, **options: Any) -> bytes:
    """A PDF of which each page has its number of lines."""
    made = []
    for number in range(count):
        page = Image.new("RGB", (300, 400), "white")
        ImageDraw.Draw(page).text((20, 20), "page\n" * (number + 1), "black", ImageFont.load_default(20))
        made.append(page)
    return saved(made[0], "PDF", save_all=True, append_images=made[1:], **options)


def dicom(**elements: Any) -> bytes:
    meta = FileMetaDataset()
    meta.MediaStorageSOPClassUID = SecondaryCaptureImageStorage
    meta.MediaStorageSOPInstanceUID = generate_uid(entropy_srcs=["sample"])
    meta.TransferSyntaxUID = ExplicitVRLittleEndian
    dataset = FileDataset("sample", {}, file_meta=meta, preamble=b"\0" * 128)
    for name, value in {"StudyDate": "20240501", "StudyTime": "102030", "Rows": 48, "Columns": 64, **elements}.items():
        setattr(dataset, name, value)
    file = io.BytesIO()
    pydicom.dcmwrite(file, dataset)
    return file.getvalue()


def dng(*, preview: bytes | None = None, orientation: int = 1) -> bytes:
    """As phones write it: the raw picture, sixteen bits a pixel, and beside it a JPEG in a folder one level down."""
    ready = small_jpeg(320, 240) if preview is None else preview
    width, height = 64, 48
    below = [(0x0100, 4, 320), (0x0101, 4, 240), (0x0103, 3, 7), (0x0111, 4, 2000), (0x0117, 4, len(ready))]
    rows: list[tuple[int, int, Any]] = [
        (0x00FE, 4, 0), (0x0100, 4, width), (0x0101, 4, height), (0x0102, 3, 16), (0x0103, 3, 1), (0x0106, 3, 32803),
        (0x010F, 2, "Google"), (0x0110, 2, "Pixel"), (0x0111, 4, 2000 + len(ready)), (0x0112, 3, orientation),
        (0x0115, 3, 1), (0x0116, 4, height), (0x0117, 4, width * height * 2), (0x828D, 3, (2, 2)),
        (0x014A, 4, 1000), (0xC612, 4, 0x00000401),
    ]  # fmt: skip
    block = (b"II*\0\x08\0\0\0" + tiff_folder(8, rows)).ljust(1000, b"\0")
    block = (block + tiff_folder(1000, below)).ljust(2000, b"\0")
    return block + ready + bytes(width * height * 2)


def raf() -> bytes:
    ready = photo(320, 240)
    start = b"FUJIFILMCCD-RAW ".ljust(84, b"\0") + struct.pack(">II", 148, len(ready))
    return start.ljust(148, b"\0") + ready


def animation(form: str, frames: int = 5, side: int = 64) -> bytes:
    """Frames from red to blue, each of one colour."""
    shades = [Image.new("RGB", (side, side), (255 - 40 * n, 0, 40 * n)) for n in range(min(frames, 5))]
    made = [shades[n % len(shades)] for n in range(frames)]
    return saved(made[0], form, save_all=True, append_images=made[1:], duration=100)


EVERY_FORM = {
    "photo.jpg": lambda: photo(),
    "drawing.png": lambda: saved(picture(), "PNG", exif=exif_block()),
    "drawing.gif": lambda: saved(picture(), "GIF"),
    "photo.webp": lambda: saved(picture(), "WEBP", exif=exif_block()),
    "scan.tiff": lambda: saved(picture(200, 150), "TIFF", compression="tiff_lzw"),
    "old.bmp": lambda: saved(picture(200, 150), "BMP"),
    "photo.avif": lambda: saved(picture(), "AVIF", exif=exif_block()),
    "photo.jp2": lambda: saved(picture(), "JPEG2000"),
    "photo.heic": lambda: heic(exif=exif_block()),
    "photo.dng": lambda: dng(),
    "photo.raf": lambda: raf(),
    "film.mp4": lambda: film(),
    "film.mkv": lambda: film(form="matroska"),
    "film.avi": lambda: film(form="avi"),
    "film.ts": lambda: film(form="mpegts", codec="mpeg2video"),
    "voice.m4a": lambda: sound(),
    "voice.ogg": lambda: sound("ogg", "libopus"),
    "voice.mp3": lambda: sound("mp3", "libmp3lame"),
    "letter.pdf": lambda: pages(2),
    "xray.dcm": lambda: dicom(),
}
"""One of each, by a name that fits."""


@cache
def sample(name: str) -> bytes:
    return EVERY_FORM[name]()
