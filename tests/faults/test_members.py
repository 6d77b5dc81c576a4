"""Names of members help in memory and are nowhere on disk."""

from __future__ import annotations

from pathlib import Path

from bot.model.buttons import Button, choice_key
from bot.model.group import Role
from tests.support.neighbourhood import Neighbourhood, open_neighbourhood
from tests.support.scan import find

SILENT = ("Xanthippe", "Zwaantsje")
NAMED = "Quirijntje"


async def let_in(place: Neighbourhood) -> None:
    """The admin says yes."""
    await place.settle()
    place.network.press(place.room, "fatima", choice_key(await place.group_id(), Button.GRANT))
    await place.settle()


async def test_names_of_members_are_in_memory_only_and_go_when_they_leave(tmp_path: Path) -> None:
    async with open_neighbourhood("sqlite", tmp_path) as place:
        place.network.join(place.room, "te-vroeg")
        await let_in(place)
        for name in (*SILENT, NAMED):
            place.network.join(place.room, name.lower(), Role.ADMIN if name == SILENT[0] else Role.MEMBER)
        await place.settle()
        memory, group = place.host.memory, await place.group_id()
        assert memory.roster(group) == {*SILENT, NAMED}
        place.network.leave(place.room, SILENT[1].lower())
        await place.settle()
        assert memory.roster(group) == {SILENT[0], NAMED}
        known = await place.known()
        assert {member.role for member in known.members.values()} == {Role.ADMIN}
        assert find([*SILENT, NAMED], tmp_path) == []


async def test_a_member_who_never_spoke_is_not_named_in_what_is_filed(tmp_path: Path) -> None:
    async with open_neighbourhood("sqlite", tmp_path) as place:
        await let_in(place)
        place.network.join(place.room, NAMED.lower())
        text = f"er ligt weer glas bij de glasbak op het Parijsplein en {NAMED.lower()} heeft het ook gezien"
        place.network.say(place.room, "jan", text)
        await place.wait(120)
        place.network.press(place.room, "jan", place.network.choice(place.room, "Ja, melden").key)
        await place.wait(120)
        (held,) = place.desk.held.values()
        assert "glas" in held.filing.text
        assert NAMED.lower() not in held.filing.text.lower()
