"""How sure BART must be before it asks: a group that says no often is asked less. Nothing here is stored.

The prompts of the last 30 days and how they ended are all that counts; each fades evenly until it is gone.
The threshold goes up from the group's own setting and never below it, so that a yes keeps what was set. The
112 card and what somebody asks BART for are not prompts: no threshold stands before them (`interpret`).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.model.group import GroupSettings
from bot.model.snapshot import Prompt, PromptAnswer, Snapshot

FADES = timedelta(days=30)
"""After this an answer counts no more; also how long prompts are kept (`Terms.prompt`)."""
NOES_A_STEP = 3.0
"""So many noes make one step of `QuietLimits.tune_step`."""
NEARLY = 0.5
"""Three noes on three days have faded a little and are still three noes."""
MOST_STEPS = 2
HIGHEST = 0.99
"""No answers shut BART up altogether."""

AGAINST: dict[PromptAnswer, float] = {
    PromptAnswer.YES: 0.0,
    PromptAnswer.SELF: 0.0,
    PromptAnswer.NO: 1.0,
    PromptAnswer.NOT_A_REPORT: 1.0,
    PromptAnswer.RATHER_NOT: 0.5,
    PromptAnswer.HIDDEN: 1.0,
    PromptAnswer.LAPSED: 0.25,
}
"""How much of a no each answer is. Silence is a weak no: a prompt is easily missed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Tuning:
    """What the last answers make of a group's threshold, with the counts that explain it."""

    base: float
    raised: float
    asked: int
    noes: int
    silent: int

    @property
    def threshold(self) -> float:
        """How sure BART must be here."""
        return self.base + self.raised


def tuning(known: Snapshot, now: datetime) -> Tuning:
    """Of this group, now."""
    limits = known.group.settings.quiet
    ended = [p for p in known.prompts if p.answer is not PromptAnswer.NONE and now - p.asked_at < FADES]
    last = sorted(ended, key=lambda p: (p.asked_at, p.incident_id))[-limits.tune_window :]
    noes = sum(AGAINST[p.answer] * _left(p, now) for p in last)
    weight = sum(_left(p, now) for p in last)
    return Tuning(
        base=known.group.settings.prompt_threshold,
        raised=_raise(known.group.settings, noes, weight),
        asked=len(last),
        noes=sum(p.answer.is_no or p.answer is PromptAnswer.HIDDEN for p in last),
        silent=sum(p.answer is PromptAnswer.LAPSED for p in last),
    )


def _left(prompt: Prompt, now: datetime) -> float:
    """How much of an answer still counts, from 1 to 0."""
    return min(1.0, 1.0 - (now - prompt.asked_at) / FADES)


def _raise(settings: GroupSettings, noes: float, weight: float) -> float:
    if noes <= settings.quiet.tune_no_rate * weight:
        return 0.0
    steps = min(int((noes + NEARLY) / NOES_A_STEP), MOST_STEPS)
    room = max(0.0, HIGHEST - settings.prompt_threshold)
    return min(steps * settings.quiet.tune_step, room)
