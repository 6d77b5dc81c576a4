"""Finds adapters by name. Built-in ones and those of other packages come in by the same door: entry points."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from enum import StrEnum
from importlib import import_module
from importlib.metadata import EntryPoint, entry_points
from typing import Any

from bot.model.errors import ConfigError, StartError, StartTrouble
from bot.ports import version
from bot.ports.setup import Setup

Factory = Callable[[Setup], Any]
"""Takes what the host gives and returns the adapter: a `Channel`, `Desk`, `Geocoder` or source of alerts."""


RIGS = "bart.rigs"
"""Entry points of packages with adapters, for their checks (`adapters.testing`)."""


class AdapterGroup(StrEnum):
    """The entry point groups."""

    CHANNELS = "bart.channels"
    DESKS = "bart.desks"
    GEOCODERS = "bart.geocoders"
    ALERTS = "bart.alerts"


class Registry:
    """Adapters of the packages installed here, or of the entry points given."""

    def __init__(self, points: Iterable[EntryPoint] | None = None) -> None:
        self._points = None if points is None else tuple(points)

    def names(self, group: AdapterGroup) -> list[str]:
        """The kinds there are, sorted."""
        return sorted({point.name for point in self._of(group)})

    def find(self, group: AdapterGroup, kind: str, where: str) -> Factory:
        """The factory of this kind. `where` is the config key that asks for it.

        Raises `ConfigError` for a kind that is not installed, and `StartError` (for good) where two packages
        claim the kind, its code cannot be loaded, or it was written for other ports than these.
        """
        found = {point.value: point for point in self._of(group) if point.name == kind}
        if not found:
            known = ", ".join(self.names(group)) or "none"
            raise ConfigError(where, f'there is no "{kind}" among {group}; installed: {known}')
        if len(found) > 1:
            raise StartError(
                StartTrouble.FOR_GOOD,
                f'{group} has more than one "{kind}": {", ".join(sorted(found))}; uninstall all but one',
            )
        (point,) = found.values()
        return _load(point)

    def rig(self, name: str) -> Callable[[], Any] | None:
        """Makes the rig of the adapter of this name; None where its package names none."""
        points = entry_points(group=RIGS) if self._points is None else self._points
        found = [point for point in points if point.group == RIGS and point.name == name]
        return _load(found[0]) if found else None

    def _of(self, group: AdapterGroup) -> list[EntryPoint]:
        points = entry_points(group=group) if self._points is None else self._points
        return [point for point in points if point.group == group]


def _load(point: EntryPoint) -> Callable[..., Any]:
    where = f'{point.group} "{point.name}" ({point.value})'
    try:
        factory = point.load()
    except ModuleNotFoundError as fault:
        raise StartError(StartTrouble.FOR_GOOD, f"{where} {_missing(point, fault)}") from fault
    except Exception as fault:
        # Importing a stranger's package can fail in any way; the operator needs to know whose it is.
        what = f"{where} cannot be loaded: {type(fault).__name__}: {fault}"
        raise StartError(StartTrouble.FOR_GOOD, " ".join(what.split())) from fault
    if wrong := version.misfit(getattr(import_module(point.module), "PORT_VERSION", version.FIRST)):
        raise StartError(StartTrouble.FOR_GOOD, f"{where} does not fit: {wrong}")
    if not callable(factory):
        raise StartError(StartTrouble.FOR_GOOD, f"{where} is not a function that makes an adapter")
    made: Callable[..., Any] = factory
    return made


def _missing(point: EntryPoint, fault: ModuleNotFoundError) -> str:
    """What to install: the extra of the adapter's package that is called like its kind, where there is one."""
    missing, own = ((name or "").partition(".")[0] for name in (fault.name, point.module))
    package = point.dist
    if package is None or missing == own or point.name not in (package.metadata.get_all("Provides-Extra") or ()):
        return f"cannot be loaded: {type(fault).__name__}: {fault}"
    return f"needs {missing}, which is not installed: pip install '{package.name}[{point.name}]'"
