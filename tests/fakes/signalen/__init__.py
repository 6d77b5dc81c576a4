"""A Signalen that is as strict as the real one."""

from __future__ import annotations

from tests.fakes.signalen.server import BASE, TOKEN, FakeSignalen, serving
from tests.fakes.signalen.world import BOT, STAFF, Category, Report, World

__all__ = ["BASE", "BOT", "STAFF", "TOKEN", "Category", "FakeSignalen", "Report", "World", "serving"]
