"""Averages the two runs of train.py into one network. Usage: soup.py DATA OUT ROWS [FOLD].

Both runs start from the same weights for ImageNet, so a mean of them and of that start is a network too: it finds more
in sources that neither has seen than each of them. Expects ROWS-plain.pt and ROWS-mixed.pt (with -foldK at the end of
the name for a fold); leaves ROWS.pt there, or ROWS-foldK.pt with the logits of what it holds out in ROWS-foldK.npz.
"""

import sys
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch
from dataset import decode, labels_of, parted, read_manifest
from network import Finder
from train import RECIPES, predicted

SIDE, CENTRE = 224, 0.8
"""Held-out pictures are scored as the agent looks at them: whole and their middle, in squares of this side."""
THREADS = 2
START = 0.2
"""Share of the start in the mean; the two runs share the rest. The layer over the labels had no start."""


def main(argv: Sequence[str]) -> None:
    data, out, rows = Path(argv[0]), Path(argv[1]), argv[2]
    fold = int(argv[3]) if len(argv) > 3 else None
    end = "" if fold is None else f"-fold{fold}"
    torch.set_num_threads(THREADS)
    runs = [torch.load(out / f"{rows}-{one}{end}.pt", weights_only=True) for one in RECIPES]
    everything = read_manifest(data)
    net = Finder(len(labels_of(everything)[0]))
    state = averaged(net.state_dict(), runs)
    torch.save(state, out / f"{rows}{end}.pt")
    if fold is None:
        return
    _, unseen = parted(everything, rows, fold)
    net.load_state_dict(state)
    pixels = decode(data, unseen)
    logits = (predicted(net, pixels, SIDE) + predicted(net, [_middle(one) for one in pixels], SIDE)) / 2
    np.savez(out / f"{rows}{end}.npz", logits=logits, files=[one.file for one in unseen])


def averaged(start: dict[str, torch.Tensor], runs: Sequence[dict[str, torch.Tensor]]) -> dict[str, torch.Tensor]:
    """The mean of each weight."""
    found = {}
    for name, first in start.items():
        mean = torch.stack([one[name] for one in runs]).mean(0)
        found[name] = START * first + (1 - START) * mean if name.startswith("body.") else mean
    return found


def _middle(pixels: np.ndarray) -> np.ndarray:
    height, width = pixels.shape[:2]
    y, x = round(height * (1 - CENTRE) / 2), round(width * (1 - CENTRE) / 2)
    return pixels[y : height - y, x : width - x]


if __name__ == "__main__":
    main(sys.argv[1:])
