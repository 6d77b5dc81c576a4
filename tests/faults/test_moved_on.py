"""The config has moved on while groups, reports and work of before are still there."""

from __future__ import annotations

from pathlib import Path

from bot.app import App, open_app
from bot.config import Config, load
from bot.model.ids import TenantId
from bot.model.incident import Stage
from tests.support.demo import GLASS, JAN, eventually, let_in, press, running, say, stages

TENANT, OTHER = TenantId("parijsplein"), TenantId("elders")
DEMO = Path(__file__).parents[2] / "bot" / "demo.toml"


def config(folder: Path, *changes: tuple[str, str]) -> Config:
    """The demo's settings with these words replaced."""
    text = DEMO.read_text("utf-8")
    for old, new in changes:
        assert old in text
        text = text.replace(old, new)
    file = folder / "config.toml"
    file.write_text(text, "utf-8")
    quick = {
        "BART_GROUP__DEADLINES__RELEASE": "2",
        "BART_GROUP__QUIET__WAIT_MIN": "0",
        "BART_WORK__BACKOFF_SECONDS": "0.5",
    }
    return load(file, {"BART_SERVER__DATA": str(folder / "data"), **quick})


async def release(app: App) -> None:
    """Jan's report is about to be filed, and everybody has seen what will go out."""
    await let_in(app)
    await say(app, "glass-1", GLASS)
    await press(app, "Ja, melden", JAN)

    async def is_released() -> bool:
        (line,) = await app.parts.views.groups(None)
        (incident,) = (await app.parts.store.load([line.id]))[line.id].incidents.values()
        return incident.stage is Stage.RELEASED and incident.shown >= incident.step

    await eventually(is_released)


async def cases(app: App, tenant: TenantId) -> int:
    return len(await app.site.offices[tenant].cases(tenant))


async def test_a_report_with_consent_is_filed_though_its_channel_is_gone(tmp_path: Path) -> None:
    async with open_app(config(tmp_path)) as app, running(app):
        await release(app)
    async with open_app(config(tmp_path, ("channels.buurt", "channels.nieuw"))) as app, running(app):

        async def is_filed() -> bool:
            return bool(await app.parts.views.reports(TENANT))

        await eventually(is_filed)
        assert await cases(app, TENANT) == 1
        assert await app.database.parking.parked() == []


async def test_a_group_of_a_tenant_that_is_gone_is_left_alone_and_holds_up_nobody(tmp_path: Path) -> None:
    async with open_app(config(tmp_path)) as app, running(app):
        await release(app)
    async with (
        open_app(
            config(tmp_path, ('"parijsplein"', '"elders"'), ("tenants.parijsplein", "tenants.elders"))
        ) as app,
        running(app),
    ):
        await say(app, "glass-2", GLASS)
        assert await stages(app) == [Stage.RELEASED]
        assert await cases(app, OTHER) == 0
    # Once the tenant is back, what was on its way goes on.
    async with open_app(config(tmp_path)) as app, running(app):

        async def is_filed() -> bool:
            return Stage.FILED in await stages(app)

        await eventually(is_filed)
        assert await cases(app, TENANT) == 1
