"""A municipality behind Open311, as strict as the servers that were seen running."""

from __future__ import annotations

from tests.fakes.open311.server import FakeOpen311
from tests.fakes.open311.world import KEY, Held, Municipality, Service

__all__ = ["KEY", "FakeOpen311", "Held", "Municipality", "Service"]
