"""What BART counts, for Prometheus. Names and labels are listed in docs/operating.md; a test keeps it so.

Labels are names from the config or fixed words: never a group, a room or a person.
"""

from __future__ import annotations

from collections.abc import Mapping

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram
from prometheus_client.exposition import generate_latest

from bot.model.effect import Action
from bot.model.happening import Tally
from bot.model.ids import AccountName
from bot.model.view import Figures

BATCH_SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
EFFECT_OUTCOMES = ("done", "retried", "parked", "dropped")


class Metrics:
    """One set of counters with a registry of its own, so that two apps in one process do not add up."""

    def __init__(self) -> None:
        self._registry = CollectorRegistry()
        self._messages = self._counter("messages_read", "Messages of permitted groups that were interpreted.")
        self._batch = Histogram(
            "bart_intake_batch_seconds",
            "From a batch of a channel to its commit.",
            registry=self._registry,
            buckets=BATCH_SECONDS,
        )
        self._asked = self._counter("prompts_asked", "Proposals shown in a group.")
        self._held = self._counter("prompts_held_back", "Proposals a quiet rule held back.", "rule")
        self._effects = self._counter("effects", "Effects by how they ended.", "action", "outcome")
        self._filed = self._counter("reports_filed", "Reports a desk took.", "desk")
        self._tallies = self._counter("process_events", "What process steps count.", "event", "label")
        self._desk_errors = self._counter("desk_errors", "Errors of desks by class.", "desk", "kind")
        self._channel_errors = self._counter("channel_errors", "Errors of channels by class.", "account", "kind")
        self._lag = self._gauge("work_lag_seconds", "How long the oldest due effect has been waiting.")
        self._parked = self._gauge("work_parked", "Effects set aside for the operator.")
        self._work = self._gauge("work_waiting", "Effects and timers in the work table.", "action")
        self._groups = self._gauge("groups", "Groups by state.", "state")
        self._incidents = self._gauge("incidents", "Incidents by stage.", "stage")
        self._reports = self._gauge("reports", "Reports by status.", "status")

    def messages_read(self, count: int) -> None:
        """So many messages of permitted groups were interpreted."""
        self._messages.inc(count)

    def batch_committed(self, seconds: float) -> None:
        """A batch took this long from the channel to its commit."""
        self._batch.observe(seconds)

    def prompt_asked(self) -> None:
        """A proposal was shown."""
        self._asked.inc()

    def prompt_held_back(self, rule: str) -> None:
        """A quiet rule held a proposal back; `rule` is one of `quiet.Rule`, or why nobody was asked."""
        self._held.labels(rule).inc()

    def effect_ended(self, action: Action, outcome: str) -> None:
        """An effect was run; raises `ValueError` for an outcome that is not one of `EFFECT_OUTCOMES`."""
        if outcome not in EFFECT_OUTCOMES:
            raise ValueError(f"no such outcome: {outcome}")
        self._effects.labels(action.value, outcome).inc()

    def report_filed(self, desk: str) -> None:
        """A desk took a report."""
        self._filed.labels(desk).inc()

    def tally(self, tally: Tally) -> None:
        """Something a process step wants counted; the best known ones have a metric of their own."""
        match tally.name:
            case "prompt.asked":
                self.prompt_asked()
            case "prompt.held":
                self.prompt_held_back(tally.label)
            case "filed":
                self.report_filed(tally.label)
            case _:
                self._tallies.labels(tally.name, tally.label).inc()

    def desk_failed(self, desk: str, error: BaseException) -> None:
        """A call to a desk went wrong."""
        self._desk_errors.labels(desk, type(error).__name__).inc()

    def channel_failed(self, account: AccountName, error: BaseException) -> None:
        """A call to a channel went wrong."""
        self._channel_errors.labels(account, type(error).__name__).inc()

    def show(self, figures: Figures) -> None:
        """Set the gauges to what the store counts now."""
        self._lag.set(figures.oldest_due_seconds)
        self._parked.set(figures.parked)
        _refill(self._work, figures.work_by_action)
        _refill(self._groups, figures.groups_by_state)
        _refill(self._incidents, figures.incidents_by_stage)
        _refill(self._reports, figures.reports_by_status)

    def render(self) -> bytes:
        """The page `/metrics`."""
        return generate_latest(self._registry)

    def _counter(self, name: str, help_: str, *labels: str) -> Counter:
        return Counter(f"bart_{name}", help_, labels, registry=self._registry)

    def _gauge(self, name: str, help_: str, *labels: str) -> Gauge:
        return Gauge(f"bart_{name}", help_, labels, registry=self._registry)


def _refill(gauge: Gauge, figures: Mapping[str, int]) -> None:
    """A state nobody is in any more must not keep its last number."""
    gauge.clear()
    for label, count in figures.items():
        gauge.labels(label).set(count)
