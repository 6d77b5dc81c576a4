"""Builders of records for tests: every argument has a default that makes sense, tests name what they are about."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from bot.model.consent import Consent, Evidence, Subject
from bot.model.effect import Action, Effect
from bot.model.group import Group, GroupState, Member, Permission, Policy, Role
from bot.model.ids import (
    AccountName,
    Address,
    ConsentId,
    ContributionId,
    GroupId,
    IncidentId,
    PersonKey,
    ReportId,
    Room,
    TenantId,
)
from bot.model.incident import Content, Incident, Stage
from bot.model.place import Place, Point
from bot.model.report import Contribution, ContributionKind, Report
from bot.model.snapshot import Prompt
from bot.model.staff import AuditEntry, StaffAccount, StaffRole, StaffSession

NOON = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)
TENANT = TenantId("zonstad")
ACCOUNT = AccountName("web")
JAN = PersonKey("jan")
KEES = PersonKey("kees")
SAMIRA = PersonKey("samira")
ADMIN = PersonKey("admin")
SQUARE = Place(label="glasbak, Parijsplein", point=Point(lat=52.1, lon=5.1), source="gazetteer")


def later(**by: float) -> datetime:
    """NOON and so much more: `later(minutes=5)`."""
    return NOON + timedelta(**by)


def a_group(name: str = "g1", /, **changes: Any) -> Group:
    """A group where BART may read along."""
    group = Group(
        id=GroupId(name),
        tenant_id=TENANT,
        account=ACCOUNT,
        room=Room(f"room-{name}"),
        name=f"Buurt {name}",
        created_at=NOON,
        state=GroupState.ON,
        permission=Permission(granted_by=ADMIN, granted_at=NOON, text_version="v1"),
        centre=Point(lat=52.1, lon=5.1),
    )
    return replace(group, **changes)


def an_admin(group: str = "g1", key: PersonKey = ADMIN) -> Member:
    """An admin of a group."""
    return Member(group_id=GroupId(group), key=key, role=Role.ADMIN)


def an_incident(name: str = "i1", group: str = "g1", /, **changes: Any) -> Incident:
    """A proposal about glass, asked just now."""
    incident = Incident(
        id=IncidentId(name),
        tenant_id=TENANT,
        group_id=GroupId(group),
        author=JAN,
        stage=Stage.PROPOSED,
        began_at=NOON,
        changed_at=NOON,
        category="afval",
        place=SQUARE,
    )
    return replace(incident, **changes)


def a_filed_incident(name: str = "i1", group: str = "g1", report: str = "r1", /, **changes: Any) -> Incident:
    """An incident with a report."""
    return an_incident(name, group, **{"stage": Stage.FILED, "report_id": ReportId(report), **changes})


def a_report(name: str = "r1", /, **changes: Any) -> Report:
    """A report the desk has received."""
    report = Report(
        id=ReportId(name),
        tenant_id=TENANT,
        desk="gemeente",
        reference=f"ref-{name}",
        category="afval",
        place=SQUARE,
        filed_at=NOON,
        changed_at=NOON,
    )
    return replace(report, **changes)


def a_content(text: str = "bah, ligt weer vol glas", **changes: Any) -> Content:
    """What is sealed of an incident."""
    content = Content(address=Address("jan@web"), text=text, outgoing="Er ligt glas.", salt="zout")
    return replace(content, **changes)


def a_consent(name: str = "c1", incident: str = "i1", group: str = "g1", /, **changes: Any) -> Consent:
    """Jan's yes to filing."""
    consent = Consent(
        id=ConsentId(name),
        tenant_id=TENANT,
        group_id=GroupId(group),
        incident_id=IncidentId(incident),
        subject=Subject.FILING,
        given_by=JAN,
        given_at=NOON,
        policy=Policy.AUTHOR,
        neutral=False,
        commitment="0" * 64,
        text_version="v1",
    )
    return replace(consent, **changes)


def an_evidence(act: str = "granted", group: str = "g1", /, **changes: Any) -> Evidence:
    """A line of what an admin allowed."""
    evidence = Evidence(
        tenant_id=TENANT, group_id=GroupId(group), incident_id=None, person=ADMIN, at=NOON, act=act
    )
    return replace(evidence, **changes)


def a_contribution(name: str = "k1", incident: str = "i1", /, **changes: Any) -> Contribution:
    """Kees sees it too."""
    contribution = Contribution(
        id=ContributionId(name),
        tenant_id=TENANT,
        incident_id=IncidentId(incident),
        person=KEES,
        kind=ContributionKind.STILL,
        at=NOON,
    )
    return replace(contribution, **changes)


def a_prompt(incident: str = "i1", group: str = "g1", /, **changes: Any) -> Prompt:
    """A prompt to Jan."""
    prompt = Prompt(group_id=GroupId(group), incident_id=IncidentId(incident), asked_at=NOON, author=JAN)
    return replace(prompt, **changes)


def an_effect(idem: str = "e1", /, **changes: Any) -> Effect:
    """A card to bring in line, due now, in no order."""
    return replace(Effect(action=Action.CARD, idem=idem, due_at=NOON), **changes)


def a_staff_account(name: str = "anna", /, **changes: Any) -> StaffAccount:
    """Somebody at the municipality's desk."""
    account = StaffAccount(
        name=name,
        tenant_id=TENANT,
        roles=frozenset({StaffRole.DESK, StaffRole.MUNICIPALITY}),
        password="$argon2id$hash",
        created_at=NOON,
    )
    return replace(account, **changes)


def a_session(name: str = "t1", account: str = "anna", /, **changes: Any) -> StaffSession:
    """A session for an hour."""
    session = StaffSession(token=name, account=account, csrf="csrf", expires_at=later(hours=1))
    return replace(session, **changes)


def an_audit_entry(act: str = "report.start", /, **changes: Any) -> AuditEntry:
    """An act of staff."""
    return replace(AuditEntry(at=NOON, tenant_id=TENANT, actor="anna", act=act, subject="r1"), **changes)
