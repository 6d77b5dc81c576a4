"""Looks for words in everything that a process left on disk."""

from __future__ import annotations

import base64
import json
from collections.abc import Collection
from pathlib import Path


def find(needles: Collection[str], *folders: Path) -> list[tuple[str, str]]:
    """Which needle is in which file, in any form it may have taken: UTF-8, UTF-16, JSON escapes, base64.

    Every file below the folders is read: databases, their WAL and shared memory, journals, logs, temporary ones.
    """
    forms = {needle: _forms(needle) for needle in needles}
    found = []
    for folder in folders:
        for file in sorted(path for path in folder.rglob("*") if path.is_file()):
            data = file.read_bytes()
            found += [(needle, file.name) for needle in forms if any(form in data for form in forms[needle])]
    return found


def _forms(needle: str) -> frozenset[bytes]:
    plain = needle.encode()
    escaped = json.dumps(needle)[1:-1].encode()
    return frozenset({plain, escaped, needle.encode("utf-16-le"), *_base64(plain)})


def _base64(plain: bytes) -> list[bytes]:
    """What must show up of it at each of the three places in a base64 group where it can begin."""
    forms = []
    for shift in range(3):
        coded = base64.b64encode(bytes(shift) + plain)
        # The first and last groups depend on what stands before and after.
        forms.append(coded[4 if shift else 0 : (len(plain) + shift) // 3 * 4])
    return forms
