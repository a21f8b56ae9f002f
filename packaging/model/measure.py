"""Figures of a finder: ranking, recall at few false alarms, calibration, each with an interval."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from dataset import Row
from scipy.stats import beta
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score

DRAWS = 400
"""Of the bootstrap."""
SEED = 20261122
POINT = 0.8
"""The score at which a policy counts a picture as clinical unless it says otherwise."""
ALARMS = 0.005
"""Share of ordinary pictures that may reach it."""
GROUPS = {
    "body": ("wound", "skin_condition", "dermoscopy", "nail_condition", "eye_condition"),
    "imaging": ("xray", "mri_ct", "ultrasound", "imaging_on_screen", "histology"),
    "tracing": ("ecg_trace", "ctg_trace", "meter_display"),
    "medication": ("medication",),
    "document": (
        "prescription", "clinical_letter_report", "lab_results", "medication_chart", "clinical_notes",
        "clinical_screen",
    ),
}  # fmt: skip
GROUP_OF = {label: group for group, labels in GROUPS.items() for label in labels}
PAGES = (
    *GROUPS["document"], "receipt", "ordinary_letter", "ordinary_table", "ordinary_notes", "ordinary_screen", "slide",
    "chart_plot",
)  # fmt: skip
"""Labels whose pictures are decided by their words, not by the network alone."""
PEOPLE = ("everyday", "people", "face", "face_mask", "landscape", "night_bw", "pet")
TWINS = ("normal_eye", "normal_skin")
"""Healthy close-ups from the very sets that show the ill ones."""
NEAR = ("hand", "food", "small_object")
"""Ordinary pictures that come closest to clinical ones."""


@dataclass(frozen=True)
class Rate:
    """A share with its 95 % interval."""

    hits: int
    of: int

    @property
    def share(self) -> float:
        return self.hits / self.of if self.of else float("nan")

    @property
    def interval(self) -> tuple[float, float]:
        """Clopper and Pearson's, which promises at least 95 %."""
        if not self.of:
            return (0.0, 1.0)
        low = 0.0 if self.hits == 0 else float(beta.ppf(0.025, self.hits, self.of - self.hits + 1))
        high = 1.0 if self.hits == self.of else float(beta.ppf(0.975, self.hits + 1, self.of - self.hits))
        return (low, high)

    def __str__(self) -> str:
        low, high = self.interval
        return f"{self.share:.1%} ({low:.1%} to {high:.1%}, {self.hits} of {self.of})"


@dataclass(frozen=True)
class Scored:
    """Pictures with what a finder made of them."""

    rows: Sequence[Row]
    odds: np.ndarray
    """Log odds before calibration."""
    group: np.ndarray
    """The clinical group that each comes nearest to."""
    score: np.ndarray | None = None

    @property
    def truth(self) -> np.ndarray:
        return np.array([one.clinical for one in self.rows])

    @property
    def pictures(self) -> np.ndarray:
        """Which are decided by pixels alone."""
        return np.array([one.label not in PAGES for one in self.rows])


def scored(rows: Sequence[Row], logits: np.ndarray, labels: Sequence[str], clinical: Sequence[bool]) -> Scored:
    """What the logits say of each row."""
    chances = np.exp(logits - logits.max(1, keepdims=True))
    chances /= chances.sum(1, keepdims=True)
    yes = chances[:, np.array(clinical)].sum(1)
    sums = np.stack([chances[:, [labels.index(one) for one in members]].sum(1) for members in GROUPS.values()], 1)
    names = np.array(list(GROUPS))
    return Scored(rows, np.log(yes + 1e-12) - np.log(1 - yes + 1e-12), names[sums.argmax(1)])


def calibrated(seen: Scored) -> dict[str, tuple[float, float]]:
    """Slope and offset of each group, from pictures of sources that the finder never saw.

    Platt's: a logistic curve through the odds, one for all groups, so that the order of the odds stays: curves of their
    own, learned from the few sources of a group, put ordinary pictures on top elsewhere. Then the offset moves, so that
    the share ALARMS of ordinary pictures reaches the score POINT. Close-ups of healthy eyes and skin are left out of
    that share: they were taken for clinical work as well, beside those of the ill, and stand for nobody's album.
    """
    common = _platt(seen.odds[seen.pictures], seen.truth[seen.pictures])
    return _anchored(seen, dict.fromkeys(GROUPS, common))


def album(seen: Scored) -> np.ndarray:
    """Which ordinary pictures stand for those that people have."""
    return seen.pictures & ~seen.truth & np.array([one.label not in TWINS for one in seen.rows])


def _anchored(seen: Scored, curves: dict[str, tuple[float, float]]) -> dict[str, tuple[float, float]]:
    edge = float(np.quantile(_raw(seen, curves)[album(seen)], 1 - ALARMS))
    move = float(np.log(POINT / (1 - POINT))) - edge
    return {group: (slope, offset + move) for group, (slope, offset) in curves.items()}


def _raw(seen: Scored, curves: dict[str, tuple[float, float]]) -> np.ndarray:
    return np.array([curves[g][0] * o + curves[g][1] for g, o in zip(seen.group, seen.odds, strict=True)])


def with_scores(seen: Scored, curves: dict[str, tuple[float, float]]) -> Scored:
    """The same with calibrated scores."""
    return Scored(seen.rows, seen.odds, seen.group, 1 / (1 + np.exp(-np.clip(_raw(seen, curves), -30, 30))))


def _platt(odds: np.ndarray, truth: np.ndarray) -> tuple[float, float]:
    fit = LogisticRegression(C=1.0, class_weight="balanced").fit(odds[:, None], truth)
    return max(float(fit.coef_[0, 0]), 0.05), float(fit.intercept_[0])


def auc(truth: np.ndarray, score: np.ndarray) -> tuple[float, float, float]:
    """Area under the ROC curve, with the ends of its bootstrap interval."""
    chance = np.random.default_rng(SEED)
    draws = []
    for _ in range(DRAWS):
        pick = chance.integers(0, len(truth), len(truth))
        if 0 < truth[pick].sum() < len(pick):
            draws.append(roc_auc_score(truth[pick], score[pick]))
    low, high = np.quantile(draws, (0.025, 0.975))
    return float(roc_auc_score(truth, score)), float(low), float(high)


def recall_at(truth: np.ndarray, score: np.ndarray, alarms: float) -> Rate:
    """Share of clinical pictures above the score that only so many ordinary ones pass."""
    ordinary = np.sort(score[~truth])[::-1]
    edge = ordinary[min(int(alarms * len(ordinary)), len(ordinary) - 1)]
    return Rate(int((score[truth] > edge).sum()), int(truth.sum()))


def at_point(chosen: np.ndarray, score: np.ndarray) -> Rate:
    """Share of these that reach POINT."""
    return Rate(int((score[chosen] >= POINT).sum()), int(chosen.sum()))


def calibration_error(truth: np.ndarray, score: np.ndarray, bins: int = 10) -> float:
    """Mean distance between score and share of clinical pictures, over bins, clinical and ordinary weighted alike."""
    weight = np.where(truth, 0.5 / max(truth.sum(), 1), 0.5 / max((~truth).sum(), 1))
    place = np.minimum((score * bins).astype(int), bins - 1)
    error = 0.0
    for one in range(bins):
        inside = place == one
        total = weight[inside].sum()
        if total > 0:
            error += abs((weight * truth)[inside].sum() - (weight * score)[inside].sum())
    return float(error)
