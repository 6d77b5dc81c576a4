"""Open reports near a place: points of one category from the server, distance here. It has no filter by place,
and would ignore one silently.
"""

from __future__ import annotations

import asyncio
from datetime import timedelta

from adapters.desks.signalen import states
from adapters.desks.signalen.client import Client, Params
from adapters.desks.signalen.private import LIST, PrivateFollowing
from adapters.desks.signalen.rows import Features, ReportRow, utc
from adapters.desks.signalen.wording import iso, label_of, words_of
from bot.model.desk import Similar
from bot.model.place import Place, Point
from bot.ports.clock import Clock

WEEKS = timedelta(weeks=12)
"""As Signalen's own search around a report."""
PER_PAGE = 4000
MOST_PAGES = 10
MOST = 8
"""The nearest so many are looked at closely."""


class Nearby:
    """With an account."""

    def __init__(self, client: Client, following: PrivateFollowing, clock: Clock) -> None:
        self._client = client
        self._following = following
        self._clock = clock

    async def similar(
        self, category: str, paths: tuple[str, ...], near: Point, radius_m: float
    ) -> tuple[Similar, ...]:
        """Of these main/sub, nearest first. `category` is what we call them."""
        if not paths:
            return ()
        # Not the main category beside it: the server takes either, and finds everything of the main one.
        params: Params = [("category_slug", path.partition("/")[2]) for path in paths]
        params += [("status", code) for code in states.OPEN]
        params.append(("created_after", iso(self._clock.moment().now - WEEKS)))
        found: list[tuple[float, int]] = []
        for page in range(1, MOST_PAGES + 1):
            answer = await self._client.get(f"{LIST}geography", Features, [*params, ("geopage", str(page))])
            features = answer.features or ()
            for feature in features:
                distance = feature.geometry.point.metres_to(near)
                if distance <= radius_m:
                    found.append((distance, feature.properties.id))
            if len(features) < PER_PAGE:
                break
        numbers = [number for _, number in sorted(found)[:MOST]]
        rows = await asyncio.gather(*(self._following.row(number) for number in numbers))
        return tuple(_similar(row, category) for row in rows if row is not None and _fits(row, paths))


def _fits(row: ReportRow, paths: tuple[str, ...]) -> bool:
    """The same sub category may exist under another main one; and it may have been closed a moment ago."""
    path = f"{row.category.main_slug}/{row.category.sub_slug}"
    return path in paths and row.status.state not in states.CLOSED


def _similar(row: ReportRow, category: str) -> Similar:
    location = row.location
    label = label_of(row.all_text) or (location.address_text if location else "") or ""
    point = location.geometrie.point if location else None
    return Similar(
        reference=row.id_display,
        category=category,
        place=Place(label=label, point=point, source="signalen"),
        filed_at=utc(row.created_at),
        status=states.status_of(row.status.state),
        text=words_of(row.text),
    )
