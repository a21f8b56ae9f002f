"""Which copies the copies map finds, and what else it takes for copies. Usage: copies.py [FOLDER [COUNT]].

FOLDER holds pictures in one folder for each class; without it, drawn pictures are used. COUNT pictures are taken,
as many of each class, always the same; of every fifth all copies are made, in memory.
"""

import io
import random
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import combinations
from pathlib import Path

import pillow_heif
from PIL import Image, ImageDraw, ImageFilter
from table import Row, seconds, show

from agent.photos.classify import Finder, load
from agent.photos.copies import Prints, groups, linked
from agent.photos.fingerprint import fingerprint
from agent.photos.image import Fingerprint

SCREEN = (540, 1170)
SEED = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Picture:
    """One that is no copy of another."""

    kind: str
    image: Image.Image


Change = Callable[[Image.Image, random.Random], Image.Image]


def jpeg(image: Image.Image, quality: int = 75) -> Image.Image:
    return through(image, "JPEG", quality)


def through(image: Image.Image, form: str, quality: int) -> Image.Image:
    held = io.BytesIO()
    image.save(held, form, quality=quality)
    return Image.open(held).convert("RGB")


def smaller(image: Image.Image, longer: int) -> Image.Image:
    small = image.copy()
    small.thumbnail((longer, longer))
    return small


def cut(image: Image.Image, share: float, chance: random.Random) -> Image.Image:
    """`share` of either side, anywhere."""
    width, height = int(image.width * share), int(image.height * share)
    left, top = chance.randint(0, image.width - width), chance.randint(0, image.height - height)
    return image.crop((left, top, left + width, top + height))


def straightened(image: Image.Image, angle: float) -> Image.Image:
    """Turned, and what became empty cut off, as a phone's editor does."""
    turned = image.rotate(angle, Image.Resampling.BICUBIC)
    side, up = image.width * 0.05, image.height * 0.05
    return turned.crop((int(side), int(up), int(image.width - side), int(image.height - up)))


