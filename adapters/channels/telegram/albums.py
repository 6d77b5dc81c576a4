"""An album comes as several messages; BART hears one, with all its photos. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from adapters.channels.telegram.mapping import Heard
from bot.model.channel import Said


def gathered(heard: Sequence[Heard]) -> list[Heard]:
    """With each album as one message in the place of its first. Which post it is: that with the words, because
    it is the one people edit and answer."""
    albums: dict[str, list[Said]] = {}
    for one in heard:
        if one.album:
            albums.setdefault(one.album, []).extend(event for event in one.events if isinstance(event, Said))
    seen: set[str] = set()
    told = []
    for one in heard:
        if not one.album:
            told.append(one)
            continue
        items = albums[one.album] if one.album not in seen else []
        seen.add(one.album)
        told.append(replace(one, events=(_joined(items),) if items else ()))
    return told


def may_go_on(heard: Sequence[Heard]) -> bool:
    """Is the last message part of an album, of which more may be on its way?"""
    return bool(heard) and bool(heard[-1].album)


def _joined(items: Sequence[Said]) -> Said:
    named = next((item for item in items if item.text), items[0])
    media = tuple(media for item in items for media in item.media)
    return replace(
        named, id=items[0].id, media=media, location=next((i.location for i in items if i.location), None)
    )
