"""What the card of an incident shows: a pure function of its state. One post per incident, edited (rule 8)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from bot.model.buttons import PICKS, Button
from bot.model.channel import Private
from bot.model.desk import DeskCapabilities
from bot.model.incident import Content, Incident, Stage
from bot.model.report import Report, Status
from bot.model.snapshot import Snapshot
from bot.model.wording import Offer, Saying, Wording, cut
from bot.process import doubt, wordings
from bot.process.flow import Context
from bot.process.route import route_of

HOLDS_NOTE = 200
"""Characters of a desk's explanation that fit on a card (posts stay short)."""
_TELLS_REHEARSAL = (Stage.PROPOSED, Stage.RELEASED, Stage.FILED)


def card(known: Snapshot, incident: Incident, context: Context) -> Saying | None:
    """The card as it should stand now; None when there should be no post."""
    build = _BUILDERS.get(incident.stage)
    saying = build(known, incident, context) if build else None
    if saying is None or incident.stage not in _TELLS_REHEARSAL:
        return saying
    return replace(saying, lines=(*saying.lines, *rehearsal(known, incident, context)))


def rehearsal(known: Snapshot, incident: Incident, context: Context) -> list[Wording]:
    """Where nobody acts on reports, nobody may think that somebody does."""
    report = known.report_of(incident)
    name = report.desk if report else route_of(context.tenant, incident.category, incident.place).desk
    return [Wording(key="rehearsal")] if context.desks.get(name, DeskCapabilities()).rehearsal else []


def _saying(incident: Incident, lines: list[Wording], *buttons: Button) -> Saying:
    return Saying(
        lines=tuple(lines),
        offers=tuple(Offer(owner=incident.id, button=button) for button in buttons),
        reply_to=incident.sources[0] if incident.sources else None,
    )


def _seen(incident: Incident) -> list[Wording]:
    count = len(incident.witnesses)
    return [wordings.counted("report.seen", count)] if count else []


def _proposed(known: Snapshot, incident: Incident, context: Context) -> Saying | None:
    if incident.doubt:
        return _unsure(known, incident, context)
    thing = wordings.what(context, known.group.settings.language, incident.category)
    if incident.place is None:
        line = Wording(key="report.prompt.nowhere", slots={"what": thing})
    else:
        line = Wording(key="report.prompt", slots={"what": thing, "where": wordings.where(incident.place)})
    return _saying(incident, [line, *_seen(incident)], Button.YES, Button.SELF, Button.ALSO, Button.NO)


def _unsure(known: Snapshot, incident: Incident, context: Context) -> Saying:
    """The proposal where it is not clear what it is: one tap says that, and yes."""
    if incident.place is None:
        line = Wording(key="report.which.nowhere")
    else:
        line = Wording(key="report.which", slots={"where": wordings.where(incident.place)})
    guesses = tuple(
        Offer(
            owner=incident.id,
            button=button,
            slots={"what": wordings.kind(context, known.group.settings.language, slug)},
        )
        for button, slug in doubt.offered(incident).items()
    )
    asked = _saying(incident, [line, *_seen(incident)], Button.IS_ELSE, Button.NO)
    return replace(asked, offers=(*guesses, *asked.offers))


def _similar(known: Snapshot, incident: Incident, context: Context) -> Saying | None:
    """The question whether it is the same. Of what others filed the group reads kind, place, day and status."""
    similar, language = incident.similar, known.group.settings.language
    if similar is None:
        return None
    slots = {
        "what": wordings.what(context, language, similar.category),
        "where": wordings.where(similar.place),
        "date": wordings.date(context, language, similar.filed_at),
        "status": context.texts.text(Wording(key=f"word.status.{similar.status}"), language),
    }
    lines = [Wording(key="duplicate", slots=slots), *_seen(incident)]
    return _saying(incident, lines, Button.SAME, Button.SOLVED, Button.ADD, Button.OTHER)


def _locating(known: Snapshot, incident: Incident, context: Context) -> Saying | None:
    if not incident.choices:
        return _saying(incident, [Wording(key="ask.location")], Button.NO_PLACE, Button.NO)
    picks = tuple(
        Offer(owner=incident.id, button=button, slots={"place": place.public_label})
        for button, place in zip(PICKS, incident.choices, strict=False)
    )
    return Saying(
        lines=(Wording(key="pick.location"),),
        offers=(*picks, Offer(owner=incident.id, button=Button.NO_PLACE)),
        reply_to=incident.sources[0] if incident.sources else None,
    )


