"""Messages as rows of the read model. No I/O."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Any

from sqlalchemy import Table

from monitor.archive import tables
from schemas import (
    Alert,
    Article,
    Claim,
    DeadLetter,
    Message,
    Notification,
    NotificationState,
    StoryAssignment,
    TaggedArticle,
)

__all__ = ["Rows", "rows_of"]

HEAD_BYTES = 512
"""Bytes of a dead letter's value that are kept."""

_RANK: Mapping[NotificationState, int] = {
    NotificationState.SENDING: 0,
    NotificationState.FAILED: 1,
    NotificationState.SENT: 2,
}


@dataclass(frozen=True, slots=True)
class Rows:
    """Rows for one table; the one with the higher ``version`` column wins. ``replaces``: a key whose rows go first."""

    table: Table
    values: tuple[dict[str, Any], ...]
    version: str
    replaces: str | None = None


def rows_of(message: Message) -> Rows | None:
    """Return what a message puts into the read model; None for one that it does not keep."""
    match message:  # the most derived first: a tagged article is an assignment is an article
        case TaggedArticle():
            return _topic_matches(message)
        case StoryAssignment():
            return _assignment(message)
        case Article():
            return _plain(tables.ARTICLES, message, "revision")
        case Claim():
            return _plain(tables.CLAIMS, message, "revision", body=message.model_dump_json())
        case Alert():
            return _plain(tables.ALERTS, message, "revision", body=message.model_dump_json())
        case Notification():
            return _plain(tables.NOTIFICATIONS, message, "rank", rank=_RANK[message.state])
        case DeadLetter():
            head = message.value_head or message.value
            return _plain(tables.DEAD_LETTERS, message, "attempts", value_head=head[:HEAD_BYTES] if head else None)
        case _:
            return None


def _plain(table: Table, message: Message, version: str, **extra: Any) -> Rows:
    """Return one row whose columns are fields of the message, and ``extra``."""
    row = {column.name: getattr(message, column.name) for column in table.columns if column.name not in extra}
    return Rows(table, ({name: _stored(value) for name, value in (row | extra).items()},), version)


def _stored(value: Any) -> Any:
    # Enumerations go in as their text: the database need not know them. PostgreSQL takes no NUL in a text.
    if isinstance(value, Enum):
        return str(value.value)
    return value.replace("\x00", "") if isinstance(value, str) else value


def _assignment(article: StoryAssignment) -> Rows:
    return _plain(tables.ASSIGNMENTS, article, "revision", date_uncertain=article.dates.uncertain)


def _topic_matches(article: TaggedArticle) -> Rows:
    # The empty slug marks the revision even where it is about nothing, so that an older one cannot take its place.
    best = {tables.NO_TOPIC: 0.0} | {match.slug: match.score for match in reversed(article.topics)}
    values = tuple(
        {"article_id": article.article_id, "slug": slug, "revision": article.revision, "score": score}
        for slug, score in sorted(best.items())
    )
    return Rows(tables.TOPIC_MATCHES, values, "revision", replaces=article.article_id)
