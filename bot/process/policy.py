"""Who may press what: one table, policy × role × button (DESIGN section 8; drawn in docs/process.md).

A cell says what the press means. What is not in the table means nothing and is answered with a toast.
"""

from __future__ import annotations

from enum import StrEnum

from bot.model.buttons import GUESSES, KINDS, PICKS, Button
from bot.model.group import Policy
from bot.model.incident import Stage


class Who(StrEnum):
    """Somebody's role towards one incident."""

    AUTHOR = "author"
    MEMBER = "member"
    ADMIN = "admin"
    """An admin who is not the author."""


class Verdict(StrEnum):
    """What a press means."""

    RELEASE_WORDS = "release_words"
    RELEASE_NEUTRAL = "release_neutral"
    """Somebody else's yes: a text about the thing, never the author's words."""
    ASK_ADMIN = "ask_admin"
    """The author's yes, waiting for an admin's."""
    CONFIRM = "confirm"
    DENY = "deny"
    SEEN = "seen"
    DECLINE = "decline"
    HIDE = "hide"
    SELF_HELP = "self_help"
    SELF_HELPED = "self_helped"
    PICK = "pick"
    NO_PLACE = "no_place"
    UNDO = "undo"
    NAMED = "named"
    CALLED = "called"
    SAFE = "safe"
    STILL = "still"
    SOLVED = "solved"
    WITHDRAW = "withdraw"
    VERIFIED = "verified"
    NOT_SOLVED = "not_solved"
    DONT_KNOW = "dont_know"
    SAME = "same"
    SAME_SOLVED = "same_solved"
    ADD = "add"
    OTHER = "other"
    """Something else than what was reported already."""
    LEARN = "learn"
    """May this be kept to learn from? Whatever the answer, it is the author's alone."""
    TAKE_BACK = "take_back"
    """Words given as an answer, before they are sent."""
    ONLY_AUTHOR = "only_author"
    """Only the author releases these words; others can say that they see it too."""
    AUTHOR_DECIDES = "author_decides"
    ONLY_ADMIN = "only_admin"
    OWN = "own"
    """The author pressed what is meant for others."""
    LATE = "late"
    """The incident is past the moment of this button."""


_YES: dict[tuple[Policy, Who], Verdict] = {
    (Policy.AUTHOR, Who.AUTHOR): Verdict.RELEASE_WORDS,
    (Policy.AUTHOR, Who.MEMBER): Verdict.ONLY_AUTHOR,
    (Policy.AUTHOR, Who.ADMIN): Verdict.ONLY_AUTHOR,
    (Policy.ANYONE, Who.AUTHOR): Verdict.RELEASE_WORDS,
    (Policy.ANYONE, Who.MEMBER): Verdict.RELEASE_NEUTRAL,
    (Policy.ANYONE, Who.ADMIN): Verdict.RELEASE_NEUTRAL,
    (Policy.ADMIN, Who.AUTHOR): Verdict.ASK_ADMIN,
    (Policy.ADMIN, Who.MEMBER): Verdict.ONLY_AUTHOR,
    (Policy.ADMIN, Who.ADMIN): Verdict.ONLY_AUTHOR,
}

_WHAT: dict[tuple[Policy, Who], Verdict] = {
    cell: Verdict.AUTHOR_DECIDES if meant is Verdict.ONLY_AUTHOR else meant for cell, meant in _YES.items()
}
"""Saying what it is says yes as well. Where it is asked there is no [Ik zie het ook] to point others to."""

_UNDO: dict[tuple[Policy, Who], Verdict] = {
    (policy, who): (
        Verdict.UNDO
        if who is Who.AUTHOR or (policy is Policy.ADMIN and who is Who.ADMIN)
        else Verdict.AUTHOR_DECIDES
    )
    for policy in Policy
    for who in Who
}
"""Under the admin policy an admin who disagrees may stop it: of two admins the stricter one wins."""


def _both(author: Verdict, others: Verdict) -> dict[tuple[Policy, Who], Verdict]:
    return {(p, w): author if w is Who.AUTHOR else others for p in Policy for w in Who}


def _admin(author: Verdict, member: Verdict, admin: Verdict) -> dict[tuple[Policy, Who], Verdict]:
    row = {Who.AUTHOR: author, Who.MEMBER: member, Who.ADMIN: admin}
    return {(p, w): row[w] for p in Policy for w in Who}


_PLACES = _both(Verdict.PICK, Verdict.AUTHOR_DECIDES)

