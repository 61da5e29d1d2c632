"""Archives for tests: an empty one in SQLite, and one in a real PostgreSQL."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from sqlalchemy import text

from monitor.archive import Archive, archive_url, tables
from monitor.archive.database import open_engine
from schemas import Message, topics

DATABASES = ("sqlite", "postgresql")


def empty_archive(database: str, folder: Path, postgres: Any) -> Archive:
    """Return an empty archive; ``postgres()`` gives the URL of the server where that is asked for."""
    return Archive.anew(archive_url(folder) if database == "sqlite" else postgres())


def put(archive: Archive, *messages: Message) -> int:
    """Write messages in one batch; the topic they came on does not matter."""
    return archive.write([(topics.ARTICLES, message) for message in messages])


def dump(archive: Archive) -> dict[str, list[str]]:
    """Return all rows, with the names of articles and claims for their numbers, which are those of the first comer."""
    with archive.engine.connect() as connection:
        docs = {
            doc: name
            for table in ("articles", "claims")
            for name, doc in connection.execute(text(f"SELECT {table.removesuffix('s')}_id, doc FROM {table}"))
        }
        found = {}
        for table in tables.METADATA.sorted_tables:
            rows = connection.execute(table.select()).mappings()
            found[table.name] = sorted(
                str({name: docs.get(value, value) if name == "doc" else value for name, value in row.items()})
                for row in rows
            )
    return found


def run_sql(url: str, statement: str) -> None:
    """Run one statement, as somebody else's program would."""
    engine = open_engine(url, writes=True)
    with engine.begin() as connection:
        connection.execute(text(statement))
    engine.dispose()
