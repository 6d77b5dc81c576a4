"""The second stage as components of the pipeline."""

from __future__ import annotations

from pathlib import Path

import pytest
import spacy
from spacy.language import Language

from bot.model.errors import ConfigError
from bot.model.reading import Intent
from nlp import interpreter as module
from nlp.interpreter import AUTO, FULL, LIGHT, best, interpreter
from nlp.pipeline.components import DECIDE, SPANS
from nlp.pipeline.components import LIGHT as BART_LIGHT
from nlp.pipeline.full import FULL as BART_FULL
from nlp.pipeline.full import TAGS
from nlp.pipeline.interpreter import PipelineInterpreter, blank
from tests.support.readings import GLASS, OPEN, reading

TALK = "goedemorgen allemaal, lekker weertje"
STILL = "ligt er bij mij ook nog, ter hoogte van nummer 12"


@pytest.fixture(scope="module")
def nlp() -> Language:
    return blank(full=True)


def test_the_encoder_reads_after_light_and_tags_after_the_spans(nlp: Language) -> None:
    assert nlp.pipe_names == [BART_LIGHT, BART_FULL, SPANS, TAGS, DECIDE]


def test_what_light_rules_out_keeps_the_opinion_of_light(nlp: Language) -> None:
    alone, both = blank()(TALK), nlp(TALK)

    assert both._.opinion == alone._.opinion


def test_what_light_does_not_rule_out_gets_an_opinion_of_both(nlp: Language) -> None:
    alone, both = blank()(GLASS), nlp(GLASS)

    assert both._.opinion.p_report != alone._.opinion.p_report
    assert both._.opinion.intent_scores == alone._.opinion.intent_scores
    assert both._.interpretation.intent is Intent.REPORT


def test_places_are_shown_as_spans_too(nlp: Language) -> None:
    doc = nlp(GLASS)

    assert [span.text for span in doc.spans["places"]] == [
        GLASS[one.start : one.end] for one in doc._.interpretation.places
    ]
    assert "Parijsplein" in doc.spans["places"][0].text


def test_a_saved_pipeline_reads_the_same_after_loading(nlp: Language, tmp_path: Path) -> None:
    nlp.to_disk(tmp_path / "saved")
    loaded = spacy.load(tmp_path / "saved")
    given = [reading(GLASS), reading(STILL, OPEN), reading(TALK)]

    assert loaded.pipe_names == nlp.pipe_names
    assert PipelineInterpreter(loaded).interpret(given) == PipelineInterpreter(nlp).interpret(given)


def test_the_best_is_full_where_its_packages_are_installed() -> None:
    assert best() == FULL
    assert AUTO not in module.MODELS


def test_without_its_packages_light_reads_and_full_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "NEEDED", ("no_such_package",))

    assert best() == LIGHT
    assert interpreter(AUTO).interpret([reading(TALK)])[0].intent is Intent.NONE
    with pytest.raises(ConfigError, match=r"bart-buurt\[full\]"):
        interpreter(FULL)
