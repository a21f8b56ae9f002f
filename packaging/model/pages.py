"""Pages, forms and screens with invented people on them, as print-outs and as photographs of those.

For tests and measures of the reader. All names, numbers, organisations and events are made up.
"""

import io
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Any

from PIL import Image, ImageDraw, ImageFilter, ImageFont

FONTS = Path("/usr/share/fonts")
WORDING = Path(__file__).with_name("pages.toml")
Cells = tuple[str, ...]
Table = Mapping[str, Any]

FIRST = ("Ruby", "Tomas", "Ingrid", "Wei", "Marlee", "Callum", "Noor", "Stavros", "Jedda", "Arjun", "Salma", "Hemi")
LAST = ("Tanaka", "Brodie", "Okafor", "Lindqvist", "Moretti", "Pham", "Whitlock", "Ferreira", "Duggan", "Iyer", "Hale")
PLACES = ("Banksia", "Wattle", "Saltbush", "Kurrajong", "Jarrah", "Mulga", "Grevillea", "Boronia")


@dataclass(frozen=True, slots=True, kw_only=True)
class Paper:
    """How a page is printed."""

    width: int = 1240
    height: int = 1754
    font: str | None = None
    """A file; None for the font that comes with Pillow."""
    size: int = 26
    ink: str = "black"
    ground: str = "white"


def fonts() -> list[str]:
    """Upright text fonts of this machine, in a stable order."""
    wanted = ("DejaVuSans.ttf", "DejaVuSerif.ttf", "DejaVuSansMono.ttf", "DejaVuSansCondensed.ttf",
              "LiberationSans-Regular.ttf", "LiberationSerif-Regular.ttf", "FreeSans.ttf")  # fmt: skip
    return sorted(str(path) for path in FONTS.rglob("*.ttf") if path.name in wanted)


def kinds() -> dict[str, bool]:
    """The kinds of page, and whether each is clinical."""
    table = _wording()
    return {kind: side == "clinical" for side in ("clinical", "ordinary") for kind in table[side]}


def write(kind: str, random: Random) -> list[Cells]:
    """The rows of a page of this kind; the first is its heading, each holds the cells of its columns."""
    table = _wording()
    page = {**table["clinical"], **table["ordinary"]}[kind]
    kept = page.get("kept", "").strip().splitlines()
    lines = [page["heading"], *kept, *random.sample(page["lines"].strip().splitlines(), page["count"])]
    return [tuple(cell.strip() for cell in row.split("|")) for line in lines for row in _filled(line, table, random)]


def _wording() -> Table:
    return tomllib.loads(WORDING.read_text(encoding="utf-8"))


def _filled(line: str, table: Table, random: Random) -> Iterator[str]:
    """The line with names and figures in place of its braces; more than one where it stands for a patient."""
    if line == "{who}":
        others = table["who"]["others"].strip().splitlines()
        for one in (table["who"]["first"], *random.sample(others, random.randint(1, 3))):
            yield from _filled(one, table, random)
        return
    yield line.format(
        name=f"{random.choice(FIRST)} {random.choice(LAST)}", place=random.choice(PLACES), medicare=medicare(random),
        date=_date(random, 2023, 2026), birth=_date(random, 1931, 2015), money=f"${random.uniform(2, 900):.2f}",
        number=random.randint(10**5, 10**8), small=random.randint(1, 99), pulse=random.randint(45, 140),
        value=f"{random.uniform(1, 180):.1f}",
    )  # fmt: skip


def _date(random: Random, first: int, last: int) -> str:
    return f"{random.randint(1, 28):02d}/{random.randint(1, 12):02d}/{random.randint(first, last)}"


def draw(rows: Sequence[Cells], paper: Paper) -> Image.Image:
    """A print-out."""
    image = Image.new("RGB", (paper.width, paper.height), paper.ground)
    pen = ImageDraw.Draw(image)
    y = paper.height // 20
    for number, cells in enumerate(rows):
        size = round(paper.size * (1.6 if number == 0 else 1.0))
        font = ImageFont.truetype(paper.font, size) if paper.font else ImageFont.load_default(size)
        for column, cell in enumerate(cells):
            x = 70 + column * (paper.width - 140) // len(cells)
            pen.text((x, y), cell, font=font, fill=paper.ink)
        y += round(size * 1.7)
    return image


def paper(random: Random) -> Paper:
    """Some paper or some screen."""
    dark = random.random() < 0.12
    return Paper(
        font=random.choice([None, *fonts()]),
        size=random.choice([20, 22, 24, 26]),
        ink="#e8e8e8" if dark else random.choice(["black", "#202020", "#102050"]),
        ground="#20242c" if dark else random.choice(["white", "#fbf8f0", "#f2f4f8"]),
    )


def photographed(image: Image.Image, random: Random) -> Image.Image:
    """The same as a hand-held telephone sees it: tilted, in perspective, unevenly lit, a little soft, compressed."""
    width, height = image.size
    corner = [random.uniform(-0.03, 0.03) for _ in range(8)]
    quad = (corner[0] * width, corner[1] * height, corner[2] * width, (1 + corner[3]) * height,
            (1 + corner[4]) * width, (1 + corner[5]) * height, (1 + corner[6]) * width, corner[7] * height)  # fmt: skip
    seen = image.transform(image.size, Image.Transform.QUAD, quad, Image.Resampling.BICUBIC, fillcolor="#807868")
    seen = seen.rotate(random.uniform(-4, 4), Image.Resampling.BICUBIC, expand=True, fillcolor="#706858")
    light = Image.linear_gradient("L").rotate(random.choice([0, 90, 180, 270])).resize(seen.size)
    light = light.point(lambda value: 150 + value * 105 // 255)
    seen = Image.composite(seen, Image.new("RGB", seen.size, "black"), light)
    seen = seen.filter(ImageFilter.GaussianBlur(random.uniform(0.0, 1.1)))
    packed = io.BytesIO()
    seen.save(packed, "JPEG", quality=random.choice([45, 60, 75, 90]))
    return Image.open(packed).convert("RGB")


def medicare(random: Random) -> str:
    """A number whose check digit holds, grouped as on the card."""
    digits = [random.randint(2, 6), *(random.randint(0, 9) for _ in range(7))]
    check = sum(digit * weight for digit, weight in zip(digits, (1, 3, 7, 9, 1, 3, 7, 9), strict=True)) % 10
    text = "".join(str(digit) for digit in (*digits, check, random.randint(1, 9)))
    return f"{text[:4]} {text[4:9]} {text[9]}"
