"""The read model: SQLite by default, PostgreSQL by URL. It can be dropped and built again from the topics."""

from __future__ import annotations

import threading
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, delete, event, func, make_url, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import ArgumentError, NoSuchModuleError

from monitor.archive import tables
from monitor.archive.rows import Rows, rows_of
from monitor.errors import ConfigError
from schemas import Alert, Message
from schemas.topics import TopicSpec

__all__ = ["Archive", "archive_url"]

BUSY_MS = 10_000
"""Milliseconds that a writer waits for another one of the same SQLite file."""
ROWS_AT_ONCE = 500
"""Rows of one statement: SQLite takes 32,766 parameters in one, PostgreSQL 65,535."""


def archive_url(data: Path) -> str:
    """Return the URL of the SQLite file in the data folder, which is made where it is not there."""
    data.mkdir(parents=True, exist_ok=True)
    return f"sqlite:///{data / 'archive.db'}"


class Archive:
    """Upserts messages by their ids: the newest revision wins, in whatever order and however often they come.

    Blocking: call it from threads where an event loop runs. One transaction a ``write``.
    """

    def __init__(self, url: str) -> None:
        self._engine = _engine(url)
        self._writing = threading.Lock()  # SQLite takes one writer at a time, and waits for it less well than a lock
        tables.METADATA.create_all(self._engine)

    def close(self) -> None:
        """Close the connections."""
        self._engine.dispose()

    def write(self, messages: Sequence[tuple[TopicSpec, Message]]) -> int:
        """Upsert a batch in one transaction and return how many of the messages the read model keeps.

        Raises:
            sqlalchemy.exc.OperationalError: the database cannot be reached or is locked; nothing was written, and the
                same batch may be written again.
        """
        kept = 0
        with self._writing, self._engine.begin() as connection:
            for _, message in messages:
                rows = rows_of(message)
                if rows is not None:
                    kept += 1
                    self._put(connection, rows)
        return kept

    def _put(self, connection: Connection, rows: Rows) -> None:
        if rows.replaces is not None and not self._make_room(connection, rows):
            return
        dialect = self._engine.dialect.name
        for start in range(0, len(rows.values), ROWS_AT_ONCE):
            connection.execute(upsert(dialect, rows, rows.values[start : start + ROWS_AT_ONCE]))

    def _make_room(self, connection: Connection, rows: Rows) -> bool:
        """Delete what the rows replace; False where something newer stands there."""
        table, version = rows.table, rows.table.c[rows.version]
        newest = connection.scalar(select(func.max(version)).where(table.c.article_id == rows.replaces))
        if newest is not None and newest > rows.values[0][rows.version]:
            return False
        connection.execute(delete(table).where(table.c.article_id == rows.replaces))
        return True

    # -- reading

    def alert(self, alert_id: str) -> Alert | None:
        """Return the newest revision of an alert; None where there is none of that id."""
        with self._engine.connect() as connection:
            body = connection.scalar(select(tables.ALERTS.c.body).where(tables.ALERTS.c.alert_id == alert_id))
        return Alert.from_bytes(body.encode()) if body is not None else None

    def newest_alerts(self, limit: int = 50) -> list[Alert]:
        """Return alerts, the last updated first."""
        query = select(tables.ALERTS.c.body).order_by(tables.ALERTS.c.updated_at.desc(), tables.ALERTS.c.alert_id)
        with self._engine.connect() as connection:
            return [Alert.from_bytes(body.encode()) for body in connection.scalars(query.limit(limit))]

    def article(self, article_id: str) -> dict[str, Any] | None:
        """Return an article's newest revision, with story, lineage and topics where they are known yet."""
        joined = tables.ARTICLES.outerjoin(
            tables.ASSIGNMENTS, tables.ARTICLES.c.article_id == tables.ASSIGNMENTS.c.article_id
        )
        more = [tables.ASSIGNMENTS.c[name] for name in ("language", "story_id", "lineage_id", "copy_of")]
        query = select(tables.ARTICLES, *more).select_from(joined).where(tables.ARTICLES.c.article_id == article_id)
        matches = tables.TOPIC_MATCHES.c
        slugs = select(matches.slug).where(matches.article_id == article_id, matches.slug != tables.NO_TOPIC)
        with self._engine.connect() as connection:
            row = connection.execute(query).mappings().first()
            if row is None:
                return None
            best_first = slugs.order_by(matches.score.desc(), matches.slug)
            return dict(row) | {"topics": list(connection.scalars(best_first))}

    def story(self, story_id: str) -> list[str]:
        """Return the article ids of a story, in the order in which they were seen."""
        query = select(tables.ASSIGNMENTS.c.article_id).where(tables.ASSIGNMENTS.c.story_id == story_id)
        ordered = query.order_by(tables.ASSIGNMENTS.c.first_seen_at, tables.ASSIGNMENTS.c.article_id)
        with self._engine.connect() as connection:
            return list(connection.scalars(ordered))

    def sizes(self) -> dict[str, int]:
        """Return the number of rows of each table."""
        with self._engine.connect() as connection:
            return {
                table.name: connection.scalar(select(func.count()).select_from(table)) or 0
                for table in tables.METADATA.sorted_tables
            }


def upsert(dialect: str, rows: Rows, values: Iterable[dict[str, Any]]) -> Any:
    """Return the statement that inserts ``values`` or updates what has the same key and no higher version."""
    statement = (postgresql if dialect == "postgresql" else sqlite).insert(rows.table).values(list(values))
    keys = [column.name for column in rows.table.primary_key]
    others = [column.name for column in rows.table.columns if column.name not in keys]
    return statement.on_conflict_do_update(
        index_elements=keys,
        set_={name: statement.excluded[name] for name in others},
        where=rows.table.c[rows.version] <= statement.excluded[rows.version],
    )


def _engine(url: str) -> Engine:
    try:
        parsed = make_url(url)
        if parsed.get_backend_name() not in ("sqlite", "postgresql"):
            raise ConfigError(
                f"archive: {parsed.get_backend_name()} is not supported", hint="Use sqlite:///FILE or postgresql://..."
            )
        engine = create_engine(parsed)
    except (ArgumentError, NoSuchModuleError) as error:
        raise ConfigError(
            f"archive: not a database URL: {error}", hint="As in sqlite:////var/lib/x/archive.db"
        ) from None
    except ModuleNotFoundError as error:
        raise ConfigError(
            f"archive: the driver {error.name} is not installed", hint=f"Install it: pip install {error.name}"
        ) from None
    if parsed.get_backend_name() == "sqlite":
        event.listen(engine, "connect", _prepare_sqlite)
    return engine


def _prepare_sqlite(connection: Any, _record: Any) -> None:
    # WAL: readers do not wait for the writer. NORMAL: a power cut may lose the last transactions, which Kafka replays
    # only if their offsets were not committed; the file is never damaged (SQLite documentation, "Write-Ahead Logging").
    for pragma in ("journal_mode=WAL", "synchronous=NORMAL", f"busy_timeout={BUSY_MS}"):
        connection.execute(f"PRAGMA {pragma}")
