"""The clock of the machine BART runs on."""

from __future__ import annotations

import secrets
from datetime import UTC, datetime

from bot.model.ids import Moment


class SystemClock:
    """Wall-clock time, and seeds of 128 random bits: fresh ids cannot be guessed or repeated."""

    def moment(self) -> Moment:
        """Now, in UTC."""
        return Moment(now=datetime.now(UTC), seed=secrets.token_hex(16))
