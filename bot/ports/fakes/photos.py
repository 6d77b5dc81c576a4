"""Photo cleaning without looking at pixels."""

from __future__ import annotations

from bot.model.errors import PhotoError

CLEAN_PHOTO = b"\xff\xd8\xff\xfe\x00\x07clean\xff\xd9"
"""Begins and ends as a JPEG does."""


class FakePhotos:
    """Implements `Photos`: every photo becomes `CLEAN_PHOTO`; empty bytes and what `refuse` says do not."""

    def __init__(self, *, refuse: frozenset[bytes] = frozenset()) -> None:
        self.refuse = refuse
        self.cleaned: list[bytes] = []

    def clean(self, raw: bytes) -> bytes:
        """Raises `PhotoError` for empty or refused bytes."""
        if not raw or raw in self.refuse:
            raise PhotoError("photo", "Deze foto kan ik niet lezen.")
        self.cleaned.append(raw)
        return CLEAN_PHOTO
