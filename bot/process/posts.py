"""What BART says beside the cards: in the group, and to one person alone."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from bot.model.buttons import KINDS, Button
from bot.model.ids import IncidentId, PersonKey
from bot.model.incident import Incident, Learning, Stage
from bot.model.report import Status
from bot.model.snapshot import Snapshot
from bot.model.wording import Offer, Saying, Wording
from bot.process import cards, learning, wordings
from bot.process.flow import Context

Args = Mapping[str, str]
"""Ids that an effect carries."""

FALLBACKS: dict[str, str | None] = {
    "intro.about": "intro.about",
    "permission.ask": "permission.ask",
    "permission.refused": "permission.refused",
    "permission.not_admin": "permission.not_admin",
    "permission.other_admin_refused": "permission.other_admin_refused",
    "permission.waiting": "permission.waiting",
    "permission.deaf": "permission.deaf",
    "anonymous": "anonymous",
    "about": "about",
    "help.private": "help.group",
    "meld.ask": "meld.ask",
    "neighbourhood": "neighbourhood",
    "houserules": "houserules",
    "optout.done": "optout.done",
    "optin.done": "optin.done",
    "learning": "learning",
    "learn.unavailable": "learn.unavailable",
    "learn.stopped": "learn.stopped",
    "learn.again": "learn.again",
    "notunderstood": "notunderstood",
    "answer.preview": "answer.preview",
    "answer.which": "answer.which",
    "care": "help.neutral",
    "help113": "help.neutral",
    "police.nonurgent": "police.nonurgent",
    "instead.municipality": "instead.municipality",
    "instead.animal": "instead.animal",
    "instead.water": "instead.water",
    "instead.grid": "instead.grid",
    "instead.housing": "instead.housing",
    "elsewhere": "elsewhere",
    "elsewhere.unknown": "elsewhere.unknown",
}
"""What is said in the group where BART cannot speak privately. What is not in here is not said then."""

_PERMISSION = (Button.GRANT, Button.GRANT_ON_REQUEST, Button.REFUSE, Button.READ_TERMS)

OFFERS: dict[str, tuple[Button, ...]] = {
    "intro.group": (Button.ABOUT, Button.I_AM_ADMIN),
    "permission.ask": _PERMISSION,
    "permission.terms": _PERMISSION[:3],
    "permission.lost": (Button.KEEP, Button.REFUSE),
}


def post(known: Snapshot, template: str, context: Context, args: Mapping[str, str]) -> Saying | None:
    """Build a post from its template's name and ids; None when there is nothing to say any more."""
    build = BUILDERS.get(template)
    if build is not None:
        return build(known, context, args)
    slots = {"group": known.group.name} if template == "permission.ask" else None
    if template == "permission.on":
        slots = {"contact": context.tenant.privacy_contact}
    line = Wording(key=template, slots=slots) if slots else wordings.plain(context, template)
    offers = tuple(Offer(owner=known.group.id, button=b) for b in OFFERS.get(template, ()))
    return Saying(lines=(line,), offers=offers)


def news(known: Snapshot) -> list[Incident]:
    """Incidents whose closing the group has not been told of in a post."""
    found = []
    for incident in known.incidents.values():
        report = known.report_of(incident)
        closed = report is not None and report.status is Status.CLOSED
        if incident.stage is Stage.FILED and closed and report is not None and incident.announced < report.moves:
            found.append(incident)
    return found


def _bulletin(known: Snapshot, context: Context, args: Args) -> Saying | None:
    ids = (IncidentId(one) for one in args.get("incidents", "").split(","))
    told = [known.incidents[one] for one in ids if one in known.incidents]
    if not told:
        return None
    lines = [Wording(key="bulletin.head", slots={"place": known.group.name})]
    for incident in told:
        report = known.report_of(incident)
        slots = {
            "number": report.reference if report else "",
            "what": wordings.what(context, known.group.settings.language, incident.category),
            "where": wordings.where(incident.place),
        }
        lines.append(Wording(key="bulletin.verify", slots=slots))
    return Saying(lines=tuple(lines), silent=True, reply_to=told[0].card)


