"""Tells by its first bytes of what form a file is; its name only helps where several forms start alike."""

from codecs import getincrementaldecoder
from collections.abc import Callable
from enum import StrEnum

from agent.photos.image import Medium, Unread, Unreadable
from agent.photos.readers.reach import Garbled, part
from agent.photos.readers.tiff import Tiff


class Form(StrEnum):
    """Every form that holds pictures, sound or pages."""

    JPEG = "jpeg"
    PNG = "png"
    GIF = "gif"
    WEBP = "webp"
    TIFF = "tiff"
    BMP = "bmp"
    AVIF = "avif"
    JPEG2000 = "jpeg2000"
    PSD = "psd"
    JPEG_XL = "jpeg_xl"
    """Known, and nothing here opens it."""
    HEIF = "heif"
    DNG = "dng"
    RAW = "raw"
    """Of a camera, TIFF inside: CR2, NEF, ARW, PEF, ORF, RW2 and such."""
    RAF = "raf"
    CR3 = "cr3"
    MP4 = "mp4"
    """QuickTime and 3GP with it."""
    MATROSKA = "matroska"
    """WebM with it."""
    AVI = "avi"
    MPEG_TS = "mpeg_ts"
    MPEG_PS = "mpeg_ps"
    ASF = "asf"
    FLV = "flv"
    OGG = "ogg"
    MP3 = "mp3"
    AAC = "aac"
    AMR = "amr"
    WAV = "wav"
    FLAC = "flac"
    CAF = "caf"
    DSS = "dss"
    """Of dictation machines; DS2, its successor, with it."""
    PDF = "pdf"
    DICOM = "dicom"


