"""The tables of the read model. Times are UTC, stored without a zone; ``body`` is the whole message as JSON."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import (
    Boolean,
    Column,
    DateTime,
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
)

__all__ = [
    "ALERTS",
    "ARTICLES",
    "ASSIGNMENTS",
    "CLAIMS",
    "DEAD_LETTERS",
    "METADATA",
    "NOTIFICATIONS",
    "NO_TOPIC",
    "TOPIC_MATCHES",
]

METADATA = MetaData()

NO_TOPIC = ""


class Moment(TypeDecorator[datetime]):
    """A moment: aware in Python, UTC without a zone in the database, so that SQLite and PostgreSQL sort alike."""

    impl = DateTime
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Return it as stored."""
        return value.astimezone(UTC).replace(tzinfo=None) if value is not None else None

    def process_result_value(self, value: Any, dialect: Dialect) -> datetime | None:
        """Return it with its zone."""
        return value.replace(tzinfo=UTC) if value is not None else None


ARTICLES = Table(
    "articles",
    METADATA,
    Column("article_id", String, primary_key=True),
    Column("revision", Integer, nullable=False),
    Column("feed_id", String, nullable=False),
    Column("publisher", String, nullable=False),
    Column("publisher_kind", String, nullable=False),
    Column("url", Text),
    Column("title", Text, nullable=False),
    Column("text", Text, nullable=False),
    Column("published_at", Moment),
    Column("first_seen_at", Moment, nullable=False, index=True),
)
"""The newest revision of each article."""

ASSIGNMENTS = Table(
    "assignments",
    METADATA,
    Column("article_id", String, primary_key=True),
    Column("revision", Integer, nullable=False),
    Column("language", String, nullable=False),
    Column("story_id", String, nullable=False, index=True),
    Column("lineage_id", String, nullable=False, index=True),
    Column("copy_of", String),
    Column("date_uncertain", Boolean, nullable=False),
    Column("first_seen_at", Moment, nullable=False),
)
"""Which story and lineage each article belongs to."""

TOPIC_MATCHES = Table(
    "topic_matches",
    METADATA,
    Column("article_id", String, primary_key=True),
    Column("slug", String, primary_key=True),
    Column("revision", Integer, nullable=False),
    Column("score", Float, nullable=False),
    Index("topic_matches_by_slug", "slug"),
)
"""Which topics each article is about: those of its newest revision, and a row with the slug ``NO_TOPIC``."""

CLAIMS = Table(
    "claims",
    METADATA,
    Column("claim_id", String, primary_key=True),
    Column("topic", String, primary_key=True),
    Column("revision", Integer, nullable=False),
    Column("article_id", String, nullable=False, index=True),
    Column("story_id", String, nullable=False),
    Column("speaker", Text),
    Column("polarity", String, nullable=False),
    Column("modality", String, nullable=False),
    Column("quote", Text, nullable=False),
    Column("first_seen_at", Moment, nullable=False, index=True),
    Column("body", Text, nullable=False),
)

ALERTS = Table(
    "alerts",
    METADATA,
    Column("alert_id", String, primary_key=True),
    Column("revision", Integer, nullable=False),
    Column("kind", String, nullable=False),
    Column("state", String, nullable=False),
    Column("severity", String, nullable=False, index=True),
    Column("score", Float, nullable=False),
    Column("summary", Text, nullable=False),
    Column("created_at", Moment, nullable=False),
    Column("updated_at", Moment, nullable=False, index=True),
    Column("body", Text, nullable=False),
)

NOTIFICATIONS = Table(
    "notifications",
    METADATA,
    Column("notification_id", String, primary_key=True),
    Column("alert_id", String, nullable=False, index=True),
    Column("channel", String, nullable=False),
    Column("alert_revision", Integer, nullable=False),
    Column("state", String, nullable=False),
    Column("rank", Integer, nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("reason", Text),
    Column("at", Moment, nullable=False),
)
"""``rank`` orders states: sending, failed, sent; a later one is never overwritten by an earlier one."""

DEAD_LETTERS = Table(
    "dead_letters",
    METADATA,
    Column("dead_letter_id", String, primary_key=True),
    Column("stage", String, nullable=False),
    Column("topic", String, nullable=False),
    Column("partition", Integer, nullable=False),
    Column("offset", Integer, nullable=False),
    Column("error", String, nullable=False),
    Column("reason", Text, nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("value_head", LargeBinary),
    Column("failed_at", Moment, nullable=False, index=True),
)
"""What was refused; the record itself stays in Kafka, of its value the first bytes are here."""
