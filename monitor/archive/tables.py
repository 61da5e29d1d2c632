"""The tables of the read model, the same in SQLite and PostgreSQL.

Moments are microseconds since 1970 UTC, so that both sort and count hours alike. ``body`` is a whole message as JSON.
``doc`` numbers articles and claims in the order in which they came (`monitor.archive.docs`); lists are read along it.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Dialect,
    Float,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    TypeDecorator,
    literal_column,
    text,
)

from monitor.archive.docs import DOCS_AN_HOUR

__all__ = [
    "ALERTS", "ALERT_LINKS", "ALERT_REVISIONS", "ARTICLES", "ARTICLE_HOUR", "ARTICLE_REVISIONS", "CLAIMS",
    "CLAIM_TEXTS", "CLAIM_TOPICS", "COUNTERS", "DEAD_LETTERS", "ERASURES", "FEEDBACK", "FEEDS", "FEED_TURNS", "HOUR",
    "META", "METADATA", "NOTIFICATIONS", "STANDINGS", "STORIES", "STORY_TOPICS", "TEXTS", "TOPIC_HOURS",
    "TOPIC_MATCHES", "VERSION", "from_micros", "micros",
]  # fmt: skip

VERSION = 2
"""Version of these tables. It rises with every change to them; a database of another version must be rebuilt."""

METADATA = MetaData()

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)
HOUR = 3_600_000_000
"""Microseconds of an hour."""


def micros(moment: datetime) -> int:
    """Return a moment as it is stored: microseconds since 1970 UTC."""
    return (moment - EPOCH) // MICROSECOND


def from_micros(value: int) -> datetime:
    """Return a stored moment."""
    return EPOCH + timedelta(microseconds=value)


class Moment(TypeDecorator[datetime]):
    """A moment: aware in Python, microseconds since 1970 UTC in the database."""

    impl = BigInteger
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> int | None:
        """Return it as stored."""
        return micros(value) if value is not None else None

    def process_result_value(self, value: Any, dialect: Dialect) -> datetime | None:
        """Return it with its zone."""
        return from_micros(value) if value is not None else None


META = Table("meta", METADATA, Column("name", String, primary_key=True), Column("value", Text, nullable=False))
"""The version of the tables, and when they were last pruned."""

ERASURES = Table(
    "erasures",
    METADATA,
    Column("kind", String, primary_key=True),
    Column("name", String, primary_key=True),
    Column("at", Moment, nullable=False),
)
"""Who was erased: a ``publisher`` or a ``person``. What still comes of them from Kafka is not taken in again."""

ARTICLES = Table(
    "articles",
    METADATA,
    Column("article_id", String, primary_key=True),
    Column("doc", BigInteger, nullable=False, unique=True),
    Column("revision", Integer, nullable=False),
    Column("feed_id", String, nullable=False),
    Column("publisher", String, nullable=False),
    Column("publisher_kind", String, nullable=False),
    Column("url", Text),
    Column("title", Text, nullable=False),
    Column("published_at", Moment),
    Column("first_seen_at", Moment, nullable=False),
    Column("revised_at", Moment, nullable=False),
    Column("whole", Boolean, nullable=False),
    Column("story_revision", Integer, nullable=False),
    Column("language", String),
    Column("story_id", String),
    Column("lineage_id", String),
    Column("copy_of", String),
    Column("date_uncertain", Boolean, nullable=False),
    Column("topics_revision", Integer, nullable=False),
    Index("articles_by_story", "story_id", "doc", "lineage_id", "publisher"),
    Index("articles_by_feed", "feed_id", "doc"),
    Index("articles_whole", "doc", sqlite_where=text("whole"), postgresql_where=text("whole")),
)
"""The newest revision of each article, with its story once that is known (``story_revision`` 0: not yet)."""

ARTICLE_HOUR = ARTICLES.c.doc.op("/")(literal_column(str(DOCS_AN_HOUR)))
"""The hour since 1970 in which an article first came; the same text wherever it stands, for PostgreSQL's grouping."""

TEXTS = Table(
    "texts",
    METADATA,
    Column("doc", BigInteger, primary_key=True, autoincrement=False),
    Column("title", Text, nullable=False),
    Column("text", Text, nullable=False),
    Column("facets", Text, nullable=False),
)
"""What is searched of each article, in its newest revision; ``facets``: see `monitor.archive.fulltext`."""

