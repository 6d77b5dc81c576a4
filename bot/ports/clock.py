"""Time and randomness, so that replay and tests bring their own."""

from __future__ import annotations

from typing import Protocol

from bot.model.ids import Moment


class Clock(Protocol):
    """`moment()` never repeats a seed; its time is UTC and may jump, also backwards."""

    def moment(self) -> Moment: ...