def screenshot(image: Image.Image, ground: int) -> Image.Image:
    """The picture as wide as the screen, a clock above, buttons below."""
    screen = Image.new("RGB", SCREEN, (ground,) * 3)
    ink = ImageDraw.Draw(screen)
    colour = (255 - ground,) * 3
    ink.text((20, 12), "09:41", colour, font_size=22)
    ink.text((420, 12), "LTE  87%", colour, font_size=22)
    for place in range(4):
        ink.rounded_rectangle((40 + 130 * place, 1090, 80 + 130 * place, 1130), 8, outline=colour, width=4)
    scale = min(SCREEN[0] / image.width, 950 / image.height)
    shown = image.resize((int(image.width * scale), int(image.height * scale)), Image.Resampling.BICUBIC)
    screen.paste(shown, ((SCREEN[0] - shown.width) // 2, 90 + (950 - shown.height) // 2))
    return screen


CHANGES: dict[str, Change] = {
    "JPEG, quality 50": lambda image, _: jpeg(image, 50),
    "JPEG, quality 25": lambda image, _: jpeg(image, 25),
    "HEIC, quality 50": lambda image, _: through(image, "HEIF", 50),
    "half as large": lambda image, _: jpeg(smaller(image, max(image.size) // 2)),
    "thumbnail of 160 px": lambda image, _: jpeg(smaller(image, 160)),
    "turned by 90 degrees": lambda image, _: jpeg(image.transpose(Image.Transpose.ROTATE_90)),
    "turned by 180 degrees": lambda image, _: jpeg(image.transpose(Image.Transpose.ROTATE_180)),
    "turned by 270 degrees": lambda image, _: jpeg(image.transpose(Image.Transpose.ROTATE_270)),
    "turned by 3 degrees, black corners": lambda image, _: jpeg(image.rotate(3, Image.Resampling.BICUBIC)),
    "turned by 5 degrees, white corners": lambda image, _: jpeg(
        image.rotate(-5, Image.Resampling.BICUBIC, fillcolor=(255, 255, 255))
    ),
    "straightened by 3 degrees": lambda image, _: jpeg(straightened(image, 3)),
    "cut to 80 % of the area": lambda image, chance: jpeg(cut(image, 0.894, chance)),
    "cut to 80 % of either side": lambda image, chance: jpeg(cut(image, 0.8, chance)),
    "cut to 80 % of either side, 160 px": lambda image, chance: jpeg(smaller(cut(image, 0.8, chance), 160)),
    "screenshot, black": lambda image, _: screenshot(image, 0),
    "screenshot, white, JPEG": lambda image, _: jpeg(screenshot(image, 255)),
}


def rows(folder: Path | None = None, count: int = 500) -> list[Row]:
    """Shares of copies found by kind of change, then of wrong links."""
    pictures = list(drawn(count) if folder is None else taken(folder, count))
    finder = load()
    prints = [printed(one.image, finder) for one in pictures]
    fifth = list(zip(pictures, prints, strict=True))[::5]
    found = [_found(name, change, fifth, finder) for name, change in CHANGES.items()]
    return [*found, *_wrong(pictures, prints), _time(prints)]


def printed(image: Image.Image, finder: Finder) -> Fingerprint:
    return fingerprint(image, finder.look([image])[0].embedding)


def taken(folder: Path, count: int) -> Iterator[Picture]:
    """As many of each class."""
    chance = random.Random(SEED)
    kinds = sorted(one for one in folder.iterdir() if one.is_dir())
    for kind in kinds:
        files = sorted(kind.iterdir())
        for file in chance.sample(files, min(len(files), max(1, count // len(kinds)))):
            with Image.open(file) as image:
                yield Picture(kind=kind.name, image=image.convert("RGB"))


def drawn(count: int) -> Iterator[Picture]:
    """Soft spots on a ground of one colour, and pages of lines."""
    chance = random.Random(SEED)
    for number in range(count):
        page = number % 4 == 0
        yield Picture(kind="page" if page else "spots", image=_page(chance) if page else _spots(chance))


def _spots(chance: random.Random) -> Image.Image:
    image = Image.new("RGB", (400, 300), tuple(chance.randint(90, 220) for _ in range(3)))
    ink = ImageDraw.Draw(image)
    for _ in range(40):
        left, top, size = chance.randint(-40, 400), chance.randint(-40, 300), chance.randint(10, 110)
        ink.ellipse((left, top, left + size, top + size), tuple(chance.randint(0, 255) for _ in range(3)))
    return image.filter(ImageFilter.GaussianBlur(2))


def _page(chance: random.Random) -> Image.Image:
    image = Image.new("RGB", (420, 594), (250, 250, 246))
    ink = ImageDraw.Draw(image)
    for line in range(60, 60 + 14 * chance.randint(8, 34), 14):
        ink.text((40, line), "".join(chance.choices("abcdefgh   ", k=chance.randint(10, 50))), (30, 30, 30))
    return image


def _found(name: str, change: Change, whole: list[tuple[Picture, Fingerprint]], finder: Finder) -> Row:
    chance = random.Random(SEED)
    hits = sum(linked(mark, printed(change(one.image, chance), finder)) for one, mark in whole)
    return Row(measure=f"found: {name}", seen=f"{hits / len(whole):.1%}", beside=f"of {len(whole)}")


def _wrong(pictures: list[Picture], prints: list[Fingerprint]) -> Iterator[Row]:
    places = list(combinations(range(len(prints)), 2))
    known = Prints()
    links = [(earlier, place) for place, mark in enumerate(prints) for earlier in known.add(mark)]
    alike = [(a, b) for a, b in places if pictures[a].kind == pictures[b].kind]
    within = sum(pictures[a].kind == pictures[b].kind for a, b in links)
    for name, hits, pairs in (("any two", len(links), len(places)), ("two of one class", within, len(alike))):
        share = hits / max(1, pairs)
        yield Row(
            measure=f"linked: {name}, different",
            seen=f"{share:.4%}",
            beside=f"{hits} of {pairs} pairs",
            target="at most 0.5 %",
            kept=share <= 0.005,
        )
    yield Row(measure="without hashes", seen=str(sum(not one.hashes for one in prints)), beside=f"of {len(prints)}")


def _time(prints: list[Fingerprint]) -> Row:
    started = time.process_time()  # other programs do not count
    largest = max(len(one) for one in groups(prints))
    return Row(
        measure=f"groups of {len(prints)}", seen=seconds(time.process_time() - started), beside=f"largest {largest}"
    )


if __name__ == "__main__":
    pillow_heif.register_heif_opener()
    words = sys.argv[1:]
    show(rows(*(Path(word) for word in words[:1]), *(int(word) for word in words[1:])))
