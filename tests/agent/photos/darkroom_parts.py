"""Makes pictures that tell too much: of every form, with a canary wherever a canary fits."""

import contextlib
import io
import os
import struct
import sys
import zlib
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
from PIL import ExifTags, Image, ImageCms, PngImagePlugin, TiffImagePlugin

from agent.photos.darkroom_model import Stripped
from agent.photos.darkroom_strip import strip
from agent.photos.image import HEAD_BYTES
from agent.photos.readers.pixels import finished
from agent.photos.source import HeldSource

sys.path.insert(0, str(Path(__file__).parent / "readers"))
from sample_files import box, heic, picture, saved, small_jpeg, written

CANARY = "CANARY"
FORMS = (CANARY.encode(), CANARY.encode("utf-16-le"), CANARY.encode("utf-16-be"))
LATITUDE = (27.0, 28.0, 12.75)
RAW_LATITUDE = struct.pack("<II", 51, 4), struct.pack(">II", 51, 4)
"""12.75 seconds, as a fraction."""
XMP = f"<x:xmpmeta xmlns:x='adobe:ns:meta/'><photoshop:City>{CANARY}</photoshop:City></x:xmpmeta>".encode()
RED_FOR_GREEN = "red for green"


def canaries(data: bytes) -> list[bytes]:
    """Those that are still there."""
    marks = (*FORMS, *RAW_LATITUDE, b"adobe", b"Photoshop", b"Exif", b"mett")
    return [mark for mark in marks if mark in data]


def exif() -> bytes:
    """A block with everything that a camera or a person may write into one."""
    block = Image.Exif()
    block[ExifTags.Base.Make], block[ExifTags.Base.Model] = f"{CANARY} make", f"{CANARY} model"
    block[ExifTags.Base.Artist], block[ExifTags.Base.ImageDescription] = f"{CANARY} artist", f"{CANARY} says"
    block[ExifTags.Base.DateTime], block[ExifTags.Base.XPComment] = "2024:05:01 10:20:30", CANARY.encode("utf-16-le")
    details = block.get_ifd(ExifTags.IFD.Exif)
    details[ExifTags.Base.BodySerialNumber], details[ExifTags.Base.CameraOwnerName] = f"{CANARY} 1", f"{CANARY} 2"
    details[ExifTags.Base.MakerNote] = f"{CANARY} notes".encode()
    details[ExifTags.Base.UserComment] = b"ASCII\0\0\0" + CANARY.encode()
    block.get_ifd(ExifTags.IFD.GPSInfo).update({1: "S", 2: LATITUDE, 3: "E", 4: (153.0, 1.0, 12.75)})
    return block.tobytes()


def profile(kind: str = "sRGB") -> bytes:
    """A colour profile whose description is a canary."""
    data = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    name = "sRGB built-in"
    assert name.encode("utf-16-be") in data
    data = data.replace(name.encode("utf-16-be"), CANARY.ljust(len(name)).encode("utf-16-be"))
    if kind == RED_FOR_GREEN:
        red, green = data.index(b"rXYZ"), data.index(b"gXYZ")
        data = bytearray(data)
        data[red : red + 4], data[green : green + 4] = b"gXYZ", b"rXYZ"
    return bytes(data)


def segment(marker: int, body: bytes) -> bytes:
    return bytes((0xFF, marker)) + struct.pack(">H", 2 + len(body)) + body


def jpeg_segments() -> list[bytes]:
    """All that is found in photos beside the photo."""
    return [
        segment(0xE1, exif()),
        segment(0xE1, b"http://ns.adobe.com/xap/1.0/\0" + XMP),
        segment(0xE1, b"http://ns.adobe.com/xmp/extension/\0" + bytes(40) + XMP),
        segment(0xE2, b"ICC_PROFILE\0\1\1" + profile()),
        segment(0xE2, b"MPF\0" + CANARY.encode()),
        segment(0xED, b"Photoshop 3.0\x008BIM\x04\x04\0\0\0\0\0\x0e\x1c\x02\x78\0\x06" + CANARY.encode()),
        segment(0xEB, b"JP\0\0" + CANARY.encode()),
        segment(0xE5, CANARY.encode()),
        segment(0xEF, CANARY.encode()),
        segment(0xFE, f"{CANARY} comment".encode()),
    ]


def jpeg_trailer() -> bytes:
    """What phones put behind a photo: a second picture, a film, and their own notes."""
    return small_jpeg() + box(b"ftyp", b"mp42") + box(b"mdat", CANARY.encode()) + f"{CANARY}SEFT".encode()


def planted_jpeg(plain: bytes | None = None) -> bytes:
    data = saved(picture(), "JPEG", quality=90) if plain is None else plain
    between = segment(0xFE, CANARY.encode())
    at = data.index(b"\xff\xda")
    return data[:2] + b"".join(jpeg_segments()) + data[2:at] + between + data[at:] + jpeg_trailer()


def png_chunk(name: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))


def planted_png(image: Image.Image | None = None, **options: Any) -> bytes:
    texts = PngImagePlugin.PngInfo()
    texts.add_text("Author", CANARY)
    texts.add_text("Comment", CANARY * 9, zip=True)
    texts.add_itxt("XML:com.adobe.xmp", XMP.decode())
    data = saved(image or picture(), "PNG", pnginfo=texts, exif=exif(), **options)
    own = png_chunk(b"tIME", struct.pack(">HBBBBB", 2024, 5, 1, 10, 20, 30)) + png_chunk(b"caNv", CANARY.encode())
    return data[:33] + own + data[33:] + CANARY.encode()


