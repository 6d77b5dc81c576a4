"""`bart run`: everything, until it is told to stop."""

from __future__ import annotations

import argparse
import asyncio
import signal
import socket
from typing import TYPE_CHECKING

from bot.cli import ending
from bot.cli.asking import Args, Commands, command
from bot.cli.opening import settings, usable

if TYPE_CHECKING:
    from bot.config import Config


def add_to(commands: Commands) -> None:
    """The command."""
    parser = command(commands, "run", "start BART and serve its pages until it is told to stop", run)
    parser.add_argument("--host", metavar="H", help="the address to listen on, instead of server.host")
    parser.add_argument("--port", type=port, metavar="P", help="the port, instead of server.port; 0: any free one")


def port(text: str) -> int:
    """A port number as typed."""
    if not text.isascii() or not text.isdecimal() or int(text) > 65535:
        raise argparse.ArgumentTypeError(f'"{text[:20]}" is no port: expected a whole number from 0 to 65535')
    return int(text)


def run(args: Args) -> int:
    """Serve until SIGTERM or SIGINT, whenever those come: to be told to stop is no fault."""
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        _run(args)
    except (KeyboardInterrupt, asyncio.CancelledError):
        return ending.DONE
    return ending.DONE


def _run(args: Args) -> None:
    """Address and data folder are taken before anything is opened: a second BART by mistake never reads along."""
    import structlog

    from bot import logs
    from bot.serving import alone, listen

    config = settings(args)
    logs.configure("debug" if args.debug else config.log.level, config.log.format)
    logs.guard_tracebacks()
    usable(config.server.data)
    with listen(config.server) as at, alone(config.server.data):
        try:
            asyncio.run(_serve(config, at))
        except Exception as fault:
            if ending.expected(fault) is None:
                structlog.get_logger().critical("process.crashed", exc_info=True)
            raise


async def _serve(config: Config, at: socket.socket) -> None:
    from bot.app import open_app

    loop, task = asyncio.get_running_loop(), asyncio.current_task()
    if task is not None:
        # While things are being opened; the pages take the signals over once they are served.
        loop.add_signal_handler(signal.SIGTERM, task.cancel)
    async with open_app(config) as app:
        await app.serve(at)
