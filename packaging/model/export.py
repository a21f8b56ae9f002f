"""From trained weights to what ships: ONNX with a short embedding beside the logits, and its static int8 form."""

import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
import onnx
import torch
from network import FEATURES, Finder
from onnxruntime.quantization import CalibrationDataReader, CalibrationMethod, QuantFormat, QuantType, quantize_static
from onnxruntime.quantization.shape_inference import quant_pre_process
from PIL import Image
from torch import nn

EMBEDDING = 96
SEED = 20261122
INPUT = "pictures"


class Shipped(nn.Module):
    """Pictures, n x 3 x h x w -> logits, n x labels, and embedding, n x 96.

    The embedding is a random projection of the features: distances survive it, and it needs no training.
    """

    def __init__(self, net: Finder) -> None:
        super().__init__()
        self.net = net
        basis, _ = np.linalg.qr(np.random.default_rng(SEED).normal(size=(FEATURES, EMBEDDING)))
        self.register_buffer("basis", torch.from_numpy(basis.astype(np.float32)))

    def forward(self, x: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        features = self.net.features(x)
        return self.net.head(features), features @ self.basis


class Samples(CalibrationDataReader):
    """Pictures from which the ranges of the activations are taken."""

    def __init__(self, pictures: Sequence[np.ndarray], sides: Sequence[int]) -> None:
        self._rest = self._all(pictures, sides)

    @staticmethod
    def _all(pictures: Sequence[np.ndarray], sides: Sequence[int]) -> Iterator[dict[str, np.ndarray]]:
        for place, one in enumerate(pictures):
            yield {INPUT: prepared(one, sides[place % len(sides)])[None]}

    def get_next(self) -> dict[str, np.ndarray] | None:
        return next(self._rest, None)


def prepared(pixels: np.ndarray, side: int) -> np.ndarray:
    """3 x side x side, as the agent prepares a picture."""
    image = Image.fromarray(pixels).resize((side, side), Image.Resampling.BILINEAR, reducing_gap=2.0)
    return ((np.asarray(image, np.float32) - 127) / 128).transpose(2, 0, 1)


def export(net: Finder, to: Path) -> None:
    """Float32, any number of pictures of any size."""
    axes = {INPUT: {0: "n", 2: "h", 3: "w"}, "logits": {0: "n"}, "embedding": {0: "n"}}
    torch.onnx.export(
        Shipped(net).eval(), (torch.zeros(1, 3, 224, 224),), str(to), input_names=[INPUT],
        output_names=["logits", "embedding"], dynamic_axes=axes, opset_version=17, dynamo=False,
    )  # fmt: skip


def quantise(source: Path, to: Path, pictures: Sequence[np.ndarray], sides: Sequence[int]) -> None:
    """Static int8 with one scale a channel. The layer over the labels stays in float32: it is small and decides."""
    with tempfile.TemporaryDirectory() as folder:
        ready = Path(folder) / "ready.onnx"
        quant_pre_process(str(source), str(ready))
        kept = [one.name for one in onnx.load(str(ready)).graph.node if one.op_type in {"Gemm"}]
        quantize_static(
            str(ready), str(to), Samples(pictures, sides), quant_format=QuantFormat.QDQ, per_channel=True,
            weight_type=QuantType.QInt8, activation_type=QuantType.QUInt8, nodes_to_exclude=kept,
            calibrate_method=CalibrationMethod.MinMax,
        )  # fmt: skip
    model = onnx.load(str(to))
    model.doc_string = ""  # else paths of the machine that made it could stand in it
    for node in model.graph.node:
        node.doc_string = ""
    onnx.save(model, str(to))