def planted_tiff() -> bytes:
    fields = TiffImagePlugin.ImageFileDirectory_v2()
    fields[270], fields[305], fields[315], fields[33432] = (f"{CANARY} {n}" for n in range(4))
    fields.tagtype[700], fields[700] = 7, XMP
    fields.tagtype[33723], fields[33723] = 7, CANARY.encode()
    fields.tagtype[37724], fields[37724] = 7, CANARY.encode()
    pages = [picture(200, 150), picture(100, 80, "L")]
    return saved(pages[0], "TIFF", tiffinfo=fields, save_all=True, append_images=pages[1:], icc_profile=profile()) + (
        CANARY.encode()
    )


def planted_gif() -> bytes:
    data = saved(picture(64, 64), "GIF", comment=CANARY.encode())
    xmp = b"!\xff\x0bXMP DataXMP" + bytes((len(XMP),)) + XMP + b"\0"
    return data[:-1] + xmp + b";" + CANARY.encode()


def planted_webp(**options: Any) -> bytes:
    data = saved(picture(), "WEBP", exif=exif(), xmp=XMP, icc_profile=profile(), **options) + b"CANV\x06\0\0\0CANARY"
    return data[:4] + struct.pack("<I", len(data) - 8) + data[8:] + CANARY.encode()


def planted_heic() -> bytes:
    return heic(exif=exif()[6:], xmp=XMP, icc_profile=profile()) + box(b"mpvd", CANARY.encode())


def planted_avif() -> bytes:
    return saved(picture(), "AVIF", exif=exif(), xmp=XMP, icc_profile=profile()) + box(b"free", CANARY.encode())


PLANTED = {
    "photo.jpg": planted_jpeg,
    "drawing.png": planted_png,
    "scan.tif": planted_tiff,
    "drawing.gif": planted_gif,
    "photo.webp": planted_webp,
    "exact.webp": lambda: planted_webp(lossless=True),
    "photo.heic": planted_heic,
    "photo.avif": planted_avif,
}
ENCODER_OPTIONS = {"libx265": {"preset": "ultrafast", "x265-params": "pools=none:frame-threads=1:log-level=none"}}


def planted_film(codec: str = "libx264", form: str = "mp4", *, turned: int = 0, frames: int = 12) -> bytes:
    """With a place, names, a voice, and boxes that only some makers write."""
    with written(form, {"movflags": "use_metadata_tags"} if form in {"mp4", "mov"} else {}) as (container, file):
        container.metadata.update({
            "title": CANARY, "location": "-27.4700+153.0200/", "com.android.version": CANARY, "comment": CANARY,
            "com.apple.quicktime.location.ISO6709": f"{CANARY}-27.47+153.02/", "creation_time": "2024-05-01T10:20:30",
        })  # fmt: skip
        stream = container.add_stream(codec, rate=10, options=ENCODER_OPTIONS.get(codec, {}))
        stream.width, stream.height, stream.pix_fmt = 160, 120, "yuv420p"
        stream.metadata.update({"handler_name": CANARY, "language": "eng"})
        if turned:
            stream.set_display_rotation(turned)
        voice = container.add_stream("aac" if form != "avi" else "mp3", rate=48000, layout="mono")
        voice.metadata["handler_name"] = CANARY
        for number in range(frames):
            frame = av.VideoFrame.from_image(picture(160, 120))
            frame.pts, frame.time_base = number, Fraction(1, 10)
            container.mux(stream.encode(frame))
        container.mux(stream.encode())
        _speak(container, voice)
    _give_way()
    data = file.getvalue()
    return data + (box(b"uuid", bytes.fromhex("be7acfcb97a942e89c71999491e3afac") + XMP) if form == "mp4" else b"")


def _give_way() -> None:
    """The encoder of AV1 makes whoever runs it as root more urgent than anything else on the machine, for good."""
    for thread in os.listdir("/proc/self/task"):
        with contextlib.suppress(ProcessLookupError):
            os.sched_setscheduler(int(thread), os.SCHED_OTHER, os.sched_param(0))


def dark_film() -> bytes:
    """Half a second of night, then the picture."""
    with written("mp4", {}) as (container, file):
        stream = container.add_stream("mpeg4", rate=10)
        stream.width, stream.height, stream.pix_fmt = 160, 120, "yuv420p"
        stream.codec_context.gop_size = 5
        for number in range(30):
            shown = picture(160, 120) if number > 4 else Image.new("RGB", (160, 120))
            frame = av.VideoFrame.from_image(shown)
            frame.pts, frame.time_base = number, Fraction(1, 10)
            container.mux(stream.encode(frame))
        container.mux(stream.encode())
    return file.getvalue()


def _speak(container: Any, voice: Any) -> None:
    for number in range(8):
        size = voice.codec_context.frame_size
        frame = av.AudioFrame(format=voice.codec_context.format.name, layout="mono", samples=size)
        for plane in frame.planes:
            plane.update(bytes(plane.buffer_size))
        frame.sample_rate, frame.pts, frame.time_base = 48000, number * size, Fraction(1, 48000)
        container.mux(voice.encode(frame))
    container.mux(voice.encode())


def source(data: bytes, name: str = "picture") -> HeldSource:
    return HeldSource(name, len(data), data[:HEAD_BYTES], data)


def stripped(data: bytes, name: str = "picture") -> Stripped:
    """As the confined process makes it."""
    return strip(source(data, name))


def pixels(data: bytes, orientation: int = 1) -> Image.Image:
    return finished(Image.open(io.BytesIO(data)), orientation, 1 << 30)


def furthest(one: Image.Image, other: Image.Image) -> float:
    """The mean of the differences, in levels of 255; 0 where they are the same."""
    assert one.size == other.size
    pairs = zip(one.convert("RGB").tobytes(), other.convert("RGB").tobytes(), strict=True)
    return sum(abs(a - b) for a, b in pairs) / (3 * one.width * one.height)
