"""Every error BART raises on purpose. The data is on the exception; the words are for who can act on it.

BartError
├── InputError            bad input: what is wrong and where
│   ├── ConfigError
│   ├── GazetteerError
│   └── PhotoError
├── ChannelError
│   ├── Gone              the room, the post or the person is not there any more
│   ├── Refused           the network will never accept this
│   ├── Later             not now; `seconds` to wait
│   └── MovedTo           the room has become `room`
├── DeskError
│   ├── DeskRefused       the desk will never accept this; `field` says what
│   ├── DeskLater         not now; `seconds` to wait, nothing was filed
│   ├── DeskUnsure        the call may have reached the desk: look it up before repeating
│   ├── DeskCredentials   the desk does not know us
│   └── UnknownReport     the desk has no such reference
├── StoreError
│   ├── Conflict          somebody else changed a row we read; compute again
│   ├── NewerDatabase     the database is of a newer BART
│   └── StoreUnavailable  disk full, locked or gone
├── StartError            an adapter cannot start: for now, for its credentials, or for good
├── NoConsent             words were about to leave without a consent that fits them
└── IllegalMove           a state machine was asked for a move it does not have
"""

from __future__ import annotations

from enum import StrEnum


class BartError(Exception):
    """Base of all."""


class InputError(BartError):
    """`where` names the key, line or field; `what` says what is wrong with it."""

    def __init__(self, where: str, what: str) -> None:
        super().__init__(f"{where}: {what}")
        self.where = where
        self.what = what


class ConfigError(InputError):
    """A key of the config file or an environment override."""


class GazetteerError(InputError):
    """A line or feature of a gazetteer file."""


class PhotoError(InputError):
    """A photo that cannot be taken over."""


class ChannelError(BartError):
    """Something between BART and a chat network."""


class Gone(ChannelError):
    """The room, post or person does not exist for us any more."""


class Refused(ChannelError):
    """The network will never accept this; repeating is useless."""


class Later(ChannelError):
    """The network asks to wait `seconds`."""

    def __init__(self, seconds: float, why: str = "") -> None:
        super().__init__(why or f"wait {seconds:g} s")
        self.seconds = seconds


class MovedTo(ChannelError):
    """The room has a new address."""

    def __init__(self, room: str) -> None:
        super().__init__("room moved")
        self.room = room


class DeskError(BartError):
    """Something between BART and a desk."""


class DeskRefused(DeskError):
    """The desk will never accept this; `field` is the desk's word for what is wrong."""

    def __init__(self, field: str, what: str) -> None:
        super().__init__(f"{field}: {what}")
        self.field = field
        self.what = what


class DeskLater(DeskError):
    """Nothing was filed; try again in `seconds`."""

    def __init__(self, seconds: float, why: str = "") -> None:
        super().__init__(why or f"wait {seconds:g} s")
        self.seconds = seconds


class DeskUnsure(DeskError):
    """The call may have reached the desk. Look up our own reference before calling again; where that cannot be
    done, it is `for_a_person` to find out."""

    def __init__(self, why: str = "", for_a_person: bool = False) -> None:
        super().__init__(why)
        self.for_a_person = for_a_person


class DeskCredentials(DeskError):
    """The desk refuses our account."""


class UnknownReport(DeskError):
    """The desk has no report under this reference."""


class StoreError(BartError):
    """Something between BART and its database."""


class Conflict(StoreError):
    """A row read for this commit has a newer version."""


class NewerDatabase(StoreError):
    """The database was written by a newer BART."""

    def __init__(self, found: int, known: int) -> None:
        super().__init__(f"the database is at version {found}, this BART knows up to {known}: upgrade BART")
        self.found = found
        self.known = known


class StoreUnavailable(StoreError):
    """The disk is full, read-only, locked or gone."""


class StartTrouble(StrEnum):
    """Three ways an adapter may fail at start; the host acts differently on each."""

    FOR_NOW = "for_now"
    CREDENTIALS = "credentials"
    FOR_GOOD = "for_good"


class StartError(BartError):
    """`trouble` says whether waiting helps."""

    def __init__(self, trouble: StartTrouble, what: str) -> None:
        super().__init__(what)
        self.trouble = trouble


class NoConsent(BartError):
    """Somebody tried to let words out without a consent that fits them. `why` is a fixed word."""

    def __init__(self, why: str) -> None:
        super().__init__(why)
        self.why = why


class IllegalMove(BartError):
    """`record` cannot go from `old` to `new`."""

    def __init__(self, record: str, old: str, new: str) -> None:
        super().__init__(f"{record} cannot go from {old} to {new}")
        self.record = record
        self.old = old
        self.new = new
