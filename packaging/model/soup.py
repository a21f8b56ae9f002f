"""Averages the two runs of train.py into one network. Usage: soup.py DATA OUT ROWS [FOLD].

Both runs start from the same weights for ImageNet, so a mean of them and of that start is a network too: it finds more
in sources that neither has seen than each of them. Expects ROWS-plain.pt and ROWS-mixed.pt (with -foldK at the end of
the name for a fold); leaves ROWS.pt there, or ROWS-foldK.pt.
"""

import sys
from collections.abc import Sequence
from pathlib import Path

import torch
from dataset import labels_of, read_manifest
from network import Finder
from train import RECIPES

START = 0.2
"""Share of the start in the mean; the two runs share the rest. The layer over the labels had no start."""


def main(argv: Sequence[str]) -> None:
    data, out, rows = Path(argv[0]), Path(argv[1]), argv[2]
    end = f"-fold{int(argv[3])}" if len(argv) > 3 else ""
    runs = [torch.load(out / f"{rows}-{one}{end}.pt", weights_only=True) for one in RECIPES]
    net = Finder(len(labels_of(read_manifest(data))[0]))
    torch.save(averaged(net.state_dict(), runs), out / f"{rows}{end}.pt")


def averaged(start: dict[str, torch.Tensor], runs: Sequence[dict[str, torch.Tensor]]) -> dict[str, torch.Tensor]:
    """The mean of each weight."""
    found = {}
    for name, first in start.items():
        mean = torch.stack([one[name] for one in runs]).mean(0)
        found[name] = START * first + (1 - START) * mean if name.startswith("body.") else mean
    return found


if __name__ == "__main__":
    main(sys.argv[1:])
