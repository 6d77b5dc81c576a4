"""The light stage in parts that another stage can reuse: take apart, find spans, form an opinion."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from bot.model.reading import Extent, Reading
from nlp.light.hashing import Floats
from nlp.light.model import Model, sigmoid, softmax
from nlp.light.second import dense, linked, log_odds
from nlp.light.signs import Around, look
from nlp.light.tagger import Tagger
from nlp.light.wordsigns import tagged
from nlp.opinion import Opinion, Seen, Spans
from nlp.rules.personal import joined, personal
from nlp.rules.places import codes


def see(reading: Reading, around: Around | None = None) -> Seen:
    """Take a reading apart."""
    seen = look(reading, around)
    return Seen(reading=reading, look=seen, link=linked(reading, seen))


def see_all(readings: Iterable[Reading]) -> list[Seen]:
    """Take a batch of readings apart; what they share only once."""
    around = Around()
    return [see(reading, around) for reading in readings]


def spans(tagger: Tagger, batch: Sequence[Seen], placed: Sequence[bool]) -> list[Spans]:
    """Personal data, and where `placed` places: what the tagger finds, and what rules know for sure."""
    ruled = [personal(one.reading.text, one.reading.roster) for one in batch]
    seen = [
        tagged(one.reading.text, one.reading.roster, one.look.spots, private)
        for one, private in zip(batch, ruled, strict=True)
    ]
    found = tagger.extents(seen, placed)
    return [
        Spans(places=merged(places, codes(one.look.text)) if wanted else (), personal=joined(private, names))
        for (places, names), private, one, wanted in zip(found, ruled, batch, placed, strict=True)
    ]


def opinions(model: Model, batch: Sequence[Seen]) -> list[Opinion]:
    """What the heads and the second look think of each message."""
    return weighed(model, batch, *model.score([one.look for one in batch]))


def weighed(
    model: Model, batch: Sequence[Seen], intent: Floats, urgent: Floats, categories: Floats
) -> list[Opinion]:
    """Scores of intent and danger, weighed with rules and open reports; one row a message, as `Model.score` gives.

    Another stage calls this again with scores that it has added its own to.
    """
    if not batch:
        return []
    small = model.small
    rows = dense([one.look for one in batch], [one.link for one in batch], intent, urgent)
    columns = (
        on_line(log_odds(intent), small["report_line"]),
        on_line(rows @ small["second_urgent"][:, 0], small["urgent_line"]),
        softmax(rows @ small["second_intent"]),
        categories,
        intent,
        urgent,
    )
    return [
        Opinion(
            p_report=p_report,
            p_urgent=p_urgent,
            intents=intents,
            categories=of_each,
            slugs=model.categories,
            intent_scores=scores,
            urgent_score=danger,
        )
        for p_report, p_urgent, intents, of_each, scores, danger in zip(
            *(column.tolist() for column in columns), strict=True
        )
    ]


def on_line(score: Floats, line: Floats) -> Any:
    """The calibrated probability of a score: a line through the log-odds, its slope and its shift."""
    return sigmoid(line[0] * score + line[1])


def merged(first: Iterable[Extent], more: Iterable[Extent]) -> tuple[Extent, ...]:
    """The first ones, and of the others those that touch none of them, in order."""
    kept = list(first)
    for extent in more:
        if all(extent.end <= one.start or extent.start >= one.end for one in kept):
            kept.append(extent)
    return tuple(sorted(kept, key=lambda one: one.start))
