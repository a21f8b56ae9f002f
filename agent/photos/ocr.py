"""Finds the lines of text in a picture and reads single ones, with the models of PaddleOCR. Worker only.

The models come with the package rapidocr, of which only they are used: its own code would load a vision library and a
downloader. Nothing is fetched, and what was read is handed to the caller and to nobody else.
"""

import importlib.util
from dataclasses import dataclass
from math import cos, pi, sin, sqrt
from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime
from PIL import Image

from agent.photos.text_boxes import Box, Floats, boxes

PACKAGE = "rapidocr"
FIND_PX = 960
"""Longer side of the picture in which lines are looked for."""
FIND_AREA_PX = 704 * 960
"""Its area: a square one of that side would cost a third more memory."""
STEP_PX = 32
"""The detector takes sides that are multiples of it."""
LINE_PX = 48
"""Height of a line for the reader."""
LONGEST_PX = 2400
"""Width of a line for the reader: some 200 letters. What stands behind is not read."""
SHARPEST_PX = 2400
"""Longer side of the picture that lines are cut from."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """What one line says."""

    text: str
    sure: float
    """0..1: mean probability of its characters; 0 where there is none."""


class TextReader:
    """Two networks: one finds lines, one reads them."""

    def __init__(self, finder: onnxruntime.InferenceSession, reader: onnxruntime.InferenceSession) -> None:
        self._finder = finder
        self._reader = reader
        spoken = reader.get_modelmeta().custom_metadata_map["character"].splitlines()
        self._letters = ("", *spoken, " ")  # the first stands for "no letter here"

    def lines(self, image: Image.Image) -> list[Box]:
        """Where text stands in an RGB picture, in no order."""
        scale = min(1.0, FIND_PX / max(image.size), sqrt(FIND_AREA_PX / (image.width * image.height)))
        width, height = (max(1, round(side * scale)) for side in image.size)
        padded = Image.new("RGB", (_stepped(width), _stepped(height)), "white")
        padded.paste(image.resize((width, height), Image.Resampling.BILINEAR, reducing_gap=2.0))
        likely = self._run(self._finder, _planes(padded))[0, 0, :height, :width]
        return boxes(likely)

    def read(self, image: Image.Image, box: Box, *, turned: bool = False) -> Reading:
        """What stands in one box of that picture; turned: as seen from the other side of the table."""
        strip = _strip(image, box, turned=turned)
        chances = self._run(self._reader, _planes(strip))[0]
        return self._spell(chances.argmax(axis=1), chances.max(axis=1))

    def _spell(self, places: np.ndarray[Any, np.dtype[np.intp]], chances: Floats) -> Reading:
        """The network names one letter for each step along the line: repeated ones are one, 0 parts two alike."""
        new = np.append(True, places[1:] != places[:-1]) & (places != 0)
        text = "".join(self._letters[place] for place in places[new])
        return Reading(text=text, sure=float(chances[new].mean()) if text else 0.0)

    def _run(self, network: onnxruntime.InferenceSession, planes: Floats) -> Floats:
        (out,) = network.run(None, {network.get_inputs()[0].name: planes})
        return np.asarray(out, dtype=np.float32)


def load() -> TextReader | None:
    """The reader; None where the package with the models is not installed, or holds none of the known form."""
    spec = importlib.util.find_spec(PACKAGE)  # looks where it lies, runs none of it
    folders = [] if spec is None else spec.submodule_search_locations or []
    return next((found for folder in folders if (found := load_from(Path(folder) / "models"))), None)


def load_from(folder: Path) -> TextReader | None:
    """The reader whose models lie in this folder."""
    found = [sorted(folder.glob(f"*_{task}_*.onnx")) for task in ("det", "rec")]
    if not all(found):
        return None
    finder, reader = (_session(paths[-1]) for paths in found)
    if "character" not in reader.get_modelmeta().custom_metadata_map:
        return None
    return TextReader(finder, reader)


def _session(path: Path) -> onnxruntime.InferenceSession:
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1  # workers run side by side
    options.inter_op_num_threads = 1
    options.enable_cpu_mem_arena = False  # memory goes back after each page
    options.enable_mem_pattern = False  # every picture has another size
    # The fullest optimisation changes the layout of every layer: no faster here, and 80 MB more at the peak.
    options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_ENABLE_EXTENDED
    options.log_severity_level = 4
    return onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])


def _stepped(side: int) -> int:
    return -(-side // STEP_PX) * STEP_PX


def _planes(image: Image.Image) -> Floats:
    """The picture (1, 3, rows, columns), blue first, from -1 to 1, as both networks were trained."""
    pixels = np.asarray(image, dtype=np.float32)[:, :, ::-1].transpose(2, 0, 1)[np.newaxis]
    return np.ascontiguousarray(pixels / 127.5 - 1.0)


def _strip(image: Image.Image, box: Box, *, turned: bool) -> Image.Image:
    """The box cut out, laid level, as high as the reader wants it."""
    longer = max(image.size)
    length, height = max(2.0, box.length * longer), max(2.0, box.height * longer)
    angle = box.angle + (pi if turned else 0.0)
    east, south = (cos(angle), sin(angle)), (-sin(angle), cos(angle))
    left = box.x * longer - east[0] * length / 2 - south[0] * height / 2
    top = box.y * longer - east[1] * length / 2 - south[1] * height / 2
    level = image.transform(
        (round(length), round(height)), Image.Transform.AFFINE,
        (east[0], south[0], left, east[1], south[1], top), Image.Resampling.BILINEAR, fillcolor="white",
    )  # fmt: skip
    width = max(LINE_PX, min(LONGEST_PX, round(length * LINE_PX / height)))
    return level.resize((width, LINE_PX), Image.Resampling.BILINEAR)


def shrunk(image: Image.Image) -> Image.Image:
    """The picture as RGB, no larger than text needs."""
    scale = min(1.0, SHARPEST_PX / max(image.size))
    width, height = (max(1, round(side * scale)) for side in image.size)
    small = image if scale == 1.0 else image.resize((width, height), Image.Resampling.BILINEAR, reducing_gap=2.0)
    return small.convert("RGB")
