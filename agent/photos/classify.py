"""What a picture looks like: one small network, whose words and odds become a score. Runs in the worker only."""

import hashlib
import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import onnxruntime
from PIL import Image

from agent.photos.image import EMBEDDING
from agent.photos.weights import FOLDER, Weights, card_text
from checks.clinical_images.fact import Group

Floats = np.ndarray[Any, np.dtype[np.float32]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Opinion:
    """What the network makes of one picture."""

    score: float
    """0..1, calibrated."""
    odds: float
    """Logarithm of the odds before calibration: of several views of one picture these are averaged."""
    label: str
    """The most likely of the labels on the side that the score takes."""
    group: Group
    document: float
    """0..1: how likely it shows a page, a form or a screen of text, whose words should decide."""
    embedding: bytes
    """See Fingerprint. b"" of a thumbnail: its picture gets none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Card:
    """What the file beside the weights says of them."""

    name: str
    sha256: str
    """Of the weights, in hexadecimal."""
    labels: tuple[str, ...]
    groups: tuple[Group, ...]
    """Of each label; ORDINARY for those that are not clinical."""
    documents: tuple[str, ...]
    """Labels of pages, clinical and ordinary."""
    small: int
    """Side of the square for thumbnails, in pixels."""
    large: int
    calibration: Mapping[Group, tuple[float, float]]
    """Group -> slope and offset from odds to the logarithm of calibrated odds."""
    pass_on: float
    """A thumbnail that scores less is decided; the others are looked at in full."""


def load(weights: str = Weights.BEST) -> "Finder":
    """The finder with these weights. Raises OSError, ValueError where its files are missing or damaged."""
    name = Weights(weights)
    card = read_card(card_text(name))
    model = (FOLDER / f"{name}.onnx").read_bytes()
    if hashlib.sha256(model).hexdigest() != card.sha256:
        raise ValueError("the weights are not those of the card")
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    # With its own arena: else each picture's activations are asked of the system anew, a fifth of the whole time.
    options.log_severity_level = 4
    return Finder(card, onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"]))


def read_card(text: str) -> Card:
    """Raises ValueError (KeyError among them) for a card that does not fit together."""
    told = json.loads(text)
    labels = tuple(told["labels"])
    card = Card(
        name=str(told["name"]),
        sha256=str(told["sha256"]),
        labels=labels,
        groups=tuple(Group(told["groups"][label]) for label in labels),
        documents=tuple(told["documents"]),
        small=int(told["small"]),
        large=int(told["large"]),
        calibration={Group(key): (float(slope), float(shift)) for key, (slope, shift) in told["calibration"].items()},
        pass_on=float(told["pass_on"]),
    )
    if set(card.calibration) != set(card.groups) - {Group.ORDINARY} or not set(card.documents) <= set(labels):
        raise ValueError("the card's groups and labels do not fit together")
    return card


class Finder:
    """The network with its card."""

    def __init__(self, card: Card, session: onnxruntime.InferenceSession) -> None:
        self.card = card
        self._session = session
        self._clinical = np.array([one is not Group.ORDINARY for one in card.groups])
        self._documents = np.array([one in card.documents for one in card.labels])

    @property
    def name(self) -> str:
        """Name and version of the weights."""
        return self.card.name

    def look(self, images: Sequence[Image.Image], *, small: bool = False) -> list[Opinion]:
        """One opinion a picture. `small`: they are thumbnails; a smaller square serves, and there is no embedding."""
        side = self.card.small if small else self.card.large
        batch = np.empty((len(images), 3, side, side), np.float32)
        for place, one in zip(batch, images, strict=True):
            _fill(place, one)
        if small:
            (logits,) = self._session.run(["logits"], {"pictures": batch})
            return [self._opinion(one, b"") for one in logits]
        logits, embeddings = self._session.run(["logits", "embedding"], {"pictures": batch})
        return [self._opinion(one, _bytes(seen)) for one, seen in zip(logits, embeddings, strict=True)]

    def score(self, odds: float, group: Group) -> float:
        """The calibrated score of a picture that would be of this group if it is clinical."""
        slope, shift = self.card.calibration[group]
        return 1 / (1 + math.exp(-min(max(slope * odds + shift, -30.0), 30.0)))

    def _opinion(self, logits: Floats, embedding: bytes) -> Opinion:
        chances = np.exp(logits - logits.max())
        chances /= chances.sum()
        floor = 1e-12
        clinical = float(chances[self._clinical].sum())
        # Rounding may bring the sum above one.
        odds = math.log(clinical + floor) - math.log(max(1 - clinical, 0.0) + floor)
        likely = self._likely_group(chances)
        score = self.score(odds, likely)
        side = self._clinical if score >= 0.5 else ~self._clinical
        best = int(np.where(side, chances, -1).argmax())
        return Opinion(
            score=score,
            odds=odds,
            label=self.card.labels[best],
            group=likely if score >= 0.5 else Group.ORDINARY,
            document=float(chances[self._documents].sum()),
            embedding=embedding,
        )

    def _likely_group(self, chances: Floats) -> Group:
        """The clinical group that gathers the largest chance."""
        sums = dict.fromkeys(self.card.calibration, 0.0)
        for group, chance in zip(self.card.groups, chances.tolist(), strict=True):
            if group in sums:
                sums[group] += chance
        return max(sums, key=lambda group: sums[group])


def _fill(square: Floats, image: Image.Image) -> None:
    """3 x side x side, about -1..1: the whole picture, squashed, on the scale of the network's training."""
    whole = image if image.mode == "RGB" else image.convert("RGB")
    small = whole.resize(square.shape[1:], Image.Resampling.BILINEAR, reducing_gap=2.0)
    np.subtract(np.asarray(small).transpose(2, 0, 1), np.float32(127), out=square)
    square *= np.float32(1 / 128)  # of two, so that it is what division gives, to the last bit


def _bytes(embedding: Floats) -> bytes:
    length = float(np.linalg.norm(embedding)) or 1.0
    whole = np.clip(np.rint(embedding / length * 127), -127, 127).astype(np.int8)
    assert whole.shape == (EMBEDDING,)
    return bytes(whole.tobytes())
