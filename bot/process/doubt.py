"""Is it clear what kind it is? Beside the chain: where it is not, the proposal offers what it may be.

One tap says what it is and yes, so nobody is asked twice. Nothing is ever filed as a guess: silence lapses as it
always does, and a yes that does not say what it is means nothing while that is asked.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from bot.model.buttons import GUESSES, Button, read_choice
from bot.model.channel import Chose
from bot.model.incident import Incident
from bot.model.reading import Interpretation
from bot.model.taxonomy import DeskKind, category
from bot.process.flow import Flow

SURE_ENOUGH = 0.5
"""From this probability on the likeliest kind is not asked about, however near the next."""
CLEARLY_AHEAD = 0.1
"""So much more probable than the next it must be otherwise. Of what would be asked of four writers that the light
model never read (350 reports) this doubts 16 %: there the likeliest is right in 37 %, an answer offered in
72 %; of the rest the likeliest is right in 91 % (0.15 would ask about 23 %)."""
OFFERED = len(GUESSES)
ELSE = "overig"
"""What [Iets anders] files it as: people at the desk read it and sort it."""


def sorted_as(flow: Flow, incident: Incident, meaning: Interpretation) -> Incident:
    """As what the message means: its likeliest kind, what it may be where that is not clear, and whether it is, or
    may be, about people."""
    slug = meaning.category or incident.category
    ranked = tuple(one for one, _ in meaning.categories)
    doubt = doubts(meaning, flow.settings.topics_off)
    # While people are among the guesses only the author may choose, and nothing is repeated.
    likely = ranked[:OFFERED] if doubt else (slug,)
    return replace(
        incident,
        category=slug,
        doubt=doubt,
        sensitive=any(category(one).about_people for one in likely),
        kinds=tuple(one for one in ranked[1:OFFERED] if not category(one).about_people),
    )


def doubts(meaning: Interpretation, topics_off: frozenset[str] = frozenset()) -> tuple[str, ...]:
    """What to offer, likeliest first; nothing where the likeliest is clear.

    Care is never offered: it is nobody's business but the author's (rule 6), who gets the number privately.
    """
    if not meaning.categories or is_clear(meaning) or _is_care(meaning.categories[0][0]):
        return ()
    ranked = [slug for slug, _ in meaning.categories[:OFFERED]]
    offered = tuple(one for one in ranked if one != ELSE and one not in topics_off and not _is_care(one))
    return offered if offered not in ((), (ranked[0],)) else ()


def is_clear(meaning: Interpretation) -> bool:
    """Is the likeliest kind likely enough, or far enough ahead of the next?"""
    best, *others = [p for _, p in meaning.categories]
    return best >= SURE_ENOUGH or best - max(others, default=0.0) >= CLEARLY_AHEAD


def offered(incident: Incident) -> Mapping[Button, str]:
    """The buttons of the question, and the kind that each stands for."""
    return dict(zip(GUESSES, incident.doubt, strict=False))


def settled(flow: Flow, incident: Incident) -> Incident | None:
    """The incident as what the press says it is, and nothing else any more. None where the press says nothing of
    what was asked, or answers what is not asked."""
    choice = read_choice(flow.happening.choice) if isinstance(flow.happening, Chose) else None
    button = choice[1] if choice else None
    answers = button in (*GUESSES, Button.IS_ELSE)
    if not incident.doubt and not answers:
        return incident
    if not incident.doubt or not answers:
        return None
    if button is Button.IS_ELSE:
        # It may still be about people, so that stays as it was.
        return replace(incident, category=ELSE, doubt=(), kinds=())
    slug = offered(incident).get(button) if button else None
    if slug is None:
        return None
    return replace(incident, category=slug, doubt=(), kinds=(), sensitive=category(slug).about_people)


def count(flow: Flow, asked: Incident, said: Incident) -> Flow:
    """How often is the likeliest kind the right one, where it had to be asked?"""
    if not asked.doubt:
        return flow
    if said.category == asked.category:
        return flow.tally("category.said", "first")
    return flow.tally("category.said", "other" if said.category in asked.doubt else "else")


def _is_care(slug: str) -> bool:
    return category(slug).desk is DeskKind.CARE
