"""What `bart check` tells of this desk: exactly which line of the config the other side has no answer to."""

from __future__ import annotations

from adapters.desks.open311.client import Client
from adapters.desks.open311.options import OTHER, Options
from adapters.desks.open311.services import Services, unanswered
from bot.model.errors import BartError, ConfigError, DeskRefused, UnknownReport
from bot.model.taxonomy import DeskKind, taxonomy


async def look_over(where: str, options: Options, client: Client, services: Services) -> str:
    """A few words when all is well; raises `ConfigError` naming the key, or what the network raised."""
    try:
        offered = await services.all()
    except (UnknownReport, DeskRefused) as error:
        raise ConfigError(f"{where}.url", f"has no services.{options.form} below it ({error})") from None
    if not offered:
        raise ConfigError(f"{where}.url", "offers no services here (is jurisdiction_id right?)")
    for category, code in options.services.items():
        if code not in offered:
            known = ", ".join(sorted(offered)[:20])
            raise ConfigError(f"{where}.services.{category}", f'the desk has no service "{code}"; it has: {known}')
    for code in sorted(set(options.services.values())):
        wrong = unanswered(await services.asks(offered[code]), options.attributes.get(code, {}))
        if wrong:
            raise ConfigError(f"{where}.attributes.{code}", "; ".join(wrong))
    if not options.api_key:
        raise ConfigError(f"{where}.api_key", "is empty: without one nothing can be filed")
    return "; ".join([f"answers, {len(offered)} service(s)", *await _remarks(where, options, client)])


async def _remarks(where: str, options: Options, client: Client) -> list[str]:
    """Not wrong, and good to know before it runs."""
    told = []
    extended = await _has_updates(client)
    if options.updates and not extended:
        raise ConfigError(f"{where}.updates", "is true, and the desk has no servicerequestupdates")
    if extended and not options.updates:
        told.append("it has servicerequestupdates: set updates = true")
    if OTHER not in options.services:
        ours = [slug for slug, one in taxonomy().items() if one.desk is DeskKind.MUNICIPALITY]
        left = sorted(set(ours) - options.services.keys())
        if left:
            told.append(f"no service for: {', '.join(left)}")
    blind = [] if options.search else ["an unknown outcome waits for a person (search = false)"]
    return told + blind


async def _has_updates(client: Client) -> bool:
    try:
        await client.get("servicerequestupdates")
    except BartError:
        return False
    return True
