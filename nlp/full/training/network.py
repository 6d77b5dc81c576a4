"""The encoder in PyTorch: a BERT of 12 layers, with heads for what BART wants to know."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

from nlp.full.training.start import Sizes, Start

DROPOUT = 0.1
INTENTS = 4
TAGS = 4
"""Place: outside, begin, inside; and "is personal"."""


class Layer(nn.Module):
    """Attention and a feed-forward part, each normalised after it is added."""

    def __init__(self, sizes: Sizes) -> None:
        super().__init__()
        width = sizes.width
        self.heads = sizes.heads
        self.q, self.k, self.v, self.ao = (nn.Linear(width, width) for _ in range(4))
        self.fi, self.fo = nn.Linear(width, sizes.inner), nn.Linear(sizes.inner, width)
        self.aln, self.oln = nn.LayerNorm(width, sizes.epsilon), nn.LayerNorm(width, sizes.epsilon)
        self.drop = nn.Dropout(DROPOUT)

    def forward(self, x: Tensor, there: Tensor) -> Tensor:
        """`x`: messages by pieces by width. `there` says which pieces may be looked at."""
        size, length, width = x.shape
        q, k, v = (
            part(x).view(size, length, self.heads, width // self.heads).transpose(1, 2)
            for part in (self.q, self.k, self.v)
        )
        seen = functional.scaled_dot_product_attention(q, k, v, attn_mask=there)
        x = self.aln(x + self.drop(self.ao(seen.transpose(1, 2).reshape(size, length, width))))
        out: Tensor = self.oln(x + self.drop(self.fo(functional.gelu(self.fi(x)))))
        return out


class Network(nn.Module):
    """Pieces in; scores for intent, category, urgency and each piece's tags out."""

    def __init__(self, sizes: Sizes, pieces: int, categories: int) -> None:
        super().__init__()
        width = sizes.width
        self.sizes = sizes
        self.word, self.position = nn.Embedding(pieces, width), nn.Embedding(sizes.longest, width)
        self.kind = nn.Parameter(torch.zeros(width))
        self.part = nn.Parameter(torch.zeros(2, width))
        self.norm, self.drop = nn.LayerNorm(width, sizes.epsilon), nn.Dropout(DROPOUT)
        self.layers = nn.ModuleList([Layer(sizes) for _ in range(sizes.layers)])
        self.intent, self.urgent = nn.Linear(2 * width, INTENTS), nn.Linear(2 * width, 1)
        self.category, self.tags = nn.Linear(2 * width, categories), nn.Linear(width, TAGS)

    def forward(self, ids: Tensor, mask: Tensor, own: Tensor) -> tuple[Tensor, Tensor, Tensor, Tensor]:
        """See `nlp.full.inputs.padded` for what goes in."""
        length = ids.shape[1]
        mine = own[..., None].float()
        x = self.word(ids) + self.position.weight[:length][None] + self.kind
        x = x + mine * self.part[1] + (1 - mine) * self.part[0]
        x = self.drop(self.norm(x))
        there = mask[:, None, None, :].bool()
        for layer in self.layers:
            x = layer(x, there)
        mean = (x * mine).sum(1) / mine.sum(1).clamp(min=1)
        whole = self.drop(torch.cat([mean, x[:, 0]], 1))
        return self.intent(whole), self.category(whole), self.urgent(whole)[:, 0], self.tags(self.drop(x))


def started(start: Start, kept: Sequence[int], categories: int) -> Network:
    """The network with the pretrained weights, its vocabulary cut to the pieces `kept`."""
    sizes, tensors = start.sizes, start.tensors
    network = Network(sizes, len(kept), categories)
    state = {
        "word.weight": tensors["emb.word"].reshape(-1, sizes.width)[list(kept)],
        "position.weight": tensors["emb.pos"].reshape(-1, sizes.width),
        "kind": tensors["emb.type"].reshape(-1, sizes.width)[0],
        "norm.weight": tensors["emb.ln.w"],
        "norm.bias": tensors["emb.ln.b"],
    }
    for number in range(sizes.layers):
        for part in ("q", "k", "v", "ao", "fi", "fo", "aln", "oln"):
            bias = tensors[f"l{number}.{part}.b"]
            weight = tensors[f"l{number}.{part}.w"]
            state[f"layers.{number}.{part}.bias"] = bias
            flat = part.endswith("ln")
            state[f"layers.{number}.{part}.weight"] = weight if flat else weight.reshape(len(bias), -1)
    network.load_state_dict({name: torch.tensor(np.array(one)) for name, one in state.items()}, strict=False)
    return network
