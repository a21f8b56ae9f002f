"""Makes the hostile files of corpus/: run in this folder, it writes them anew. Each is a few KB and lies in its way."""

import struct
import zlib
from collections.abc import Callable
from pathlib import Path

from sample_files import animation, box, dicom, dng, exif_block, film, heic, pages, photo, picture, saved, small_jpeg

SIDE = 60000
PNG_START = b"\x89PNG\r\n\x1a\n"
FTYP = box(b"ftyp", b"heic\0\0\0\0mif1heic")


def chunk(name: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))


def png(width: int, height: int, extra: bytes = b"") -> bytes:
    start = PNG_START + chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)) + extra
    return start + chunk(b"IDAT", zlib.compress(bytes(3000))) + chunk(b"IEND", b"")


def jpeg_of(width: int, height: int, frame: bytes = b"\xff\xc0") -> bytes:
    data = bytearray(small_jpeg())
    at = data.index(b"\xff\xc0")
    data[at : at + 2] = frame
    data[at + 5 : at + 9] = struct.pack(">HH", height, width)
    return bytes(data)


def gif_bomb() -> bytes:
    data = bytearray(saved(picture(64, 64), "GIF"))
    data[6:10] = struct.pack("<HH", SIDE, SIDE)
    return bytes(data)


def gif_with_a_larger_frame() -> bytes:
    data = bytearray(saved(picture(64, 64), "GIF"))
    at = data.rindex(b",\0\0\0\0@\0@\0")
    data[at + 5 : at + 9] = struct.pack("<HH", 65535, 65535)
    return bytes(data)


def tiff_bomb() -> bytes:
    rows = struct.pack("<HHII", 0x0100, 4, 1, SIDE) + struct.pack("<HHII", 0x0101, 4, 1, SIDE)
    return b"II*\0\x08\0\0\0" + struct.pack("<H", 2) + rows + bytes(4)


def webp_bomb() -> bytes:
    body = b"WEBPVP8X" + struct.pack("<I", 10) + bytes(4) + (SIDE - 1).to_bytes(3, "little") * 2
    return b"RIFF" + struct.pack("<I", len(body)) + body


def bmp_bomb() -> bytes:
    return b"BM" + struct.pack("<IHHI", 200, 0, 0, 54) + struct.pack("<IiiHH", 40, SIDE, -SIDE, 1, 24) + bytes(200)


def heif_bomb() -> bytes:
    sides = box(b"ispe", struct.pack(">III", 0, SIDE, SIDE))
    return FTYP + box(b"meta", bytes(4) + box(b"iprp", box(b"ipco", sides)))


def heif_recursion() -> bytes:
    inner = b""
    for _ in range(300):
        inner = box(b"iprp", inner) if len(inner) % 2 else box(b"meta", bytes(4) + inner)
    return FTYP + box(b"meta", bytes(4) + inner)


def endless_profile() -> bytes:
    """As many segments of a colour profile as fit, and no picture after them."""
    return b"\xff\xd8" + b"\xff\xe2\x00\x10ICC_PROFILE\0\x01\xff" * 200


def exif_chain_that_loops() -> bytes:
    block = bytearray(exif_block())
    count = struct.unpack_from("<H", block, 8)[0]
    struct.pack_into("<I", block, 10 + 12 * count, 8)
    return saved(picture(64, 48), "JPEG", exif=b"Exif\0\0" + bytes(block))


def raw_chain_that_loops() -> bytes:
    data = bytearray(dng())
    count = struct.unpack_from("<H", data, 8)[0]
    struct.pack_into("<I", data, 10 + 12 * count, 8)
    return bytes(data[:-6144])


def exif_of_huge_counts() -> bytes:
    block = bytearray(exif_block())
    for place in range(struct.unpack_from("<H", block, 8)[0]):
        struct.pack_into("<I", block, 10 + 12 * place + 4, 0xFFFFFFFF)
    return saved(picture(64, 48), "JPEG", exif=b"Exif\0\0" + bytes(block))


def apng_of_a_hundred_thousand_frames() -> bytes:
    return png(20, 20, chunk(b"acTL", struct.pack(">II", 100_000, 0)))


def pdf_of_itself() -> bytes:
    """A page whose content draws itself, and whose parent is its own child."""
    return (
        b"%PDF-1.4\n1 0 obj <</Type /Catalog /Pages 2 0 R>> endobj\n"
        b"2 0 obj <</Type /Pages /Kids [2 0 R 3 0 R] /Count 4000000000>> endobj\n"
        b"3 0 obj <</Type /Page /Parent 2 0 R /MediaBox [0 0 200 200] /Contents 4 0 R "
        b"/Resources <</XObject <</A 4 0 R>>>> >> endobj\n"
        b"4 0 obj <</Type /XObject /Subtype /Form /BBox [0 0 9 9] /Length 5 /Resources <</XObject <</A 4 0 R>>>> >>\n"
        b"stream\n/A Do\nendstream endobj\ntrailer <</Root 1 0 R>>\n%%EOF\n"
    )


