"""Taking personal data out of what leaves a group (rule 7)."""

from __future__ import annotations

import unicodedata

from bot.model.reading import Extent

_WORDS = {
    "name": "[naam]",
    "phone": "[telefoonnummer]",
    "email": "[e-mailadres]",
    "plate": "[kenteken]",
    "iban": "[rekeningnummer]",
    "birth_date": "[geboortedatum]",
    "address": "[adres]",
}


OUTGOING_LIMIT = 1500
"""Characters. A desk takes 3000 (`CONTRIBUTION_TEXT_LIMIT`), a card on Telegram 4096 with all its lines."""


def clean(text: str) -> str:
    """Control and direction characters become spaces, each one for one so that positions stay."""
    return "".join(
        " " if unicodedata.category(c) in ("Cc", "Cf", "Cs", "Co") and c not in "\n\u200d" else c for c in text
    )


def mask(text: str, personal: tuple[Extent, ...]) -> tuple[str, int]:
    """The text with each piece of personal data replaced by what it was, and how many were."""
    out, at, count = [], 0, 0
    for extent in sorted(personal, key=lambda e: (e.start, -e.end)):
        if extent.start < at:
            continue
        out += [text[at : extent.start], _WORDS.get(extent.kind, "[weggehaald]")]
        at, count = extent.end, count + 1
    return "".join([*out, text[at:]]).strip(), count