ARTICLE_REVISIONS = Table(
    "article_revisions",
    METADATA,
    Column("article_id", String, primary_key=True),
    Column("revision", Integer, primary_key=True),
    Column("title", Text, nullable=False),
    Column("text", Text, nullable=False),
    Column("at", Moment, nullable=False, index=True),
)
"""The revisions of articles that are no longer the newest."""

TOPIC_MATCHES = Table(
    "topic_matches",
    METADATA,
    Column("article_id", String, primary_key=True),
    Column("slug", String, primary_key=True),
    Column("score", Float, nullable=False),
    Column("doc", BigInteger, nullable=False),
    Index("topic_matches_by_slug", "slug", "doc"),
)
"""Which topics each article is about, in the newest revision that was tagged."""

TOPIC_HOURS = Table(
    "topic_hours",
    METADATA,
    Column("slug", String, primary_key=True),
    Column("hour", BigInteger, primary_key=True),
    Column("articles", Integer, nullable=False),
    Index("topic_hours_by_hour", "hour", "slug", "articles"),
)
"""Articles of each topic that first came in each hour since 1970, counted by the writer."""

STORIES = Table(
    "stories",
    METADATA,
    Column("story_id", String, primary_key=True),
    Column("title", Text, nullable=False),
    Column("language", String),
    Column("articles", Integer, nullable=False),
    Column("origins", Integer, nullable=False),
    Column("outlets", Integer, nullable=False),
    Column("first_seen_at", Moment, nullable=False),
    Column("last_seen_at", Moment, nullable=False),
    Index("stories_by_last", "last_seen_at", "story_id", "articles", "language"),
)
"""What the articles of each story add up to, written with them."""

STORY_TOPICS = Table(
    "story_topics",
    METADATA,
    Column("story_id", String, primary_key=True),
    Column("slug", String, primary_key=True),
    Column("language", String),
    Column("articles", Integer, nullable=False),
    Column("first_seen_at", Moment, nullable=False),
    Column("last_seen_at", Moment, nullable=False),
    Index("story_topics_by_last", "slug", "last_seen_at", "story_id", "articles", "language"),
    Index("story_topics_by_first", "slug", "first_seen_at", "articles"),
)
"""The topics of each story, with what a list of stories is filtered by."""

CLAIMS = Table(
    "claims",
    METADATA,
    Column("claim_id", String, primary_key=True),
    Column("doc", BigInteger, nullable=False, unique=True),
    Column("revision", Integer, nullable=False),
    Column("article_id", String, nullable=False, index=True),
    Column("story_id", String, nullable=False),
    Column("publisher", String, nullable=False),
    Column("language", String, nullable=False),
    Column("speaker", String),
    Column("speaker_party", String),
    Column("polarity", String, nullable=False),
    Column("modality", String, nullable=False),
    Column("first_seen_at", Moment, nullable=False),
    Column("body", Text, nullable=False),
    Index("claims_by_story", "story_id", "doc"),
    Index("claims_by_speaker", "speaker", "doc"),
    Index("claims_by_party", "speaker_party", "doc"),
)
"""The newest revision of each claim; ``body`` is without the topic of the copy that it came as."""

CLAIM_TOPICS = Table(
    "claim_topics",
    METADATA,
    Column("claim_id", String, primary_key=True),
    Column("topic", String, primary_key=True),
    Column("doc", BigInteger, nullable=False),
    Index("claim_topics_by_topic", "topic", "doc"),
)

CLAIM_TEXTS = Table(
    "claim_texts",
    METADATA,
    Column("doc", BigInteger, primary_key=True, autoincrement=False),
    Column("title", Text, nullable=False),
    Column("text", Text, nullable=False),
    Column("facets", Text, nullable=False),
)
"""What is searched of each claim: the speaker (``title``) and the quote (``text``)."""

