"""Trains one network. Usage: train.py DATA OUT [--rows all|clean] [--recipe plain|mixed] [--fold K] [--sizes 128,...].

What ships goes on from there, see soup.py and mine.py. Every random choice comes from the seed, the epoch and the row,
so the same call on the same machine gives the same weights twice. Each finished epoch is kept, and a call that was cut
off goes on from the last one.
"""

import argparse
import copy
import math
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from augment import augmented, recoloured
from dataset import Row, decode, labels_of, parted, read_manifest, sampling_weights
from mixing import mixed
from network import Finder, clinical_logit
from torch import nn

SEED = 20261122
BATCH = 48
BODY_RATE, HEAD_RATE = 3e-4, 3e-3
WARM_UP = 0.08
AVERAGE = 0.998
"""Decay of the running mean of the weights, a step; the mean is what is kept."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Recipe:
    """In what two runs differ, whose mean finds more than each."""

    smoothing: float
    """Share of the certainty that is taken from each answer."""
    mixed: float
    """Share of the batches in which each picture is laid over another, or a part of it into another."""
    recoloured: float
    """Share of the pictures whose colours are turned, made grey or negative."""


RECIPES = {
    "plain": Recipe(smoothing=0.08, mixed=0.0, recoloured=0.0),
    "mixed": Recipe(smoothing=0.02, mixed=0.5, recoloured=0.25),
}


class Pictures(torch.utils.data.Dataset):  # type: ignore[type-arg]
    """The draws of one epoch, each augmented from its own seed."""

    def __init__(
        self, plan: "Plan", pixels: Sequence[np.ndarray], targets: np.ndarray, draws: np.ndarray, epoch: int
    ) -> None:
        self.plan, self.pixels, self.targets, self.draws, self.epoch = plan, pixels, targets, draws, epoch

    def __len__(self) -> int:
        return len(self.draws)

    def __getitem__(self, place: int) -> tuple[torch.Tensor, int]:
        row = int(self.draws[place])
        chance = np.random.default_rng((SEED, self.epoch, place))
        picture = augmented(self.pixels[row], self.plan.sizes[self.epoch], chance)
        share = self.plan.recipe.recoloured
        if share and chance.random() < share:
            picture = recoloured(picture, self.plan.rows[row].label, chance)
        return torch.from_numpy(picture), int(self.targets[row])


@dataclass(frozen=True)
class Plan:
    """One training run."""

    rows: list[Row]
    labels: tuple[str, ...]
    clinical: tuple[bool, ...]
    sizes: tuple[int, ...]
    """Width of the square, an epoch: small first, which costs less."""
    recipe: Recipe
    draw: np.ndarray
    """How often each row is drawn: shares, which make one together."""
    start: Mapping[str, torch.Tensor] | None = None
    """Weights to begin with, where not those for ImageNet."""
    rates: tuple[float, float] = (BODY_RATE, HEAD_RATE)
    """Peaks of the learning rate: of the body, and of the layer over the labels."""


def scaled(batch: torch.Tensor) -> torch.Tensor:
    """n x h x w x 3 uint8 -> n x 3 x h x w about -1..1, the scale that EfficientNet-Lite was trained on."""
    return ((batch.permute(0, 3, 1, 2).float() - 127) / 128).contiguous(memory_format=torch.channels_last)


def train(plan: Plan, pixels: Sequence[np.ndarray], keep: Path) -> nn.Module:
    """The mean of the weights over the last steps. `keep` holds the state between epochs."""
    torch.manual_seed(SEED)
    net = Finder(len(plan.labels)).to(memory_format=torch.channels_last)
    if plan.start is not None:
        net.load_state_dict(plan.start)
    body, head = plan.rates
    mean = copy.deepcopy(net)
    optimiser = torch.optim.AdamW(
        [
            {"params": net.body.parameters(), "lr": body, "peak": body},
            {"params": net.head.parameters(), "lr": head, "peak": head},
        ],
        weight_decay=0.02,
        fused=True,
    )
    per_epoch = len(plan.rows) // BATCH
    total = per_epoch * len(plan.sizes)
    first = _resume(keep, net, mean, optimiser)
    targets = np.array([plan.labels.index(one.label) for one in plan.rows])
    for epoch in range(first, len(plan.sizes)):
        torch.manual_seed(SEED + epoch)  # drop-out, also after a resume
        step, began = epoch * per_epoch, time.monotonic()
        losses, chance = [], np.random.default_rng((SEED, epoch, 0, 0))
        for images, wanted in _batches(plan, pixels, targets, epoch):
            _set_rate(optimiser, step / total)
            losses.append(_step(net, optimiser, images, wanted, plan, chance))
            _average(mean, net, min(AVERAGE, (1 + step) / (10 + step)))
            step += 1
            if step % 25 == 0:
                print(
                    epoch, step, total, f"{np.mean(losses[-25:]):.3f}", f"{time.monotonic() - began:.0f}s", flush=True
                )
        torch.save(
            {"net": net.state_dict(), "mean": mean.state_dict(), "opt": optimiser.state_dict(), "next": epoch + 1}, keep
        )
    return mean.eval()


def _resume(keep: Path, net: nn.Module, mean: nn.Module, optimiser: torch.optim.Optimizer) -> int:
    if not keep.exists():
        return 0
    state = torch.load(keep, weights_only=True)
    net.load_state_dict(state["net"])
    mean.load_state_dict(state["mean"])
    optimiser.load_state_dict(state["opt"])
    return int(state["next"])


def _batches(
    plan: Plan, pixels: Sequence[np.ndarray], targets: np.ndarray, epoch: int
) -> Iterator[tuple[torch.Tensor, torch.Tensor]]:
    chance = np.random.default_rng((SEED, epoch))
    draws = chance.choice(len(plan.rows), len(plan.rows), p=plan.draw)
    pictures = Pictures(plan, pixels, targets, draws, epoch)
    return iter(torch.utils.data.DataLoader(pictures, BATCH, num_workers=1, drop_last=True, prefetch_factor=6))


def _set_rate(optimiser: torch.optim.Optimizer, done: float) -> None:
    share = done / WARM_UP if done < WARM_UP else 0.5 * (1 + math.cos(math.pi * (done - WARM_UP) / (1 - WARM_UP)))
    for group in optimiser.param_groups:
        group["lr"] = group["peak"] * max(share, 0.01)


def _step(
    net: nn.Module,
    optimiser: torch.optim.Optimizer,
    images: torch.Tensor,
    wanted: torch.Tensor,
    plan: Plan,
    chance: np.random.Generator,
) -> float:
    net.train()
    pictures, other, share = mixed(scaled(images), plan.recipe.mixed, chance)
    with torch.autocast("cpu", torch.bfloat16):
        logits = net(pictures)
    loss = share * _loss(logits.float(), wanted, plan)
    if other is not None:
        loss = loss + (1 - share) * _loss(logits.float(), wanted[other], plan)
    optimiser.zero_grad()
    loss.backward()
    nn.utils.clip_grad_norm_(net.parameters(), 5.0)
    optimiser.step()
    return loss.item()


def _loss(logits: torch.Tensor, wanted: torch.Tensor, plan: Plan) -> torch.Tensor:
    """How far from the label, and how far from its side, clinical or not."""
    smoothing = plan.recipe.smoothing
    fine = nn.functional.cross_entropy(logits, wanted, label_smoothing=smoothing)
    truth = torch.tensor(plan.clinical)[wanted].float() * (1 - smoothing) + smoothing / 2
    return fine + nn.functional.binary_cross_entropy_with_logits(clinical_logit(logits, plan.clinical), truth)


@torch.no_grad()
def _average(mean: nn.Module, net: nn.Module, decay: float) -> None:
    torch._foreach_lerp_(list(mean.parameters()), list(net.parameters()), 1 - decay)


@torch.no_grad()
def predicted(net: nn.Module, pixels: Sequence[np.ndarray], size: int) -> np.ndarray:
    """Logits, n x labels, of whole pictures squashed to a square."""
    from PIL import Image

    net.eval()
    found = []
    for start in range(0, len(pixels), BATCH):
        squares = [
            np.asarray(Image.fromarray(one).resize((size, size), Image.Resampling.BILINEAR))
            for one in pixels[start : start + BATCH]
        ]
        found.append(net(scaled(torch.from_numpy(np.stack(squares)))).numpy())
    return np.concatenate(found)


def main(argv: Sequence[str]) -> None:
    ask = argparse.ArgumentParser(description=__doc__)
    ask.add_argument("data", type=Path)
    ask.add_argument("out", type=Path)
    ask.add_argument("--rows", choices=("all", "clean"), default="all")
    ask.add_argument("--recipe", choices=tuple(RECIPES), default="plain")
    ask.add_argument("--fold", type=int, default=None, help="hold the sources of this fold out")
    ask.add_argument("--sizes", default="128,144,160,176,208,224")
    ask.add_argument("--threads", type=int, default=2)
    ask.add_argument("--limit", type=int, default=0, help="only so many rows, evenly spaced: a trial of the pipeline")
    given = ask.parse_args(argv)
    torch.set_num_threads(given.threads)
    everything = read_manifest(given.data)
    labels, clinical = labels_of(everything)
    rows, _ = parted(everything, given.rows, given.fold)
    if given.limit:
        rows = rows[:: max(1, len(rows) // given.limit)][: given.limit]
    name = f"{given.rows}-{given.recipe}" + ("" if given.fold is None else f"-fold{given.fold}")
    given.out.mkdir(parents=True, exist_ok=True)
    sizes = tuple(int(one) for one in given.sizes.split(","))
    plan = Plan(rows, labels, clinical, sizes, RECIPES[given.recipe], sampling_weights(rows))
    net = train(plan, decode(given.data, rows), given.out / f"{name}.state.pt")
    torch.save(net.state_dict(), given.out / f"{name}.pt")


if __name__ == "__main__":
    main(sys.argv[1:])
