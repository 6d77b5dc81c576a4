"""From Telegram's errors to BART's. What Telegram says is never passed on: it may quote a token or a text."""

from __future__ import annotations

from telegram.error import BadRequest, ChatMigrated, Forbidden, InvalidToken, TelegramError

from bot.model.errors import ChannelError, Gone, Later, MovedTo, Refused, StartError, StartTrouble

AGAIN_SECONDS = 2.0
"""When the line broke: soon, since every next wait is longer anyway."""
REVOKED_SECONDS = 60.0
"""A token that was revoked needs a person; asking more often helps nobody."""

NOWHERE = ("chat not found", "group chat was deactivated", "peer_id_invalid", "chat_id_invalid")
"""400s that mean: this chat is not there for us."""
LOST = ("message to edit not found", "message can't be edited", "message_id_invalid")
UNCHANGED = "message is not modified"
NOT_THERE = ("message to delete not found", "message_id_invalid")
UNDELETABLE = "message can't be deleted"
NO_TOPIC = ("message thread not found", "topic_closed", "topic_deleted")
TOO_LATE = ("query is too old", "query_id_invalid")
NO_FILE = ("wrong file_id", "invalid file_id", "file is temporarily unavailable", "file_reference")


class Flooded(TelegramError):
    """429; `seconds` to wait. The library's own class warns about its own future at every use."""

    def __init__(self, seconds: float) -> None:
        super().__init__("Too Many Requests")
        self.seconds = seconds


def says(error: TelegramError, *phrases: str) -> bool:
    """Is it a 400 with one of these phrases?"""
    return isinstance(error, BadRequest) and any(one in error.message.lower() for one in phrases)


def translated(error: TelegramError) -> ChannelError:
    """The error of the port that tells the host what to do."""
    match error:
        case Flooded():
            return Later(error.seconds, "Telegram asks to wait")
        case ChatMigrated():
            return MovedTo(str(error.new_chat_id))
        case Forbidden():
            return Gone("the bot is not in this chat, or may not write to this person")
        case InvalidToken():
            return Later(REVOKED_SECONDS, "Telegram does not know the token any more")
        case BadRequest():
            return Gone("no such chat") if says(error, *NOWHERE) else Refused("Telegram will not take this")
    return Later(AGAIN_SECONDS, "Telegram cannot be reached")


def cannot_start(where: str, error: TelegramError) -> StartError:
    """Why opening failed, and whether waiting helps; names the key of the settings."""
    if isinstance(error, InvalidToken):
        what = f"{where}.token: Telegram does not know this token; @BotFather shows the right one"
        return StartError(StartTrouble.CREDENTIALS, what)
    if isinstance(error, BadRequest):
        return StartError(StartTrouble.FOR_GOOD, f"{where}: Telegram refuses these settings: {error.message}")
    if "CERTIFICATE_VERIFY_FAILED" in str(error):
        what = f"{where}.api: the certificate of the other side cannot be verified"
        return StartError(StartTrouble.FOR_NOW, what)
    return StartError(StartTrouble.FOR_NOW, f"{where}.api: Telegram cannot be reached")
