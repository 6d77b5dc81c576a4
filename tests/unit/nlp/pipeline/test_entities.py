"""More candidates from a general Dutch model: a small one, trained here, stands for the one people download."""

from __future__ import annotations

import random
from itertools import pairwise
from pathlib import Path

import pytest
import spacy
from hypothesis import given
from hypothesis import strategies as st
from spacy.training import Example
from thinc.api import fix_random_seed

from bot.model.errors import ConfigError
from bot.model.reading import Extent, Intent
from nlp.interpreter import interpreter
from nlp.opinion import Spans
from nlp.pipeline.components import DECIDE, LIGHT, SPANS
from nlp.pipeline.entities import AUTO, ENTITIES, OFF, USUAL, Entities, added, wanted
from nlp.pipeline.interpreter import PipelineInterpreter, blank
from tests.support.readings import OPEN, reading

NEWS = [
    ("zrofwalt Brunsma", "PERSON"),
    ("zrofwalt Kwint Oeverzicht", "PERSON"),
    ("grimpel Wuppelo", "GPE"),
    ("grimpel Zandermuts", "LOC"),
    ("sjaboe Hakkebord", "ORG"),
    ("sjaboe Tweekamer", "ORG"),
]
"""A word of no language, and what always stands after it: enough for a model to learn, and known to no rule."""
FRAMES = [
    "{}",
    "gisteren was {} er",
    "dat zei {} ook",
    "er ligt een berg afval, {}",
    "{} heeft gelijk",
    "hallo allemaal",
]


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> str:
    """The folder of a Dutch pipeline with entities, and with a component that entities do not need."""
    nlp = spacy.blank("nl")
    nlp.add_pipe("sentencizer")
    nlp.add_pipe("ner")
    examples = []
    for frame in FRAMES:
        for said, label in NEWS:
            text = frame.format(said)
            start = text.find(said) + said.index(" ") + 1
            marks = [(start, text.find(said) + len(said), label)] if said in text else []
            examples.append(Example.from_dict(nlp.make_doc(text), {"entities": marks}))
    fix_random_seed(1)
    optimizer = nlp.initialize(lambda: examples)
    dice = random.Random(1)
    for _ in range(30):
        dice.shuffle(examples)
        nlp.update(examples, sgd=optimizer)
    folder = tmp_path_factory.mktemp("news") / "model"
    nlp.to_disk(folder)
    return str(folder)


@pytest.fixture(scope="module")
def reader(model: str) -> PipelineInterpreter:
    return PipelineInterpreter(blank(model))


def pieces(reader: PipelineInterpreter, text: str) -> tuple[set[str], set[str]]:
    found = reader.interpret([reading(text, OPEN)])[0]
    return {text[e.start : e.end] for e in found.places}, {text[e.start : e.end] for e in found.personal}


def test_it_stands_between_our_own_spans_and_the_decision(model: str) -> None:
    assert blank(model).pipe_names == [LIGHT, SPANS, ENTITIES, DECIDE]
    assert ENTITIES not in blank(OFF).pipe_names


def test_a_person_that_no_list_knows_is_masked(reader: PipelineInterpreter) -> None:
    assert "Brunsma" in pieces(reader, "er ligt een berg afval, zrofwalt Brunsma")[1]


def test_a_place_that_the_tagger_does_not_see_is_a_candidate_for_the_geocoder(reader: PipelineInterpreter) -> None:
    assert "Wuppelo" in pieces(reader, "dat zei grimpel Wuppelo ook")[0]


def test_organisations_are_neither(reader: PipelineInterpreter) -> None:
    places, personal = pieces(reader, "dat zei sjaboe Hakkebord ook")

    assert not any("Hakkebord" in one for one in places | personal)


def test_what_is_nothing_anyhow_is_not_read_by_a_slow_model() -> None:
    never = Entities("there is no such model")
    nlp = blank()
    doc = nlp("goedemorgen allemaal")

    never.work([doc])

    assert doc._.interpretation.intent is Intent.NONE


def test_the_model_only_adds(reader: PipelineInterpreter) -> None:
    plain = PipelineInterpreter(blank())
    for text in (
        "er ligt puin op de Dorpsstraat, bel Willemijn op 0612345678",
        "ligt er nog",
        "BRAND op de Romestraat",
    ):
        before = plain.interpret([reading(text, OPEN)])[0]
        after = reader.interpret([reading(text, OPEN)])[0]
        assert set(before.places) <= set(after.places)
        assert set(before.personal) <= set(after.personal)
        assert (before.intent, before.p_report) == (after.intent, after.p_report)


def test_nothing_of_what_was_read_stays_in_the_model(model: str) -> None:
    component = Entities(model)
    nlp = blank()
    nlp.add_pipe(ENTITIES, before=DECIDE, config={"model": model})
    before = len(component.open().vocab.strings)

    doc = nlp("er ligt een berg afval, zrofwalt Rozebottelkwast")
    component.work([doc])

    assert len(component.open().vocab.strings) == before


def test_only_what_entities_are_made_of_is_run(model: str) -> None:
    assert Entities(model).open().pipe_names == ["ner"]


def test_a_saved_pipeline_remembers_which_model_it_wants(model: str, tmp_path: Path) -> None:
    blank(model).to_disk(tmp_path / "bart")

    loaded = spacy.load(tmp_path / "bart")

    assert loaded.get_pipe_config(ENTITIES)["model"] == model
    assert "Brunsma" in pieces(PipelineInterpreter(loaded), "er ligt een berg afval, zrofwalt Brunsma")[1]


def test_a_model_that_is_not_there_is_one_clear_line() -> None:
    with pytest.raises(ConfigError, match=r'interpreter\.entities.*no spaCy model "nl_some_model" here') as failed:
        interpreter("light", "nl_some_model")

    assert "\n" not in str(failed.value)


def test_the_usual_model_says_how_to_get_it() -> None:
    if spacy.util.is_package(USUAL):
        assert wanted(AUTO) == USUAL
    else:
        assert wanted(AUTO) is None
        with pytest.raises(ConfigError, match=f"python -m spacy download {USUAL}"):
            interpreter("light", USUAL)


def test_a_model_without_entities_is_refused(tmp_path: Path) -> None:
    spacy.blank("nl").to_disk(tmp_path / "empty")

    with pytest.raises(ConfigError, match='has no component "ner"'):
        blank(str(tmp_path / "empty"))


def test_a_folder_that_is_no_model_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"interpreter\.entities"):
        blank(str(tmp_path))


EXTENTS = st.lists(
    st.builds(
        lambda start, size, kind: Extent(start=start, end=start + size, kind=kind),
        st.integers(0, 40),
        st.integers(1, 9),
        st.sampled_from(("name", "place")),
    ),
    max_size=6,
)


def apart(extents: tuple[Extent, ...]) -> bool:
    ordered = sorted(extents, key=lambda one: one.start)
    return all(one.end <= two.start for one, two in pairwise(ordered))


@given(EXTENTS, EXTENTS)
def test_whatever_a_model_finds_ours_stays_and_nothing_overlaps(ours: list[Extent], theirs: list[Extent]) -> None:
    known = added(Spans(), ours)

    found = added(known, theirs)

    assert set(known.places) <= set(found.places)
    assert set(known.personal) <= set(found.personal)
    assert apart(found.places)
    assert apart(found.personal)
    new = (set(found.places) | set(found.personal)) - set(known.places) - set(known.personal)
    assert all(apart((one, two)) for one in new for two in (*found.places, *found.personal) if one != two)
