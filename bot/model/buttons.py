"""Every button BART can show. The value travels in choice keys; labels are in the catalogue (`button.<value>`)."""

from __future__ import annotations

from enum import StrEnum


class Button(StrEnum):
    """A choice key is `<incident or group id>:<button>`, at most 64 bytes (Telegram's callback limit)."""

    # permission dialog, on a group
    ABOUT = "about"
    I_AM_ADMIN = "admin"
    GRANT = "grant"
    GRANT_ON_REQUEST = "request"
    REFUSE = "refuse"
    READ_TERMS = "terms"
    KEEP = "keep"
    # a proposal
    YES = "yes"
    SELF = "self"
    ALSO = "also"
    NO = "no"
    HIDE = "hide"
    # a proposal of which it is not clear what kind it is: each says what, and yes
    IS_1 = "is1"
    IS_2 = "is2"
    IS_3 = "is3"
    IS_ELSE = "iselse"
    # may be reported already
    SAME = "same"
    ADD = "add"
    OTHER = "other"
    # a place
    PICK_1 = "pick1"
    PICK_2 = "pick2"
    PICK_3 = "pick3"
    NO_PLACE = "noplace"
    # an admin's confirmation
    CONFIRM = "confirm"
    DENY = "deny"
    # the 60 seconds
    UNDO = "undo"
    NAMED = "named"
    # danger
    CALLED = "called"
    SAFE = "safe"
    # self-help
    DID_IT = "didit"
    FILE_ANYWAY = "anyway"
    # a filed report
    STILL = "still"
    SOLVED = "solved"
    WITHDRAW = "withdraw"
    # closed: is it really solved?
    VERIFY_YES = "vyes"
    VERIFY_PARTLY = "vpartly"
    VERIFY_NO = "vno"
    # may this be kept to learn from?
    KEEP_EXAMPLE = "lkeep"
    KIND_1 = "lkind1"
    KIND_2 = "lkind2"
    NOT_A_REPORT = "lnone"
    RATHER_NOT = "lrather"
    NO_EXAMPLE = "lno"
    # a desk's question
    DONT_KNOW = "dontknow"


GUESSES = (Button.IS_1, Button.IS_2, Button.IS_3)
"""What it may be, likeliest first."""
PICKS = (Button.PICK_1, Button.PICK_2, Button.PICK_3)
KINDS = (Button.KEEP_EXAMPLE, Button.KIND_1, Button.KIND_2)
"""The category a report has, and what else it may have been."""


def choice_key(owner: str, button: Button) -> str:
    """The key of a button on an incident's or a group's post."""
    return f"{owner}:{button}"


def read_choice(key: str) -> tuple[str, Button] | None:
    """Owner and button of a choice key; None for a key that is not ours."""
    owner, _, value = key.partition(":")
    try:
        return owner, Button(value)
    except ValueError:
        return None
