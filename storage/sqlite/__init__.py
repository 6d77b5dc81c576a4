"""SQLite behind the ports: `open_database` gives one `Database` with an implementation of each."""

from storage.sqlite.database import Database, open_database

__all__ = ["Database", "open_database"]