def _admin(known: Snapshot, incident: Incident, context: Context) -> Saying | None:
    content = known.contents.get(incident.id)
    if content is None:
        return None
    if incident.sensitive:
        slots = {"what": wordings.what(context, known.group.settings.language, incident.category)}
        return _saying(
            incident, [Wording(key="admin.confirm.sensitive", slots=slots)], Button.CONFIRM, Button.DENY
        )
    slots = {"text": content.outgoing, "where": wordings.where(incident.place)}
    return _saying(incident, [Wording(key="admin.confirm", slots=slots)], Button.CONFIRM, Button.DENY)


def _released(known: Snapshot, incident: Incident, context: Context) -> Saying | None:
    """Pressing yes shows exactly what goes out (DESIGN section 8). What is about people is shown to its author
    alone; the group sees only that it goes."""
    content = known.contents.get(incident.id)
    if content is None:
        return None
    if incident.sensitive and not incident.neutral:
        slots = {
            "desk": context.tenant.municipality,
            "seconds": str(known.group.settings.deadlines.release),
        }
        lines = [Wording(key="preview.sensitive", slots=slots)]
    else:
        lines = preview(known, incident, content, context)
    # Contact details are only ever typed privately.
    nameless = content.contact or incident.neutral or context.room.private is Private.NEVER
    return _saying(incident, lines, *([Button.UNDO] if nameless else [Button.UNDO, Button.NAMED]))


def preview(known: Snapshot, incident: Incident, content: Content, context: Context) -> list[Wording]:
    """Everything that leaves with the consent."""
    slots = {
        "desk": context.tenant.municipality,
        "text": content.outgoing,
        "where": wordings.where(incident.place),
        "what": wordings.what(context, known.group.settings.language, incident.category),
        "seconds": str(known.group.settings.deadlines.release),
    }
    lines = [Wording(key="preview", slots=slots)]
    if incident.similar is not None:
        when = wordings.date(context, known.group.settings.language, incident.similar.filed_at)
        lines.append(Wording(key="duplicate.adds", slots={"date": when}))
    if incident.neutral:
        lines.append(Wording(key="preview.neutral"))
    if content.masked:
        lines.append(wordings.counted("preview.masked", content.masked))
    if content.photos:
        lines.append(Wording(key="preview.photos", slots={"count": str(len(content.photos))}))
    lines.append(Wording(key="preview.contact" if content.contact else "preview.anonymous"))
    return lines


def _filing(known: Snapshot, incident: Incident, context: Context) -> Saying | None:
    if not incident.retries:
        return _saying(incident, [Wording(key="filing")])
    number = {"number_to_call": context.tenant.numbers.municipality}
    return _saying(incident, [Wording(key="filed.failed", slots=number)])


def _failed(known: Snapshot, incident: Incident, context: Context) -> Saying | None:
    if incident.hint == "refused":
        return _saying(incident, [Wording(key="filed.refused")])
    site = context.tenant.report_site or context.tenant.municipality
    return _saying(incident, [Wording(key="filed.gave_up", slots={"site": site})])


def _filed(known: Snapshot, incident: Incident, context: Context) -> Saying | None:
    report = known.report_of(incident)
    if report is None:
        return None
    if report.status is Status.CLOSED:
        return _verify(incident, report)
    language = known.group.settings.language
    lines = [
        Wording(
            key="report.line",
            slots={
                "what": wordings.what(context, language, incident.category),
                "where": wordings.where(incident.place),
            },
        )
    ]
    lines += _told(incident, report, context, language)
    # A desk asks who filed it; who joined later is not that.
    asked = None if incident.joined else wordings.question(context, language, _short(report))
    lines += [asked] if asked else []
    others = incident.neighbours - 1
    if others:
        lines.append(wordings.counted("count.neighbours", others))
    if report.photos:
        lines.append(wordings.counted("count.photos", report.photos))
    if report.status is Status.CANCELLED:
        return _saying(incident, lines, Button.STILL)
    if incident.solved_by:
        lines.append(Wording(key="solved.by_neighbour"))
    if asked:
        return _saying(incident, lines, Button.DONT_KNOW, Button.ALSO)
    if incident.joined:
        return _saying(incident, [*lines, *_ask_more(known, incident)], Button.ALSO, Button.SOLVED)
    return _saying(incident, lines, Button.ALSO, Button.SOLVED, Button.WITHDRAW)


