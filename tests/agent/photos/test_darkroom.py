"""What a page shows of a picture: upright, in true colours, blurred for good, and with no word beside it."""

import contextlib
import hashlib
import io
import os
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from darkroom_parts import RED_FOR_GREEN, canaries, dark_film, furthest, planted_jpeg, profile
from PIL import Image, ImageDraw

from agent.photos.darkroom import Darkroom, DarkroomError, Held, OnLaptop, Preview, Shot
from agent.photos.darkroom_proof import jpeg as prove_jpeg
from agent.photos.image import Unread

sys.path.insert(0, str(Path(__file__).parent / "readers"))
from sample_files import EVERY_FORM, dng, film, heic, pages, photo, picture, sample, saved

ROOT = Path(__file__).parents[3]
CORPUS = sorted((Path(__file__).parent / "readers" / "corpus").iterdir())
SILENT = {"voice.m4a", "voice.ogg", "voice.mp3", "xray.dcm"}


@pytest.fixture(scope="module")
def room() -> Iterator[Darkroom]:
    with Darkroom({"PYTHONPATH": str(ROOT)}) as opened:
        yield opened


def held(data: bytes, name: str = "picture") -> Held:
    return Held(name=name, data=data)


def laptop(path: Path) -> OnLaptop:
    seen = path.stat()
    return OnLaptop(path=str(path), size=seen.st_size, stamp=seen.st_mtime_ns)


def seen(data: bytes) -> Image.Image:
    return Image.open(io.BytesIO(data)).convert("RGB")


def why(room: Darkroom, shot: Shot) -> Unread:
    with pytest.raises(DarkroomError) as raised:
        room.preview(shot)
    return raised.value.why


