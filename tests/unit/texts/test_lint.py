"""Every text of every language keeps the rules of docs/texts.md, and the rules catch bad texts."""

from __future__ import annotations

import pytest

from bot.model.buttons import Button
from bot.model.report import Status
from bot.model.taxonomy import DeskKind, taxonomy
from bot.texts import Catalogue
from bot.texts.template import Template
from tests.support import text_lint

CATALOGUE = Catalogue.load()
TEXTS = [
    pytest.param(language, template, id=f"{language}:{key}")
    for language, table in CATALOGUE.templates.items()
    for key, template in table.items()
]
COMMANDS = frozenset(
    {
        "/bart",
        "/buurt",
        "/help",
        "/heropen",
        "/huisregels",
        "/leermee",
        "/leerniet",
        "/leren",
        "/meld",
        "/mijngegevens",
        "/nietvoormij",
        "/start",
        "/status",
        "/stop",
        "/welvoormij",
    }
)

PLANTED = [
    ("report.prompt", "Wil je dit nu melden bij de gemeente of wil je liever nog even wachten?", "long sentence"),
    ("filing", " ".join(["woord"] * 19) + ".", "far too long a sentence"),
    ("about", "Ik ben BART. " * 30, "post of"),
    ("toast.done", "Dit is klaar. " * 16, "toast of"),
    ("what.groen", "Bomen, takken, onkruid en alles wat verder groeit", "what of"),
    ("button.yes", "Ja, stuur dit naar de gemeente", "label of 30"),
    ("button.yes.short", "Ja, stuur dit nu maar", "short label of 21"),
    ("link.follow", "Volg deze melding op de pagina", "label of"),
    ("filing", "De melding wordt verstuurd.", "passive"),
    ("filing", "De meldingen worden morgen bekeken.", "passive"),
    ("filing", "Dit ticket is klaar.", "jargon: 'ticket'"),
    ("filing", "De Categorie klopt niet.", "jargon: 'Categorie'"),
    ("filing", "Het loket gaat dit afhandelen.", "jargon"),
    ("filing", "De status is nieuw.", "jargon: 'status'"),
    ("filing", "Wilt u dit melden?", "formal address: 'u'"),
    ("filing", "Uw melding is binnen.", "formal address: 'Uw'"),
    ("urgent.112", "Is er gevaar? Bel {emergency}.", "not strong and alone"),
    ("urgent.112", "**Bel** {emergency}.", "not strong and alone"),
    ("urgent.112", "**Bel {emergency}, en anders {police}.**", "not strong and alone"),
    ("urgent.112", "**Bel nu {emergency} of {police}.**", "not strong and alone"),
    ("urgent.112", "**Zie je dat er iets ergs gebeurt: bel {emergency}.**", "not strong and alone"),
    ("urgent.112", "Gevaar? **Bel {emergency}** en wacht buiten.", "not strong and alone"),
    ("urgent.112", "**Bel 112.**", "phone number outside a slot: '112'"),
    ("care", "Bel 0800-1205.", "phone number outside a slot"),
    ("care", "Bel 144 of 14 070.", "phone number outside a slot"),
    ("toast.only_author", "Alleen {name} kan dit.", "names somebody: name"),
    ("filed", "Gemeld onder {code}.", "undocumented slot code"),
    ("filing", "Ik stuur  de melding.", "sloppy"),
    ("filing", 'Ik stuur "het" nu.', "sloppy"),
    ("filing", "Ik stuur het nu...", "sloppy"),
    ("filing", "Ik ben Bart.", "sloppy"),
    ("what.groen", "bomen", "starts with a capital"),
    ("what.groen", "Bomen.", "starts with a capital"),
    ("word.status.closed", "Klaar", "no capital"),
    ("button.yes", "**Ja**", "room for neither"),
]


@pytest.mark.parametrize(("language", "template"), TEXTS)
def test_every_text_keeps_the_rules(language: str, template: Template) -> None:
    assert text_lint.faults(template.key, template.source, language) == []