MEDIA = {
    **dict.fromkeys(
        (Form.MP4, Form.MATROSKA, Form.AVI, Form.MPEG_TS, Form.MPEG_PS, Form.ASF, Form.FLV, Form.OGG), Medium.VIDEO
    ),
    **dict.fromkeys((Form.MP3, Form.AAC, Form.AMR, Form.WAV, Form.FLAC, Form.CAF, Form.DSS), Medium.AUDIO),
    Form.PDF: Medium.PAPER,
    Form.DICOM: Medium.DICOM,
}
"""What they hold; all others hold photos."""
STARTS = (
    (b"\xff\xd8\xff", Form.JPEG),
    (b"\x89PNG\r\n\x1a\n", Form.PNG),
    (b"GIF87a", Form.GIF),
    (b"GIF89a", Form.GIF),
    (b"8BPS\0\x01", Form.PSD),
    (b"\0\0\0\x0cjP  \r\n\x87\n", Form.JPEG2000),
    (b"\xff\x4f\xff\x51", Form.JPEG2000),
    (b"\0\0\0\x0cJXL \r\n\x87\n", Form.JPEG_XL),
    (b"FUJIFILMCCD-RAW ", Form.RAF),
    (b"IIU\0", Form.RAW),
    (b"IIRO", Form.RAW),
    (b"IIRS", Form.RAW),
    (b"MMOR", Form.RAW),
    (b"\x1a\x45\xdf\xa3", Form.MATROSKA),
    (b"\x30\x26\xb2\x75\x8e\x66\xcf\x11", Form.ASF),
    (b"FLV\x01", Form.FLV),
    (b"\0\0\x01\xba", Form.MPEG_PS),
    (b"OggS", Form.OGG),
    (b"ID3", Form.MP3),
    (b"#!AMR", Form.AMR),
    (b"fLaC", Form.FLAC),
    (b"caff\0\x01", Form.CAF),
    (b"\x02dss", Form.DSS),
    (b"\x03dss", Form.DSS),
    (b"\x03ds2", Form.DSS),
    (b"\x07ds2", Form.DSS),
)
RIFFS = {b"WEBP": Form.WEBP, b"AVI ": Form.AVI, b"WAVE": Form.WAV}
TIFFS = (b"II*\0", b"MM\0*", b"II+\0", b"MM\0+")
HEIF_BRANDS = frozenset({b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1", b"msf1", b"mif2"})
AVIF_BRANDS = frozenset({b"avif", b"avis"})
QUICKTIME = frozenset({b"moov", b"mdat", b"wide", b"free", b"skip", b"pnot"})
"""With one of these an old QuickTime file starts, which has no brand."""
RAW_ENDS = frozenset({"cr2", "nef", "nrw", "arw", "srf", "sr2", "pef", "srw", "3fr", "erf", "kdc", "dcr", "iiq", "mos"})
DNG_VERSION = 0xC612
SYNCED = {"mp3": Form.MP3, "mp2": Form.MP3, "mpga": Form.MP3, "aac": Form.AAC, "adts": Form.AAC}
"""Sound whose first bytes are too weak to tell it by."""
PICTURE_ENDS = (
    frozenset({"jpg", "jpeg", "jpe", "jfif", "mpo", "png", "gif", "webp", "tif", "tiff", "bmp", "dib", "avif", "jp2"})
    | frozenset({"j2k", "psd", "jxl", "heic", "heif", "hif", "dng", "raf", "rw2", "orf", "cr3", "mp4", "m4v", "mov"})
    | frozenset({"3gp", "3g2", "mkv", "webm", "avi", "mts", "m2ts", "mpg", "mpeg", "wmv", "flv", "m4a", "amr", "pdf"})
    | frozenset({"dcm", "dicom", *RAW_ENDS, *SYNCED})
)
OTHERS = (
    b"PK\x03\x04",
    b"PK\x05\x06",
    b"\x1f\x8b",
    b"\x7fELF",
    b"MZ",
    b"SQLite format 3\0",
    b"Rar!",
    b"7z\xbc\xaf",
    b"BZh",
)
"""What is certainly something else, whatever it is called: archives, programs, databases."""
PDF_WITHIN = 1024


def medium(form: Form) -> Medium:
    """What files of that form hold, as far as the form alone tells."""
    return MEDIA.get(form, Medium.PHOTO)


def sniff(head: bytes, name: str, size: int) -> Form:
    """Raises Unreadable: NOT_A_PICTURE for other files, BROKEN for one that is called a picture and starts as nothing.

    SVG is text with instructions for drawing, so it is other: nobody photographs into it.
    """
    end = name.rpartition(".")[2].lower()
    for ask in ASKED:
        form = ask(head, end, size)
        if form:
            return form
    if end in PICTURE_ENDS and not head.startswith(OTHERS) and not _is_text(head):
        raise Unreadable(Unread.BROKEN)
    raise Unreadable(Unread.NOT_A_PICTURE)


def _by_start(head: bytes, end: str, size: int) -> Form | None:
    if head.startswith(b"RIFF"):
        return RIFFS.get(head[8:12])
    return next((form for start, form in STARTS if head.startswith(start)), None)


def _by_tiff(head: bytes, end: str, size: int) -> Form | None:
    if not head.startswith(TIFFS):
        return None
    if head[8:10] == b"CR" or end in RAW_ENDS:
        return Form.RAW
    return Form.DNG if end == "dng" or _says_dng(head) else Form.TIFF


def _says_dng(head: bytes) -> bool:
    try:
        tiff = Tiff(part(lambda at, length: head[at : at + length], 0, len(head)))
        return DNG_VERSION in tiff.folder(tiff.first)[0]
    except Garbled:
        return False


def _by_box(head: bytes, end: str, size: int) -> Form | None:
    length = int.from_bytes(head[:4])
    if head[4:8] in QUICKTIME:
        return Form.MP4 if length in (0, 1) or 8 <= length <= size else None
    if head[4:8] != b"ftyp":
        return None
    major, brands = head[8:12], _brands(head[8 : min(length, 256)])
    if major == b"crx ":
        return Form.CR3
    if major == b"jxl ":
        return Form.JPEG_XL
    if brands & AVIF_BRANDS and major in AVIF_BRANDS | HEIF_BRANDS:
        return Form.AVIF
    return Form.HEIF if major in HEIF_BRANDS else Form.MP4


def _brands(raw: bytes) -> set[bytes]:
    return {raw[at : at + 4] for at in range(0, len(raw) - 3, 4)}


def _by_place(head: bytes, end: str, size: int) -> Form | None:
    """Forms whose mark is not at the very start, or that repeat it."""
    if head[128:132] == b"DICM":
        return Form.DICOM
    if b"%PDF-" in head[:PDF_WITHIN]:
        return Form.PDF
    if any(head[at::step][:3] == b"GGG" for at, step in ((0, 188), (4, 192))):
        return Form.MPEG_TS
    return None


def _by_weak_start(head: bytes, end: str, size: int) -> Form | None:
    """Two bytes prove little: a length, or the name, must agree."""
    if head.startswith(b"BM") and int.from_bytes(head[14:18], "little") in {12, 16, 40, 52, 56, 64, 108, 124}:
        return Form.BMP
    if head[:2] == b"\xff\x0a" and end == "jxl":
        return Form.JPEG_XL
    if len(head) > 1 and head[0] == 0xFF and head[1] >= 0xE0:
        return SYNCED.get(end)
    return _bare_dicom(head, end)


def _bare_dicom(head: bytes, end: str) -> Form | None:
    """Older systems write DICOM without its mark: it starts with an element of group 2 or 8."""
    known = end in {"dcm", "dicom", "ima"} and head[:2] in {b"\x02\0", b"\x08\0"}
    return Form.DICOM if known and head[3:4] == b"\0" else None


def _is_text(head: bytes) -> bool:
    try:
        text = getincrementaldecoder("utf-8")().decode(head[:512])
    except UnicodeDecodeError:
        return False
    return not any(mark < " " and mark not in "\t\n\f\r" for mark in text)


ASKED: tuple[Callable[[bytes, str, int], Form | None], ...] = (_by_start, _by_tiff, _by_box, _by_place, _by_weak_start)
