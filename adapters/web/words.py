"""Dutch words for facts on the pages; whole sentences of one page stand in its template. B1, short."""

from __future__ import annotations

from collections import Counter
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from bot.model.desk import Case, CaseAct, CaseMark
from bot.model.report import ContributionKind, Status
from bot.model.taxonomy import category

LOGIN_REFUSED = "Deze naam en dit wachtwoord horen niet bij elkaar. Na 5 keer fout moet je 15 minuten wachten."

STATUS: dict[Status, str] = {
    Status.RECEIVED: "Nieuw",
    Status.IN_PROGRESS: "In behandeling",
    Status.PLANNED: "Ingepland",
    Status.FORWARDED: "Doorgestuurd",
    Status.NEEDS_ANSWER: "Wacht op antwoord",
    Status.CLOSED: "Afgehandeld",
    Status.CANCELLED: "Niet opgepakt",
    Status.REOPENED: "Heropend",
}

_KINDS: dict[str, str] = {
    ContributionKind.OBSERVATION: "Een bewoner meldt",
    ContributionKind.STILL: "Een buur ziet het ook",
    ContributionKind.ADDITION: "Een bewoner vult aan",
    ContributionKind.PHOTO: "Een bewoner stuurt een foto",
    ContributionKind.SOLVED: "Een buur zegt: het is opgelost",
    ContributionKind.NOT_SOLVED: "Een buur zegt: het is niet opgelost",
    ContributionKind.ANSWER: "Een bewoner geeft antwoord",
    ContributionKind.WITHDRAWAL: "De melder trekt de melding in",
}

ACT: dict[CaseAct, str] = {
    CaseAct.START: "In behandeling nemen",
    CaseAct.PLAN: "Inplannen",
    CaseAct.ASK: "Vraag stellen",
    CaseAct.FORWARD: "Doorsturen",
    CaseAct.CLOSE: "Afhandelen",
    CaseAct.CANCEL: "Niet oppakken",
    CaseAct.REOPEN: "Heropenen",
}

DONE: dict[str, str] = {
    "assign": "Opgeslagen wie deze melding heeft.",
    "merge": "De meldingen zijn samengevoegd. Je kijkt nu naar de melding die blijft.",
    CaseAct.START: "De melding is in behandeling. De bewoners zien het in hun groep.",
    CaseAct.PLAN: "De melding staat op de planning. De bewoners zien het in hun groep.",
    CaseAct.ASK: "Je vraag is gesteld. Het antwoord komt hier te staan.",
    CaseAct.FORWARD: "De melding is doorgestuurd. De bewoners zien het in hun groep.",
    CaseAct.CLOSE: "De melding is afgehandeld. BART vraagt de buren of het klopt.",
    CaseAct.CANCEL: "De melding is gestopt. De bewoners lezen je reden.",
    CaseAct.REOPEN: "De melding is weer open. De bewoners zien het in hun groep.",
}

TEXT_LABEL: dict[CaseAct, str] = {
    CaseAct.START: "Uitleg voor de bewoners (mag leeg)",
    CaseAct.PLAN: "Uitleg voor de bewoners (mag leeg)",
    CaseAct.ASK: "Je vraag aan de melder",
    CaseAct.FORWARD: "Uitleg voor de bewoners (mag leeg)",
    CaseAct.CLOSE: "Wat is er gedaan? Bewoners lezen dit",
    CaseAct.CANCEL: "Waarom niet? Bewoners lezen dit",
    CaseAct.REOPEN: "Uitleg voor de bewoners (mag leeg)",
}

UNTIL_LABEL: dict[CaseAct, str] = {
    CaseAct.PLAN: "Op welke dag?",
    CaseAct.ASK: "Laatste dag om te antwoorden",
}

AGES: dict[str, str] = {
    "dag": "Korter dan 1 dag",
    "week": "Korter dan 1 week",
    "oud": "Langer dan 1 week",
    "maand": "Langer dan 1 maand",
}

_MARKS: dict[str, str] = {
    CaseMark.ASSIGNED: "Toegewezen",
    CaseMark.MERGED: "Samengevoegd",
    CaseMark.ABSORBED: "Andere melding erbij gevoegd",
}

_AUDIT: dict[str, str] = {
    "case.assign": "wees de melding toe",
    "case.merge": "voegde meldingen samen",
    "case.start": "nam de melding in behandeling",
    "case.plan": "plande de melding in",
    "case.ask": "stelde een vraag",
    "case.forward": "stuurde de melding door",
    "case.close": "handelde de melding af",
    "case.cancel": "stopte de melding",
    "case.reopen": "opende de melding opnieuw",
}

NO_DAY = "Kies een dag vanaf vandaag."
MOVED_ON = "Dit kan nu niet meer. De melding heeft intussen een andere status."

_INPUT_PROBLEMS: dict[str, str] = {
    "photo": "Deze foto kan ik niet lezen. Kies een andere foto.",
    "text": "Dit bericht kan ik niet versturen. Misschien is het te lang.",
    "client_id": "Dit bericht kan ik niet versturen. Laad de pagina opnieuw.",
    "location": "Deze plek kan ik niet lezen. Kies een andere plek.",
}

