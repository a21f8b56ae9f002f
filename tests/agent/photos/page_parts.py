"""What tests of the text reader share: rendered pages, and a reader that knows what stands on them."""

import importlib.util
import sys
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

from PIL import Image

from agent.photos.ocr import Reading
from agent.photos.text_boxes import Box

RENDERER = Path(__file__).parents[3] / "packaging" / "model" / "pages.py"


@cache
def renderer() -> Any:
    """packaging/model/pages.py, which lies in no package."""
    spec = importlib.util.spec_from_file_location("pages", RENDERER)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["pages"] = module  # dataclasses look their module up by name
    spec.loader.exec_module(module)
    return module


def row(number: int, *, column: int = 0, height: float = 0.02, angle: float = 0.0) -> Box:
    """A box in one of two columns."""
    return Box(x=0.25 + column * 0.4, y=0.05 + number * 0.04, length=0.3, height=height, angle=angle)


@dataclass
class Ledger:
    """A reader that knows its page by heart and remembers what it was asked."""

    page: dict[Box, str]
    sure: float = 0.99
    turned: bool = False
    """The page stands on its head: only read that way it makes sense."""
    seconds_a_line: float = 0.0
    asked: list[str] = field(default_factory=list)
    clock_s: float = 0.0

    def lines(self, image: Image.Image) -> list[Box]:
        return list(self.page)

    def read(self, image: Image.Image, box: Box, *, turned: bool = False) -> Reading:
        self.clock_s += self.seconds_a_line
        self.asked.append(self.page[box])
        if turned is not self.turned:
            return Reading(text="xw", sure=0.4)
        return Reading(text=self.page[box], sure=self.sure)

    def clock(self) -> float:
        return self.clock_s