@pytest.mark.parametrize(("key", "text", "fault"), PLANTED)
def test_a_bad_text_is_caught(key: str, text: str, fault: str) -> None:
    assert any(fault in found for found in text_lint.faults(key, text))


@pytest.mark.parametrize(
    "text",
    [
        "**Bel nu {emergency}.** Ik kan niet voor je bellen.",
        "De melding wordt bekeken door {desk}.",
        "Kijk op 113.nl, gebruik 112NL of typ /status.",
        "{number}: “{note}” Klopt dat?",
        "Dank je. Ik tel je mee.",
    ],
)
def test_a_good_text_passes(text: str) -> None:
    assert text_lint.faults("filing", text) == []


def test_words_of_residents_and_desks_do_not_make_a_sentence_longer() -> None:
    assert text_lint.longest_sentence("Vraag: “{question}”") == 2
    assert text_lint.longest_sentence("Dit is {what}.") > 2


def test_sentences_end_at_stops_quotes_emphasis_and_lines_but_not_inside_numbers() -> None:
    assert text_lint.sentences("**Waarom?** Ik kijk. “Ja.” Nee\nOm 14.05 uur!") == [
        "**Waarom?**",
        "Ik kijk.",
        "“Ja.”",
        "Nee",
        "Om 14.05 uur!",
    ]


def test_no_sentence_is_longer_than_aimed_for() -> None:
    longest = max(CATALOGUE.templates["nl"].values(), key=lambda text: text_lint.longest_sentence(text.source))
    assert text_lint.longest_sentence(longest.source) <= text_lint.SENTENCE_AIM, longest.key


def test_every_language_has_its_rules() -> None:
    assert CATALOGUE.templates.keys() <= text_lint.LANGUAGES.keys()


def test_every_slot_is_documented_and_every_documented_slot_is_used() -> None:
    used = {slot for template in CATALOGUE.templates["nl"].values() for slot in template.slots}
    assert used == text_lint.documented_slots().keys()


def test_every_button_has_a_label_and_no_label_lacks_its_button() -> None:
    labels = {key for key in CATALOGUE.templates["nl"] if key.startswith("button.")}
    buttons = {f"button.{button}" for button in Button}
    assert {key.removesuffix(".short") for key in labels} == buttons


def test_a_label_that_is_too_long_for_whatsapp_has_a_short_one() -> None:
    table = CATALOGUE.templates["nl"]
    long = [key for key, text in table.items() if key.startswith("button.") and len(text.source) > 20]
    assert [key for key in long if f"{key}.short" not in table] == []


def test_every_category_has_everyday_words() -> None:
    assert _after("what.") == taxonomy().keys()


def test_every_status_has_words_and_a_line() -> None:
    statuses = {status.value for status in Status}
    assert _after("word.status.") == statuses
    assert statuses <= _after("status.")


def test_tips_exist_only_where_doing_it_oneself_is_safe() -> None:
    table = taxonomy()
    for slug in _after("tip."):
        assert table[slug].desk is DeskKind.MUNICIPALITY
        assert not table[slug].can_be_urgent
        assert not table[slug].about_people


def test_texts_name_only_commands_that_bart_has() -> None:
    found = {
        word.strip(".,")
        for template in CATALOGUE.templates["nl"].values()
        for word in template.source.split()
        if word.startswith("/")
    }
    assert found == COMMANDS


def test_the_longer_posts_are_few_and_exist() -> None:
    assert len(text_lint.LONG_POSTS) <= 3
    assert CATALOGUE.templates["nl"].keys() >= text_lint.LONG_POSTS


def test_the_neutral_line_about_help_names_neither_the_person_nor_the_word() -> None:
    text = CATALOGUE.templates["nl"]["help.neutral"].source.lower()
    assert not any(word in text for word in ("zelfmoord", "geweld", "je ", "jij", "iemand"))


def _after(prefix: str) -> set[str]:
    keys = CATALOGUE.templates["nl"]
    return {key.removeprefix(prefix) for key in keys if key.startswith(prefix)}
