"""The labelled pictures: rows of the manifest, decoded once, and how whole sources are held out of training."""

import csv
import io
from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image

CLEAN = frozenset({"permissive", "synthetic"})
"""Licence classes whose sources state that their pictures may be used, or that were rendered for this project."""
SYNTHETIC = "synthetic"
FOLDS = 4
HARDEST = ((0.1, 5.0), (0.2, 2.0))
"""Of the ordinary pictures the hardest tenth comes five times as often, and the next one twice."""


@dataclass(frozen=True, slots=True)
class Row:
    """One picture of the manifest."""

    file: str
    label: str
    clinical: bool
    source: str
    licence: str
    validation: bool


def read_manifest(folder: Path) -> list[Row]:
    """All rows, in the manifest's order. Raises OSError, and KeyError when a column is missing."""
    with (folder / "manifest.csv").open(newline="", encoding="utf-8") as file:
        return [
            Row(
                file=one["file"],
                label=one["label"],
                clinical=one["clinical"] == "1",
                source=one["source_repo"],
                licence=one["licence_class"],
                validation=one["split"] == "val",
            )
            for one in csv.DictReader(file)
        ]


def labels_of(rows: Iterable[Row]) -> tuple[tuple[str, ...], tuple[bool, ...]]:
    """Labels in alphabetical order, and for each whether it is clinical."""
    clinical = {one.label: one.clinical for one in rows}
    names = tuple(sorted(clinical))
    return names, tuple(clinical[name] for name in names)


def only_clean(rows: Iterable[Row]) -> list[Row]:
    """Rows whose licence class is permissive or synthetic."""
    return [one for one in rows if one.licence in CLEAN]


def fold_of(rows: Sequence[Row]) -> dict[str, int]:
    """Source -> the fold that holds it out. Rendered pictures are never held out: they are no source of the world.

    The largest sources are placed first, each in the fold that holds least of its main label, then least of all: so
    a label with several sources keeps some of them in training while another is held out.
    """
    sizes = Counter(one.source for one in rows if one.source != SYNTHETIC)
    main = {source: Counter(one.label for one in rows if one.source == source).most_common(1)[0][0] for source in sizes}
    labels: list[Counter[str]] = [Counter() for _ in range(FOLDS)]
    held: dict[str, int] = {}
    for source, count in sorted(sizes.items(), key=lambda one: (-one[1], one[0])):
        fold = min(range(FOLDS), key=lambda k: (labels[k][main[source]], labels[k].total(), k))
        labels[fold][main[source]] += count
        held[source] = fold
    return held


def parted(everything: Sequence[Row], which: str, fold: int | None) -> tuple[list[Row], list[Row]]:
    """Rows to learn from, of `all` or only the `clean`, and rows to be scored: those of the fold, or for validation."""
    usable = only_clean(everything) if which == "clean" else list(everything)
    if fold is None:
        return [one for one in usable if not one.validation], [one for one in everything if one.validation]
    held = fold_of(everything)
    return (
        [one for one in usable if held.get(one.source) != fold],
        [one for one in everything if held.get(one.source) == fold],
    )


def decode(folder: Path, rows: Sequence[Row]) -> list[np.ndarray]:
    """Each picture as height x width x 3, uint8."""
    found = []
    for one in rows:
        with Image.open(io.BytesIO((folder / one.file).read_bytes())) as image:
            found.append(np.asarray(image.convert("RGB")))
    return found


def sampling_weights(rows: Sequence[Row]) -> np.ndarray:
    """How often each row is drawn: rare labels and small sources more often than their share, not all alike."""
    label = Counter(one.label for one in rows)
    source = Counter((one.label, one.source) for one in rows)
    weight = np.array([label[one.label] ** -0.3 * source[one.label, one.source] ** -0.4 for one in rows])
    return weight / weight.sum()


def harder_weights(rows: Sequence[Row], odds: np.ndarray, pages: Collection[str]) -> np.ndarray:
    """The same, with the ordinary pictures that are most nearly taken for clinical drawn still more often.

    `odds`: of each row, that it is clinical. `pages`: labels that are left as they are, since their words decide.
    """
    weight = sampling_weights(rows)
    ordinary = np.array([k for k, one in enumerate(rows) if not one.clinical and one.label not in pages], dtype=int)
    hardest = ordinary[np.argsort(-odds[ordinary], kind="stable")]
    first = 0
    for share, times in HARDEST:
        last = int(share * len(hardest))
        weight[hardest[first:last]] *= times
        first = last
    return weight / weight.sum()
