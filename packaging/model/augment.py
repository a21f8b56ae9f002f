"""What happens to photographs on their way to a folder: cropped, re-compressed, filmed from a screen, badly lit."""

import io

import numpy as np
from PIL import Image, ImageDraw, ImageFilter

GREY_LABELS = frozenset({"xray", "ultrasound", "mri_ct", "imaging_on_screen"})
"""These are shown as negatives too."""
Picture = Image.Image
Chance = np.random.Generator


def augmented(pixels: np.ndarray, size: int, chance: Chance) -> np.ndarray:
    """One training picture, size x size x 3 uint8, from one of any size. The same `chance` gives the same picture."""
    image = Image.fromarray(pixels)
    if chance.random() < 0.10:
        image = _from_a_screen(image, chance)
    image = _cropped(image, size, chance)
    image = _turned(image, chance)
    if chance.random() < 0.08:
        image = _framed(image, chance)
    image = _lit(image, chance)
    if chance.random() < 0.10:
        image = image.filter(ImageFilter.GaussianBlur(float(chance.uniform(0.3, 1.8))))
    image = _sent(image, size, chance)
    result = np.array(image)
    if chance.random() < 0.12:
        result = _noisy(result, chance)
    if chance.random() < 0.15:
        _covered(result, chance)
    return result


def recoloured(pixels: np.ndarray, label: str, chance: Chance) -> np.ndarray:
    """The same picture in other colours, which leaves its shapes to tell what it shows."""
    draw, values = chance.random(), pixels.astype(np.float32)
    if label in GREY_LABELS and draw < 0.35:
        values = 255 - values
    elif draw < 0.30:
        values = np.repeat(values.mean(2, keepdims=True), 3, 2)
    elif draw < 0.85:
        matrix = np.eye(3) + chance.normal(0, 0.12, (3, 3))
        values = values @ (matrix / matrix.sum(1, keepdims=True)).T.astype(np.float32)
    else:
        values = values[..., chance.permutation(3)]
    return np.clip(values, 0, 255).astype(np.uint8)


def _cropped(image: Picture, size: int, chance: Chance) -> Picture:
    """Squashed to a square, as the scanner does, whole or a part of it."""
    width, height = image.size
    box: tuple[float, float, float, float] = (0, 0, width, height)
    if chance.random() < 0.75:
        area, ratio = chance.uniform(0.35, 1.0), np.exp(chance.uniform(-0.3, 0.3))
        w, h = min(1.0, (area * ratio) ** 0.5) * width, min(1.0, (area / ratio) ** 0.5) * height
        x, y = chance.uniform(0, width - w + 1e-6), chance.uniform(0, height - h + 1e-6)
        box = (max(0.0, x), max(0.0, y), min(width, x + w), min(height, y + h))
    how = Image.Resampling.BILINEAR if chance.random() < 0.7 else Image.Resampling.BICUBIC
    return image.resize((size, size), how, box=box)


def _turned(image: Picture, chance: Chance) -> Picture:
    if chance.random() < 0.5:
        image = image.transpose(Image.Transpose.FLIP_LEFT_RIGHT)
    if chance.random() < 0.18:
        quarter = (Image.Transpose.ROTATE_90, Image.Transpose.ROTATE_180, Image.Transpose.ROTATE_270)
        image = image.transpose(quarter[int(chance.integers(3))])
    elif chance.random() < 0.12:
        image = image.rotate(float(chance.uniform(-20, 20)), Image.Resampling.BILINEAR, fillcolor=_colour(chance))
    return image


def _from_a_screen(image: Picture, chance: Chance) -> Picture:
    """Taken of a screen or a print: seen aslant, with something around it, stripes of interference over it."""
    width, height = image.size
    edge = chance.uniform(-0.12, 0.10, 8)
    x, y = edge[:4] * width, edge[4:] * height
    quad = (x[0], y[0], x[1], height - y[1], width - x[2], height - y[2], width - x[3], y[3])
    image = image.transform(
        image.size, Image.Transform.QUAD, [float(one) for one in quad], Image.Resampling.BILINEAR,
        fillcolor=_colour(chance),
    )  # fmt: skip
    if chance.random() < 0.6:
        angle, period = chance.uniform(0, np.pi), chance.uniform(2.2, 12)
        rows, columns = np.mgrid[0:height, 0:width]
        wave = np.sin((columns * np.cos(angle) + rows * np.sin(angle)) * 2 * np.pi / period)
        tint = 1 + wave[..., None] * chance.uniform(0.02, 0.12) * chance.uniform(0.4, 1.0, 3)
        image = Image.fromarray(np.clip(np.asarray(image) * tint, 0, 255).astype(np.uint8))
    return image


