"""An embedded geocoder: streets and places from a file, matched here.

The demo file's neighbourhood is made up: its streets, places and house numbers exist nowhere.
"""

from __future__ import annotations

from adapters.geocoders.gazetteer.adapter import Gazetteer, geocoder

__all__ = ["Gazetteer", "geocoder"]
