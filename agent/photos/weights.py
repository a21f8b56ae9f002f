"""Which weights the finder may have, and what they are called: read without loading them."""

import hashlib
import json
from enum import StrEnum
from importlib.util import find_spec
from pathlib import Path

from agent import __version__

FOLDER = Path(__file__).parent / "models"
OPTIONAL = ("pillow_heif", "rawpy", "av", "pypdfium2", "pydicom", "rapidocr")
"""Packages without which some files are not judged."""


class Weights(StrEnum):
    """Which pictures the finder was trained on."""

    BEST = "best"
    """All of them, also those whose sources state no licence."""
    CLEAN = "clean"
    """Only those with a stated licence that permits it, and rendered ones."""


def card_text(weights: Weights) -> str:
    """The JSON beside the weights. Raises OSError."""
    return (FOLDER / f"{weights}.json").read_text(encoding="utf-8")


def name_of(weights: Weights) -> str:
    """Name and version, as a report carries it. Raises OSError, ValueError where the package is damaged."""
    name = json.loads(card_text(weights)).get("name")
    if not isinstance(name, str):
        raise ValueError("the card has no name")
    return name


def examiner(weights: Weights) -> str:
    """All that a judgement depends on: the finder to its last bit, this program, and which readers there are.

    If any of it is another, files are due again: what an older reader passed over may be a picture to the next one.
    Raises as `name_of`.
    """
    card = hashlib.blake2b(card_text(weights).encode(), digest_size=6).hexdigest()  # it holds the weights' own digest
    there = "".join(str(int(find_spec(one) is not None)) for one in OPTIONAL)
    return f"{name_of(weights)} {card} in {__version__} with {there}"
