"""Copies of drawn pictures are linked whatever was done to them, different pictures are not."""

import io
import random
from collections.abc import Callable
from functools import cache
from itertools import combinations

import pytest
from PIL import Image, ImageDraw, ImageFilter

from agent.photos.copies import ASKED, REGIONS, SIFTING, groups, linked
from agent.photos.fingerprint import ANGLES, fingerprint, middle_windows, straight_windows
from agent.photos.image import EMBEDDING, Fingerprint

SEEN = bytes([13]) * EMBEDDING
"""Stands in for the network, which takes all of these pictures for the same thing."""
FRAME_HOLDS = 256
"""So many hashes fit into a worker's answer."""


def print_of(image: Image.Image) -> Fingerprint:
    return fingerprint(image, SEEN)


@cache
def spots(seed: int) -> Image.Image:
    """All of much the same colours."""
    chance = random.Random(seed)
    image = Image.new("RGB", (400, 300), (190, 150, 130))
    ink = ImageDraw.Draw(image)
    for _ in range(40):
        left, top, size = chance.randint(-40, 400), chance.randint(-40, 300), chance.randint(10, 110)
        ink.ellipse((left, top, left + size, top + size), (chance.randint(90, 230), chance.randint(90, 170), 120))
    return image.filter(ImageFilter.GaussianBlur(2))


@cache
def page(seed: int) -> Image.Image:
    """Black lines on white paper, as scanned: all alike but for the words."""
    chance = random.Random(seed)
    image = Image.new("RGB", (420, 580), (240, 240, 236))
    ink = ImageDraw.Draw(image)
    for line in range(30, 30 + 14 * chance.randint(20, 34), 14):
        ink.text((20, line), "".join(chance.choices("abcdefgh   ", k=chance.randint(10, 55))), (30, 30, 30))
    return image


def saved(image: Image.Image, quality: int, form: str = "JPEG") -> Image.Image:
    held = io.BytesIO()
    image.save(held, form, quality=quality)
    return Image.open(held).convert("RGB")


def part(image: Image.Image, share: float, x: float, y: float) -> Image.Image:
    """x, y: 0..1, where of the room that is left it lies."""
    left, top = (1 - share) * x * image.width, (1 - share) * y * image.height
    return image.crop((int(left), int(top), int(left + share * image.width), int(top + share * image.height)))


def screenshot(image: Image.Image, ground: int = 0) -> Image.Image:
    screen = Image.new("RGB", (540, 1170), (ground,) * 3)
    ink = ImageDraw.Draw(screen)
    ink.text((20, 12), "09:41", (255 - ground,) * 3, font_size=22)
    for place in range(4):
        ink.rectangle((40 + 130 * place, 1090, 80 + 130 * place, 1130), outline=(255 - ground,) * 3)
    screen.paste(image.resize((540, 540 * image.height // image.width)), (0, 200))
    return screen


CHANGES: dict[str, Callable[[Image.Image], Image.Image]] = {
    "compressed": lambda image: saved(image, 25),
    "webp": lambda image: saved(image, 50, "WEBP"),
    "half": lambda image: image.resize((image.width // 2, image.height // 2)),
    "thumbnail": lambda image: saved(image.resize((160, 160 * image.height // image.width)), 75),
    "quarter turn": lambda image: image.transpose(Image.Transpose.ROTATE_90),
    "half turn": lambda image: image.transpose(Image.Transpose.ROTATE_180),
    "three quarters": lambda image: image.transpose(Image.Transpose.ROTATE_270),
    "turned a little": lambda image: image.rotate(3, Image.Resampling.BICUBIC),
    "turned and cut": lambda image: part(image.rotate(-2.5, Image.Resampling.BICUBIC), 0.9, 0.5, 0.5),
    "middle": lambda image: part(image, 0.8, 0.5, 0.5),
    "corner": lambda image: part(image, 0.8, 0, 0),
    "beside": lambda image: part(image, 0.8, 0.9, 0.3),
    "ninth tenths": lambda image: part(image, 0.9, 0.2, 1),
    "screenshot": screenshot,
    "white screenshot": lambda image: saved(screenshot(image, 255), 75),
    "turned thumbnail": lambda image: image.resize((160, 160)).transpose(Image.Transpose.ROTATE_90),
}


@pytest.mark.parametrize("change", CHANGES)
def test_a_changed_copy_of_a_photo_is_linked(change: str) -> None:
    assert linked(print_of(spots(1)), print_of(CHANGES[change](spots(1))))


@pytest.mark.parametrize("change", ["compressed", "thumbnail", "quarter turn", "half turn", "screenshot"])
def test_a_changed_copy_of_a_page_is_linked(change: str) -> None:
    assert linked(print_of(page(1)), print_of(CHANGES[change](page(1))))


@pytest.mark.parametrize("draw", [spots, page])
def test_different_pictures_of_one_kind_are_not_linked(draw: Callable[[int], Image.Image]) -> None:
    prints = [print_of(draw(seed)) for seed in range(8)]
    assert not [pair for pair in combinations(range(8), 2) if linked(prints[pair[0]], prints[pair[1]])]


def test_screenshots_of_different_pictures_are_not_linked() -> None:
    prints = [print_of(screenshot(spots(seed))) for seed in range(5)]
    assert groups(prints) == [[0], [1], [2], [3], [4]]


def test_copies_gather_around_their_picture() -> None:
    kinds = ("compressed", "quarter turn", "corner", "screenshot")
    prints = [
        print_of(image) for seed in (1, 2) for image in (spots(seed), *(CHANGES[one](spots(seed)) for one in kinds))
    ]
    assert groups(prints) == [[0, 1, 2, 3, 4], [5, 6, 7, 8, 9]]


@pytest.mark.parametrize(
    "empty",
    [
        Image.new("RGB", (300, 200)),
        Image.new("RGB", (300, 200), (255, 255, 255)),
        Image.new("RGB", (1, 1)),
        Image.new("RGB", (1, 4000), (9, 9, 9)),
        Image.linear_gradient("L").convert("RGB"),
        Image.radial_gradient("L").convert("RGB"),
        Image.effect_noise((300, 300), 10).convert("RGB"),
    ],
    ids=["black", "white", "one pixel", "one column", "a shade", "a dark corner", "noise"],
)
def test_a_picture_that_shows_nothing_has_no_hashes(empty: Image.Image) -> None:
    assert print_of(empty).hashes == ()


def test_a_print_fits_into_a_workers_answer_and_into_64_bits() -> None:
    mark = print_of(spots(1))
    assert len(mark.hashes) == REGIONS + 2 * (
        ASKED + len(straight_windows().down) + len(ANGLES) * len(middle_windows().down)
    )
    assert max(SIFTING) < (len(mark.hashes) - REGIONS) // 2
    assert len(mark.hashes) <= FRAME_HOLDS
    assert all(0 <= one < 1 << 64 for one in mark.hashes)


def test_the_same_picture_has_the_same_print() -> None:
    assert print_of(spots(1)) == print_of(spots(1).copy())


def test_the_picture_itself_is_left_as_it_was() -> None:
    image = spots(3).resize((1000, 750))
    print_of(image)
    assert image == spots(3).resize((1000, 750))


def test_the_size_of_a_picture_does_not_matter() -> None:
    assert linked(print_of(spots(1)), print_of(spots(1).resize((3000, 2250))))
