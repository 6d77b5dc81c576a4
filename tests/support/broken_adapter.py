"""A package of somebody else that cannot be imported."""

from __future__ import annotations

raise RuntimeError("the\nlicence file is missing")
