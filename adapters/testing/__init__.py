"""Checks for authors of adapters.

Write a rig: how people use that network (`ChannelRig`), who works behind that desk (`DeskRig`), or one street that
a geocoder knows (`GeocoderRig`). Return it from a pytest fixture named `bart_rig`, `bart_desk_rig` or
`bart_geocoder_rig`, and the checks run; or name it as an entry point `bart.rigs` for `bart adapter check NAME`.

Each check is a coroutine function of a fresh rig; it raises `AssertionError` with what is wrong.
"""

from __future__ import annotations

from adapters.testing.desk_filing import FILING
from adapters.testing.desk_following import FOLLOWING
from adapters.testing.desk_rig import DeskRig
from adapters.testing.geocoder import GEOCODING, GeocoderRig
from adapters.testing.hearing import HEARING
from adapters.testing.rig import ChannelRig, Pace, Shown, TakesPhotos
from adapters.testing.speaking import SPEAKING
from adapters.testing.straining import STRAINING, Strains

__all__ = [
    "CHANNEL_CHECKS",
    "DESK_CHECKS",
    "GEOCODER_CHECKS",
    "STRAIN_CHECKS",
    "ChannelRig",
    "DeskRig",
    "GeocoderRig",
    "Pace",
    "Shown",
    "Strains",
    "TakesPhotos",
]

CHANNEL_CHECKS = HEARING + SPEAKING
"""Every check that any channel must pass; the name says what must hold."""
STRAIN_CHECKS = STRAINING
"""For channels whose rig can strain its network."""
DESK_CHECKS = FILING + FOLLOWING
GEOCODER_CHECKS = GEOCODING
