"""What residents and admins can type to BART. Answered privately where the channel can, never with an error."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

from bot.model.channel import Said
from bot.model.effect import Action, Effect, Lane
from bot.model.group import GroupState
from bot.model.incident import Incident, Stage
from bot.process import amend, permission, rights
from bot.process.flow import Flow
from bot.process.tuning import tuning

MELD = "meld"
_NAMES = frozenset({"@bart", "bart,", "bart:"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Spoken:
    """What somebody said, without the address: `text` to interpret, `command` if there was one."""

    text: str
    command: str = ""
    to_bot: bool = False


def listen(said: Said) -> Spoken:
    """Split a message into command and words. `/meld@some_bot glas` is the command meld with "glas"."""
    text = said.text.strip()
    if text.startswith("/"):
        head, _, rest = text[1:].partition(" ")
        return Spoken(text=rest.strip(), command=head.partition("@")[0].lower(), to_bot=True)
    if text[:5].lower() in _NAMES:
        words = text[5:].lstrip(" ,:")
        if words.lower().startswith(f"{MELD} "):
            return Spoken(text=words[len(MELD) :].strip(), command=MELD, to_bot=True)
        return Spoken(text=words, to_bot=True)
    return Spoken(text=text, to_bot=said.to_bot or said.private)


def run(flow: Flow, said: Said, spoken: Spoken) -> Flow:
    """Do a command. /meld goes on through the chain; every other one ends here."""
    if said.person.anonymous and (spoken.command == MELD or spoken.command in _COMMANDS):
        return answer(flow, said, "anonymous").stop()
    if spoken.command == MELD:
        return _meld(flow, said, spoken)
    handler = _COMMANDS.get(spoken.command)
    if handler is None:
        return flow.stop() if not said.private else answer(flow, said, "help.private").stop()
    return handler(flow, said, spoken).stop()


def _meld(flow: Flow, said: Said, spoken: Spoken) -> Flow:
    if flow.group.state is not GroupState.ON:
        return answer(flow, said, "permission.waiting").stop()
    if not spoken.text:
        return answer(flow, said, "meld.ask").stop()
    return flow


def _start(flow: Flow, said: Said, _: Spoken) -> Flow:
    if flow.is_admin(said.person):
        return answer(flow, said, "permission.ask")
    return answer(flow, said, "about")


def _stop(flow: Flow, said: Said, _: Spoken) -> Flow:
    if flow.is_admin(said.person):
        return permission.refuse(flow, said.person)
    return rights.opt_out(flow, said.person)


def _opt_out(flow: Flow, said: Said, _: Spoken) -> Flow:
    return rights.opt_out(flow, said.person)


def _opt_in(flow: Flow, said: Said, _: Spoken) -> Flow:
    return rights.opt_in(flow, said.person)


def _learning(flow: Flow, said: Said, spoken: Spoken) -> Flow:
    """How sure BART must be here and why; an admin turns learning on and off."""
    if spoken.text not in ("aan", "uit"):
        tuned = tuning(flow.after, flow.now)
        counts = {
            "count": tuned.asked,
            "noes": tuned.noes,
            "silent": tuned.silent,
            "raised": int(tuned.raised > 0),
        }
        return answer(flow, said, "learning", {key: str(value) for key, value in counts.items()})
    if not flow.is_admin(said.person):
        return flow.whisper(said.person.address, "permission.not_admin")
    on = spoken.text == "aan"
    if on and not flow.context.tenant.learning_days:
        return answer(flow, said, "learn.unavailable")
    flow = flow.put_group(replace(flow.group, settings=replace(flow.settings, learning=on)))
    flow = flow.evidence("learning_on" if on else "learning_off", said.person.key)
    return flow.say("learn.on" if on else "learn.off")


def _stop_learning(flow: Flow, said: Said, _: Spoken) -> Flow:
    return rights.stop_learning(flow, said.person)


def _learn_again(flow: Flow, said: Said, _: Spoken) -> Flow:
    return rights.learn_again(flow, said.person)


def _reopen(flow: Flow, said: Said, spoken: Spoken) -> Flow:
    incident = _by_number(flow, spoken.text)
    if incident is None:
        return answer(flow, said, "status.unknown")
    return amend.not_solved(flow, incident, said.person)


def _by_number(flow: Flow, number: str) -> Incident | None:
    for incident in flow.after.incidents.values():
        report = flow.after.report_of(incident)
        ended = report is not None and not report.status.is_open
        if ended and report is not None and report.reference.lower() == number.strip().lower():
            return incident if incident.stage in (Stage.FILED, Stage.FINISHED) else None
    return None


def _answers(template: str) -> Callable[[Flow, Said, Spoken], Flow]:
    def handler(flow: Flow, said: Said, _: Spoken) -> Flow:
        return answer(flow, said, template)

    return handler


_COMMANDS: dict[str, Callable[[Flow, Said, Spoken], Flow]] = {
    "start": _start,
    "stop": _stop,
    "help": _answers("help.private"),
    "bart": _answers("about"),
    "nietvoormij": _opt_out,
    "welvoormij": _opt_in,
    "status": _answers("status.mine"),
    "mijngegevens": _answers("mydata"),
    "buurt": _answers("neighbourhood"),
    "huisregels": _answers("houserules"),
    "heropen": _reopen,
    "leren": _learning,
    "leerniet": _stop_learning,
    "leermee": _learn_again,
}


def answer(flow: Flow, said: Said, template: str, args: Mapping[str, str] | None = None) -> Flow:
    """Once per person, command and five minutes (`QuietLimits.command_gap`), unless something has changed in the
    group since: nobody can make BART flood, and nobody waits for news."""
    gap = flow.settings.quiet.command_gap
    slot = int(flow.now.timestamp() // gap) if gap else said.id
    return flow.effect(
        Effect(
            action=Action.WHISPER,
            idem=f"answer:{flow.group.id}:{said.person.key}:{template}:{slot}:{flow.group.version}",
            due_at=flow.now,
            group_id=flow.group.id,
            args={"template": template, "person": said.person.key, **(args or {})},
            lane=Lane.ANSWER,
            key=f"chat:{flow.group.id}",
            to=said.person.address,
        )
    )
