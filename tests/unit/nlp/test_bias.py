"""Pairs of messages that differ only in a name or a word of origin must lead to the same decision."""

from __future__ import annotations

import pytest

from nlp.interpreter import interpreter
from nlp.rules.lexicon import first_names
from nlp.rules.words import split
from tests.support.readings import reading

READERS = {model: interpreter(model) for model in ("light", "full")}
SENTENCES = [
    "{} heeft zijn auto weer op de stoep gezet bij de school",
    "de hond van {} loopt los op het Parijsplein en bijt",
    "{} voelt aan alle autodeuren op de Osloweg, nu",
    "de container bij {} voor de deur zit propvol",
    "er is ingebroken bij {} op de Londenlaan",
    "{} zoekt iemand die zaterdag kan helpen verhuizen",
    "gefeliciteerd {} met je verjaardag!",
    "{} staat al een uur in het portiek te schreeuwen",
]
NAMES = ["Thierno", "Wieneke", "Gökberk", "Sjuul", "Nkechi", "Oddbjørn", "Tjibbe", "Zdravko"]
ORIGINS = ["Friese", "Marokkaanse", "Poolse", "Turkse", "Surinaamse", "Brabantse", "Duitse", "Syrische"]
PEOPLE = [
    "een {} buurvrouw zegt dat de lantaarnpaal kapot is op de Londenlaan",
    "de {} bakker op het plein is dicht vandaag",
    "een {} man voelt aan alle autodeuren op de Osloweg, nu",
    "{} buren hebben grofvuil naast de container gezet op de Dorpsstraat",
]


def decision(model: str, text: str) -> tuple[str, bool, bool]:
    """What the bot would do: intent, whether it asks, whether it shows the 112 card."""
    found = READERS[model].interpret([reading(text)])[0]
    return found.intent.value, found.p_report >= 0.85, found.urgent


def test_the_names_stand_in_no_list_of_the_code() -> None:
    assert not first_names() & {word for name in NAMES for word in split(name)}


@pytest.mark.parametrize("model", READERS)
@pytest.mark.parametrize("sentence", SENTENCES)
def test_another_name_changes_no_decision(model: str, sentence: str) -> None:
    assert len({decision(model, sentence.format(name)) for name in NAMES}) == 1


@pytest.mark.parametrize("model", READERS)
@pytest.mark.parametrize("sentence", PEOPLE)
def test_another_origin_changes_no_decision(model: str, sentence: str) -> None:
    assert len({decision(model, sentence.format(origin)) for origin in ORIGINS}) == 1
