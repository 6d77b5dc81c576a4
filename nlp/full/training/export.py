"""The network as the file that runs: ONNX with weights in whole numbers of one byte."""

from __future__ import annotations

import tempfile
from copy import deepcopy
from pathlib import Path

import torch
from onnxruntime.quantization import QuantType, quantize_dynamic
from torch import Tensor, nn
from torch.nn import functional

from nlp.full.training.network import Layer, Network

NAMES = ("ids", "mask", "own")
OUTPUTS = ("intent", "category", "urgent", "tags")
OPSET = 17
NOWHERE = -1e4
"""Added to the attention where nothing is."""


class Quick(nn.Module):
    """A layer that says the same in fewer steps: attention in one product, and a mask that is added."""

    def __init__(self, layer: Layer) -> None:
        super().__init__()
        self.layer = layer
        parts = (layer.q, layer.k, layer.v)
        self.weight = nn.Parameter(torch.cat([part.weight for part in parts]))
        self.bias = nn.Parameter(torch.cat([part.bias for part in parts]))

    def forward(self, x: Tensor, there: Tensor) -> Tensor:
        """As `Layer.forward`, without what only training needs."""
        size, length, width = x.shape
        layer, deep = self.layer, width // self.layer.heads
        parts = functional.linear(x, self.weight, self.bias).view(size, length, 3, layer.heads, deep)
        q, k, v = parts.permute(2, 0, 3, 1, 4).unbind(0)
        blocked = (1 - there.float()) * NOWHERE
        seen = (q @ k.transpose(-1, -2) / deep**0.5 + blocked).softmax(-1) @ v
        x = layer.aln(x + layer.ao(seen.transpose(1, 2).reshape(size, length, width)))
        out: Tensor = layer.oln(x + layer.fo(functional.gelu(layer.fi(x))))
        return out


def quick(network: Network) -> Network:
    """A copy for running only."""
    copied: Network = deepcopy(network).eval()
    copied.layers = nn.ModuleList([Quick(layer) for layer in copied.layers])
    return copied


def export(network: Network, path: Path) -> None:
    """Write `path`; the network itself stays as it is."""
    with tempfile.TemporaryDirectory() as folder:
        whole = Path(folder) / "whole.onnx"
        write(network, whole)
        quantize_dynamic(whole, path, weight_type=QuantType.QInt8, per_channel=True)


def write(network: Network, path: Path) -> None:
    """The network in full precision."""
    some = torch.ones(2, 16, dtype=torch.long)
    axes = {name: {0: "messages", 1: "pieces"} for name in (*NAMES, "tags")}
    axes |= {name: {0: "messages"} for name in ("intent", "category", "urgent")}
    torch.onnx.export(
        quick(network),
        (some, some, some),
        str(path),
        input_names=list(NAMES),
        output_names=list(OUTPUTS),
        dynamic_axes=axes,
        opset_version=OPSET,
        dynamo=False,
    )
