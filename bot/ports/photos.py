"""Making a resident's photo safe to pass on."""

from __future__ import annotations

from typing import Protocol


class Photos(Protocol):
    """Synchronous and CPU-bound; the host calls it off the event loop."""

    def clean(self, raw: bytes) -> bytes:
        """A JPEG: upright, at most 2048 pixels a side, freshly encoded, no metadata at all.

        Raises `PhotoError` for what is no image, truncated, too large, or a decompression bomb.
        """
        ...
