"""The desk by e-mail keeps the contract of desks, over real servers on loopback."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest

from adapters.testing import DESK_CHECKS
from adapters.testing.ladder import run
from tests.support.post import Mailbox, MailRig


@pytest.mark.parametrize("check", DESK_CHECKS, ids=lambda check: check.__name__)
async def test_it_keeps_the_contract(
    check: Callable[[Any], Awaitable[None]], box: Mailbox, tmp_path: Path
) -> None:
    await run(check, MailRig(box, check.__name__, tmp_path))
