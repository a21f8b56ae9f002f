"""Two pictures in one, so that a network learns no more certainty than it was shown."""

import numpy as np
import torch

BLEND = 0.4
"""Both parameters of the beta distribution of the shares: mostly one picture prevails."""


def mixed(
    batch: torch.Tensor, rate: float, chance: np.random.Generator
) -> tuple[torch.Tensor, torch.Tensor | None, float]:
    """The batch, n x 3 x h x w, each picture with another; the other's place; the share of the first."""
    if not rate or chance.random() >= rate:
        return batch, None, 1.0
    other = torch.from_numpy(chance.permutation(len(batch)))
    if chance.random() < 0.5:
        share = float(chance.beta(BLEND, BLEND))
        result = share * batch + (1 - share) * batch[other]
    else:
        result, share = _patched(batch, other, chance)
    return result.contiguous(memory_format=torch.channels_last), other, share


def _patched(batch: torch.Tensor, other: torch.Tensor, chance: np.random.Generator) -> tuple[torch.Tensor, float]:
    side = batch.shape[2]
    inner = int(side * float(chance.uniform(0.15, 0.5)) ** 0.5)
    y, x = (int(one) for one in chance.integers(0, side - inner, 2))
    result = batch.clone()
    result[:, :, y : y + inner, x : x + inner] = batch[other][:, :, y : y + inner, x : x + inner]
    return result, 1 - (inner / side) ** 2