_ERRORS: dict[int, tuple[str, str]] = {
    400: ("Dat begrijp ik niet", "Er klopt iets niet in wat je stuurde. Probeer het opnieuw."),
    401: ("Log eerst in", "Deze pagina is voor medewerkers."),
    403: ("Dit mag niet", "Je mag deze pagina niet gebruiken. Laad de vorige pagina opnieuw."),
    404: ("Niet gevonden", "Deze pagina bestaat niet. Of ze is niet voor jou."),
    405: ("Dit kan hier niet", "Ga terug en probeer het opnieuw."),
    413: ("Te groot", "Dit is te groot. Een foto mag hooguit 20 MB zijn, een tekst veel minder."),
    415: ("Dat begrijp ik niet", "Stuur JSON, of een formulier met een foto."),
    503: ("Even niet", "BART kan er nu niet bij. Probeer het over een minuut opnieuw."),
}
_FAULT = ("Er ging iets mis", "Dat ligt aan ons, niet aan jou. Probeer het straks opnieuw.")

CHAT: dict[str, str] = {
    "sending": "wordt verstuurd…",
    "waiting": "nog niet verstuurd, ik probeer het opnieuw…",
    "failed": "Niet verstuurd.",
    "again": "Opnieuw versturen",
    "discard": "Weggooien",
    "edited": "gewijzigd",
    "updated": "bijgewerkt",
    "deleted": "Dit bericht is gewist.",
    "private": "Alleen voor jou",
    "private_mine": "Alleen voor BART",
    "reply": "Antwoord",
    "edit": "Wijzig",
    "delete": "Wis",
    "sure": "Zeker? Wis",
    "more": "Meer bij dit bericht",
    "reply_to": "Antwoord aan {naam}",
    "editing": "Je wijzigt je bericht",
    "gone_post": "een eerder bericht",
    "photo": "Foto van {naam}",
    "photo_short": "Foto",
    "bot": "computer",
    "you": "Jij",
    "lost": "Geen verbinding. Ik probeer het opnieuw.",
    "restarted": "BART is opnieuw gestart. Oude berichten zijn weg.",
    "bad_photo": "Dit is geen foto die ik kan lezen.",
    "big_photo": "Deze foto is te groot. Hooguit 20 MB.",
    "no_position": "Ik kan je plek niet vinden. Kies de plek op de kaart.",
    "location": "Plek op de kaart",
    "close": "Sluiten",
    "busy": "even wachten…",
}

_MONTHS = ("jan", "feb", "mrt", "apr", "mei", "jun", "jul", "aug", "sep", "okt", "nov", "dec")


def kind(value: str) -> str:
    """A line of a case's thread: what residents did, or the status staff gave."""
    if value in _KINDS or value in _MARKS:
        return (_KINDS | _MARKS)[value]
    return STATUS[Status(value)] if value in set(Status) else "Bericht"


def sort(slug: str) -> str:
    """What people call a category."""
    return category(slug).name


def neighbours(count: int) -> str:
    """How many see it, the author included."""
    return "1 bewoner ziet dit" if count == 1 else f"{count} bewoners zien dit"


def status_name(status: str) -> str:
    """A status in a list to choose from."""
    return STATUS[Status(status)]


def age(value: str) -> str:
    """How long ago, in a list to choose from."""
    return AGES[value]


def audited(act: str) -> str:
    """What somebody of the staff did, as it stands after their name."""
    return _AUDIT.get(act, act)


def added(case: Case) -> str:
    """What residents added, counted; "" for nothing."""
    kinds = Counter(entry.kind for entry in case.thread)
    counted = (
        (kinds[ContributionKind.PHOTO], "foto", "foto's"),
        (kinds[ContributionKind.ADDITION] + kinds[ContributionKind.OBSERVATION], "aanvulling", "aanvullingen"),
        (kinds[ContributionKind.SOLVED], "keer opgelost genoemd", "keer opgelost genoemd"),
        (kinds[ContributionKind.NOT_SOLVED], "keer niet opgelost genoemd", "keer niet opgelost genoemd"),
        (kinds[CaseMark.ABSORBED], "andere melding", "andere meldingen"),
    )
    return ", ".join(f"{count} {one if count == 1 else more}" for count, one, more in counted if count)


def reports(count: int) -> str:
    """How many reports a list has."""
    return "1 melding" if count == 1 else f"{count or 'Geen'} meldingen"


def when(at: datetime, now: datetime, zone: str) -> str:
    """A moment as people say it, in the tenant's zone."""
    here, today = at.astimezone(ZoneInfo(zone)), now.astimezone(ZoneInfo(zone)).date()
    clock = f"{here:%H:%M}"
    if here.date() == today:
        return f"vandaag {clock}"
    if here.date() == today - timedelta(days=1):
        return f"gisteren {clock}"
    return f"{day(here.date(), today)}, {clock}"


def day(of: date, today: date) -> str:
    """A day; the year only where it is another one."""
    year = "" if of.year == today.year else f" {of.year}"
    return f"{of.day} {_MONTHS[of.month - 1]}{year}"


def on_day(at: datetime, now: datetime, zone: str) -> str:
    """The day of a moment, in the tenant's zone."""
    return day(at.astimezone(ZoneInfo(zone)).date(), now.astimezone(ZoneInfo(zone)).date())


def error(status: int) -> tuple[str, str]:
    """Title and line of an error page."""
    return _ERRORS.get(status, _FAULT)


def input_error(where: str) -> str:
    """What is wrong with a field that a browser sent to the chat; adapters bring Dutch words of their own."""
    return _INPUT_PROBLEMS.get(where.rsplit(".", 1)[-1], _ERRORS[400][1])
