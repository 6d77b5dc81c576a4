"""From what is seen of a message, and what the model thinks of it, to what it means. The guard rules are here."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from bot.model.reading import NOTHING, Intent, Interpretation
from nlp.light.hashing import Floats
from nlp.light.model import INTENTS, softmax
from nlp.light.second import pair_row
from nlp.light.signs import Look
from nlp.opinion import Opinion, Seen, Spans
from nlp.rules.follow import Link
from nlp.rules.interpreter import called_only, help_asked, looks_only
from nlp.rules.urgent import plain

REPORT_AT = 0.3
"""p_report from which a message is a report when nothing else is likelier; prompts ask for far more."""
URGENT_AT = 0.5
PLAINLY_AT = 0.4
"""The same where the rules hear danger said outright (`rules.urgent.plain`)."""
FOLLOW_AT = 0.4
"""What a message must have of "adds to" and "solves" together to be about an open report."""
LINK_FOLLOW = 0.25
"""The same where the rules see the link too."""
RULES_SURE = 0.65
UNSURE = 0.2
RULED_OUT = 0.05
"""Below this nobody needs to know where it is: far below `REPORT_AT`, so such a message is nothing anyhow."""
TOP = 4
REPLIED = 0.9
ADD, SOLVE = INTENTS.index(Intent.ADDITION), INTENTS.index(Intent.SOLVED)


def decide(seen: Seen, spans: Spans, opinion: Opinion, pair: Floats) -> Interpretation:
    """What a message means. `pair` weighs how well each open report fits (`second.pair_row`, then a constant)."""
    look = seen.look
    if not look.tokens:
        return replace(NOTHING, personal=spans.personal) if spans.personal else NOTHING
    base = Interpretation(
        p_report=round(opinion.p_report, 4),
        p_urgent=round(opinion.p_urgent, 4),
        categories=_categories(opinion),
        places=spans.places,
        personal=spans.personal,
        help=help_asked(look.marks),
    )
    about = _about(seen, opinion, pair)
    if about is not None:
        return _follow_up(base, about, look)
    return _alone(base, look)


def ruled_out(seen: Seen, opinion: Opinion) -> bool:
    """Will `decide` certainly say "none", and is nothing open that the message may tell the place of?"""
    return (
        not seen.reading.open_reports
        and not seen.look.spots
        and opinion.p_report < RULED_OUT
        and opinion.p_urgent < RULED_OUT
    )


def _categories(opinion: Opinion) -> tuple[tuple[str, float], ...]:
    p = opinion.categories
    best = sorted(range(len(p)), key=lambda at: (-p[at], at))[:TOP]
    return tuple((opinion.slugs[at], round(p[at], 3)) for at in best)


def _about(seen: Seen, opinion: Opinion, pair: Floats) -> Link | None:
    """The open report this message is about, if it is about one."""
    reading, tie = seen.reading, seen.link
    p = opinion.intents[ADD] + opinion.intents[SOLVE]
    sure = tie is not None and tie.p >= RULES_SURE
    if not reading.open_reports or p < (LINK_FOLLOW if sure else FOLLOW_AT):
        return None
    if opinion.p_report >= REPORT_AT and opinion.intents[0] > p and not sure:
        return None
    intent = Intent.SOLVED if opinion.intents[SOLVE] > opinion.intents[ADD] else Intent.ADDITION
    chosen, share = _match(seen, opinion, pair)
    report = reading.open_reports[chosen]
    why = "reply" if report.id == reading.reply_about else "speaks_of_open_report"
    sureness = max(p, tie.p) if tie is not None and tie.about == report.id else p
    return Link(
        about=report.id, p=round(min(sureness * share, 1.0), 4), intent=intent, category=report.category, why=why
    )


def _match(seen: Seen, opinion: Opinion, pair: Floats) -> tuple[int, float]:
    """Which open report fits best, and its share of the fit of all."""
    reports, near = seen.reading.open_reports, seen.look.near
    last = len(reports) - 1
    rows = [pair_row(near[at], _likely(opinion, report.category), last - at) for at, report in enumerate(reports)]
    shares: Sequence[float] = softmax(np.array(rows) @ pair[:-1] + pair[-1]).tolist()
    # A reply says itself what it is about.
    replied = [at for at, one in enumerate(near) if one.replied]
    best = replied[0] if replied else int(np.argmax(shares))
    return best, max(shares[best], REPLIED) if replied else shares[best]


def _likely(opinion: Opinion, slug: str) -> float:
    return opinion.categories[opinion.slugs.index(slug)] if slug in opinion.slugs else 0.0


def _danger_now(base: Interpretation, look: Look) -> bool:
    """By the model, or by the rules where the model nearly thinks so too."""
    return base.p_urgent >= (PLAINLY_AT if plain(look.alarm, look.marks) else URGENT_AT)


def _follow_up(base: Interpretation, about: Link, look: Look) -> Interpretation:
    danger = _danger_now(base, look) and about.intent is not Intent.SOLVED
    others = tuple((slug, round(p / 10, 3)) for slug, p in base.categories if slug != about.category)
    return replace(
        base,
        intent=about.intent,
        urgent=danger and not called_only(look.marks, look.found),
        categories=((about.category, 0.9), *others[: TOP - 1]),
        about=about.about,
        p_about=about.p,
        reasons=(about.why,),
    )


def _alone(base: Interpretation, look: Look) -> Interpretation:
    """A message that is about no open report."""
    doubt = replace(base, p_report=min(base.p_report, UNSURE))
    if called_only(look.marks, look.found):
        return replace(doubt, reasons=("already_called",))
    if looks_only(look.marks):
        return replace(doubt, looks_only=True, reasons=("looks_only",))
    if _danger_now(base, look):
        return replace(base, intent=Intent.REPORT, urgent=True, reasons=_danger(look))
    if "stop.already" in look.marks and base.p_report < RULES_SURE:
        return replace(doubt, reasons=("already_reported",))
    if base.p_report < REPORT_AT:
        return replace(base, reasons=look.verdict.stops)
    signs = ("reads_as_report", "place_words") if base.places else ("reads_as_report",)
    return replace(base, intent=Intent.REPORT, reasons=signs + look.verdict.stops)


def _danger(look: Look) -> tuple[str, ...]:
    return ("danger_words", "gas") if "urgent.any.gas" in look.marks else ("danger_words",)