def is_upright(preview: Preview) -> bool:
    """White at the top left, red above, blue below."""
    image = seen(preview.clear)
    width, height = image.size
    spots = [(width // 8, height // 8), (width * 7 // 8, height // 8), (width // 2, height * 7 // 8)]
    wanted = [(255, 255, 255), (200, 30, 30), (30, 30, 200)]
    got = [image.getpixel(spot) for spot in spots]
    return all(abs(a - b) < 40 for one, other in zip(got, wanted, strict=True) for a, b in zip(one, other, strict=True))


@pytest.mark.parametrize("name", sorted(EVERY_FORM.keys() - SILENT))
def test_every_form_that_the_scan_reads_can_be_looked_at(room: Darkroom, name: str) -> None:
    preview = room.preview(held(sample(name), name))
    for data in (preview.clear, preview.blurred):
        assert seen(data).size == (preview.width, preview.height)
        prove_jpeg(data)
    assert preview.sha256 == hashlib.sha256(sample(name)).digest()


@pytest.mark.parametrize("name", sorted(SILENT))
def test_what_has_no_picture_says_so(room: Darkroom, name: str) -> None:
    assert why(room, held(sample(name), name)) is Unread.NO_READER


@pytest.mark.parametrize("orientation", range(1, 9))
def test_a_photo_is_shown_upright(room: Darkroom, orientation: int) -> None:
    turns = {2: 0, 3: 3, 4: 1, 5: 5, 6: 2, 7: 6, 8: 4}
    turned = picture() if orientation == 1 else picture().transpose(Image.Transpose(turns[orientation]))
    data = saved(turned, "JPEG", quality=95)
    tagged = saved(Image.open(io.BytesIO(data)), "JPEG", quality=95, exif=_orientation(orientation))
    assert is_upright(room.preview(held(tagged)))


def _orientation(number: int) -> bytes:
    block = Image.Exif()
    block[0x0112] = number
    return block.tobytes()


@pytest.mark.parametrize("data", [heic(), saved(picture(), "AVIF"), saved(picture(), "PNG"), dng(preview=photo())])
def test_other_forms_are_shown_upright(room: Darkroom, data: bytes) -> None:
    assert is_upright(room.preview(held(data)))


def test_colours_are_those_that_the_profile_means(room: Darkroom) -> None:
    """Its red is what others call green."""
    red = Image.new("RGB", (64, 64), (255, 0, 0))
    shown = seen(room.preview(held(saved(red, "PNG", icc_profile=profile(RED_FOR_GREEN)))).clear)
    pixel = shown.getpixel((32, 32))
    assert pixel[1] > 200 > 60 > pixel[0]


def test_a_broken_profile_does_no_harm(room: Darkroom) -> None:
    assert is_upright(room.preview(held(saved(picture(), "JPEG", icc_profile=b"nonsense" * 40))))


def test_a_large_picture_is_made_small(room: Darkroom) -> None:
    preview = room.preview(held(saved(picture(3000, 1500), "JPEG")))
    assert (preview.width, preview.height) == (960, 480)


def test_a_small_picture_is_not_made_large(room: Darkroom) -> None:
    preview = room.preview(held(saved(picture(40, 30), "PNG")))
    assert (preview.width, preview.height) == (40, 30)


def test_a_very_long_picture_can_be_shown(room: Darkroom) -> None:
    preview = room.preview(held(saved(picture(9000, 3), "PNG")))
    assert (preview.width, preview.height) == (960, 1)


def test_nothing_that_the_file_tells_is_in_what_is_shown(room: Darkroom) -> None:
    preview = room.preview(held(planted_jpeg()))
    assert canaries(planted_jpeg())
    assert not canaries(preview.clear) + canaries(preview.blurred)


def test_no_detail_can_be_won_back_from_the_blurred_picture(room: Darkroom) -> None:
    """Two pictures that differ in every detail, and agree once they are small, blur to the very same bytes."""
    plain, fine = Image.new("RGB", (960, 960), (128, 128, 128)), Image.new("RGB", (960, 960))
    draw, cell = ImageDraw.Draw(fine), 960 // 24 // 2
    for x in range(0, 960, cell):
        for y in range(0, 960, cell):
            draw.rectangle((x, y, x + cell, y + cell), (96, 96, 96) if (x + y) // cell % 2 else (160, 160, 160))
    previews = [room.preview(held(saved(one, "PNG"))) for one in (plain, fine)]
    assert previews[0].blurred == previews[1].blurred
    assert previews[0].clear != previews[1].clear


def test_letters_are_gone_from_the_blurred_picture(room: Darkroom) -> None:
    page = Image.new("RGB", (800, 600), "white")
    ImageDraw.Draw(page).text((40, 40), "PATIENT\n" * 12, "black", font_size=40)
    preview = room.preview(held(saved(page, "PNG")))
    dots = seen(preview.blurred).resize((24, 18), Image.Resampling.BOX)
    again = dots.resize(page.size, Image.Resampling.BICUBIC)
    assert furthest(again, seen(preview.blurred)) < 4


def test_a_film_that_begins_in_the_dark_shows_a_later_frame(room: Darkroom) -> None:
    preview = room.preview(held(dark_film(), "film.mp4"))
    assert max(high for _, high in seen(preview.clear).getextrema()) > 150


def test_of_papers_the_first_page_is_shown(room: Darkroom) -> None:
    preview = room.preview(held(pages(3), "letter.pdf"))
    assert preview.height > preview.width


def test_a_file_on_the_laptop_is_opened_by_the_process(room: Darkroom, tmp_path: Path) -> None:
    path = tmp_path / "photo.jpg"
    path.write_bytes(photo())
    assert room.preview(laptop(path)) == room.preview(held(photo()))


def test_a_file_that_became_another_is_not_shown(room: Darkroom, tmp_path: Path) -> None:
    path = tmp_path / "photo.jpg"
    path.write_bytes(photo())
    shot = laptop(path)
    path.write_bytes(photo(width=320))
    assert why(room, shot) is Unread.CHANGED


def test_a_file_of_another_time_is_not_shown(room: Darkroom, tmp_path: Path) -> None:
    path = tmp_path / "photo.jpg"
    path.write_bytes(photo())
    shot = laptop(path)
    os.utime(path, ns=(shot.stamp + 1, shot.stamp + 1))
    assert why(room, shot) is Unread.CHANGED


def test_a_link_in_the_place_of_a_file_is_not_followed(room: Darkroom, tmp_path: Path) -> None:
    path, link = tmp_path / "photo.jpg", tmp_path / "link.jpg"
    path.write_bytes(photo())
    link.symlink_to(path)
    shot = laptop(path)
    assert why(room, OnLaptop(path=str(link), size=shot.size, stamp=shot.stamp)) is Unread.NOT_A_FILE


def test_a_file_that_is_gone_says_so(room: Darkroom, tmp_path: Path) -> None:
    shot = OnLaptop(path=str(tmp_path / "none.jpg"), size=10, stamp=0)
    assert why(room, shot) is Unread.VANISHED


def test_a_pipe_in_the_place_of_a_file_holds_nobody_up(room: Darkroom, tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.jpg")
    assert why(room, laptop(tmp_path / "pipe.jpg")) is Unread.NOT_A_FILE


def test_a_file_that_is_too_large_to_hold_is_hashed_all_the_same(room: Darkroom, tmp_path: Path) -> None:
    path = tmp_path / "film.mp4"
    with path.open("wb") as file:
        file.write(film())
        file.truncate(65 << 20)  # the rest is a hole
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").digest()
    assert room.preview(laptop(path)).sha256 == digest


@pytest.mark.parametrize("path", CORPUS, ids=lambda path: path.name)
def test_hostile_files_give_a_preview_or_a_reason_and_kill_nobody(room: Darkroom, path: Path) -> None:
    room.preview(held(photo()))
    worker = room.worker
    for ask in (room.preview, room.strip):
        with contextlib.suppress(DarkroomError):
            ask(held(path.read_bytes(), path.name))
    assert room.worker == worker
