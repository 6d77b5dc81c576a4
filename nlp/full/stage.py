"""The second stage: which messages the encoder reads, and what it adds to opinions and spans."""

from __future__ import annotations

from collections.abc import Sequence

from bot.model.reading import Intent
from nlp.full import joint, tags
from nlp.full.encoder import Encoder
from nlp.light.model import INTENTS
from nlp.light.stage import merged
from nlp.opinion import Opinion, Seen, Spans

RULED_OUT = 0.975
"""The light stage's probability of "none" from which nobody reads on: 99.5 in 100 of the messages that matter stay
below it, on writers that it never read."""
ALARMING = 0.05
NONE = INTENTS.index(Intent.NONE)


def passes(light: Opinion) -> bool:
    """Is this message read by the encoder too?"""
    return light.intents[NONE] < RULED_OUT or light.p_report > ALARMING or light.p_urgent > ALARMING


def opinions(
    encoder: Encoder, weights: joint.Weights, seen: Sequence[Seen], light: Sequence[Opinion]
) -> list[Opinion]:
    """Both stages' opinion of each message, from its neutral form."""
    read = encoder.scores([encoder.inputs.decision(one.reading) for one in seen])
    return [joint.opinion(weights, *three) for three in zip(seen, light, read, strict=True)]


def spans(encoder: Encoder, seen: Sequence[Seen], light: Sequence[Spans]) -> list[Spans]:
    """Places and personal data of each message, from the form in which it was written."""
    given = [encoder.inputs.tags(one.reading) for one in seen]
    found: list[Spans] = []
    for one, first, pieces, read in zip(seen, light, given, encoder.scores(given), strict=True):
        text = one.reading.text
        found.append(
            Spans(
                places=tags.places(text, pieces, read) or first.places,
                personal=merged(first.personal, tags.personal(text, pieces, read)),
            )
        )
    return found
