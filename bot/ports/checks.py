"""What an adapter of any kind can say about itself before it runs."""

from __future__ import annotations

from typing import Protocol, runtime_checkable


@runtime_checkable
class Checks(Protocol):
    """A channel, desk or geocoder that can be asked whether it would work, for `bart check`."""

    async def check(self) -> str:
        """A few words for the operator when all is well.

        Called on an adapter that was made and not opened, also while another process runs the same one: asks the
        other side once, changes nothing there or here, takes no messages. Raises what opening it would raise.
        """
        ...
