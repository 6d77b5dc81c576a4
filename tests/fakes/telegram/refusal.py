"""What Telegram answers when it will not do something, in its own words."""

from __future__ import annotations

from typing import Any


class Refusal(Exception):
    """`code` is the HTTP status and `error_code` alike."""

    def __init__(self, code: int, description: str, **parameters: int) -> None:
        super().__init__(description)
        self.code = code
        self.description = description
        self.parameters = parameters

    def body(self) -> dict[str, Any]:
        """The JSON of the answer."""
        told: dict[str, Any] = {"ok": False, "error_code": self.code, "description": self.description}
        return told | ({"parameters": self.parameters} if self.parameters else {})


def bad(what: str, **parameters: int) -> Refusal:
    """400."""
    return Refusal(400, f"Bad Request: {what}", **parameters)


def forbidden(what: str) -> Refusal:
    """403."""
    return Refusal(403, f"Forbidden: {what}")


def flood(seconds: int) -> Refusal:
    """429."""
    return Refusal(429, f"Too Many Requests: retry after {seconds}", retry_after=seconds)


def conflict(what: str) -> Refusal:
    """409."""
    return Refusal(409, f"Conflict: {what}")
