"""Makes what ships from what was trained: int8 weights, calibration, metrics. Usage: release.py DATA OUT ROWS [CARD].

ROWS is `all` or `clean`. Expects all-mined.pt with all-fold0.npz ..., or clean.pt, in OUT, as make.sh brings them
there; leaves best.onnx and best.json (or clean.*) and ROWS.metrics.json. With CARD, the JSON of an earlier release, its
calibration stays: so more figures can be had of the same weights.
"""

import hashlib
import io
import json
import sys
from collections.abc import Callable, Sequence
from datetime import date
from pathlib import Path

import numpy as np
import onnxruntime
import torch
from dataset import FOLDS, Row, decode, labels_of, only_clean, read_manifest
from export import INPUT, export, prepared, quantise
from measure import (
    GROUP_OF,
    NEAR,
    PAGES,
    PEOPLE,
    POINT,
    TWINS,
    Rate,
    Scored,
    album,
    at_point,
    auc,
    calibrated,
    calibration_error,
    recall_at,
    scored,
    with_scores,
)
from network import Finder
from PIL import Image
from train import predicted

NAMES = {"all": "best", "clean": "clean"}
WEIGHTS = {"all": "all-mined.pt", "clean": "clean.pt"}
SMALL, LARGE = 160, 224
CALIBRATION_PICTURES = 320
KEPT_BY_THUMBNAIL = 0.995
"""Share of what the whole picture finds that a thumbnail must let through."""
MOST_BYTES = 6_000_000
SEED = 20261122
VERSION = date(2026, 11, 22)
Logits = Callable[[np.ndarray], np.ndarray]


def main(argv: Sequence[str]) -> None:
    data, out, rows = Path(argv[0]), Path(argv[1]), argv[2]
    everything = read_manifest(data)
    labels, clinical = labels_of(everything)
    usable = only_clean(everything) if rows == "clean" else everything
    fresh = [one for one in usable if not one.validation]
    name = NAMES[rows]
    _export(data, out, rows, name, fresh, len(labels))
    held = _held_out(data, out, rows, everything, labels, clinical)
    before = json.loads(Path(argv[3]).read_text()) if len(argv) > 3 else None
    curves = calibrated(held) if before is None else {group: tuple(one) for group, one in before["calibration"].items()}
    held = with_scores(held, curves)
    values = _validation(data, out / f"{name}.onnx", everything, labels, clinical, curves)
    pass_on = _pass_on(values["whole"], values["thumbnail"]) if before is None else before["pass_on"]
    card = {
        "name": f"scrubin-{name} {VERSION:%Y.%m}",
        "sha256": hashlib.sha256((out / f"{name}.onnx").read_bytes()).hexdigest(),
        "labels": labels,
        "groups": {one: GROUP_OF.get(one, "ordinary") for one in labels},
        "documents": PAGES,
        "small": SMALL,
        "large": LARGE,
        "calibration": {group: [round(one, 5) for one in curve] for group, curve in curves.items()},
        "pass_on": round(pass_on, 4),
    }
    (out / f"{name}.json").write_text(json.dumps(card, indent=1) + "\n")
    metrics = _metrics(held, values, pass_on, len(fresh), out / f"{name}.onnx")
    (out / f"{rows}.metrics.json").write_text(json.dumps(metrics, indent=1) + "\n")


def _export(data: Path, out: Path, rows: str, name: str, fresh: Sequence[Row], labels: int) -> None:
    export(_trained(out, rows, labels), out / f"{rows}.float.onnx")
    chosen = np.random.default_rng(SEED).choice(len(fresh), min(CALIBRATION_PICTURES, len(fresh)), replace=False)
    quantise(out / f"{rows}.float.onnx", out / f"{name}.onnx", decode(data, [fresh[i] for i in chosen]), (SMALL, LARGE))
    size = (out / f"{name}.onnx").stat().st_size
    if size > MOST_BYTES:
        raise SystemExit(f"{name}.onnx has {size} bytes, more than {MOST_BYTES}")


def _trained(out: Path, rows: str, labels: int) -> Finder:
    net = Finder(labels)
    net.load_state_dict(torch.load(out / WEIGHTS[rows], weights_only=True))
    return net.eval()


def _held_out(
    data: Path, out: Path, rows: str, everything: Sequence[Row], labels: Sequence[str], clinical: Sequence[bool]
) -> Scored:
    """Real pictures of sources that the training did not see.

    For `all`: each by the shorter run that left its source out. For `clean`: those that its licences leave out, by the
    very weights that ship.
    """
    if rows == "clean":
        clean = {one.source for one in only_clean(everything)}
        unseen = [one for one in everything if one.source not in clean]
        net = _trained(out, rows, len(labels))
        return scored(unseen, predicted(net, decode(data, unseen), LARGE), labels, clinical)
    by_file = {one.file: one for one in everything}
    paths = [path for fold in range(FOLDS) if (path := out / f"{rows}-fold{fold}.npz").exists()]
    kept = [np.load(path) for path in paths]  # a release in haste may have fewer: the card says how many sources
    found = [by_file[str(one)] for part in kept for one in part["files"]]
    return scored(found, np.concatenate([part["logits"] for part in kept]), labels, clinical)