def _mine(known: Snapshot, context: Context, args: Args) -> Saying:
    person = args.get("person", "")
    mine = [i for i in known.incidents.values() if i.author == person and i.report_id in known.reports]
    return _listed(known, context, mine, "status.mine")


def _neighbourhood(known: Snapshot, context: Context, _: Args) -> Saying:
    filed = [i for i in known.incidents.values() if i.stage is Stage.FILED]
    return _listed(known, context, filed, "neighbourhood")


def _listed(known: Snapshot, context: Context, incidents: list[Incident], key: str) -> Saying:
    lines = []
    for incident in incidents[-8:]:
        report = known.report_of(incident)
        if report is not None:
            language = known.group.settings.language
            # Taken back by its author is not what the desk calls it.
            word = "word.withdrawn" if report.withdrawn else f"word.status.{report.status}"
            status = context.texts.text(Wording(key=word), language)
            thing = wordings.what(context, language, incident.category)
            place = wordings.where(incident.place)
            lines.append(f"{report.reference}: {thing}, {place} – {status}")
    if not lines:
        return Saying(lines=(Wording(key=f"{key}.none"),))
    return Saying(lines=(Wording(key=key, slots={"lines": "\n".join(lines)}),))


def _named(known: Snapshot, args: Args) -> Incident | None:
    """The incident an effect is about."""
    return known.incidents.get(IncidentId(args.get("incident", "")))


def _ask_more(known: Snapshot, _: Context, args: Args) -> Saying | None:
    incident = _named(known, args)
    report = known.report_of(incident) if incident else None
    return Saying(lines=(Wording(key="verify.ask_more", slots={"number": report.reference}),)) if report else None


def _status(known: Snapshot, context: Context, args: Args) -> Saying | None:
    """What the author hears privately when the desk did something; a question brings its own buttons.

    Nothing where the report has moved on: the words of that move are on their way too.
    """
    incident = _named(known, args)
    report = known.report_of(incident) if incident else None
    if incident is None or report is None or int(args.get("move", report.moves)) < report.moves:
        return None
    language = known.group.settings.language
    asked = wordings.question(context, language, report)
    if asked is not None and not incident.joined:
        return Saying(lines=(asked,), offers=(Offer(owner=incident.id, button=Button.DONT_KNOW),))
    return Saying(lines=(wordings.status_line(context, language, report),))


def _answer_preview(known: Snapshot, _: Context, args: Args) -> Saying | None:
    """What somebody's answer will say, as long as it has not been sent or taken back."""
    incident = known.incidents.get(IncidentId(args.get("incident", "")))
    report = known.report_of(incident) if incident else None
    content = known.contents.get(incident.id) if incident else None
    if incident is None or report is None or content is None:
        return None
    for words in content.words:
        if words.contribution == args.get("contribution"):
            slots = {
                "number": report.reference,
                "text": words.text,
                "seconds": str(known.group.settings.deadlines.release),
            }
            offer = Offer(owner=incident.id, button=Button.UNDO)
            return Saying(lines=(Wording(key="answer.preview", slots=slots),), offers=(offer,))
    return None


def _merged(known: Snapshot, _: Context, args: Args) -> Saying | None:
    """The author's report goes on as one of others."""
    incident = _named(known, args)
    report = known.report_of(incident) if incident else None
    return Saying(lines=(Wording(key="merged", slots={"number": report.reference}),)) if report else None


def _elsewhere(_: Snapshot, context: Context, args: Args) -> Saying:
    """Who takes what BART cannot file, and how to reach them."""
    key = args.get("route", "")
    route = context.tenant.route(key)
    if route is None:
        # The config changed since; the municipality knows.
        return Saying(lines=(wordings.plain(context, "instead.municipality"),))
    if key.startswith("neighbours."):
        slots = {"desk": context.tenant.municipality, "party": route.who}
        lines = [Wording(key="elsewhere.outside", slots=slots)]
    else:
        lines = [Wording(key="elsewhere.party", slots={"party": route.who})]
    if route.number and route.link:
        slots = {"number_to_call": route.number, "site": route.link}
        lines.append(Wording(key="elsewhere.both", slots=slots))
    elif route.number:
        lines.append(Wording(key="elsewhere.call", slots={"number_to_call": route.number}))
    elif route.link:
        lines.append(Wording(key="elsewhere.site", slots={"site": route.link}))
    return Saying(lines=tuple(lines))


