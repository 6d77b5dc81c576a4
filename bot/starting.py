"""A channel that cannot start does not keep the others from running; by why it cannot, it is tried again.

For now (a network that is away): after growing waits. For its credentials: every ten minutes, so that a token that
was renewed elsewhere works by itself. For good: BART does not start, or gives up the channel if it runs already.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from secrets import SystemRandom

import structlog

from bot.model.errors import StartError, StartTrouble
from bot.model.ids import AccountName

log = structlog.get_logger()

FIRST_S, LIMIT_S = 5.0, 300.0
CREDENTIALS_S = 600.0

Enter = Callable[[], Awaitable[object]]
"""Enters the channel; raises `StartError`."""


def wait_s(trouble: StartTrouble, tries: int) -> float:
    """How long to wait after so many tries; a third more or less, by chance, so that not all come back at once."""
    base = CREDENTIALS_S if trouble is StartTrouble.CREDENTIALS else min(FIRST_S * 2 ** min(tries, 10), LIMIT_S)
    return base * SystemRandom().uniform(0.67, 1.33)


async def start(account: AccountName, enter: Enter) -> StartTrouble | None:
    """None when it is entered, else why not yet; raises `StartError` where waiting cannot help."""
    try:
        await enter()
    except StartError as error:
        if error.trouble is StartTrouble.FOR_GOOD:
            raise
        log.error("channel.not_started", account=account, trouble=error.trouble)
        return error.trouble
    return None


async def until_started(
    account: AccountName,
    enter: Enter,
    trouble: StartTrouble,
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
) -> None:
    """Returns when the channel is entered; never, where waiting turns out not to help."""
    tries = 0
    now: StartTrouble | None = trouble
    while now is not None:
        await sleep(wait_s(now, tries))
        tries += 1
        try:
            now = await start(account, enter)
        except StartError:
            log.error("channel.given_up", account=account)
            await asyncio.get_running_loop().create_future()
    log.info("channel.started", account=account)
