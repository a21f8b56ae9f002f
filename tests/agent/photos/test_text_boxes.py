"""Boxes from a map of likely text: drawn by hand, tilted, noisy, empty."""

from math import pi, radians

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from PIL import Image, ImageDraw

from agent.photos.text_boxes import MANY, boxes

SIDE = 400


def drawn(*bars: tuple[int, int, int, int], turned: float = 0.0) -> np.ndarray:
    """Bars (left, top, right, bottom) on a square map, turned clockwise by so many degrees."""
    image = Image.new("L", (SIDE, SIDE), 0)
    for bar in bars:
        ImageDraw.Draw(image).rectangle(bar, fill=255)
    return np.asarray(image.rotate(-turned), dtype=np.float32) / 255


def test_each_bar_is_one_box() -> None:
    found = sorted(boxes(drawn((50, 50, 249, 59), (50, 100, 349, 109))), key=lambda box: box.y)
    assert [(round(box.x * SIDE), round(box.y * SIDE)) for box in found] == [(150, 55), (200, 105)]
    assert found[0].angle == pytest.approx(0, abs=0.01)


def test_a_box_is_larger_than_what_the_detector_painted() -> None:
    (box,) = boxes(drawn((50, 50, 249, 59)))
    grown = 200 * 10 * 1.6 / 210
    assert box.length * SIDE == pytest.approx(200 + grown, abs=1)
    assert box.height * SIDE == pytest.approx(10 + grown, abs=1)


@pytest.mark.parametrize("degrees", [-20, -5, 5, 20, 90])
def test_a_tilted_bar_has_its_angle(degrees: int) -> None:
    (box,) = boxes(drawn((100, 195, 299, 204), turned=degrees))
    assert box.angle == pytest.approx(radians(degrees), abs=0.02)
    assert box.upright is (degrees == 90)


def test_a_short_word_lies_as_the_rest_of_the_page() -> None:
    found = boxes(drawn((100, 150, 299, 159), (100, 195, 109, 206), turned=10))
    short = min(found, key=lambda box: box.length)
    assert short.angle == pytest.approx(radians(10), abs=0.02)


def test_runs_that_meet_further_down_are_one_blob() -> None:
    """The arms of a U belong together though they begin apart."""
    assert len(boxes(drawn((50, 50, 69, 150), (200, 50, 219, 150), (50, 140, 219, 160)))) == 1


def test_specks_and_doubts_are_no_text() -> None:
    assert boxes(drawn((50, 50, 51, 51))) == []
    assert boxes(drawn((50, 50, 249, 69)) * 0.4) == []


def test_an_empty_map_has_no_boxes() -> None:
    assert boxes(np.zeros((32, 64), dtype=np.float32)) == []


def test_of_very_many_blobs_the_largest_count() -> None:
    specks = np.zeros((960, 960), dtype=np.float32)
    for top in range(4):
        for left in range(4):
            specks[top::8, left::8] = 1.0
    assert len(boxes(specks)) == MANY


@settings(deadline=None, max_examples=40)
@given(arrays(np.float32, st.tuples(st.integers(1, 24), st.integers(1, 24)), elements=st.floats(0, 1, width=32)))
def test_any_map_has_an_answer(likely: np.ndarray) -> None:
    for box in boxes(likely):
        assert -pi / 4 <= box.angle < 3 * pi / 4 + 1e-9
        assert box.length > 0
        assert box.height > 0
