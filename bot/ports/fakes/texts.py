"""Texts for tests: a handful of templates, or none at all."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from bot.model.buttons import choice_key
from bot.model.channel import Choice, Post, Span
from bot.model.wording import Offer, Saying, Wording, cut

_SLOT = re.compile(r"\{([a-z_]+)\}")


@dataclass(frozen=True, slots=True, kw_only=True)
class FakeTexts:
    """With `templates` it knows those keys and no others, like a real catalogue.

    Without, it knows every key and says it aloud ("filed desk=gemeente number=7"), so that a test of the
    process reads what was said without depending on anybody's wording.
    """

    templates: Mapping[str, str] | None = None
    languages: tuple[str, ...] = ("nl",)

    @property
    def version(self) -> str:
        known = json.dumps(dict(self.templates or {}), sort_keys=True)
        return hashlib.sha256(known.encode()).hexdigest()[:12]

    def post(self, saying: Saying, language: str) -> Post:
        spans: list[Span] = []
        for line in saying.lines:
            spans += [Span(text="\n"), *self._spans(line, language)]
        return Post(
            spans=_joined(spans[1:]),
            choices=tuple(self._choice(offer, language) for offer in saying.offers),
            reply_to=saying.reply_to,
            silent=saying.silent,
            link=saying.link,
            link_label=self.text(Wording(key="link.follow"), language) if saying.link else "",
        )

    def text(self, wording: Wording, language: str) -> str:
        return "".join(span.text for span in self._spans(wording, language))

    def slots_of(self, key: str) -> frozenset[str]:
        if self.templates is None:
            return frozenset()
        if key not in self.templates:
            raise KeyError(f"no text {key!r}")
        return frozenset(_SLOT.findall(self.templates[key]))

    def date(self, at: datetime, language: str) -> str:
        if language not in self.languages:
            raise KeyError(f"no texts in language {language!r}")
        return f"{at.day}-{at.month}"

    def _choice(self, offer: Offer, language: str) -> Choice:
        key = f"button.{offer.button}"
        label = self.text(Wording(key=key, slots=offer.slots), language)
        short = label
        if f"{key}.short" in (self.templates or {}) and len(label) > 20:
            short = self.text(Wording(key=f"{key}.short", slots=offer.slots), language)
        return Choice(key=choice_key(offer.owner, offer.button), label=cut(label, 24), short=cut(short, 20))

    def _spans(self, wording: Wording, language: str) -> list[Span]:
        if language not in self.languages:
            raise KeyError(f"no texts in language {language!r}")
        if self.templates is None:
            said = " ".join([wording.key, *(f"{name}={value}" for name, value in sorted(wording.slots.items()))])
            return [Span(text=said)]
        slots = self.slots_of(wording.key)
        for name in sorted(slots ^ wording.slots.keys()):
            raise KeyError(f"{wording.key}: slot {name!r} is {'missing' if name in slots else 'unknown'}")
        values = {
            name: "\n".join(filter(None, map(_plain, value.splitlines()))) if name == "lines" else _plain(value)
            for name, value in wording.slots.items()
        }
        parts = self.templates[wording.key].split("**")
        return [
            Span(text=_SLOT.sub(lambda slot: values[slot[1]], part), strong=number % 2 == 1)
            for number, part in enumerate(parts)
        ]


def _plain(value: str) -> str:
    return " ".join("".join(c for c in value if c.isprintable() or c.isspace()).split())


def _joined(spans: list[Span]) -> tuple[Span, ...]:
    joined: list[Span] = []
    for span in spans:
        if joined and joined[-1].strong == span.strong:
            joined[-1] = Span(text=joined[-1].text + span.text, strong=span.strong)
        elif span.text:
            joined.append(span)
    return tuple(joined)
