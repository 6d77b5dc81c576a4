"""`make bench`: every figure as `name: value`, so that people and scripts can read it."""

from __future__ import annotations

import argparse
import asyncio
from collections.abc import Callable

from bot import logs
from tests.bench import classify, desks, intake, matrix, prompts, start, telegram
from tests.support import synapse


def _intake() -> None:
    print(f"intake.messages_per_second: {asyncio.run(intake.messages_per_second()):.0f}")


def _prompts() -> None:
    found = asyncio.run(prompts.prompts())
    print(f"prompt.p50_ms: {found.p50_ms:.1f}")
    print(f"prompt.p99_ms: {found.p99_ms:.1f}")
    print(f"prompt.asked: {found.asked}")
    print(f"prompt.held_back: {found.held_back}")


def _scale() -> None:
    print(f"scale.cost_ratio: {asyncio.run(intake.cost_ratio()):.2f}")


def _start() -> None:
    found = start.start()
    print(f"ready.seconds: {found.ready_seconds:.2f}")
    print(f"idle.rss_mb: {found.idle_rss_mb:.0f}")


def _classify() -> None:
    for model in ("light", "full"):
        found = classify.speed(model)
        print(f"classify.{model}.messages_per_second: {found.per_second:.0f}")
        print(f"classify.{model}.ms: {found.single_ms:.2f}")
        seconds, mb = classify.load(model)
        print(f"classify.{model}.load_seconds: {seconds:.2f}")
        print(f"classify.{model}.rss_mb: {mb:.0f}")
    for name, measure in {
        "signalen_recipe": classify.signalen_recipe,
        "spacy_textcat": classify.spacy_textcat,
    }.items():
        rival = measure()
        print(f"classify.{name}.messages_per_second: {rival.per_second:.0f}")
        print(f"classify.{name}.average_precision: {rival.average_precision:.3f}")


def _channels() -> None:
    print(f"telegram.prompt_p50_ms: {asyncio.run(telegram.prompt_p50_ms()):.1f}")
    if not synapse.is_installed():
        print(f"matrix.prompt_p50_ms: not measured; {synapse.ADVICE}")
        return
    found = asyncio.run(matrix.prompts())
    print(f"matrix.prompt_p50_ms: {found.p50_ms:.1f}")
    print(f"matrix.homeserver_post_p50_ms: {found.homeserver_ms:.1f}")


def _matrix_rooms() -> None:
    found = asyncio.run(matrix.many_rooms())
    print(f"matrix.rooms_1000.rss_mb: {found.rss_mb:.0f}")
    print(f"matrix.rooms_1000.ready_seconds: {found.ready_seconds:.1f}")
    print(f"matrix.rooms_1000.prompt_p50_ms: {found.prompts.p50_ms:.1f}")
    print(f"matrix.rooms_1000.homeserver_post_p50_ms: {found.prompts.homeserver_ms:.1f}")


def _matrix_throughput() -> None:
    found = asyncio.run(matrix.throughput())
    print(f"matrix.accepted_per_second: {found.accepted:.1f}")
    print(f"matrix.read_per_second: {found.read:.1f}")
    print(f"matrix.behind: {found.behind}")


def _desks() -> None:
    found = desks.poll()
    print(f"desks.signalen.first_poll_10000.seconds: {found.first_seconds:.1f}")
    print(f"desks.signalen.poll_10000.seconds: {found.seconds:.1f}")
    print(f"desks.signalen.poll_10000.extra_mb: {found.peak_mb:.0f}")
    filed = desks.file()
    print(f"desks.signalen.slow_1000.filed: {filed.filed}")
    print(f"desks.signalen.slow_1000.twice: {filed.twice}")
    print(f"desks.signalen.slow_1000.lost: {filed.lost}")
    print(f"desks.signalen.slow_1000.failed_calls: {filed.failures}")
    print(f"desks.signalen.slow_1000.seconds: {filed.seconds:.0f}")


FIGURES: dict[str, Callable[[], None]] = {
    "start": _start,
    "intake": _intake,
    "prompts": _prompts,
    "scale": _scale,
    "classify": _classify,
    "channels": _channels,
    "desks": _desks,
    "matrix-rooms": _matrix_rooms,
    "matrix-throughput": _matrix_throughput,
}
LONG = ("desks", "matrix-rooms", "matrix-throughput")
"""Minutes each, the last two with a Synapse that works all the time: only when named."""


def main() -> None:
    """All figures, or the ones named."""
    parser = argparse.ArgumentParser(prog="bart bench", description="Measure speed and memory.")
    parser.add_argument("figures", nargs="*", choices=[*FIGURES, []], help="which ones; all by default")
    chosen = parser.parse_args().figures or [name for name in FIGURES if name not in LONG]
    logs.configure("error", "console")
    for name in chosen:
        FIGURES[name]()


if __name__ == "__main__":
    main()
