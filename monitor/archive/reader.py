"""All that is read of the read model: lists by pages, and what is shown of one thing. Blocking, and safe in threads."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from sqlalchemy import Connection

from monitor.archive import (
    database,
    read_alerts,
    read_articles,
    read_pipeline,
    read_search,
    read_stories,
    read_topics,
)
from monitor.archive.archive import Archive
from monitor.archive.queries import AlertQuery, ClaimQuery, SearchQuery, StoryQuery
from monitor.archive.views import (
    AlertDetail,
    AlertRow,
    ArticleDetail,
    ClaimRow,
    Counts,
    DeadLetterRow,
    FatigueRow,
    FeedDetail,
    FeedRow,
    Hit,
    Page,
    StoryDetail,
    StoryRow,
    TopicDetail,
    TopicRow,
)

__all__ = ["MAX_LIMIT", "Reader"]

MAX_LIMIT = 500
"""Rows of a page at most."""
DAY = timedelta(days=1)
ALL_ALERTS, ALL_STORIES, ALL_CLAIMS = AlertQuery(), StoryQuery(), ClaimQuery()
ARTICLES = SearchQuery()


class Reader:
    """Reads one archive, by its URL or beside an open `Archive`; each call is one transaction, so of one moment.

    Cursors are opaque: ``next_cursor`` of a page asks for the rows after it, whatever came in since. A ``limit`` is
    held to 1 to 500.

    Raises:
        ArchiveVersionError: the database holds tables of another version.
        InputError: a cursor is none of that list.
    """

    def __init__(self, source: Archive | str) -> None:
        url = source if isinstance(source, str) else source.url
        if isinstance(source, str):
            Archive(source).close()  # makes the tables where there are none, and checks their version
        self._engine = database.open_engine(url)

    def close(self) -> None:
        """Close the connections."""
        self._engine.dispose()

    # -- lists

    def alerts(self, query: AlertQuery = ALL_ALERTS, cursor: str | None = None, limit: int = 50) -> Page[AlertRow]:
        """Return alerts, the last updated first."""
        with self._connection() as connection:
            return read_alerts.alert_page(connection, query, cursor, _held(limit))

    def stories(self, query: StoryQuery = ALL_STORIES, cursor: str | None = None, limit: int = 50) -> Page[StoryRow]:
        """Return stories, the last seen first."""
        with self._connection() as connection:
            return read_stories.story_page(connection, query, cursor, _held(limit))

    def claims(self, query: ClaimQuery = ALL_CLAIMS, cursor: str | None = None, limit: int = 50) -> Page[ClaimRow]:
        """Return claims, the last seen first."""
        with self._connection() as connection:
            return read_articles.claim_page(connection, query, cursor, _held(limit))

    def search(self, text: str, query: SearchQuery = ARTICLES, cursor: str | None = None, limit: int = 20) -> Page[Hit]:
        """Return what has every word of ``text``, the last seen first; see `monitor.archive.fulltext.terms`."""
        with self._connection() as connection:
            return read_search.search_page(connection, text, query, cursor, _held(limit))

    def dead_letters(self, cursor: str | None = None, limit: int = 50) -> Page[DeadLetterRow]:
        """Return dead letters, the last refused first."""
        with self._connection() as connection:
            return read_pipeline.dead_letter_page(connection, cursor, _held(limit))

    def topics(self, since: datetime, until: datetime | None = None) -> tuple[TopicRow, ...]:
        """Return the topics hour by hour from ``since`` (14 days at most) to ``until`` (None: now), busiest first."""
        with self._connection() as connection:
            return read_topics.topic_rows(connection, since, until or datetime.now(UTC))

    def feeds(self) -> tuple[FeedRow, ...]:
        """Return the feeds, by publisher."""
        with self._connection() as connection:
            return read_pipeline.feed_rows(connection)

    def fatigue(self, days: float = 7, until: datetime | None = None) -> tuple[FatigueRow, ...]:
        """Return what each channel was told of each topic in the ``days`` up to ``until`` (None: now)."""
        with self._connection() as connection:
            return read_pipeline.fatigue_rows(connection, days, until)

    def counts(self) -> Counts:
        """Return how much the archive holds."""
        with self._connection() as connection:
            return read_pipeline.counts(connection)

    # -- one thing; None where there is none of that id

    def alert(self, alert_id: str) -> AlertDetail | None:
        """Return an alert with its history, acts, notifications, quotes in context and stories."""
        with self._connection() as connection:
            found = read_alerts.alert_detail(connection, alert_id)
            if found is None:
                return None
            return replace(found, stories=read_stories.stories_of(connection, found.alert.story_ids))

    def story(self, story_id: str) -> StoryDetail | None:
        """Return a story with its articles by lineage, claims, coverage, names and alerts."""
        with self._connection() as connection:
            return read_stories.story_detail(connection, story_id)

    def article(self, article_id: str) -> ArticleDetail | None:
        """Return an article with its text, revisions and claims."""
        with self._connection() as connection:
            return read_articles.article_detail(connection, article_id)

    def topic(self, slug: str, since: datetime | None = None, until: datetime | None = None) -> TopicDetail | None:
        """Return a topic with rising stories, alerts, disputed claims and articles; ``since`` None: the last day."""
        end = until or datetime.now(UTC)
        with self._connection() as connection:
            return read_topics.topic_detail(connection, slug, since or end - DAY, end)

    def feed(self, feed_id: str) -> FeedDetail | None:
        """Return a feed with its changes and newest articles."""
        with self._connection() as connection:
            return read_pipeline.feed_detail(connection, feed_id)

    @contextmanager
    def _connection(self) -> Iterator[Connection]:
        with self._engine.connect() as connection:
            yield connection


def _held(limit: int) -> int:
    return max(1, min(limit, MAX_LIMIT))
