"""The bars around a picture go, the picture stays."""

import random

import pytest
from PIL import Image, ImageDraw

from agent.photos.borders import inner


def busy(width: int, height: int) -> Image.Image:
    """Large squares of many greys."""
    chance = random.Random(width)
    rough = Image.new("L", (16, 16))
    rough.putdata([chance.randint(0, 255) for _ in range(256)])
    return rough.resize((width, height)).convert("RGB")


def framed(image: Image.Image, left: int, top: int, right: int, bottom: int, ground: int = 0) -> Image.Image:
    whole = Image.new("RGB", (left + image.width + right, top + image.height + bottom), (ground,) * 3)
    whole.paste(image, (left, top))
    return whole


@pytest.mark.parametrize("ground", [0, 18, 255])
@pytest.mark.parametrize("bars", [(0, 60, 0, 90), (80, 0, 40, 0), (50, 60, 70, 80), (0, 0, 0, 0)])
def test_plain_bars_are_cut_off_to_a_few_pixels(bars: tuple[int, int, int, int], ground: int) -> None:
    found = inner(framed(busy(200, 150), *bars, ground=ground))
    assert abs(found.width - 200) <= 3
    assert abs(found.height - 150) <= 3


def test_a_clock_and_buttons_go_with_the_bars() -> None:
    screen = framed(busy(400, 200), 0, 100, 0, 200)
    ink = ImageDraw.Draw(screen)
    ink.text((10, 5), "09:41", (255, 255, 255), font_size=20)
    ink.rectangle((50, 440, 90, 480), (255, 255, 255))
    assert abs(inner(screen).height - 200) <= 4


def test_a_picture_without_bars_is_all_there() -> None:
    assert inner(busy(300, 200)).size == (300, 200)


def test_a_plain_picture_is_all_there() -> None:
    assert inner(Image.new("RGB", (300, 200), (9, 9, 9))).size == (300, 200)


def test_a_small_thing_on_a_plain_ground_is_left_on_it() -> None:
    assert inner(framed(busy(30, 30), 200, 100, 200, 100)).size == (430, 230)


def test_a_strip_is_no_picture() -> None:
    """A banner of an advertisement, a row of buttons."""
    assert inner(framed(busy(400, 30), 0, 100, 0, 100)).size == (400, 230)


def test_two_blocks_stay_together() -> None:
    """There is no one picture on such a screen."""
    whole = framed(busy(200, 100), 0, 40, 0, 260)
    whole.paste(busy(200, 100), (0, 250))
    assert abs(inner(whole).height - 310) <= 4
