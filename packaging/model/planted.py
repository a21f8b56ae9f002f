"""Draws the picture that every scan must find: twelve leads on ECG paper, of nobody. Usage: planted.py FILE."""

import math
import sys

import numpy as np
from PIL import Image, ImageDraw, ImageFilter, ImageFont

WIDTH, HEIGHT = 1280, 960
MM = 5
"""Pixels a millimetre of the paper."""
LEADS = (("I", "aVR", "V1", "V4"), ("II", "aVL", "V2", "V5"), ("III", "aVF", "V3", "V6"))
SEED = 7


def beat(phase: float) -> float:
    """Millivolts at a phase of one heart beat, 0..1: P, Q, R, S and T as five bumps."""
    bumps = ((0.18, 0.025, 0.12), (0.275, 0.008, -0.12), (0.30, 0.010, 1.1), (0.325, 0.009, -0.25), (0.55, 0.045, 0.28))
    return sum(height * math.exp(-(((phase - centre) / width) ** 2)) for centre, width, height in bumps)


def drawn() -> Image.Image:
    """The sheet, a little uneven in light, as a phone sees it."""
    image = Image.new("RGB", (WIDTH, HEIGHT), (255, 247, 244))
    draw = ImageDraw.Draw(image)
    for step, colour in ((MM, (250, 214, 208)), (5 * MM, (238, 160, 150))):
        for x in range(0, WIDTH, step):
            draw.line((x, 0, x, HEIGHT), fill=colour)
        for y in range(0, HEIGHT, step):
            draw.line((0, y, WIDTH, y), fill=colour)
    font = ImageFont.load_default(22)
    draw.text(
        (30, 20), "SPECIMEN   25 mm/s  10 mm/mV   HR 72 bpm  PR 156 ms  QRS 92 ms  QTc 411 ms", (40, 40, 50), font
    )
    for row, leads in enumerate((*LEADS, ("II",))):
        middle = 200 + row * 205
        for column, lead in enumerate(leads):
            draw.text((35 + column * 310, middle - 95), lead, (40, 40, 50), font)
        sign = [-1 if lead == "aVR" else 1 for lead in leads]
        points = []
        for x in range(20, WIDTH - 20):
            seconds = x / MM / 25
            lead = min((x - 20) * len(leads) // (WIDTH - 40), len(leads) - 1)
            size = sign[lead] * (0.7 + 0.15 * ((row + lead) % 4))
            points.append((x, middle - beat(seconds * 1.2 % 1) * size * 10 * MM))
        draw.line(points, fill=(25, 25, 40), width=3)
    light = np.linspace(1.0, 0.86, WIDTH)[None, :, None]
    grain = np.random.default_rng(SEED).normal(0, 2.5, (HEIGHT, WIDTH, 1))
    shaded = np.clip(np.asarray(image.filter(ImageFilter.GaussianBlur(0.7))) * light + grain, 0, 255)
    return Image.fromarray(shaded.astype(np.uint8))


if __name__ == "__main__":
    drawn().save(sys.argv[1], "JPEG", quality=82)
