"""Who may press what, drawn as a table for people. `python -m tests.support.policy_table` writes it again."""

from __future__ import annotations

from pathlib import Path

from bot.model.group import Policy
from bot.process.policy import TABLE, Who

APPROVED = Path(__file__).parents[1] / "unit" / "process" / "policy_table.md"


def drawn() -> str:
    """One row for each stage and button; a cell for each role, naming the policies apart where they differ."""
    lines = ["| stage | button | " + " | ".join(Who) + " |", "| --- | --- | " + "--- | " * len(Who)]
    for (stage, button), row in sorted(TABLE.items()):
        cells = []
        for who in Who:
            meant = {policy: row[policy, who] for policy in Policy}
            same = len(set(meant.values())) == 1
            apart = "; ".join(f"{policy}: {verdict}" for policy, verdict in meant.items())
            cells.append(meant[Policy.AUTHOR] if same else apart)
        lines.append(f"| {stage} | {button} | " + " | ".join(cells) + " |")
    return "\n".join(line.strip() for line in lines) + "\n"


if __name__ == "__main__":
    APPROVED.write_text(drawn(), "utf-8")
