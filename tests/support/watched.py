"""A desk that looks every word over that reaches it, and checks of what must always hold in a neighbourhood."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, field, replace

from bot.model.channel import Post
from bot.model.consent import Consent, commit_to
from bot.model.desk import Addition, Filed, Filing
from bot.model.effect import Action
from bot.model.group import GroupState
from bot.model.ids import Address, IncidentId, Room
from bot.model.incident import Incident, Stage
from bot.model.snapshot import Snapshot
from bot.ports.fakes.desk import FakeDesk
from bot.ports.fakes.memory import Memory
from bot.process import cards
from tests.support.neighbourhood import TEXTS, Neighbourhood, person_key

TOKEN = re.compile(r"woord\d+")
"""Every message of a random resident carries one of its own, so that words can be recognised anywhere."""
GOOD_REASONS = frozenset({"", "DeskLater"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Utterance:
    """Who said a token, and in which room."""

    who: Address
    room: Room


@dataclass(slots=True)
class Watch:
    """What the watched desk knows of the world beside what it is told."""

    memory: Memory = field(default_factory=Memory)
    said: dict[str, Utterance] = field(default_factory=dict)


class WatchedDesk(FakeDesk):
    """Refuses to be given words that nobody consented to."""

    watch = Watch()

    async def file(self, filing: Filing) -> Filed:
        """As the fake, after a look at the consent."""
        self._check_filing(filing)
        return await super().file(filing)

    async def add(self, reference: str, addition: Addition) -> None:
        """As the fake, after a look at the consent."""
        if addition.own in self.watch.memory.incidents:
            incident = self.watch.memory.incidents[IncidentId(addition.own)]
            self._check_words(incident, addition.text, self._consent(incident))
        else:
            contribution = next(c for c in self.watch.memory.contributions if c.id == addition.own)
            incident = self.watch.memory.incidents[contribution.incident_id]
            given = [c for c in self.watch.memory.consents if c.id == contribution.consent_id]
            if TOKEN.search(addition.text):
                content = self.watch.memory.contents[incident.id]
                assert given
                assert given[0].commitment == commit_to(content, None, addition.text)
            if addition.photo is not None:
                assert given
            self._check_author(addition.text, given[0] if given else None)
        await super().add(reference, addition)

    def _check_filing(self, filing: Filing) -> None:
        incident = self.watch.memory.incidents[IncidentId(filing.own)]
        consent = self._consent(incident)
        assert filing.place == incident.place
        self._check_words(incident, filing.text, consent)

    def _consent(self, incident: Incident) -> Consent:
        return next(c for c in self.watch.memory.consents if c.id == incident.consent_id)

    def _check_words(self, incident: Incident, text: str, consent: Consent) -> None:
        content = self.watch.memory.contents[incident.id]
        assert consent.incident_id == incident.id
        assert consent.commitment == commit_to(content, incident.place, text)
        assert consent.given_by == incident.author or consent.neutral
        self._check_author(text, consent)

    def _check_author(self, text: str, consent: Consent | None) -> None:
        for token in TOKEN.findall(text):
            said = self.watch.said[token]
            assert consent is not None
            assert consent.given_by == person_key(consent.group_id, said.who)
            assert not consent.neutral


def watched_desk(watch: Watch) -> type[WatchedDesk]:
    """A class of desk that watches by this."""

    class Desk(WatchedDesk):
        pass

    Desk.watch = watch
    return Desk


def check(place: Neighbourhood, watch: Watch) -> None:
    """Everything that must hold once nothing is due any more."""
    for group in watch.memory.groups.values():
        mine = [i for i in watch.memory.incidents.values() if i.group_id == group.id]
        limits = group.settings.quiet
        asked = [i for i in mine if i.stage is Stage.PROPOSED and not i.on_request]
        assert len(asked) <= limits.open_prompts
        for incident in mine:
            _check_kept(watch, incident)
            _check_goes_on(watch, incident)
            # Out of the room, or silent after /stop, cards wait until BART is let in again.
            if group.state is GroupState.ON or incident.shown >= incident.step:
                _check_card(place, watch, incident)
    _check_room_words(place, watch)
    reasons = Counter(row.reason for row in watch.memory.work.values())
    assert not reasons.keys() - GOOD_REASONS, reasons
    assert b"poisoned" not in place.metrics.render()


def _check_kept(watch: Watch, incident: Incident) -> None:
    """Ended without a report: no words are kept. Opted out: nothing waits."""
    if incident.stage.is_over and incident.report_id is None:
        assert incident.id not in watch.memory.contents
    if incident.stage.is_over and incident.stage is not Stage.FINISHED:
        assert incident.id not in watch.memory.contents


def _check_goes_on(watch: Watch, incident: Incident) -> None:
    """Nothing hangs for ever."""
    if incident.stage.is_over or incident.report_id is not None:
        return
    rows = [row.effect for row in watch.memory.work.values() if row.effect.incident_id == incident.id]
    if incident.stage is Stage.FILING:
        assert any(effect.action is Action.FILE for effect in rows)
    else:
        assert incident.deadline is not None
        assert any(e.action is Action.DEADLINE and e.due_at == incident.deadline for e in rows)


def _check_card(place: Neighbourhood, watch: Watch, incident: Incident) -> None:
    """The group sees exactly the card that belongs to what is known, and sees it once."""
    memory, group = watch.memory, watch.memory.groups[incident.group_id]
    mine = [p for p in place.network.posts.values() if p.key.startswith(f"card:{incident.id}:")]
    live = [p for p in mine if not p.deleted]
    known = _snapshot(memory, incident)
    saying = cards.card(known, incident, place.host.context(group))
    if saying is None:
        assert not live, f"a card of {incident.stage} stands"
        return
    assert len(live) == 1
    expected = _shown(TEXTS.post(saying, group.settings.language))
    assert _shown(live[0].now) == expected, (incident.stage, live[0].now.text, expected.text)
    alarms = [p for p in mine if p.versions[0].text.startswith("🚨")]
    assert len(alarms) <= 1 + len(incident.danger_noes)


def _snapshot(memory: Memory, incident: Incident) -> Snapshot:
    """What cards look at, without asking the store."""
    return Snapshot(
        group=memory.groups[incident.group_id],
        incidents={incident.id: incident},
        reports=dict(memory.reports),
        contents=dict(memory.contents),
    )


def _shown(post: Post) -> Post:
    return replace(post, reply_to=None)


def _check_room_words(place: Neighbourhood, watch: Watch) -> None:
    """Nobody's words are said in another room."""
    for post in place.network.posts.values():
        for version in post.versions:
            for token in TOKEN.findall(version.text):
                assert watch.said[token].room == post.room