TABLE: dict[tuple[Stage, Button], dict[tuple[Policy, Who], Verdict]] = {
    (Stage.PROPOSED, Button.YES): _YES,
    (Stage.PROPOSED, Button.SELF): _both(Verdict.SELF_HELP, Verdict.AUTHOR_DECIDES),
    (Stage.PROPOSED, Button.ALSO): _both(Verdict.OWN, Verdict.SEEN),
    (Stage.PROPOSED, Button.NO): _admin(Verdict.DECLINE, Verdict.AUTHOR_DECIDES, Verdict.HIDE),
    (Stage.PROPOSED, Button.HIDE): _admin(Verdict.DECLINE, Verdict.ONLY_ADMIN, Verdict.HIDE),
    (Stage.SIMILAR, Button.SAME): _both(Verdict.SAME, Verdict.SEEN),
    (Stage.SIMILAR, Button.SOLVED): _both(Verdict.SAME_SOLVED, Verdict.AUTHOR_DECIDES),
    (Stage.SIMILAR, Button.ADD): _both(Verdict.ADD, Verdict.AUTHOR_DECIDES),
    (Stage.SIMILAR, Button.OTHER): _both(Verdict.OTHER, Verdict.AUTHOR_DECIDES),
    (Stage.SIMILAR, Button.HIDE): _admin(Verdict.DECLINE, Verdict.ONLY_ADMIN, Verdict.HIDE),
    (Stage.LOCATING, Button.NO_PLACE): _both(Verdict.NO_PLACE, Verdict.AUTHOR_DECIDES),
    (Stage.LOCATING, Button.NO): _admin(Verdict.DECLINE, Verdict.AUTHOR_DECIDES, Verdict.HIDE),
    (Stage.LOCATING, Button.ALSO): _both(Verdict.OWN, Verdict.SEEN),
    (Stage.ADMIN, Button.CONFIRM): _admin(Verdict.ONLY_ADMIN, Verdict.ONLY_ADMIN, Verdict.CONFIRM),
    (Stage.ADMIN, Button.DENY): _admin(Verdict.UNDO, Verdict.ONLY_ADMIN, Verdict.DENY),
    (Stage.RELEASED, Button.UNDO): _UNDO,
    (Stage.RELEASED, Button.NAMED): _both(Verdict.NAMED, Verdict.AUTHOR_DECIDES),
    (Stage.RELEASED, Button.ALSO): _both(Verdict.OWN, Verdict.SEEN),
    (Stage.SELF_HELP, Button.DID_IT): _both(Verdict.SELF_HELPED, Verdict.AUTHOR_DECIDES),
    (Stage.SELF_HELP, Button.FILE_ANYWAY): _YES,
    (Stage.SELF_HELP, Button.ALSO): _both(Verdict.OWN, Verdict.SEEN),
    (Stage.DANGER, Button.CALLED): _both(Verdict.CALLED, Verdict.CALLED),
    (Stage.DANGER, Button.SAFE): _both(Verdict.SAFE, Verdict.SAFE),
    (Stage.FILED, Button.ALSO): _both(Verdict.OWN, Verdict.STILL),
    (Stage.FILED, Button.STILL): _both(Verdict.STILL, Verdict.STILL),
    (Stage.FILED, Button.SOLVED): _both(Verdict.SOLVED, Verdict.SOLVED),
    (Stage.FILED, Button.WITHDRAW): _both(Verdict.WITHDRAW, Verdict.AUTHOR_DECIDES),
    (Stage.FILED, Button.VERIFY_YES): _both(Verdict.VERIFIED, Verdict.VERIFIED),
    (Stage.FILED, Button.VERIFY_PARTLY): _both(Verdict.NOT_SOLVED, Verdict.NOT_SOLVED),
    (Stage.FILED, Button.VERIFY_NO): _both(Verdict.NOT_SOLVED, Verdict.NOT_SOLVED),
    (Stage.FILED, Button.UNDO): _both(Verdict.TAKE_BACK, Verdict.TAKE_BACK),
    (Stage.FILED, Button.DONT_KNOW): _both(Verdict.DONT_KNOW, Verdict.AUTHOR_DECIDES),
} | {(Stage.LOCATING, pick): _PLACES for pick in PICKS}

TABLE |= {(Stage.PROPOSED, button): _WHAT for button in (*GUESSES, Button.IS_ELSE)}

TABLE |= {
    (stage, button): _both(Verdict.LEARN, Verdict.AUTHOR_DECIDES)
    for stage, buttons in (
        (Stage.DECLINED, (Button.NOT_A_REPORT, Button.RATHER_NOT)),
        (Stage.FILED, KINDS),
        (Stage.FINISHED, KINDS),
    )
    for button in (*buttons, Button.NO_EXAMPLE)
}


def verdict(policy: Policy, who: Who, stage: Stage, button: Button, sensitive: bool) -> Verdict:
    """What this press means. About people only the author decides, whatever the group's policy."""
    row = TABLE.get((stage, button))
    if row is None:
        return Verdict.LATE
    if sensitive and policy is Policy.ANYONE:
        policy = Policy.AUTHOR
    return row[(policy, who)]
