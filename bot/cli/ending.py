"""How a command ends: every error is one line on stderr that names what is wrong, and an exit code.

0 done · 1 something is not as it should be · 2 wrong use, input or config · 130 interrupted.
"""

from __future__ import annotations

import asyncio
import os
import sys
import traceback
from collections.abc import Iterator

from bot.cli.asking import Args
from bot.cli.telling import clean
from bot.model.errors import BartError, InputError

DONE, WRONG, MISUSED, INTERRUPTED = 0, 1, 2, 130


def guarded(args: Args) -> int:
    """Do what the command says; whatever goes wrong becomes a line and a code."""
    try:
        code: int = args.act(args)
        sys.stdout.flush()
    except (KeyboardInterrupt, asyncio.CancelledError):
        return _end(INTERRUPTED, "interrupted")
    except BrokenPipeError:
        # Whoever read our output left; Python would complain once more when it closes stdout.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return DONE
    except (Exception, BaseExceptionGroup) as fault:
        if args.debug:
            traceback.print_exception(fault)
        return _end(*told(fault))
    return code


def told(fault: BaseException) -> tuple[int, str]:
    """The exit code and the line for an error."""
    known = expected(fault)
    if isinstance(known, InputError):
        return MISUSED, str(known)
    if known is not None:
        return WRONG, str(known) or type(known).__name__
    if isinstance(fault, OSError) and fault.filename is not None:
        return WRONG, f"{os.fsdecode(fault.filename)}: {fault.strerror}"
    return WRONG, f"failed unexpectedly ({type(fault).__name__}); --debug shows where"


def expected(fault: BaseException) -> BartError | None:
    """The error in here that BART raises on purpose, if there is one: its words are for the operator."""
    return next((one for one in _leaves(fault) if isinstance(one, BartError)), None)


def _leaves(fault: BaseException) -> Iterator[BaseException]:
    if isinstance(fault, BaseExceptionGroup):
        for one in fault.exceptions:
            yield from _leaves(one)
    else:
        yield fault


def _end(code: int, line: str) -> int:
    sys.stderr.write(f"bart: {clean(line)}\n")
    return code
