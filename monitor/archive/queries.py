"""What can be asked of the read model. Every field is optional: None (or an empty set) leaves it open."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from schemas import AlertKind, AlertState, Modality, Polarity, PublisherKind, Severity

__all__ = ["AlertQuery", "ClaimQuery", "SearchKind", "SearchQuery", "StoryQuery"]

SearchKind = Literal["article", "claim"]


@dataclass(frozen=True, slots=True)
class AlertQuery:
    """Which alerts. ``since`` and ``until`` bound ``updated_at`` (from, inclusive; to, exclusive).

    ``snoozed`` asks whether a snooze is in force at ``now``, which it therefore needs (None: the present moment).
    ``language`` and ``publisher_kind`` ask for an alert with at least one article of that kind on either side.
    """

    topic: str | None = None
    kind: AlertKind | None = None
    severity: frozenset[Severity] = frozenset()
    state: frozenset[AlertState] = frozenset()
    since: datetime | None = None
    until: datetime | None = None
    acked: bool | None = None
    snoozed: bool | None = None
    now: datetime | None = None
    language: str | None = None
    publisher_kind: PublisherKind | None = None
    story_id: str | None = None


@dataclass(frozen=True, slots=True)
class StoryQuery:
    """Which stories, the last seen first. ``since`` and ``until`` bound the time of the last article.

    ``language`` is that of the story's first article.
    """

    topic: str | None = None
    language: str | None = None
    since: datetime | None = None
    until: datetime | None = None
    min_articles: int = 1


@dataclass(frozen=True, slots=True)
class ClaimQuery:
    """Which claims, the last seen first. ``disputed``: whether an alert has it as evidence."""

    topic: str | None = None
    story_id: str | None = None
    article_id: str | None = None
    speaker: str | None = None
    party: str | None = None
    polarity: Polarity | None = None
    modality: Modality | None = None
    disputed: bool | None = None
    since: datetime | None = None
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class SearchQuery:
    """Where to search: in articles (title and text) or in claims (quote and speaker), the newest first."""

    kind: SearchKind = "article"
    topic: str | None = None
    publisher: str | None = None
    language: str | None = None
    since: datetime | None = None
    until: datetime | None = None
