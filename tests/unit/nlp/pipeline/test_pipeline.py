"""The interpreter as a spaCy pipeline: what people who know spaCy find, and what a saved one still knows."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
import spacy
from hypothesis import given, settings
from hypothesis import strategies as st
from spacy.language import Language
from spacy.tokens import Doc
from spacy.vocab import Vocab

from bot.model.reading import Intent, Interpretation
from nlp.light.interpreter import LightInterpreter
from nlp.pipeline.components import DECIDE, LIGHT, SPANS, Decide, Light, Spans
from nlp.pipeline.docs import doc_of
from nlp.pipeline.interpreter import PipelineInterpreter, blank
from nlp.rules.words import LONGEST_TEXT
from tests.support.readings import GLASS, LAMP, OPEN, reading

NLP = blank()
NAMED = "er ligt puin op de Dorpsstraat, bel Willemijn op 0612345678"
MIXED = [
    reading(GLASS),
    reading("goedemorgen allemaal"),
    reading("ligt er nog", OPEN, LAMP),
    reading(NAMED),
    reading("BRAND!! er komt rook uit het dak op de Romestraat"),
    reading(""),
]


def test_it_is_a_blank_dutch_pipeline_with_our_own_components_in_order() -> None:
    assert NLP.lang == "nl"
    assert NLP.pipe_names == [LIGHT, SPANS, DECIDE]


def test_every_component_gets_what_it_needs_from_those_before_it() -> None:
    found = NLP.analyze_pipes()

    assert found is not None
    assert found["problems"] == {name: [] for name in NLP.pipe_names}


def test_a_bare_text_can_be_read_as_people_do_with_spacy() -> None:
    doc = NLP(NAMED)

    assert doc.text == NAMED
    assert doc._.interpretation.intent is Intent.REPORT
    assert [span.text for span in doc.spans["places"]] == ["op de Dorpsstraat"]
    assert {(span.text, span.label_) for span in doc.spans["personal"]} >= {("0612345678", "phone")}
    assert doc.cats["report"] == doc._.interpretation.p_report
    assert doc.cats["urgent"] == doc._.interpretation.p_urgent


def test_what_was_known_of_the_chat_counts() -> None:
    doc = doc_of(NLP.vocab, "ligt er nog")
    doc._.reading = reading("ligt er nog", OPEN)

    assert NLP(doc)._.interpretation.about == OPEN.id


def test_one_by_one_means_the_same_as_in_batches() -> None:
    texts = [one.text for one in MIXED]

    assert [doc._.interpretation.intent for doc in NLP.pipe(texts, batch_size=2)] == [
        NLP(text)._.interpretation.intent for text in texts
    ]


def test_the_port_says_what_the_light_stage_says() -> None:
    assert PipelineInterpreter(NLP).interpret(MIXED) == LightInterpreter().interpret(MIXED)


def test_nothing_of_what_was_read_stays_in_the_vocabulary() -> None:
    before = len(NLP.vocab.strings), len(NLP.vocab)

    PipelineInterpreter(NLP).interpret([reading("Xanthippe verloor haar rozebottelkwastje")])

    assert (len(NLP.vocab.strings), len(NLP.vocab)) == before
    assert "rozebottelkwastje" not in NLP.vocab.strings


def saved(folder: Path) -> Path:
    NLP.to_disk(folder)
    return folder


def test_a_saved_pipeline_has_its_weights_as_files_without_pickles(tmp_path: Path) -> None:
    folder = saved(tmp_path / "bart")

    assert {path.parent.name for path in folder.rglob("weights.npz")} == {LIGHT, SPANS, DECIDE}
    assert not [path for path in folder.rglob("*") if path.suffix in {".pkl", ".pickle"}]


def test_a_loaded_pipeline_means_what_the_saved_one_meant(tmp_path: Path) -> None:
    loaded = spacy.load(saved(tmp_path / "bart"))

    assert PipelineInterpreter(loaded).interpret(MIXED) == PipelineInterpreter(NLP).interpret(MIXED)


def test_a_pipeline_as_bytes_too() -> None:
    loaded = blank().from_bytes(NLP.to_bytes())

    assert PipelineInterpreter(loaded).interpret(MIXED) == PipelineInterpreter(NLP).interpret(MIXED)


LOAD = """
import json, sys, spacy
assert not any(name.split(".")[0] in {"nlp", "bot"} for name in sys.modules)
nlp = spacy.load(sys.argv[1])
doc = nlp(sys.argv[2])
print(json.dumps([doc._.interpretation.intent, doc.spans["places"][0].text]))
"""


def test_a_process_that_knows_only_spacy_can_load_it(tmp_path: Path) -> None:
    folder = saved(tmp_path / "bart")

    done = subprocess.run(
        [sys.executable, "-c", LOAD, str(folder), NAMED], cwd=tmp_path, capture_output=True, text=True, check=True
    )

    assert json.loads(done.stdout) == ["report", "op de Dorpsstraat"]


def test_the_weights_that_were_loaded_are_used_and_not_those_that_come_along(tmp_path: Path) -> None:
    decide = Decide().from_bytes(Decide().to_bytes())
    light = Light().from_bytes(Light().to_bytes())
    spans = Spans().from_bytes(Spans().to_bytes())

    assert (decide.pair == Decide().pair).all()
    assert light.model is not Light().model
    assert light.model.categories == Light().model.categories
    assert (spans.tagger.weights == Spans().tagger.weights).all()


def test_a_missing_file_of_weights_is_named(tmp_path: Path) -> None:
    folder = saved(tmp_path / "bart")
    (folder / SPANS / "weights.npz").unlink()

    with pytest.raises(FileNotFoundError, match=r"bart_spans.weights\.npz"):
        spacy.load(folder)


HOSTILE = [
    "",
    " ",
    " \t\n ",
    "a" * 10_000,
    "bij de glasbak is het een bende " * 320,
    "🔥" * 10_000,
    "👩‍👩‍👧‍👦 👍🏽",
    "\0\x01\x1b[31m\u202e",
    "\ud800",
    "bel \udfff0612345678\ud800",
    "x" * 2_000_000,
]


@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
def test_strange_texts_have_a_meaning(text: str) -> None:
    found = PipelineInterpreter(NLP).interpret([reading(text)])[0]

    assert isinstance(found, Interpretation)
    assert all(0 <= one.start < one.end <= len(text) for one in found.places + found.personal)


@given(st.text(st.characters(), max_size=300))
@settings(max_examples=150, deadline=None)
def test_every_character_of_a_text_is_in_its_document(text: str) -> None:
    doc = doc_of(Vocab(), text)

    assert len(doc.text) == len(text)
    assert doc.text == "".join("�" if "\ud800" <= char <= "\udfff" else char for char in text)


@given(st.text(st.characters(), max_size=300))
@settings(max_examples=100, deadline=None)
def test_any_text_can_be_read_without_a_chat_around_it(text: str) -> None:
    assert isinstance(NLP(doc_of(Vocab(), text))._.interpretation, Interpretation)


def test_words_have_their_hyphens_and_what_is_never_read_is_one_word() -> None:
    assert [token.text for token in NLP.make_doc("op 't Sint-Jansplein, nu!")] == [
        *("op", "'", "t", "Sint-Jansplein", ",", "nu", "!")
    ]
    assert len(NLP.make_doc("a " * LONGEST_TEXT)) == LONGEST_TEXT // 2 + 1


def test_what_a_later_component_changes_is_what_is_decided() -> None:
    @Language.component("test_alarm")
    def alarm(doc: Doc) -> Doc:
        doc._.opinion = replace(doc._.opinion, p_urgent=0.99)
        return doc

    nlp = blank()
    nlp.add_pipe("test_alarm", after=LIGHT)

    assert nlp("goedemorgen allemaal")._.interpretation.urgent


def test_the_interpreter_that_is_handed_out_has_read_its_weights_already() -> None:
    code = "from nlp.interpreter import interpreter; from nlp.light.model import shipped; interpreter(); "
    told = f"{code}print(shipped.cache_info().currsize)"

    done = subprocess.run([sys.executable, "-c", told], capture_output=True, text=True, check=True)

    assert done.stdout == "1\n"
