"""How much a bot may send."""

from __future__ import annotations

import math
import time
from collections import defaultdict, deque
from collections.abc import Callable
from dataclasses import dataclass

from tests.fakes.telegram.refusal import flood


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """Messages a second overall and in one chat, and a minute in one group; 0: no limit."""

    overall: int = 30
    chat: int = 1
    group: int = 20


NO_LIMITS = Limits(overall=0, chat=0, group=0)


class Flood:
    """Counts in sliding windows; a refused message does not count."""

    def __init__(self, limits: Limits, clock: Callable[[], float] = time.monotonic) -> None:
        self.limits = limits
        self._clock = clock
        self._sent: dict[object, deque[float]] = defaultdict(deque)

    def count(self, chat_id: int) -> None:
        """One more message; raises 429 with the seconds to wait."""
        now = self._clock()
        windows: list[tuple[object, int, float]] = [("all", self.limits.overall, 1.0)]
        windows.append(((chat_id, "second"), self.limits.chat, 1.0))
        if chat_id < 0:
            windows.append(((chat_id, "minute"), self.limits.group, 60.0))
        for key, most, span in windows:
            sent = self._sent[key]
            while sent and now - sent[0] >= span:
                sent.popleft()
            if most and len(sent) >= most:
                raise flood(math.ceil(sent[0] + span - now))
        for key, _, _ in windows:
            self._sent[key].append(now)
