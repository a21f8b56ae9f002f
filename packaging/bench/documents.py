"""How many clinical pages the reader recognises, how many ordinary ones it takes for them, and what a page costs.

Rendered pages, and those of a folder where one is given; beside Tesseract where it is installed.
`python packaging/bench/documents.py [--pages N] [--folder FOLDER]`; a folder holds `clinical/` and `ordinary/`.
"""

import argparse
import io
import os
import resource
import shutil
import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from random import Random

from PIL import Image
from table import print_cells

ROOT = Path(__file__).parents[2]
sys.path[:0] = [str(ROOT), str(ROOT / "packaging" / "model")]

import pages  # noqa: E402 - it lies in a folder that only now is looked in

from agent.photos import document, ocr, words  # noqa: E402
from agent.photos.image import Words  # noqa: E402

SEED = 11
BUDGET_S = 3.0
PICTURES = {".jpg", ".jpeg", ".png", ".webp"}
Judge = Callable[[Image.Image], Words]


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """A page and what it is."""

    kind: str
    clinical: bool
    image: Image.Image


def rendered(count: int) -> Iterator[Sample]:
    """So many pages of each kind, every second one photographed, every eighth lying on its side or head."""
    random = Random(SEED)
    for kind, clinical in pages.kinds().items():
        for number in range(count):
            image = pages.draw(pages.write(kind, random), pages.paper(random))
            if number % 2:
                image = pages.photographed(image, random)
            if number % 8 == 7:
                image = image.rotate(random.choice([90, 180, 270]), expand=True)
            yield Sample(kind=kind, clinical=clinical, image=image)


def from_folder(folder: Path) -> Iterator[Sample]:
    """Pages that somebody collected."""
    for name in ("clinical", "ordinary"):
        for path in sorted((folder / name).rglob("*")):
            if path.suffix.lower() in PICTURES:
                with Image.open(path) as image:
                    yield Sample(kind=f"{name} of folder", clinical=name == "clinical", image=image.convert("RGB"))


def by_rapidocr() -> Judge:
    """Our reader."""
    reader = ocr.load()
    return lambda image: document.read(image, reader, budget_s=BUDGET_S).words


def by_tesseract(program: str) -> Judge:
    """All lines that Tesseract reads, weighed by the same words."""

    def judge(image: Image.Image) -> Words:
        packed = io.BytesIO()
        image.save(packed, "PNG", compress_level=1)
        command = [program, "-", "-", "--psm", "3", "-c", "thread_limit=1"]
        said = subprocess.run(command, input=packed.getvalue(), capture_output=True, check=False, timeout=120)
        return words.verdict(said.stdout.decode(errors="replace").splitlines()).words

    return judge


@dataclass(slots=True)
class Outcome:
    """What one reader made of all pages."""

    said: Counter[tuple[str, bool, Words]]
    seconds: float = 0.0

    def share(self, wanted: Words, *, clinical: bool) -> str:
        """Of the pages of one side, how many were called that."""
        total = sum(count for (_, side, _), count in self.said.items() if side is clinical)
        hits = sum(count for (_, side, word), count in self.said.items() if side is clinical and word is wanted)
        return f"{hits}/{total} = {100 * hits / max(1, total):.1f} %"


def _spent_s() -> float:
    """Processor time of this process and of those that it started."""
    spent = os.times()
    return spent.user + spent.system + spent.children_user + spent.children_system


def measured(judges: dict[str, Judge], samples: Iterator[Sample]) -> dict[str, Outcome]:
    """Every page by every reader, turn about."""
    outcomes = {name: Outcome(said=Counter()) for name in judges}
    for sample in samples:
        for name, judge in judges.items():
            began = _spent_s()
            word = judge(sample.image)
            outcomes[name].seconds += _spent_s() - began
            outcomes[name].said[sample.kind, sample.clinical, word] += 1
    return outcomes


def show(outcomes: dict[str, Outcome]) -> None:
    """The shares, and each kind of page that was not always judged rightly."""
    body = [
        [name, one.share(Words.CLINICAL, clinical=True), one.share(Words.CLINICAL, clinical=False),
         one.share(Words.UNREAD, clinical=True), one.share(Words.UNREAD, clinical=False),
         f"{one.seconds / max(1, one.said.total()):.2f} s"]
        for name, one in outcomes.items()
    ]  # fmt: skip
    print_cells(
        ["reader", "found", "false alarms", "clinical unread", "ordinary unread", "processor time a page"], body
    )
    for name, one in outcomes.items():
        for (kind, clinical, word), count in sorted(one.said.items()):
            if word is not (Words.CLINICAL if clinical else Words.ORDINARY):
                print(f"  {name}: {count} of {kind} {word}")
    print(f"peak memory {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:.0f} MB")


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pages", type=int, default=6, help="of each kind")
    parser.add_argument("--folder", type=Path, help="pages of one's own, in clinical/ and ordinary/")
    wanted = parser.parse_args()
    judges = {"rapidocr": by_rapidocr()}
    if (program := shutil.which("tesseract")) is not None:
        judges["tesseract"] = by_tesseract(program)
    show(measured(judges, from_folder(wanted.folder) if wanted.folder else rendered(wanted.pages)))


if __name__ == "__main__":
    main()