ALERTS = Table(
    "alerts",
    METADATA,
    Column("alert_id", String, primary_key=True),
    Column("revision", Integer, nullable=False),
    Column("kind", String, nullable=False),
    Column("state", String, nullable=False),
    Column("severity", String, nullable=False),
    Column("score", Float, nullable=False),
    Column("summary", Text, nullable=False),
    Column("created_at", Moment, nullable=False),
    Column("updated_at", Moment, nullable=False),
    Column("body", Text, nullable=False),
    Index("alerts_by_updated", "updated_at", "alert_id"),
)

ALERT_LINKS = Table(
    "alert_links",
    METADATA,
    Column("alert_id", String, primary_key=True),
    Column("role", String, primary_key=True),
    Column("value", String, primary_key=True),
    Index("alert_links_by_value", "role", "value", "alert_id"),
)
"""What each alert's newest revision has to do with: topics, stories, articles, claims, languages, publisher kinds."""

ALERT_REVISIONS = Table(
    "alert_revisions",
    METADATA,
    Column("alert_id", String, primary_key=True),
    Column("revision", Integer, primary_key=True),
    Column("state", String, nullable=False),
    Column("severity", String, nullable=False),
    Column("score", Float, nullable=False),
    Column("summary", Text, nullable=False),
    Column("origins_a", Integer, nullable=False),
    Column("origins_b", Integer, nullable=False),
    Column("outlets_a", Integer, nullable=False),
    Column("outlets_b", Integer, nullable=False),
    Column("at", Moment, nullable=False),
)
"""Every revision of each alert that was read; a rebuilt archive lacks those that Kafka has compacted away."""

FEEDBACK = Table(
    "feedback",
    METADATA,
    Column("feedback_id", String, primary_key=True),
    Column("alert_id", String, nullable=False, index=True),
    Column("at", Moment, nullable=False),
    Column("body", Text, nullable=False),
)

STANDINGS = Table(
    "standings",
    METADATA,
    Column("alert_id", String, primary_key=True),
    Column("acked_by", String),
    Column("acked_at", Moment),
    Column("snoozed_by", String),
    Column("snoozed_until", Moment),
    Column("verdict", String),
    Column("verdict_by", String),
    Column("verdict_at", Moment),
    Column("notes", Integer, nullable=False),
    Column("replies", Integer, nullable=False),
)
"""What the acts on each alert come to, written with them."""

NOTIFICATIONS = Table(
    "notifications",
    METADATA,
    Column("notification_id", String, primary_key=True),
    Column("alert_id", String, nullable=False, index=True),
    Column("channel", String, nullable=False),
    Column("state", String, nullable=False),
    Column("rank", Integer, nullable=False),
    Column("at", Moment, nullable=False, index=True),
    Column("body", Text, nullable=False),
)
"""``rank`` orders revision, then state (sending, failed, sent); a later one is never overwritten by an earlier one."""

FEEDS = Table(
    "feeds",
    METADATA,
    Column("feed_id", String, primary_key=True),
    Column("publisher", String, nullable=False),
    Column("at", Moment, nullable=False),
    Column("body", Text, nullable=False),
)
"""The last event of each feed."""

FEED_TURNS = Table(
    "feed_turns",
    METADATA,
    Column("event_id", String, primary_key=True),
    Column("feed_id", String, nullable=False),
    Column("change", String, nullable=False),
    Column("health", String, nullable=False),
    Column("reason", Text),
    Column("at", Moment, nullable=False),
    Index("feed_turns_by_feed", "feed_id", "at"),
)
"""The changes of each feed, without its plain polls; the prune keeps the newest hundred of a feed."""

DEAD_LETTERS = Table(
    "dead_letters",
    METADATA,
    Column("dead_letter_id", String, primary_key=True),
    Column("stage", String, nullable=False),
    Column("topic", String, nullable=False),
    Column("partition", Integer, nullable=False),
    Column("offset", BigInteger, nullable=False),
    Column("error", String, nullable=False),
    Column("reason", Text, nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("value_size", BigInteger, nullable=False),
    Column("value_head", LargeBinary),
    Column("failed_at", Moment, nullable=False),
    Index("dead_letters_by_time", "failed_at", "dead_letter_id"),
)
"""What was refused; the record itself stays in Kafka, of its value the first bytes are here."""

COUNTERS = Table(
    "counters", METADATA, Column("name", String, primary_key=True), Column("value", BigInteger, nullable=False)
)
"""How many rows the large tables have, counted by the writer."""
