"""The read model: SQLite by default, PostgreSQL by URL. It can be dropped and built again from the topics."""

from __future__ import annotations

import threading
from collections.abc import Collection, Sequence
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, func, select

from monitor.archive import database, tables
from monitor.archive.derive import derive
from monitor.archive.erasures import Erasures
from monitor.archive.removing import remove_alerts
from monitor.archive.writing import write_batch
from monitor.settings import Settings
from schemas import Alert, Article, Claim, DeadLetter, Feedback, FeedEvent, Message, Notification
from schemas.topics import TopicSpec

__all__ = ["Archive", "archive_url", "url_of"]

KEPT = (Article, Claim, Alert, Notification, DeadLetter, Feedback, FeedEvent)
"""The messages that the read model keeps; assignments and tagged articles are articles."""


def archive_url(data: Path) -> str:
    """Return the URL of the SQLite file in the data folder, which is made where it is not there."""
    data.mkdir(parents=True, exist_ok=True)
    return f"sqlite:///{data / 'archive.db'}"


def url_of(settings: Settings) -> str:
    """Return the URL of the database that the settings name; the file in the data folder where they name none."""
    return settings.archive.url or archive_url(settings.data)


class Archive:
    """Upserts messages by their ids: the newest revision wins, in whatever order and however often they come.

    Blocking: call it from threads where an event loop runs. One transaction a ``write``; writers take turns, those of
    other processes too.

    Raises:
        ArchiveVersionError: the database holds tables of another version.
    """

    def __init__(self, url: str) -> None:
        self.url = url
        self._engine = database.open_engine(url, writes=True)
        self._writing = threading.Lock()  # SQLite waits for another writer less well than a lock
        try:
            database.create(self._engine)
        except BaseException:
            self._engine.dispose()
            raise

    @classmethod
    def anew(cls, url: str) -> Archive:
        """Drop the tables, of whatever version, and return an archive with empty ones; who was erased stays so."""
        engine = database.open_engine(url, writes=True)
        try:
            erased = database.erasures(engine)
            database.drop(engine)
        finally:
            engine.dispose()
        archive = cls(url)
        with archive.engine.begin() as connection:
            database.put(connection, tables.ERASURES, erased)
        return archive

    def close(self) -> None:
        """Close the connections."""
        self._engine.dispose()

    @property
    def engine(self) -> Engine:
        """The engine whose transactions take turns with those of other writers."""
        return self._engine

    def write(self, messages: Sequence[tuple[TopicSpec, Message]]) -> int:
        """Upsert a batch in one transaction and return how many of the messages the read model keeps.

        Raises:
            sqlalchemy.exc.OperationalError: the database cannot be reached or is locked; nothing was written, and the
                same batch may be written again.
        """
        kept = [message for _, message in messages if isinstance(message, KEPT)]
        if kept:
            with self._writing, self._engine.begin() as connection:
                allowed = Erasures.read(connection).allowed(kept)
                derive(connection, write_batch(connection, allowed))
        return len(kept)

    def tidy(self) -> None:
        """Bring up to date what the database knows of its tables' contents, from which it plans queries."""
        with self._engine.connect() as connection:
            connection.exec_driver_sql("ANALYZE" if database.is_postgres(connection) else "PRAGMA optimize")

    def remove_alerts(self, alert_ids: Collection[str]) -> None:
        """Remove alerts, which Kafka has forgotten by tombstones."""
        with self._writing, self._engine.begin() as connection:
            remove_alerts(connection, alert_ids)

    # -- reading: the little that tests and scripts need; pages read through `monitor.archive.Reader`

    def alert(self, alert_id: str) -> Alert | None:
        """Return the newest revision of an alert; None where there is none of that id."""
        with self._engine.connect() as connection:
            body = connection.scalar(select(tables.ALERTS.c.body).where(tables.ALERTS.c.alert_id == alert_id))
        return Alert.from_bytes(body.encode()) if body is not None else None

    def article(self, article_id: str) -> dict[str, Any] | None:
        """Return an article's newest revision with its text, its story where that is known, and its topics."""
        articles, matches = tables.ARTICLES.c, tables.TOPIC_MATCHES.c
        joined = tables.ARTICLES.join(tables.TEXTS, articles.doc == tables.TEXTS.c.doc)
        query = select(tables.ARTICLES, tables.TEXTS.c.text).select_from(joined)
        slugs = select(matches.slug).where(matches.article_id == article_id)
        with self._engine.connect() as connection:
            row = connection.execute(query.where(articles.article_id == article_id)).mappings().first()
            if row is None:
                return None
            best_first = slugs.order_by(matches.score.desc(), matches.slug)
            return dict(row) | {"topics": list(connection.scalars(best_first))}

    def sizes(self) -> dict[str, int]:
        """Return the number of rows of each table."""
        with self._engine.connect() as connection:
            return {
                table.name: connection.scalar(select(func.count()).select_from(table)) or 0
                for table in tables.METADATA.sorted_tables
            }