def _ask_more(known: Snapshot, incident: Incident) -> list[Wording]:
    if not incident.words_from:
        return []
    minutes = str(known.group.settings.deadlines.contact // 60)
    return [Wording(key="duplicate.ask_more", slots={"minutes": minutes})]


def _told(incident: Incident, report: Report, context: Context, language: str) -> list[Wording]:
    """That it is filed, by whom of all neighbours first, and what the desk says of it."""
    status = wordings.status_line(context, language, _short(report))
    if incident.similar is not None:
        when = wordings.date(context, language, incident.similar.filed_at)
        told = Wording(key="duplicate.joined", slots={"date": when, "number": report.reference})
        return [told] if report.status is Status.RECEIVED else [told, status]
    if report.moves == 0:
        slots = {"desk": context.tenant.municipality, "number": report.reference}
        return [Wording(key="filed", slots=slots)]
    return [status]


def _verify(incident: Incident, report: Report) -> Saying:
    """Closed by a desk is not solved (rule 9)."""
    slots = {"number": report.reference}
    if incident.words_from:
        return _saying(incident, [Wording(key="verify.reopened", slots=slots)])
    if report.note:
        line = Wording(key="closed.verify", slots={**slots, "note": _short(report).note})
    else:
        line = Wording(key="closed.verify.bare", slots=slots)
    return _saying(incident, [line], Button.VERIFY_YES, Button.VERIFY_PARTLY, Button.VERIFY_NO)


def _finished(known: Snapshot, incident: Incident, context: Context) -> Saying | None:
    report = known.report_of(incident)
    if report is None:
        return None
    lines = [Wording(key="verify.thanks")] if incident.verified else []
    return _saying(incident, [*lines, Wording(key="finished", slots={"number": report.reference})])


def _withdrawn(known: Snapshot, incident: Incident, context: Context) -> Saying | None:
    """Before filing the card simply goes; after it one line stays, because the group has seen the report."""
    report = known.report_of(incident)
    if report is None or incident.joined:
        return None
    desk = context.desks.get(report.desk, DeskCapabilities())
    if not desk.withdraws:
        return _saying(incident, [Wording(key="withdrawn.late")])
    return _saying(incident, [Wording(key="withdrawn.card", slots={"number": report.reference})])


def _danger(known: Snapshot, incident: Incident, context: Context) -> Saying | None:
    if incident.danger_called:
        return _saying(incident, [wordings.plain(context, "urgent.112.called")])
    key = "urgent.gas" if incident.hint == "gas" else "urgent.112"
    return _saying(incident, [wordings.plain(context, key)], Button.CALLED, Button.SAFE)


def _self_help(known: Snapshot, incident: Incident, context: Context) -> Saying | None:
    lines = [Wording(key="selfhelp.doing")]
    tip = f"tip.{incident.category}"
    if incident.category in SAFE_TO_SOLVE:
        lines.append(Wording(key=tip))
    return _saying(incident, lines, Button.DID_IT, Button.FILE_ANYWAY, Button.ALSO)


def _solved(known: Snapshot, incident: Incident, context: Context) -> Saying | None:
    return _saying(incident, [Wording(key="selfhelp.solved")])


SAFE_TO_SOLVE = frozenset({"zwerfvuil", "hondenpoep", "groen", "gladheid"})
"""Categories with a tip; none where doing it oneself may be dangerous."""

_BUILDERS: dict[Stage, Callable[[Snapshot, Incident, Context], Saying | None]] = {
    Stage.PROPOSED: _proposed,
    Stage.SIMILAR: _similar,
    Stage.LOCATING: _locating,
    Stage.ADMIN: _admin,
    Stage.RELEASED: _released,
    Stage.FILING: _filing,
    Stage.FAILED: _failed,
    Stage.FILED: _filed,
    Stage.FINISHED: _finished,
    Stage.WITHDRAWN: _withdrawn,
    Stage.DANGER: _danger,
    Stage.SELF_HELP: _self_help,
    Stage.SOLVED: _solved,
}


def _short(report: Report) -> Report:
    return replace(report, note=cut(report.note, HOLDS_NOTE))
