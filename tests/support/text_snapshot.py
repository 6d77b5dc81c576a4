"""The whole catalogue as people read it. `python -m tests.support.text_snapshot` writes it again."""

from __future__ import annotations

from pathlib import Path

from bot.texts import Catalogue
from tests.support.text_lint import documented_slots

FOLDER = Path(__file__).parents[1] / "unit" / "texts"


def rendered(catalogue: Catalogue, language: str) -> str:
    """Every text with typical slot values, by key; strong words between asterisks, slots named beside the key."""
    slots = documented_slots()
    parts = []
    for key, template in sorted(catalogue.templates[language].items()):
        spans = template.fill({name: slots[name].typical for name in template.slots})
        text = "".join(f"**{span.text}**" if span.strong else span.text for span in spans)
        parts.append(f"## {' '.join([key, *(f'{{{name}}}' for name in sorted(template.slots))])}\n{text}\n")
    return "\n".join(parts)


def snapshot(language: str) -> Path:
    """Where a language's snapshot is."""
    return FOLDER / f"snapshot_{language}.txt"


def main() -> None:
    catalogue = Catalogue.load()
    for language in catalogue.templates:
        snapshot(language).write_text(rendered(catalogue, language), "utf-8")


if __name__ == "__main__":
    main()
