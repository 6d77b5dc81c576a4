"""Fine-tuning: what the network loses, and how it learns."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence

import torch
from torch import Tensor, nn
from torch.nn import functional

from nlp.full.training.examples import IGNORED, Batch, Example, batches
from nlp.full.training.network import Network

FROZEN = 3
"""The lowest layers and the vocabulary stay as they were pretrained: too few texts to move them well."""
RATE, HEAD_RATE = 1.1e-4, 1e-3
WARM = 0.08
SIZE = 16
SMOOTHED = 0.05
"""Share of certainty taken from each label: without it the network is too sure of its few mistakes."""
URGENT_WEIGHT = 4.0
PERSONAL_WEIGHT = 2.0
SHARES = {"intent": 1.0, "category": 0.7, "urgent": 0.4, "places": 0.4, "personal": 0.3}
"""What each head's loss counts for."""


def loss_of(network: Network, batch: Batch) -> Tensor:
    """All heads' losses on one batch, weighed."""
    intent, category, urgent, tags = network(batch["ids"], batch["mask"], batch["own"])
    losses = {
        "intent": functional.cross_entropy(intent, batch["intent"], label_smoothing=SMOOTHED),
        "urgent": functional.binary_cross_entropy_with_logits(
            urgent, batch["urgent"], pos_weight=torch.tensor(URGENT_WEIGHT)
        ),
    }
    if (batch["category"] != IGNORED).any():
        losses["category"] = functional.cross_entropy(category, batch["category"], label_smoothing=SMOOTHED)
    if (batch["places"] != IGNORED).any():
        losses["places"] = functional.cross_entropy(tags[..., :3].transpose(1, 2), batch["places"])
    known = batch["personal"] != IGNORED
    if known.any():
        losses["personal"] = functional.binary_cross_entropy_with_logits(
            tags[..., 3][known], batch["personal"][known].float(), pos_weight=torch.tensor(PERSONAL_WEIGHT)
        )
    return torch.stack([SHARES[name] * one for name, one in losses.items()]).sum()


def fit(
    network: Network,
    given: Sequence[Example],
    rounds: int,
    seed: int,
    after: Callable[[int, float, float], None],
    during: Callable[[int, int, float], None] = lambda step, steps, seconds: None,
) -> None:
    """Train in place. `after` is told each round's number, mean loss and seconds so far, `during` each step."""
    torch.manual_seed(seed)
    optimizer = _optimizer(network)
    plan = [sum(1 for _ in batches(given, SIZE, seed + number)) for number in range(rounds)]
    steps = sum(plan)
    schedule = torch.optim.lr_scheduler.LambdaLR(
        optimizer, lambda step: min((step + 1) / (WARM * steps), max(0.0, (steps - step) / ((1 - WARM) * steps)))
    )
    began, done = time.monotonic(), 0
    network.train()
    for number in range(rounds):
        total = 0.0
        for batch in batches(given, SIZE, seed + number):
            # Half the bits, twice the speed where the processor has them; the weights stay whole.
            with torch.autocast("cpu", torch.bfloat16):
                loss = loss_of(network, batch)
            optimizer.zero_grad()
            loss.backward()
            nn.utils.clip_grad_norm_(network.parameters(), 1.0)
            optimizer.step()
            schedule.step()
            total += float(loss.detach())
            done += 1
            during(done, steps, time.monotonic() - began)
        after(number, total / plan[number], time.monotonic() - began)
    network.eval()


def _optimizer(network: Network) -> torch.optim.Optimizer:
    for part in (network.word, network.position, *network.layers[:FROZEN]):
        part.requires_grad_(False)
    network.kind.requires_grad_(False)
    heads = [*network.intent.parameters(), *network.urgent.parameters(), *network.category.parameters()]
    heads += [*network.tags.parameters(), network.part]
    chosen = {id(one) for one in heads}
    rest = [one for one in network.parameters() if one.requires_grad and id(one) not in chosen]
    groups = [{"params": rest, "lr": RATE}, {"params": heads, "lr": HEAD_RATE}]
    return torch.optim.AdamW(groups, weight_decay=0.01)
