"""Stories: whole conversations as text files, in Dutch, played through the host over fakes.

A line at the margin is something that happens; the lines indented below it are everything that BART visibly
does because of it, in any order. What is not written there may not happen. `…` stands for any text.

    Jan: bah, ligt weer vol glas bij de glasbak op het Parijsplein
    … 30 seconden later
      BART: Wil je dit melden? … [Ja, melden] [Ik los het zelf op] [Ik zie het ook] [Nee]

What can happen is in the table `ACTS` of `tests/support/stage.py`. A story begins with its settings
(`instelling: policy = admin`) and, unless it says `begin: uit`, with BART let in by Fatima. With
`tweede: Zuid` there is a second group of the same tenant; what is said and seen there begins with `Zuid |`.
`gemeente: met grens` is a municipality that ends west of the Parijsplein, and whose ditches are a water board's.

`python -m tests.support.stories FILE …` writes what happens into the files: read it as a resident would.
"""

from __future__ import annotations

import asyncio
import re
import sys
import tempfile
from dataclasses import dataclass, field
from pathlib import Path

from tests.support.stage import Stage, open_stage

FOLDER = Path(__file__).parents[1] / "acceptance" / "stories"
SILENT = "BART zwijgt"
SETTING = re.compile(r"(instelling|kanaal|loketkan|begin|om|tweede|gemeente): (.+)")


@dataclass(slots=True, kw_only=True)
class Step:
    """One act and what is expected to follow; `line` is where it stands in the file."""

    line: int
    act: str
    expected: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True, kw_only=True)
class Story:
    """A story file: `settings` come before the first step."""

    title: str
    settings: tuple[tuple[str, str], ...]
    steps: tuple[Step, ...]


def read_story(path: Path) -> Story:
    """Reads a file; a fault names the line."""
    title, settings, steps = path.stem, [], list[Step]()
    for number, raw in enumerate(path.read_text("utf-8").splitlines(), 1):
        line = raw.strip()
        if not line or line.startswith("#"):
            title = line.lstrip("# ") if number == 1 else title
        elif raw.startswith("  "):
            if not steps:
                raise ValueError(f"{path.name} line {number}: nothing has happened yet")
            steps[-1].expected.append(line)
        elif not steps and (found := SETTING.fullmatch(line)):
            settings.append((found[1], found[2]))
        else:
            steps.append(Step(line=number, act=line))
    return Story(title=title, settings=tuple(settings), steps=tuple(steps))


async def play(story: Story, kind: str, folder: Path) -> list[str]:
    """Plays it and returns everything that was not as written."""
    faults: list[str] = []
    async with open_stage(story.settings, kind, folder) as stage:
        for step in story.steps:
            faults += _compare(step, await _done(stage, step))
    return faults


async def _done(stage: Stage, step: Step) -> list[str]:
    try:
        return await stage.act(step.act)
    except Exception as error:
        error.add_note(f"line {step.line}: {step.act}")
        raise


def _compare(step: Step, seen: list[str]) -> list[str]:
    left = list(seen)
    missing = []
    for expected in step.expected:
        if expected == SILENT:
            continue
        match = next((act for act in left if matches(expected, act)), None)
        if match is None:
            missing.append(expected)
        else:
            left.remove(match)
    where = f"line {step.line}: {step.act}"
    return [f"{where}\n    missing: {one}" for one in missing] + [f"{where}\n    too much: {one}" for one in left]


def matches(expected: str, act: str) -> bool:
    """Is this what was expected? `…` stands for any text, also none."""
    pattern = ".*?".join(re.escape(part.strip()) for part in expected.split("…"))
    return re.fullmatch(pattern, act) is not None


async def write(path: Path, folder: Path) -> None:
    """Replaces what is expected by what happens."""
    story = read_story(path)
    lines = path.read_text("utf-8").splitlines()
    kept = [line for line in lines if not line.startswith("  ")]
    happened: dict[str, list[list[str]]] = {}
    async with open_stage(story.settings, "fake", folder) as stage:
        for step in story.steps:
            happened.setdefault(step.act, []).append(await _done(stage, step))
    out = []
    for line in kept:
        out.append(line)
        if happened.get(line.strip()):
            out += [f"  {act}" for act in happened[line.strip()].pop(0) or [SILENT]]
    path.write_text("\n".join(out) + "\n", "utf-8")


def main(names: list[str]) -> None:
    """Writes what happens into these files."""
    for name in names:
        with tempfile.TemporaryDirectory() as folder:
            asyncio.run(write(Path(name), Path(folder)))


if __name__ == "__main__":
    main(sys.argv[1:])
