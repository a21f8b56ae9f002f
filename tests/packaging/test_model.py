"""What trains the finders is repeatable and holds whole sources out; what ships is small, sealed and described."""

import hashlib
import importlib
import json
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest

from agent.photos.planted import FOLDER as PLANTED
from agent.photos.weights import FOLDER, Weights, name_of

PIPELINE = Path(__file__).parents[2] / "packaging" / "model"
MOST_BYTES = 6_000_000
COLUMNS = "file,label,clinical,source_repo,source_path,licence,split,licence_class"


@pytest.fixture(scope="module")
def part() -> Iterator[object]:
    sys.path.insert(0, str(PIPELINE))
    try:
        yield lambda name: importlib.import_module(name)
    finally:
        sys.path.remove(str(PIPELINE))


def module(part, name: str) -> ModuleType:
    return part(name)


def manifest(folder: Path) -> Path:
    """Three sources of wounds, one of pets, and rendered ones."""
    rows = [
        (f"{source}-{k}.jpg", label, clinical, source, "x", "CC0", "val" if k == 0 else "train", licence)
        for source, label, clinical, licence, count in (
            ("a/wounds", "wound", 1, "unstated", 30), ("b/wounds", "wound", 1, "permissive", 20),
            ("c/wounds", "wound", 1, "copyleft", 10), ("d/pets", "pet", 0, "permissive", 40),
            ("synthetic", "wound", 1, "synthetic", 25),
        )
        for k in range(count)
    ]  # fmt: skip
    (folder / "manifest.csv").write_text("\n".join([COLUMNS, *(",".join(map(str, row)) for row in rows)]) + "\n")
    return folder


def test_whole_sources_are_held_out_and_rendered_ones_never(part, tmp_path: Path) -> None:
    dataset = module(part, "dataset")
    held = dataset.fold_of(dataset.read_manifest(manifest(tmp_path)))
    assert set(held) == {"a/wounds", "b/wounds", "c/wounds", "d/pets"}
    assert len({held[one] for one in ("a/wounds", "b/wounds", "c/wounds")}) == 3


def test_a_run_learns_nothing_of_the_sources_that_it_is_scored_on(part, tmp_path: Path) -> None:
    dataset = module(part, "dataset")
    rows = dataset.read_manifest(manifest(tmp_path))
    for fold in range(dataset.FOLDS):
        seen, unseen = dataset.parted(rows, "all", fold)
        assert not {one.source for one in seen} & {one.source for one in unseen}
        assert len(seen) + len(unseen) == len(rows)
    seen, unseen = dataset.parted(rows, "all", None)
    assert not any(one.validation for one in seen)
    assert all(one.validation for one in unseen)
    assert {one.source for one in dataset.parted(rows, "clean", None)[0]} == {"b/wounds", "d/pets", "synthetic"}


def test_clean_rows_are_those_of_stated_licences(part, tmp_path: Path) -> None:
    dataset = module(part, "dataset")
    clean = dataset.only_clean(dataset.read_manifest(manifest(tmp_path)))
    assert {one.source for one in clean} == {"b/wounds", "d/pets", "synthetic"}


def test_small_sources_are_drawn_more_often_than_their_share(part, tmp_path: Path) -> None:
    dataset = module(part, "dataset")
    rows = dataset.read_manifest(manifest(tmp_path))
    weight = dataset.sampling_weights(rows)
    assert weight.sum() == pytest.approx(1)
    of = {one.source: share for one, share in zip(rows, weight, strict=True)}
    assert of["c/wounds"] > of["b/wounds"] > of["a/wounds"]
    count = Counter(one.source for one in rows)
    assert of["a/wounds"] * count["a/wounds"] > of["c/wounds"] * count["c/wounds"]


def test_ordinary_pictures_that_look_clinical_are_drawn_more_often(part, tmp_path: Path) -> None:
    dataset = module(part, "dataset")
    rows = dataset.read_manifest(manifest(tmp_path))
    odds = np.arange(len(rows), dtype=float)
    times = dataset.harder_weights(rows, odds, ()) / dataset.sampling_weights(rows)
    times /= times.min()
    ordinary = [k for k, one in enumerate(rows) if not one.clinical]
    assert {k for k in range(len(rows)) if times[k] > 4} == set(ordinary[-4:])
    assert {k for k in range(len(rows)) if 1.5 < times[k] < 4} == set(ordinary[-8:-4])
    assert dataset.harder_weights(rows, odds, {"pet"}) == pytest.approx(dataset.sampling_weights(rows))


def test_the_same_seed_gives_the_same_picture_and_another_another(part) -> None:
    augmented = module(part, "augment").augmented
    pixels = np.random.default_rng(3).integers(0, 256, (180, 240, 3), dtype=np.uint8)
    for seed in range(25):
        first, again = (augmented(pixels, 96, np.random.default_rng(seed)) for _ in range(2))
        assert first.shape == (96, 96, 3)
        assert first.dtype == np.uint8
        assert np.array_equal(first, again)
    assert not np.array_equal(*(augmented(pixels, 96, np.random.default_rng(seed)) for seed in (1, 2)))


def test_a_recoloured_picture_keeps_its_shapes_and_scans_turn_negative(part) -> None:
    augment = module(part, "augment")
    pixels = np.random.default_rng(3).integers(0, 256, (96, 96, 3), dtype=np.uint8)
    negatives = {"xray": 0, "pet": 0}
    for label in negatives:
        for seed in range(25):
            first, again = (augment.recoloured(pixels, label, np.random.default_rng(seed)) for _ in range(2))
            assert first.shape == pixels.shape
            assert first.dtype == np.uint8
            assert np.array_equal(first, again)
            negatives[label] += np.array_equal(first, 255 - pixels)
    assert negatives["xray"] > negatives["pet"] == 0


def test_the_planted_picture_is_the_one_that_is_drawn(part) -> None:
    from PIL import Image, ImageChops, ImageStat

    drawn = module(part, "planted").drawn()
    (path,) = PLANTED.glob("*.jpg")
    with Image.open(path) as shipped:
        assert shipped.size == drawn.size
        assert max(ImageStat.Stat(ImageChops.difference(shipped.convert("RGB"), drawn)).mean) < 8


@pytest.mark.parametrize("weights", list(Weights))
def test_weights_ship_small_with_their_card(weights: Weights) -> None:
    model, told = (FOLDER / f"{weights}.onnx").read_bytes(), json.loads((FOLDER / f"{weights}.json").read_text())
    assert len(model) <= MOST_BYTES
    assert hashlib.sha256(model).hexdigest() == told["sha256"]
    assert name_of(weights).startswith(f"scrubin-{weights} ")
    assert len(told["labels"]) == 50
    assert b"/home/" not in model
    assert b"/tmp/" not in model


def test_the_card_tells_of_both_and_of_what_they_miss() -> None:
    card = (FOLDER / "CARD.md").read_text()
    for word in ("## best:", "## clean:", "sources held out", "## What they miss", "calibration error", "thumbnail"):
        assert word in card


def test_the_finders_are_two() -> None:
    assert (FOLDER / "best.onnx").read_bytes() != (FOLDER / "clean.onnx").read_bytes()
