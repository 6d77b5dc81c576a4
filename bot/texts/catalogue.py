"""The texts port on gettext catalogues: one PO file per language beside this module."""

from __future__ import annotations

import hashlib
import io
import json
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from importlib import resources
from importlib.resources.abc import Traversable

from babel.dates import format_date
from babel.messages.catalog import Catalog as Messages
from babel.messages.pofile import PoFileError, read_po

from bot.model.buttons import choice_key
from bot.model.channel import Choice, Post, Span
from bot.model.errors import InputError
from bot.model.wording import Offer, Saying, Wording, cut
from bot.texts.template import Template, join_spans, parse

LABEL_LIMIT = 24
"""Characters of a button's label (CONVERSATION.md section 3)."""
SHORT_LIMIT = 20
"""Characters of a button's short label: WhatsApp's reply buttons."""
LINK_LABEL = "link.follow"
DAY = "d MMMM"
"""Pattern of Unicode CLDR: a day without its year; what BART tells is never a year away."""
_SHORT = ".short"
_MSGID = re.compile(r'^msgid "(.+)"\s*$', re.MULTILINE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Catalogue:
    """Everything BART says: templates by key, by language. All languages have the same keys and slots."""

    templates: Mapping[str, Mapping[str, Template]]
    version: str

    @classmethod
    def load(cls, languages: Sequence[str] = ("nl",), folder: Traversable | None = None) -> Catalogue:
        """Read `<language>.po` for each language; `InputError` names the file and the key or line.

        `folder` is where the files are; by default the package's own.
        """
        place = folder or resources.files("bot.texts")
        templates = {language: _read(place.joinpath(f"{language}.po")) for language in languages}
        first, *others = languages
        for other in others:
            _hold_equal(f"{other}.po", templates[first], templates[other])
        return cls(templates=templates, version=_version(templates))

    def post(self, saying: Saying, language: str) -> Post:
        """The saying as a post: its lines under each other, its offers as choices."""
        spans: list[Span] = []
        for number, line in enumerate(saying.lines):
            if number:
                spans.append(Span(text="\n"))
            spans.extend(self._fill(line.key, line.slots, language))
        return Post(
            spans=join_spans(spans),
            choices=tuple(self._choice(offer, language) for offer in saying.offers),
            reply_to=saying.reply_to,
            silent=saying.silent,
            link=saying.link,
            link_label=self.text(Wording(key=LINK_LABEL), language) if saying.link else "",
        )

    def text(self, wording: Wording, language: str) -> str:
        """One template filled, without emphasis."""
        return "".join(span.text for span in self._fill(wording.key, wording.slots, language))

    def slots_of(self, key: str) -> frozenset[str]:
        """The slots a template must be given, no more and no less."""
        language = next(iter(self.templates))
        return self._template(key, language).slots

    def date(self, at: datetime, language: str) -> str:
        """A day as people say it, in the zone of `at`; Babel knows how in every language."""
        if language not in self.templates:
            raise KeyError(f"no texts in language {language!r}")
        return format_date(at.date(), DAY, locale=language)

    def _choice(self, offer: Offer, language: str) -> Choice:
        key = f"button.{offer.button}"
        label = self.text(Wording(key=key, slots=offer.slots), language)
        short = label
        if len(label) > SHORT_LIMIT and key + _SHORT in self.templates[language]:
            short = self.text(Wording(key=key + _SHORT, slots=offer.slots), language)
        return Choice(
            key=choice_key(offer.owner, offer.button),
            label=cut(label, LABEL_LIMIT),
            short=cut(short, SHORT_LIMIT),
        )

    def _fill(self, key: str, slots: Mapping[str, str], language: str) -> tuple[Span, ...]:
        return self._template(key, language).fill(slots)

    def _template(self, key: str, language: str) -> Template:
        if language not in self.templates:
            raise KeyError(f"no texts in language {language!r}")
        template = self.templates[language].get(key)
        if template is None:
            raise KeyError(f"{language}: no text {key!r}")
        return template


def _read(file: Traversable) -> dict[str, Template]:
    source, catalogue = _open(file)
    for key, times in Counter(_MSGID.findall(source)).items():
        if times > 1:
            raise InputError(file.name, f"{key} is there {times} times")
    templates: dict[str, Template] = {}
    for message in catalogue:
        key, text = message.id, message.string
        if not key:
            continue
        if not isinstance(key, str) or not isinstance(text, str) or not text or message.fuzzy:
            raise InputError(file.name, f"{key} has no text, plural texts, or one marked fuzzy")
        try:
            templates[key] = parse(key, text)
        except InputError as error:
            raise InputError(f"{file.name} {error.where}", error.what) from error
    return templates


def _open(file: Traversable) -> tuple[str, Messages]:
    try:
        source = file.read_bytes().decode("utf-8")
        return source, read_po(io.StringIO(source), abort_invalid=True)
    except OSError as error:
        raise InputError(file.name, "there is no such catalogue") from error
    except UnicodeDecodeError as error:
        raise InputError(file.name, f"byte {error.start + 1} is not UTF-8") from error
    except PoFileError as error:
        raise InputError(f"{file.name} line {error.lineno + 1}", str(error)) from error


def _hold_equal(file: str, first: Mapping[str, Template], other: Mapping[str, Template]) -> None:
    """A short label is each language's own choice; everything else is the same in all."""
    for key in sorted(first.keys() ^ other.keys()):
        if not key.endswith(_SHORT):
            raise InputError(file, f"{key} is {'missing' if key in first else 'not in the first language'}")
    for key in sorted(first.keys() & other.keys()):
        if first[key].slots != other[key].slots:
            raise InputError(file, f"{key} has other slots than in the first language")


def _version(templates: Mapping[str, Mapping[str, Template]]) -> str:
    texts = {language: {key: text.source for key, text in table.items()} for language, table in templates.items()}
    return hashlib.sha256(json.dumps(texts, sort_keys=True).encode()).hexdigest()[:12]
