"""Which version of the ports this BART has, and which an adapter was written for.

The first number changes when an adapter written before would break; the second when something was added that
old adapters need not know. The module that an entry point names may say `PORT_VERSION = "1.1"`; one that says
nothing was written for 1.0.
"""

from __future__ import annotations

import re

PORT_VERSION = (1, 1)
"""1.1: `TakesRequests`, capabilities `sees_members`, `hears_all`, `edit_seconds`, `reactions_per_person`,
`Person.anonymous`, `DeskCapabilities.rehearsal`."""

FIRST = "1.0"
_FORM = re.compile(r"(\d{1,4})\.(\d{1,4})")


def misfit(written_for: object) -> str:
    """Why an adapter written for this version cannot run here; "" when it can."""
    found = _FORM.fullmatch(written_for) if isinstance(written_for, str) else None
    if found is None:
        return f'its PORT_VERSION is {written_for!r}: expected two numbers as text, like "{FIRST}"'
    major, minor = int(found[1]), int(found[2])
    here = f"{PORT_VERSION[0]}.{PORT_VERSION[1]}"
    if major < PORT_VERSION[0]:
        return f"it was written for ports {written_for}, this BART has {here}: a newer release of it is needed"
    if (major, minor) > PORT_VERSION:
        return f"it was written for ports {written_for}, this BART has {here}: upgrade BART"
    return ""
