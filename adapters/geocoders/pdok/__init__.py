"""A geocoder on PDOK Locatieserver, the national address service. It runs elsewhere: asked only after consent."""

from __future__ import annotations

from adapters.geocoders.pdok.adapter import Pdok, geocoder

__all__ = ["Pdok", "geocoder"]