def film_without_an_end() -> bytes:
    return box(b"ftyp", b"isom\0\0\0\0isom") + b"\0\0\0\1mdat\xff\xff\xff\xff\xff\xff\xff\xff"


def film_of_huge_tables() -> bytes:
    data = bytearray(film(4))
    for name in (b"stsz", b"stsc", b"stco", b"stts"):
        at = data.index(name) + (12 if name == b"stsz" else 8)
        data[at : at + 4] = b"\x7f\xff\xff\xff"
    return bytes(data)


BROKEN, BOMB, OTHER, READ = "broken", "too_many_pixels", "not_a_picture", "read"
HOSTILE: dict[str, tuple[str, Callable[[], bytes]]] = {
    "bomb.png": (BOMB, lambda: png(SIDE, SIDE)),
    "bomb.gif": (BOMB, gif_bomb),
    "bomb-frame.gif": (BOMB, gif_with_a_larger_frame),
    "bomb.tiff": (BOMB, tiff_bomb),
    "bomb.webp": (BOMB, webp_bomb),
    "bomb.bmp": (BOMB, bmp_bomb),
    "bomb.jpg": (BOMB, lambda: jpeg_of(SIDE, SIDE)),
    "bomb-progressive.jpg": (BOMB, lambda: jpeg_of(9000, 9000, b"\xff\xc2")),
    "bomb.heic": (BOMB, heif_bomb),
    "bomb.jp2": (BOMB, lambda: b"\xff\x4f\xff\x51\0\x2f\0\0" + struct.pack(">IIII", SIDE, SIDE, 0, 0) + bytes(40)),
    "endless-profile.jpg": (BROKEN, endless_profile),
    "no-scan.jpg": (BROKEN, lambda: small_jpeg()[: small_jpeg().index(b"\xff\xda")]),
    "zero-length-segment.jpg": (BROKEN, lambda: b"\xff\xd8\xff\xe1\0\0" + bytes(400)),
    "lossless.jpg": (BROKEN, lambda: jpeg_of(160, 120, b"\xff\xc3")),
    "exif-loop.jpg": (READ, exif_chain_that_loops),
    "exif-counts.jpg": (READ, exif_of_huge_counts),
    "cut-in-exif.jpg": (BROKEN, lambda: photo()[:300]),
    "cut-in-scan.jpg": (BROKEN, lambda: small_jpeg()[:-400]),
    "cut.png": (BROKEN, lambda: saved(picture(64, 48), "PNG")[:90]),
    "frames.png": (BROKEN, apng_of_a_hundred_thousand_frames),
    "cut.gif": (BROKEN, lambda: animation("GIF")[:40]),
    "cut.webp": (BROKEN, lambda: saved(picture(64, 48), "WEBP")[:60]),
    "loop.tiff": (BROKEN, lambda: b"II*\0\x08\0\0\0" + struct.pack("<H", 0) + struct.pack("<I", 8)),
    "loop.dng": (READ, raw_chain_that_loops),
    "pointing-out.tiff": (BROKEN, lambda: b"MM\0*\xff\xff\xff\xf0" + bytes(40)),
    "box-of-nothing.heic": (BROKEN, lambda: FTYP + bytes(8)),
    "box-too-small.heic": (BROKEN, lambda: FTYP + b"\0\0\0\3meta" + bytes(40)),
    "box-too-large.heic": (BROKEN, lambda: FTYP + b"\xff\xff\xff\xf0meta" + bytes(40)),
    "boxes-in-boxes.heic": (BROKEN, heif_recursion),
    "cut.heic": (BROKEN, lambda: heic(picture(64, 64))[:-40]),
    "cut.avif": (BROKEN, lambda: saved(picture(64, 48), "AVIF")[:-40]),
    "no-end.mp4": (BROKEN, film_without_an_end),
    "tables.mp4": (BROKEN, film_of_huge_tables),
    "itself.pdf": (READ, pdf_of_itself),
    "cut.pdf": (BROKEN, lambda: pages(1)[:50]),
    "nonsense.dcm": (READ, lambda: bytes(128) + b"DICM" + bytes(range(256)) * 4),
    "lengths.dcm": (READ, lambda: dicom().replace(b"DA\x08\0", b"DA\xff\xff")),
    "archive.jpg": (OTHER, lambda: b"PK\x03\x04\x14\0\0\0\0\0" + bytes(60)),
    "text.jpg": (OTHER, lambda: b"This is no picture.\n"),
    "drawn.svg": (OTHER, lambda: b'<svg xmlns="http://www.w3.org/2000/svg"><rect width="9" height="9"/></svg>\n'),
    "zeros.jpg": (BROKEN, lambda: bytes(2000)),
    "empty.jpg": ("empty", lambda: b""),
    "photo-called.png": (READ, lambda: small_jpeg()),
}
"""Name, what must become of it, and how it is made."""

if __name__ == "__main__":
    folder = Path(__file__).parent / "corpus"
    folder.mkdir(exist_ok=True)
    for name, (_, made) in HOSTILE.items():
        (folder / name).write_bytes(made())
