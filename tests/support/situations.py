"""Every situation in which an incident has a card, with typical texts."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from bot.model.desk import Similar
from bot.model.incident import Incident, MediaRef, Stage
from bot.model.place import Place
from bot.model.report import Question, Report, Status
from bot.model.snapshot import Snapshot
from tests.support.flows import knowing
from tests.support.records import KEES, NOON, SAMIRA, SQUARE, a_content, a_filed_incident, a_report, an_incident

Situation = tuple[str, Snapshot, Incident]
SIMILAR = Similar(
    reference="ref-r1",
    category="zwerfvuil",
    place=SQUARE,
    filed_at=NOON - timedelta(days=2),
    status=Status.IN_PROGRESS,
    desk="gemeente",
    neighbours=2,
)
NOTE = "De straat is vanochtend geveegd door de buitendienst."


def every_card() -> list[Situation]:
    """Name, what is known, the incident."""
    return [*_unfiled(), *_filed()]


def _unfiled() -> list[Situation]:
    seen = frozenset({KEES, SAMIRA})
    laans = tuple(Place(label=f"Londenlaan {n}", home=True) for n in (1, 2, 3))
    content = a_content("glas", outgoing="Er ligt glas bij de bak.", masked=2, photos=(MediaRef(ref="p"),))
    found = [
        ("proposed", an_incident(category="zwerfvuil", witnesses=seen)),
        ("proposed nowhere", an_incident(category="verlichting", place=None)),
        ("proposed unsure", an_incident(category="geluid", doubt=("geluid", "jongeren", "verkeersinstallatie"))),
        ("proposed unsure nowhere", an_incident(category="riool", doubt=("riool", "wegdek"), place=None)),
        ("locating", an_incident(stage=Stage.LOCATING, place=None)),
        ("picking", an_incident(stage=Stage.LOCATING, place=None, choices=laans)),
        ("admin", an_incident(stage=Stage.ADMIN)),
        ("released", an_incident(stage=Stage.RELEASED, category="zwerfvuil")),
        ("released neutral", an_incident(stage=Stage.RELEASED, category="zwerfvuil", neutral=True)),
        ("similar", an_incident(stage=Stage.SIMILAR, category="zwerfvuil", similar=SIMILAR, witnesses=seen)),
        ("released, to be added", an_incident(stage=Stage.RELEASED, category="zwerfvuil", similar=SIMILAR)),
        ("filing", an_incident(stage=Stage.FILING)),
        ("filing delayed", an_incident(stage=Stage.FILING, retries=1)),
        ("failed", an_incident(stage=Stage.FAILED)),
        ("refused", an_incident(stage=Stage.FAILED, hint="refused")),
        ("danger", an_incident(stage=Stage.DANGER, category="brand")),
        ("gas", an_incident(stage=Stage.DANGER, category="brand", hint="gas")),
        ("danger called", an_incident(stage=Stage.DANGER, category="brand", danger_called=True)),
        ("self help", an_incident(stage=Stage.SELF_HELP, category="zwerfvuil")),
        ("self help without a tip", an_incident(stage=Stage.SELF_HELP, category="wegdek")),
        ("solved", an_incident(stage=Stage.SOLVED)),
    ]
    return [(name, knowing(incident, contents=content), incident) for name, incident in found]


def _filed() -> list[Situation]:
    seen = frozenset({KEES, SAMIRA})
    asked = Question(text="Bij welke glasbak precies?", asked_at=NOON, until=NOON + timedelta(days=5))
    found: list[tuple[str, Incident, Report]] = [
        (f"filed {status}", a_filed_incident(category="zwerfvuil", witnesses=seen), _report(status))
        for status in Status
    ]
    found += [
        ("just filed", a_filed_incident(category="zwerfvuil"), a_report()),
        (
            "filed planned with a date",
            a_filed_incident(category="zwerfvuil", witnesses=seen),
            a_report(status=Status.PLANNED, moves=1, planned_for=NOON + timedelta(days=3)),
        ),
        (
            "filed with a question",
            a_filed_incident(category="zwerfvuil"),
            a_report(status=Status.NEEDS_ANSWER, moves=1, question=asked),
        ),
        (
            "filed, solved by a neighbour",
            a_filed_incident(category="zwerfvuil", solved_by=frozenset({KEES})),
            _report(Status.IN_PROGRESS),
        ),
        (
            "closed, asked to look again",
            a_filed_incident(category="zwerfvuil", words_from=frozenset({KEES})),
            _report(Status.CLOSED),
        ),
        *_joined(),
        ("closed without a note", a_filed_incident(), a_report(status=Status.CLOSED, moves=1)),
        ("finished", a_filed_incident(stage=Stage.FINISHED), _report(Status.CLOSED)),
        ("finished, verified", a_filed_incident(stage=Stage.FINISHED, verified=True), _report(Status.CLOSED)),
        ("withdrawn", a_filed_incident(stage=Stage.WITHDRAWN), a_report(withdrawn=True)),
    ]
    content = a_content()
    return [(name, knowing(one, reports=[report], contents=content), one) for name, one, report in found]


def _joined() -> list[tuple[str, Incident, Report]]:
    incident = a_filed_incident(category="zwerfvuil", similar=SIMILAR)
    more = replace(incident, words_from=frozenset({KEES}))
    return [
        ("joined", incident, a_report()),
        ("joined, with more to tell", more, _report(Status.IN_PROGRESS)),
    ]


def _report(status: Status) -> Report:
    moves = 0 if status is Status.RECEIVED else 2
    return a_report(status=status, moves=moves, note=NOTE, party="Stadsbeheer", place=SQUARE)
