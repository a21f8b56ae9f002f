"""Documents show their first pages; DICOM shows nothing, being clinical by itself; raw files show their previews."""

import re

import pytest
from PIL import Image
from sample_files import HeldBytes, dicom, dng, noise, pages, photo, raf, saved, small_jpeg

from agent.photos.image import Medium, NeedsWhole, Unread, Unreadable
from agent.photos.readers import header, thumbnail, views
from agent.photos.readers.pdf import LONGEST, MOST_PIXELS

LOCK = b"/Encrypt << /Filter /Standard /V 2 /R 3 /Length 128 /P -44 /O <%s> /U <%s> >> /ID [<00> <00>] "


def seen(source: HeldBytes, at_least: int = 100) -> list[Image.Image]:
    return list(views(source, header(source), at_least=at_least))


def why(source: HeldBytes) -> Unread:
    with pytest.raises(Unreadable) as caught:
        seen(source)
    return caught.value.why


def paper(width: str, height: str) -> bytes:
    """A PDF of one empty page of that size."""
    return (
        b"%%PDF-1.4\n1 0 obj <</Type /Catalog /Pages 2 0 R>> endobj\n"
        b"2 0 obj <</Type /Pages /Kids [3 0 R] /Count 1>> endobj\n"
        b"3 0 obj <</Type /Page /Parent 2 0 R /MediaBox [0 0 %s %s]>> endobj\n"
        b"trailer <</Root 1 0 R>>\n%%%%EOF\n" % (width.encode(), height.encode())
    )


def test_first_three_pages_are_shown() -> None:
    shown = seen(HeldBytes(pages(5)), 300)
    assert [min(image.size) for image in shown] == [300, 300, 300]
    darkness = [sum(image.convert("L").histogram()[:128]) for image in shown]
    assert darkness == sorted(set(darkness))


def test_rubbish_before_a_document_does_not_hide_it() -> None:
    assert len(seen(HeldBytes(b"\n\n" + pages(1)))) == 1


def test_encrypted_document_has_no_reader() -> None:
    locked = re.sub(rb"(trailer\s*<<)", lambda it: it.group(1) + LOCK % (b"ab" * 32, b"cd" * 32), pages(1))
    assert why(HeldBytes(locked)) is Unread.NO_READER


def test_document_that_is_cut_is_broken() -> None:
    assert why(HeldBytes(pages(1)[:60])) is Unread.BROKEN


@pytest.mark.parametrize(
    ("width", "height"), [("0", "0"), ("1", "14400"), ("99999999", "1"), ("99999999", "99999999"), ("-5", "1e30")]
)
def test_page_of_any_claimed_size_stays_within_bounds(width: str, height: str) -> None:
    for image in seen(HeldBytes(paper(width, height)), 1000):
        assert image.width * image.height <= MOST_PIXELS * 1.01
        assert max(image.size) <= LONGEST + 1


def test_document_shows_nothing_of_its_head_alone() -> None:
    data = saved(noise(), "PDF")
    with pytest.raises(NeedsWhole):
        seen(HeldBytes(data, only_head=True))


def test_dicom_tells_when_and_how_large_and_shows_nothing() -> None:
    source = HeldBytes(dicom(PatientName="Doe^Jane"))
    told = header(source)
    assert (told.medium, told.taken_at, told.width, told.height) == (Medium.DICOM, "2024-05-01T10:20:30", 64, 48)
    assert "Doe" not in repr(told)
    assert (seen(source), source.asked_whole) == ([], 0)


@pytest.mark.parametrize("date", ["", "20241301", "00000000"])
def test_dicom_with_nonsense_for_a_date_has_none(date: str) -> None:
    assert header(HeldBytes(dicom().replace(b"20240501", date.encode().ljust(8)))).taken_at is None


def test_dicom_that_is_nonsense_after_its_mark_is_dicom_all_the_same() -> None:
    told = header(HeldBytes(bytes(128) + b"DICM" + b"\xff" * 500))
    assert (told.medium, told.taken_at, told.width) == (Medium.DICOM, None, None)


def test_dicom_without_its_mark_is_known_by_its_name_and_first_element() -> None:
    bare = dicom()[132:]
    assert header(HeldBytes(bare, "IM0001.dcm")).medium is Medium.DICOM


def test_raw_file_shows_its_preview() -> None:
    source = HeldBytes(dng(), "IMG.dng")
    told = header(source)
    assert (told.format, told.camera, told.width, told.height) == ("dng", True, 320, 240)
    shown = thumbnail(source, told)
    assert shown is not None
    assert (shown.size, seen(source)[0].size) == ((320, 240), (160, 120))


def test_raw_file_is_set_upright() -> None:
    assert seen(HeldBytes(dng(orientation=6)))[0].size == (120, 160)


def test_raw_file_without_a_preview_has_no_reader() -> None:
    assert why(HeldBytes(dng(preview=b""))) is Unread.NO_READER


def test_preview_that_is_cut_is_broken() -> None:
    assert why(HeldBytes(dng(preview=small_jpeg(320, 240)[:1500]))) is Unread.BROKEN


def test_jpeg_within_a_fuji_file_tells_and_shows() -> None:
    source = HeldBytes(raf())
    told = header(source)
    assert (told.format, told.gps, told.width) == ("raf", True, 320)
    assert thumbnail(source, told) is not None
    assert len(seen(source)) == 1


def test_photo_beside_a_raw_file_is_a_photo() -> None:
    assert header(HeldBytes(photo(), "IMG.dng")).format == "jpeg"
