"""The network as the file that runs: ONNX with weights in whole numbers of one byte."""

from __future__ import annotations

import tempfile
from pathlib import Path

import torch
from onnxruntime.quantization import QuantType, quantize_dynamic

from nlp.full.training.network import Network

NAMES = ("ids", "mask", "own")
OUTPUTS = ("intent", "category", "urgent", "tags")
OPSET = 17


def export(network: Network, path: Path) -> None:
    """Write `path`. The network is left in evaluation mode."""
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
        network.eval(),
        (some, some, some),
        str(path),
        input_names=list(NAMES),
        output_names=list(OUTPUTS),
        dynamic_axes=axes,
        opset_version=OPSET,
        dynamo=False,
    )
