"""The socket that BART listens on."""

from __future__ import annotations

import socket

import pytest

from bot.config import Server
from bot.serving import listen


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost"])
def test_answers_to_who_connects_are_not_held_back_to_be_put_together(host: str) -> None:
    with listen(Server(host=host, port=0)) as listening, socket.create_connection(listening.getsockname()[:2]):
        accepted, _ = listening.accept()
        with accepted:
            assert accepted.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY) != 0
