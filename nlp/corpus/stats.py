"""Counts what the corpus holds and what it still lacks: `python -m nlp.corpus.stats [PART]`."""

from __future__ import annotations

import re
import sys
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from bot.model.reading import Intent
from bot.model.taxonomy import taxonomy
from nlp.corpus.reading import Labelled, parts, read
from nlp.corpus.voices import near_duplicates, voices

ALARM = re.compile(
    r"\b(112|ambulance|brandweer|politie|brand\w*|rook\w*|vuur|vlammen|fik|gas|gaslucht|explosie|knal\w*|gil\w*|"
    r"help|hulp|bloed\w*|reanim\w*|bewusteloos|gewond|ongeluk|aanrijding|mes|wapen|steek\w*|schot\w*|schiet\w*|"
    r"vecht\w*|overval\w*|inbre\w*|inbraak|dief|gestolen|vermist|kwijt|dood|verdr\w+|fire|police|smoke|blood)\b",
    re.IGNORECASE,
)
"""Words of an emergency."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Stats:
    """Counts of a list of messages. `reports` holds every category of the taxonomy, also those with none."""

    messages: int
    groups: int
    writers: int
    places: int
    people: int
    intents: Counter[str]
    reports: Counter[str]
    urgent: int
    urgent_reports: int
    near_misses: int
    located: int
    """Messages with a place in them."""
    personal: int
    """Messages with personal data in them."""

    @property
    def follow_ups(self) -> int:
        """Additions and "solved" together."""
        return self.intents[Intent.ADDITION] + self.intents[Intent.SOLVED]

    @property
    def ordinary(self) -> float:
        """The share of messages that are none, 0 to 1."""
        return self.intents[Intent.NONE] / max(1, self.messages)


WANTED = {"messages": 12_000, "ordinary": 0.58, "urgent": 600, "near_misses": 600, "follow_ups": 2_000}
"""What the corpus is to hold at least."""
WANTED_REPORTS = 100
"""Of every category."""


def count(messages: Sequence[Labelled]) -> Stats:
    """The counts of these messages."""
    reports = [one for one in messages if one.intent is Intent.REPORT]
    return Stats(
        messages=len(messages),
        groups=len({one.group for one in messages}),
        writers=len({one.writer for one in messages}),
        places=len({one.place for one in messages}),
        people=len({(one.group, one.author) for one in messages}),
        intents=Counter(one.intent.value for one in messages),
        reports=Counter(dict.fromkeys(taxonomy(), 0) | Counter(str(one.category) for one in reports)),
        urgent=sum(one.urgent for one in messages),
        urgent_reports=sum(one.urgent for one in reports),
        near_misses=sum(near_miss(one) for one in messages),
        located=sum(bool(one.location) for one in messages),
        personal=sum(bool(one.pii) for one in messages),
    )


def near_miss(one: Labelled) -> bool:
    """Not urgent, with a word of an emergency in an ordinary message or a report whose category can be urgent."""
    if one.urgent:
        return False
    if one.intent is Intent.NONE:
        return ALARM.search(one.text) is not None
    return one.intent is Intent.REPORT and one.category is not None and taxonomy()[one.category].can_be_urgent


def lacking(stats: Stats) -> dict[str, float]:
    """What is wanted and not there yet, by name of the count or slug of the category: how much is missing."""
    missing = {name: wanted - getattr(stats, name) for name, wanted in WANTED.items()}
    missing |= {slug: WANTED_REPORTS - reports for slug, reports in stats.reports.items()}
    return {name: round(short, 3) for name, short in missing.items() if short > 0}


def describe(messages: Sequence[Labelled]) -> list[str]:
    """The counts as lines to read."""
    stats = count(messages)
    lines = [
        f"{stats.messages} messages by {stats.writers} writers: {stats.groups} groups in {stats.places} places,"
        f" {stats.people} people",
        ", ".join(
            f"{name} {number} ({number / stats.messages:.1%})" for name, number in stats.intents.most_common()
        ),
        f"follow-ups {stats.follow_ups}, urgent {stats.urgent} (reports {stats.urgent_reports}),"
        f" near misses {stats.near_misses}, with a place {stats.located}, with personal data {stats.personal}",
        "reports by category: " + ", ".join(f"{slug} {number}" for slug, number in stats.reports.most_common()),
        "lacking: " + (", ".join(f"{name} {short:g}" for name, short in lacking(stats).items()) or "nothing"),
        f"near duplicates: {len(near_duplicates(messages))}",
        "writer     messages words  variety  own  capitals emoji likest (cosine)",
    ]
    lines += [
        f"{one.writer:10} {one.messages:8} {one.length:5.1f} {one.variety:8.2f} {one.own:4.2f} {one.capitals:9.2f}"
        f" {one.emoji:5.2f} {one.nearest} ({one.likeness:.2f})"
        for one in voices(messages)
    ]
    return lines


def main(arguments: list[str]) -> int:
    """Print the counts of a part, or of everything with the size of each part."""
    part = arguments[0] if arguments else None
    if part is not None and part not in parts():
        sys.stderr.write(f"{part}: no such part; there are {', '.join(parts())}\n")
        return 2
    lines = describe(read(part))
    if part is None:
        lines += [
            f"{name}: {len(read(name))} messages of {', '.join(writers)}" for name, writers in parts().items()
        ]
    sys.stdout.write("\n".join(lines) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
