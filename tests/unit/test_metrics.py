"""What is counted: the right things, under stable names, and nothing about people."""

from __future__ import annotations

import re
from collections.abc import Mapping

import pytest
from prometheus_client.parser import text_string_to_metric_families

from bot.metrics import EFFECT_OUTCOMES, Metrics
from bot.model.effect import Action
from bot.model.errors import DeskLater, Later
from bot.model.happening import Tally
from bot.model.ids import AccountName
from bot.model.view import Figures


def figures(groups: Mapping[str, int], parked: int = 0, lag: float = 0.0) -> Figures:
    return Figures(
        groups_by_state=groups,
        incidents_by_stage={"proposed": 2},
        reports_by_status={"received": 5},
        work_by_action={"card": 3},
        parked=parked,
        oldest_due_seconds=lag,
    )


def value(metrics: Metrics, name: str, **labels: str) -> float | None:
    for family in text_string_to_metric_families(metrics.render().decode()):
        for sample in family.samples:
            if sample.name == name and sample.labels == labels:
                return float(sample.value)
    return None


def test_messages_and_batches_are_counted() -> None:
    metrics = Metrics()
    metrics.messages_read(100)
    metrics.messages_read(20)
    metrics.batch_committed(0.02)
    assert value(metrics, "bart_messages_read_total") == 120
    assert value(metrics, "bart_intake_batch_seconds_count") == 1
    assert value(metrics, "bart_intake_batch_seconds_bucket", le="0.01") == 0
    assert value(metrics, "bart_intake_batch_seconds_bucket", le="0.025") == 1


def test_prompts_are_counted_and_so_is_what_held_them_back() -> None:
    metrics = Metrics()
    metrics.prompt_asked()
    metrics.prompt_held_back("prompt_gap")
    metrics.prompt_held_back("prompt_gap")
    assert value(metrics, "bart_prompts_asked_total") == 1
    assert value(metrics, "bart_prompts_held_back_total", rule="prompt_gap") == 2


@pytest.mark.parametrize(
    ("tally", "name", "labels"),
    [
        (Tally(name="prompt.asked"), "bart_prompts_asked_total", {}),
        (Tally(name="prompt.held", label="prompt_gap"), "bart_prompts_held_back_total", {"rule": "prompt_gap"}),
        (Tally(name="filed", label="gemeente"), "bart_reports_filed_total", {"desk": "gemeente"}),
        (Tally(name="care", label="x"), "bart_process_events_total", {"event": "care", "label": "x"}),
    ],
)
def test_what_the_process_counts_gets_its_metric(tally: Tally, name: str, labels: dict[str, str]) -> None:
    metrics = Metrics()
    metrics.tally(tally)
    assert value(metrics, name, **labels) == 1


@pytest.mark.parametrize("outcome", EFFECT_OUTCOMES)
@pytest.mark.parametrize("action", Action)
def test_an_effect_is_counted_by_how_it_ended(action: Action, outcome: str) -> None:
    metrics = Metrics()
    metrics.effect_ended(action, outcome)
    assert value(metrics, "bart_effects_total", action=action.value, outcome=outcome) == 1


def test_an_ending_that_does_not_exist_is_refused() -> None:
    with pytest.raises(ValueError, match="exploded"):
        Metrics().effect_ended(Action.FILE, "exploded")


def test_errors_are_counted_by_class_without_their_words() -> None:
    metrics = Metrics()
    metrics.report_filed("gemeente")
    metrics.desk_failed("gemeente", DeskLater(3.0, "Fatima"))
    metrics.channel_failed(AccountName("buurt"), Later(3.0, "Fatima"))
    assert value(metrics, "bart_reports_filed_total", desk="gemeente") == 1
    assert value(metrics, "bart_desk_errors_total", desk="gemeente", kind="DeskLater") == 1
    assert value(metrics, "bart_channel_errors_total", account="buurt", kind="Later") == 1
    assert b"Fatima" not in metrics.render()


def test_gauges_show_what_the_store_counts() -> None:
    metrics = Metrics()
    metrics.show(figures({"on": 7}, parked=2, lag=1.5))
    assert value(metrics, "bart_groups", state="on") == 7
    assert value(metrics, "bart_incidents", stage="proposed") == 2
    assert value(metrics, "bart_reports", status="received") == 5
    assert value(metrics, "bart_work_waiting", action="card") == 3
    assert value(metrics, "bart_work_parked") == 2
    assert value(metrics, "bart_work_lag_seconds") == 1.5


def test_a_state_that_became_empty_is_gone() -> None:
    metrics = Metrics()
    metrics.show(figures({"waiting": 1}))
    metrics.show(figures({"on": 1}))
    assert value(metrics, "bart_groups", state="waiting") is None
    assert value(metrics, "bart_groups", state="on") == 1


def test_two_apps_in_one_process_do_not_add_up() -> None:
    one, other = Metrics(), Metrics()
    one.prompt_asked()
    assert value(other, "bart_prompts_asked_total") == 0


def test_no_label_can_hold_a_group_or_a_person() -> None:
    metrics = Metrics()
    metrics.prompt_held_back("night_from")
    metrics.effect_ended(Action.FILE, "done")
    metrics.report_filed("gemeente")
    metrics.tally(Tally(name="care", label="x"))
    metrics.desk_failed("gemeente", DeskLater(3.0))
    metrics.channel_failed(AccountName("buurt"), Later(3.0))
    metrics.show(figures({"on": 7}))
    metrics.batch_committed(0.1)
    labels = set(re.findall(r'[{,](\w+)="', metrics.render().decode()))
    assert labels == {
        *("rule", "action", "outcome", "desk", "kind", "account", "state", "stage", "status"),
        *("event", "label", "le"),
    }
