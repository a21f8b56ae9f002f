"""One more pass over what the network nearly takes for clinical. Usage: mine.py DATA OUT ROWS [FOLD].

Ordinary pictures that score highest are drawn more often, and the result is averaged with what it began from. Expects
ROWS.pt, or ROWS-foldK.pt; leaves ROWS-mined.pt, or ROWS-mined-foldK.pt with the logits of what it holds out in
ROWS-foldK.npz.
"""

import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import torch
from dataset import decode, harder_weights, labels_of, parted, read_manifest
from measure import PAGES
from network import Finder, clinical_logit
from train import RECIPES, Plan, predicted, train

LOOK, SIDES, FOLD_SIDES = 128, (208,), (144,)
"""Width of the squares, in pixels: to find the hard ones, and to learn from them."""
RATES = (1e-4, 5e-4)
MINED = 0.7
"""Share of the new weights in the mean with those before."""
WHOLE, CENTRE = 224, 0.8
"""Held-out pictures are scored as the agent looks at them: whole and their middle, in squares of this side."""
THREADS = 2
Weights = Mapping[str, torch.Tensor]


def main(argv: Sequence[str]) -> None:
    data, out, rows = Path(argv[0]), Path(argv[1]), argv[2]
    fold = int(argv[3]) if len(argv) > 3 else None
    end = "" if fold is None else f"-fold{fold}"
    torch.set_num_threads(THREADS)
    everything = read_manifest(data)
    labels, clinical = labels_of(everything)
    learned, unseen = parted(everything, rows, fold)
    before = torch.load(out / f"{rows}{end}.pt", weights_only=True)
    net = Finder(len(labels))
    net.load_state_dict(before)
    pixels = decode(data, learned)
    odds = clinical_logit(torch.from_numpy(predicted(net, pixels, LOOK)), clinical).numpy()
    draw = harder_weights(learned, odds, PAGES)
    sides = SIDES if fold is None else FOLD_SIDES
    plan = Plan(learned, labels, clinical, sides, RECIPES["mixed"], draw, start=before, rates=RATES)
    after = train(plan, pixels, out / f"{rows}-mined{end}.state.pt").state_dict()
    found = together(before, after)
    torch.save(found, out / f"{rows}-mined{end}.pt")
    if fold is not None:
        net.load_state_dict(found)
        shown = decode(data, unseen)
        logits = (predicted(net, shown, WHOLE) + predicted(net, [_middle(one) for one in shown], WHOLE)) / 2
        np.savez(out / f"{rows}{end}.npz", logits=logits, files=[one.file for one in unseen])


def together(before: Weights, after: Weights) -> dict[str, torch.Tensor]:
    """The mean of each weight."""
    return {name: (1 - MINED) * before[name] + MINED * after[name] for name in before}


def _middle(pixels: np.ndarray) -> np.ndarray:
    height, width = pixels.shape[:2]
    y, x = round(height * (1 - CENTRE) / 2), round(width * (1 - CENTRE) / 2)
    return pixels[y : height - y, x : width - x]


if __name__ == "__main__":
    main(sys.argv[1:])
