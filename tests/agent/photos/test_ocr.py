"""The real reader on rendered pages: what it finds and reads, which way up, and that it loads nothing else."""

import subprocess
import sys
from pathlib import Path
from random import Random

import pytest
from page_parts import renderer
from PIL import Image

from agent.photos import document, ocr
from agent.photos.image import Words
from agent.photos.ocr import TextReader, shrunk

LINES = [("Northcoast Imaging",), ("MRN 0123456  DOB 03/04/1956",), ("No acute fracture is seen.",)]


@pytest.fixture(scope="module")
def reader() -> TextReader:
    loaded = ocr.load()
    assert loaded is not None
    return loaded


def small(rows: list[tuple[str, ...]]) -> Image.Image:
    pages = renderer()
    return pages.draw(rows, pages.Paper(width=720, height=480, size=26))


def test_printed_lines_are_found_and_read(reader: TextReader) -> None:
    image = small(LINES)
    found = sorted(reader.lines(image), key=lambda box: box.y)
    said = [reader.read(image, box) for box in found]
    assert [one.text.replace(" ", "") for one in said] == [line[0].replace(" ", "") for line in LINES]
    assert min(one.sure for one in said) > 0.9


@pytest.mark.parametrize("degrees", [0, 8, 90, 180, 270])
def test_a_page_is_read_whichever_way_it_lies(reader: TextReader, degrees: int) -> None:
    image = small(LINES).rotate(degrees, expand=True, fillcolor="white")
    assert document.read(image, reader, budget_s=60).words is Words.CLINICAL


def test_a_photographed_ordinary_page_stays_ordinary(reader: TextReader) -> None:
    pages = renderer()
    image = pages.photographed(small(pages.write("council", Random(4))), Random(4))
    assert document.read(image, reader, budget_s=60).words is Words.ORDINARY


def test_an_empty_page_has_no_lines(reader: TextReader) -> None:
    assert reader.lines(Image.new("RGB", (320, 240), "white")) == []


@pytest.mark.parametrize("size", [(1, 1), (3, 900), (2000, 2), (33, 31)])
def test_odd_sizes_are_no_trouble(reader: TextReader, size: tuple[int, int]) -> None:
    assert document.read(Image.new("RGB", size, "grey"), reader, budget_s=60).words is Words.ORDINARY


@pytest.mark.parametrize("mode", ["L", "RGBA", "P", "1", "CMYK"])
def test_every_picture_becomes_plain_colour_of_limited_size(mode: str) -> None:
    made = shrunk(Image.new(mode, (4000, 30)))
    assert made.mode == "RGB"
    assert made.size == (ocr.SHARPEST_PX, 18)


def test_without_models_there_is_no_reader(tmp_path: Path) -> None:
    assert ocr.load_from(tmp_path) is None
    assert ocr.load_from(tmp_path / "nowhere") is None


def test_reading_loads_no_downloader_and_no_vision_library() -> None:
    code = (
        "import sys; from agent.photos import document, ocr; from PIL import Image;"
        "document.read(Image.new('RGB', (64, 64)), ocr.load(), budget_s=60);"
        "print([name for name in ('cv2', 'requests', 'urllib3', 'rapidocr', 'socket', 'ssl') if name in sys.modules])"
    )
    ended = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert ended.stdout.strip() == "[]"