def _framed(image: Picture, chance: Chance) -> Picture:
    """Bars, as around a screenshot, or a round mask, as through an instrument."""
    width, height = image.size
    draw = ImageDraw.Draw(image)
    colour = (0, 0, 0) if chance.random() < 0.4 else (255, 255, 255) if chance.random() < 0.5 else _colour(chance)
    depth = float(chance.uniform(0.04, 0.22))
    if chance.random() < 0.3:
        mask = Image.new("L", image.size, 0)
        inset = depth * width * 0.3
        ImageDraw.Draw(mask).ellipse((inset, inset, width - inset, height - inset), fill=255)
        return Image.composite(image, Image.new("RGB", image.size, colour), mask)
    if chance.random() < 0.5:
        draw.rectangle((0, 0, width, depth * height), fill=colour)
        draw.rectangle((0, height * (1 - depth), width, height), fill=colour)
    else:
        draw.rectangle((0, 0, depth * width, height), fill=colour)
        draw.rectangle((width * (1 - depth), 0, width, height), fill=colour)
    return image


def _lit(image: Picture, chance: Chance) -> Picture:
    """Brightness, contrast, gamma and white balance in one table a channel; then colour strength."""
    if chance.random() < 0.8:
        level = np.arange(256) / 255
        table = []
        contrast, shift, gamma = chance.uniform(0.65, 1.35), chance.uniform(-0.15, 0.15), chance.uniform(0.65, 1.5)
        for gain in chance.uniform(0.88, 1.12, 3):
            curve = ((level**gamma - 0.5) * contrast + 0.5 + shift) * gain
            table.extend(np.clip(curve * 255, 0, 255).astype(int).tolist())
        image = image.point(table)
    strength = 0.0 if chance.random() < 0.06 else float(chance.uniform(0.5, 1.35)) if chance.random() < 0.6 else 1.0
    if strength != 1.0:
        grey = image.convert("L").convert("RGB")
        image = Image.blend(grey, image, strength)
    return image


def _sent(image: Picture, size: int, chance: Chance) -> Picture:
    """A thumbnail of a camera, or a copy that a chat program compressed again, or neither."""
    draw = chance.random()
    if draw < 0.35:
        small = int(chance.integers(72, 160))
        image = _compressed(image.resize((small, small), Image.Resampling.BILINEAR), int(chance.integers(40, 92)))
        return image.resize((size, size), Image.Resampling.BILINEAR)
    return _compressed(image, int(chance.integers(25, 95))) if draw < 0.6 else image


def _compressed(image: Picture, quality: int) -> Picture:
    store = io.BytesIO()
    image.save(store, "JPEG", quality=quality)
    return Image.open(io.BytesIO(store.getvalue())).convert("RGB")


def _noisy(pixels: np.ndarray, chance: Chance) -> np.ndarray:
    """Low light: darker, and grain that the sensor adds."""
    dark = chance.uniform(0.4, 1.0)
    grain = chance.normal(0, chance.uniform(2, 16), (*pixels.shape[:2], 1 if chance.random() < 0.5 else 3))
    return np.clip(pixels * dark + grain, 0, 255).astype(np.uint8)


def _covered(pixels: np.ndarray, chance: Chance) -> None:
    """A patch hidden, so that no single spot decides."""
    size = pixels.shape[0]
    w, h = (int(one) for one in chance.uniform(0.08, 0.3, 2) * size)
    x, y = int(chance.integers(0, size - w)), int(chance.integers(0, size - h))
    pixels[y : y + h, x : x + w] = _colour(chance)


def _colour(chance: Chance) -> tuple[int, int, int]:
    red, green, blue = (int(one) for one in chance.integers(0, 256, 3))
    return red, green, blue
