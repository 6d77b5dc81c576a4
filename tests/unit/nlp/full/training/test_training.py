"""Fine-tuning, in a network of a few hundred weights."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest

from bot.model.reading import Intent
from nlp.corpus import Labelled
from nlp.full.encoder import Encoder
from nlp.full.inputs import Inputs, padded
from tests.support.encoders import WORDS, small_tokenizer

torch = pytest.importorskip("torch", reason="training tests need PyTorch: make train-encoder installs it")

from nlp.full.training.examples import IGNORED, Example, batches, examples  # noqa: E402 - needs torch
from nlp.full.training.export import export  # noqa: E402
from nlp.full.training.fit import fit, loss_of  # noqa: E402
from nlp.full.training.network import Network, started  # noqa: E402
from nlp.full.training.start import Sizes, Start, kept, tokenizer  # noqa: E402

pytestmark = [
    pytest.mark.training,
    # PyTorch warns of its own exporter's and quantiser's ways.
    pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::UserWarning", "ignore::FutureWarning"),
]
CATEGORIES = ("zwerfvuil", "verlichting")
SIZES = Sizes(width=16, layers=4, heads=2, inner=32, pieces=0, longest=256, epsilon=1e-12)
TOKENIZER = small_tokenizer()
INPUTS = Inputs(TOKENIZER)


def said(
    number: int, text: str, intent: Intent, *, places: Sequence[str] = (), names: Sequence[str] = ()
) -> Labelled:
    return Labelled(
        writer="w",
        id=f"g-{number}",
        group="g",
        place="Zeist",
        platform="whatsapp",
        at=datetime(2026, 1, 1, 10, number, tzinfo=UTC),
        author="Ans",
        text=text,
        reply_to=None,
        media=None,
        intent=intent,
        category="zwerfvuil" if intent is Intent.REPORT else None,
        urgent=False,
        location=tuple(places),
        pii=tuple(names),
        ref=None,
        why=None,
    )


CHAT = [
    said(1, "glas op het plein", Intent.REPORT, places=["op het plein"]),
    said(2, "hier ook de foto", Intent.NONE),
    said(3, "weer glas bij de zz", Intent.REPORT, places=["bij de zz"], names=["zz"]),
    said(4, "ook nog", Intent.NONE),
]


def start() -> Start:
    """Pretrained weights that nobody trained."""
    dice = np.random.default_rng(7)
    width, inner = SIZES.width, SIZES.inner
    pieces = [(TOKENIZER.id_to_token(at), -2.0) for at in range(TOKENIZER.get_vocab_size())]
    shapes = {"emb.word": (len(pieces), width), "emb.pos": (SIZES.longest, width), "emb.type": (1, width)}
    shapes |= {"emb.ln.w": (width,), "emb.ln.b": (width,)}
    for number in range(SIZES.layers):
        wide = {"q": width, "k": width, "v": width, "ao": width, "fi": inner, "fo": width}
        for part, rows in wide.items():
            shapes[f"l{number}.{part}.w"] = (rows, inner if part == "fo" else width)
            shapes[f"l{number}.{part}.b"] = (rows,)
        for part in ("aln", "oln"):
            shapes[f"l{number}.{part}.w"] = shapes[f"l{number}.{part}.b"] = (width,)
    tensors = {name: dice.normal(0, 0.1, shape).astype(np.float32).reshape(-1) for name, shape in shapes.items()}
    return Start(sizes=SIZES, pieces=pieces, tensors=tensors)


def network() -> Network:
    torch.manual_seed(1)
    return started(start(), range(len(start().pieces)), len(CATEGORIES))


@pytest.fixture
def given() -> list[Example]:
    return examples(CHAT, INPUTS, CATEGORIES)


def test_a_place_is_tagged_on_the_pieces_that_say_it(given: list[Example]) -> None:
    assert given[0].places == [0, 1, 2, 2]
    assert given[0].personal == [False] * 4


def test_where_nobody_labelled_places_nothing_is_learnt_of_them(given: list[Example]) -> None:
    assert set(given[1].places) == {IGNORED}


def test_a_name_is_tagged_on_all_its_pieces(given: list[Example]) -> None:
    spans = given[2].written.spans
    tagged = [CHAT[2].text[a:b].strip() for (a, b), yes in zip(spans, given[2].personal, strict=True) if yes]

    assert "".join(tagged) == "zz"


def test_a_round_is_the_same_for_the_same_seed(given: list[Example]) -> None:
    rounds = [[batch["ids"].tolist() for batch in batches(given, 2, seed)] for seed in (3, 3)]

    assert rounds[0] == rounds[1]


def test_every_report_is_in_every_round(given: list[Example]) -> None:
    for seed in range(5):
        intents = [one for batch in batches(given, 2, seed) for one in batch["intent"].tolist()]
        assert intents.count(0) == 2


def test_the_network_starts_with_the_pretrained_weights() -> None:
    made, first = network(), start()

    words = made.word.weight.detach().numpy()
    assert np.array_equal(words, first.tensors["emb.word"].reshape(words.shape))
    assert np.array_equal(made.layers[2].fo.bias.detach().numpy(), first.tensors["l2.fo.b"])


def test_learning_lowers_the_loss_and_leaves_the_lowest_layers_alone(given: list[Example]) -> None:
    made, before = network(), network()
    batch = next(batches(given, 4, 0))
    losses: list[float] = []

    fit(made, given, rounds=400, seed=0, after=lambda number, loss, seconds: losses.append(loss))

    assert float(loss_of(made, batch)) < 0.85 * float(loss_of(before.eval(), batch))
    assert len(losses) == 400
    assert torch.equal(made.word.weight, before.word.weight)
    assert torch.equal(made.layers[0].q.weight, before.layers[0].q.weight)
    assert not torch.equal(made.layers[3].q.weight, before.layers[3].q.weight)


def test_the_same_seed_gives_the_same_network(given: list[Example]) -> None:
    made = [network(), network()]
    for one in made:
        fit(one, given, rounds=2, seed=5, after=lambda *_: None)

    assert torch.equal(made[0].intent.weight, made[1].intent.weight)


def test_what_runs_says_what_the_network_says(given: list[Example], tmp_path: Path) -> None:
    made = network()
    export(made, tmp_path / "encoder.onnx")
    batch = [one.neutral for one in given]
    arrays = padded(batch)

    with torch.no_grad():
        intent, category, urgent, tags = made(*(torch.from_numpy(arrays[name]) for name in ("ids", "mask", "own")))
    found = Encoder((tmp_path / "encoder.onnx").read_bytes(), INPUTS).scores(batch)

    for row, one in enumerate(found):
        # Weights in one byte each differ a little from whole ones.
        assert one.intent == pytest.approx(intent[row].numpy(), abs=0.12)
        assert one.category == pytest.approx(category[row].numpy(), abs=0.12)
        assert one.urgent == pytest.approx(float(urgent[row]), abs=0.12)
        assert one.tags == pytest.approx(tags[row, 1 : 1 + batch[row].size].numpy(), abs=0.2)


def test_a_cut_vocabulary_still_cuts_the_texts_it_was_cut_for() -> None:
    whole = start()

    keep = kept(whole, ["glas op het plein"])
    cut = tokenizer([whole.pieces[at] for at in keep])

    assert [cut.id_to_token(at) for at in cut.encode("glas op").ids] == ["▁glas", "▁op"]
    assert f"▁{WORDS[-1]}" not in cut.get_vocab()