def _outside(_: Snapshot, context: Context, __: Args) -> Saying:
    """Not here, and it is not known where then."""
    slots = {"desk": context.tenant.municipality}
    return Saying(lines=(Wording(key="elsewhere.unknown", slots=slots),))


def _preview(known: Snapshot, context: Context, args: Args) -> Saying | None:
    incident = _named(known, args)
    content = known.contents.get(incident.id) if incident else None
    if incident is None or content is None:
        return None
    lines = [*cards.preview(known, incident, content, context), *cards.rehearsal(known, incident, context)]
    return Saying(lines=tuple(lines))


def _added(known: Snapshot, _: Context, args: Args) -> Saying | None:
    incident = _named(known, args)
    if incident is None:
        return None
    return Saying(lines=(Wording(key="duplicate.added", slots={"count": str(incident.neighbours)}),))


def _my_data(known: Snapshot, _: Context, args: Args) -> Saying:
    mine = sum(i.author == args.get("person") and i.id in known.contents for i in known.incidents.values())
    lines = [Wording(key="mydata", slots={"count": str(mine)})]
    kept = known.examples.get(PersonKey(args.get("person", "")), 0)
    if kept:
        lines.append(Wording(key="mydata.examples", slots={"count": str(kept)}))
    return Saying(lines=tuple(lines))


def _learn_ask(known: Snapshot, context: Context, args: Args) -> Saying | None:
    """The exact text that would be kept; the answers are the label."""
    incident = _named(known, args)
    content = known.contents.get(incident.id) if incident else None
    if incident is None or content is None or incident.learning is not Learning.OPEN:
        return None
    slots = {"text": learning.words(incident, content), "days": str(context.tenant.learning_days)}
    if incident.stage is Stage.DECLINED:
        offers = [Offer(owner=incident.id, button=button) for button in learning.AFTER_NO]
        return Saying(lines=(Wording(key="learn.ask.no", slots=slots),), offers=tuple(offers))
    language = known.group.settings.language
    kinds = [wordings.what(context, language, slug) for slug in (incident.category, *incident.kinds)]
    offers = [
        Offer(owner=incident.id, button=button, slots={"what": kind})
        for button, kind in zip(KINDS, kinds, strict=False)
    ]
    offers.append(Offer(owner=incident.id, button=Button.NO_EXAMPLE))
    return Saying(lines=(Wording(key="learn.ask", slots=slots),), offers=tuple(offers))


def _learning(known: Snapshot, context: Context, args: Args) -> Saying:
    """Why BART asks as often as it does here, and whether it asks to keep messages."""
    counts = {name: args.get(name, "0") for name in ("count", "noes", "silent")}
    raised = args.get("raised") == "1"
    tuned = Wording(key="tuning.less", slots=counts) if raised else Wording(key="tuning.normal")
    on = known.group.settings.learning and context.tenant.learning_days > 0
    return Saying(lines=(tuned, Wording(key="learning.on" if on else "learning.off")))


def _self_help_check(_: Snapshot, __: Context, args: Args) -> Saying:
    offers = (Button.DID_IT, Button.FILE_ANYWAY)
    owner = args.get("incident", "")
    return Saying(
        lines=(Wording(key="selfhelp.check"),), offers=tuple(Offer(owner=owner, button=b) for b in offers)
    )


BUILDERS: dict[str, Callable[[Snapshot, Context, Args], Saying | None]] = {
    "bulletin": _bulletin,
    "status.mine": _mine,
    "neighbourhood": _neighbourhood,
    "status": _status,
    "preview": _preview,
    "answer.preview": _answer_preview,
    "duplicate.added": _added,
    "mydata": _my_data,
    "learn.ask": _learn_ask,
    "learning": _learning,
    "selfhelp.check": _self_help_check,
    "verify.ask_more": _ask_more,
    "merged": _merged,
    "elsewhere": _elsewhere,
    "elsewhere.unknown": _outside,
}
"""Posts made of what is known now. All others are one template with buttons."""