def _validation(
    data: Path, weights: Path, everything: Sequence[Row], labels: Sequence[str], clinical: Sequence[bool],
    curves: dict[str, tuple[float, float]],
) -> dict[str, Scored]:  # fmt: skip
    """Pictures that were left out of training, whole and as thumbnails, through the weights that ship."""
    rows = [one for one in everything if one.validation]
    pixels = decode(data, rows)
    session = onnxruntime.InferenceSession(str(weights), providers=["CPUExecutionProvider"])

    def through(pictures: Sequence[np.ndarray], side: int) -> Scored:
        logits = np.concatenate([session.run(["logits"], {INPUT: prepared(one, side)[None]})[0] for one in pictures])
        return with_scores(scored(rows, logits, labels, clinical), curves)

    return {"whole": through(pixels, LARGE), "thumbnail": through([_thumbnail(one) for one in pixels], SMALL)}


def _thumbnail(pixels: np.ndarray) -> np.ndarray:
    """As cameras make them: 160 pixels on the longer side, compressed."""
    image = Image.fromarray(pixels)
    image.thumbnail((160, 160))
    store = io.BytesIO()
    image.save(store, "JPEG", quality=75)
    with Image.open(io.BytesIO(store.getvalue())) as small:
        return np.asarray(small.convert("RGB"))


def _pass_on(whole: Scored, thumbnail: Scored) -> float:
    """The score that all but a few of the thumbnails reach whose whole pictures count as clinical."""
    assert whole.score is not None
    assert thumbnail.score is not None
    found = whole.truth & whole.pictures & (whole.score >= POINT)
    return float(np.clip(np.quantile(thumbnail.score[found], 1 - KEPT_BY_THUMBNAIL), 0.005, 0.3))


def _metrics(held: Scored, values: dict[str, Scored], pass_on: float, rows: int, weights: Path) -> dict[str, object]:
    return {
        "rows": rows,
        "bytes": weights.stat().st_size,
        "held_out": _figures(held),
        "validation": {name: _figures(one) for name, one in values.items()},
        "cascade": _cascade(values["whole"], values["thumbnail"], pass_on),
    }


def _figures(seen: Scored) -> dict[str, object]:
    assert seen.score is not None
    chosen = (seen.truth & seen.pictures) | album(seen)
    truth, score = seen.truth[chosen], seen.score[chosen]
    label = np.array([one.label for one in seen.rows])
    source = np.array([one.source for one in seen.rows])
    return {
        "pictures": int(chosen.sum()),
        "sources": len(set(source[chosen])),
        "auc": auc(truth, score),
        "recall_at_0.5%": _told(recall_at(truth, score, 0.005)),
        "recall_at_0.2%": _told(recall_at(truth, score, 0.002)),
        "calibration_error": calibration_error(truth, score),
        "found": {one: _told(at_point(label == one, seen.score)) for one in sorted(set(label[seen.truth]))},
        "alarms": {one: _told(at_point(label == one, seen.score)) for one in sorted(set(label[~seen.truth]))},
        "alarms_people": _told(at_point(np.isin(label, PEOPLE) & ~seen.truth, seen.score)),
        "alarms_near": _told(at_point(np.isin(label, NEAR) & ~seen.truth, seen.score)),
        "alarms_twins": _told(at_point(np.isin(label, TWINS) & ~seen.truth, seen.score)),
        "by_source": {
            f"{one} ({side})": _told(
                at_point((source == one) & chosen & (seen.truth == (side == "clinical")), seen.score)
            )
            for one in sorted(set(source))
            for side in ("clinical", "ordinary")
            if ((source == one) & chosen & (seen.truth == (side == "clinical"))).any()
        },
    }


def _cascade(whole: Scored, thumbnail: Scored, pass_on: float) -> dict[str, object]:
    assert whole.score is not None
    assert thumbnail.score is not None
    through = thumbnail.score >= pass_on
    both = through & (whole.score >= POINT)
    clinical, ordinary = whole.truth & whole.pictures, album(whole)
    return {
        "pass_on": pass_on,
        "ordinary_looked_at_in_full": _told(Rate(int((through & ordinary).sum()), int(ordinary.sum()))),
        "found": _told(Rate(int((both & clinical).sum()), int(clinical.sum()))),
        "alarms": _told(Rate(int((both & ordinary).sum()), int(ordinary.sum()))),
    }


def _told(rate: Rate) -> dict[str, object]:
    low, high = rate.interval
    return {"share": rate.share, "low": low, "high": high, "hits": rate.hits, "of": rate.of}


if __name__ == "__main__":
    main(sys.argv[1:])
