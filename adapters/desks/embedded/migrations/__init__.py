"""Numbered steps from an empty file to today's schema. A package, so that installing takes the files along."""
