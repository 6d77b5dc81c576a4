"""BART, Burger Alert Real Time: a chat bot that lives in Dutch neighbourhood groups."""

__version__ = "0.1.0"
