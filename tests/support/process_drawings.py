"""Reads the drawings of docs/process.md. `python -m tests.support.process_drawings` writes its policy table."""

from __future__ import annotations

import re
from pathlib import Path

from bot.model.buttons import Button
from bot.model.group import Policy
from bot.model.incident import Stage
from bot.model.wording import Wording
from bot.process.policy import TABLE, Verdict, Who
from bot.texts import Catalogue

PAGE = Path("docs/process.md")
_ARROW = re.compile(r"(\S+) --> (\w+)(?::.*)?")
_POLICY = re.compile(r"(<!-- policy: .*? -->\n)(.*?)(<!-- end -->)", re.DOTALL)


def drawings(page: str) -> list[str]:
    """The mermaid blocks, in order."""
    return re.findall(r"```mermaid\n(.*?)```", page, re.DOTALL)


def arrows(drawing: str) -> set[tuple[str, str]]:
    """Every move that is drawn. An arrow at a box of states stands for one at each state in it."""
    boxes = {name: inside.split() for name, inside in re.findall(r"state (\w+) \{(.*?)\}", drawing, re.DOTALL)}
    drawn = (_ARROW.fullmatch(line.strip()) for line in drawing.splitlines())
    return {
        (start, end)
        for arrow in drawn
        if arrow and arrow[1] != "[*]"
        for start in boxes.get(arrow[1], [arrow[1]])
        for end in boxes.get(arrow[2], [arrow[2]])
    }


def marked(page: str, first: str) -> set[tuple[str, str]]:
    """Row and column of every "yes" in the table whose first heading this is."""
    rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in page.splitlines() if line[:1] == "|"]
    start = next(at for at, row in enumerate(rows) if row[0] == first and "lapsed" in row)
    found = set()
    for row in rows[start + 2 :]:
        if row[0] not in set(Stage):
            break
        found |= {(row[0], head) for head, cell in zip(rows[start], row, strict=True) if cell == "yes"}
    return found


def policy_table() -> str:
    """One line for each stage and button; one for each policy where they differ."""
    texts = Catalogue.load()
    lines = ["| stage | button | policy | author | member | admin |", "| --- | --- | --- | --- | --- | --- |"]
    for (stage, button), row in TABLE.items():
        by_policy = {policy: [_word(row[(policy, who)]) for who in Who] for policy in Policy}
        alike = len({tuple(words) for words in by_policy.values()}) == 1
        for policy, words in by_policy.items():
            if not alike or policy is Policy.AUTHOR:
                cells = [stage.value, _label(texts, button), "any" if alike else policy.value, *words]
                lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines) + "\n"


def written_table(page: str) -> str:
    """The policy table as it stands in the docs."""
    found = _POLICY.search(page)
    return found[2] if found else ""


def _label(texts: Catalogue, button: Button) -> str:
    key = f"button.{button.value}"
    if texts.slots_of(key):
        return f"`{button.value}`"
    return f"`{button.value}` {texts.text(Wording(key=key), 'nl')}"


def _word(meant: Verdict) -> str:
    return meant.value.replace("_", " ")


if __name__ == "__main__":
    PAGE.write_text(_POLICY.sub(lambda m: m[1] + policy_table() + m[3], PAGE.read_text("utf-8")), "utf-8")
