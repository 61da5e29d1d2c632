"""What the read model answers with: rows of lists, and what a page about one thing shows. Frozen, no I/O."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Generic, TypeVar

from monitor.archive.queries import SearchKind
from schemas import (
    Alert,
    AlertState,
    Claim,
    Feedback,
    FeedbackVerdict,
    FeedChange,
    FeedEvent,
    FeedHealth,
    Notification,
    PublisherKind,
    Severity,
    Span,
)

__all__ = [
    "AlertDetail", "AlertRevision", "AlertRow", "ArticleDetail", "ArticleRevision", "ArticleRow", "ClaimRow", "Counts",
    "DeadLetterRow", "FatigueRow", "FeedDetail", "FeedRow", "FeedTurn", "Hit", "HourCount", "LineageRow", "NameCount",
    "Page", "QuoteContext", "Standing", "StoryDetail", "StoryRow", "TopicDetail", "TopicRow",
]  # fmt: skip

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Page(Generic[T]):
    """Some rows, and the cursor that asks for those after them; None: there are no more."""

    rows: tuple[T, ...]
    next_cursor: str | None = None


@dataclass(frozen=True, slots=True)
class HourCount:
    """How many articles first came in the hour that begins at ``hour``."""

    hour: datetime
    articles: int


@dataclass(frozen=True, slots=True)
class NameCount:
    """A party, an actor or a place, and in how many claims it stands."""

    name: str
    claims: int


# -- alerts


@dataclass(frozen=True, slots=True)
class Standing:
    """What people have done with an alert, the acts that were taken back left out."""

    acked_by: str | None = None
    acked_at: datetime | None = None
    snoozed_by: str | None = None
    snoozed_until: datetime | None = None
    verdict: FeedbackVerdict | None = None
    verdict_by: str | None = None
    verdict_at: datetime | None = None
    notes: int = 0
    replies: int = 0

    def is_snoozed(self, now: datetime) -> bool:
        """Whether a snooze is in force at ``now``."""
        return self.snoozed_until is not None and self.snoozed_until > now


@dataclass(frozen=True, slots=True)
class AlertRow:
    """An alert in a list. ``coverage``: articles of its stories in each of the 24 hours up to ``updated_at``."""

    alert: Alert
    standing: Standing
    coverage: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class AlertRevision:
    """One revision of an alert. ``origins`` and ``outlets``: of the first side, of the second."""

    revision: int
    state: AlertState
    severity: Severity
    score: float
    summary: str
    origins: tuple[int, int]
    outlets: tuple[int, int]
    at: datetime


@dataclass(frozen=True, slots=True)
class QuoteContext:
    """A quote inside its paragraph: the quote is ``text[start:end]``. ``whole``: False where the text is forgotten."""

    claim_id: str
    article_id: str
    title: str
    text: str
    start: int
    end: int
    whole: bool


@dataclass(frozen=True, slots=True)
class AlertDetail:
    """An alert with its history, the acts of people, what was sent, and its quotes in context, by claim id."""

    alert: Alert
    standing: Standing
    coverage: tuple[int, ...]
    revisions: tuple[AlertRevision, ...]
    acts: tuple[Feedback, ...]
    notifications: tuple[Notification, ...]
    contexts: Mapping[str, QuoteContext]
    stories: tuple[StoryRow, ...] = ()


# -- articles and stories


@dataclass(frozen=True, slots=True)
class ArticleRow:
    """An article in a list: its newest revision. ``first_seen_at`` is of the first, ``revised_at`` of the newest."""

    article_id: str
    revision: int
    title: str
    url: str | None
    feed_id: str
    publisher: str
    publisher_kind: PublisherKind
    language: str | None
    published_at: datetime | None
    first_seen_at: datetime
    revised_at: datetime
    story_id: str | None = None
    lineage_id: str | None = None
    copy_of: str | None = None
    date_uncertain: bool = False
    topics: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ArticleRevision:
    """One revision: title and text as they were. The text is empty where it is no longer kept."""

    revision: int
    title: str
    text: str
    at: datetime


@dataclass(frozen=True, slots=True)
class ArticleDetail:
    """An article with all its revisions, oldest first, and its claims in the order of the text.

    ``whole``: False where the text is forgotten and ``text`` holds no more than the quotes of its claims.
    """

    article: ArticleRow
    text: str
    whole: bool
    revisions: tuple[ArticleRevision, ...]
    claims: tuple[ClaimRow, ...]


@dataclass(frozen=True, slots=True)
class StoryRow:
    """A story in a list. ``title`` and ``language`` are of its first article; ``alerts``: contested ones about it."""

    story_id: str
    title: str
    language: str | None
    articles: int
    origins: int
    outlets: int
    first_seen_at: datetime
    last_seen_at: datetime
    topics: tuple[str, ...]
    alerts: int
    coverage: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class LineageRow:
    """The copies of one text, the origin first where it is known."""

    lineage_id: str
    articles: tuple[ArticleRow, ...]


@dataclass(frozen=True, slots=True)
class StoryDetail:
    """A story: its articles by lineage (at most the newest 500), claims, articles an hour, parties and places."""

    story: StoryRow
    lineages: tuple[LineageRow, ...]
    claims: tuple[ClaimRow, ...]
    coverage: tuple[HourCount, ...]
    parties: tuple[NameCount, ...]
    places: tuple[NameCount, ...]
    alerts: tuple[AlertRow, ...]


@dataclass(frozen=True, slots=True)
class ClaimRow:
    """A claim; ``alert_ids`` and ``state`` are of the alerts that have it as evidence, the last updated first."""

    claim: Claim
    title: str
    state: AlertState | None = None
    alert_ids: tuple[str, ...] = ()


# -- topics


@dataclass(frozen=True, slots=True)
class TopicRow:
    """A topic: articles in each hour from ``since``, and its habit: the median of that hour on the 14 days before.

    ``hours`` and ``habit`` have one value an hour, the last for the hour under way; ``rising``: how many stories were
    seen first since then and have at least three articles; ``alerts``: contested ones.
    """

    slug: str
    since: datetime
    hours: tuple[int, ...]
    habit: tuple[float, ...]
    articles: int
    rising: int
    alerts: int


@dataclass(frozen=True, slots=True)
class TopicDetail:
    """A topic with its rising stories, its newest alerts, disputed claims and articles."""

    topic: TopicRow
    rising: tuple[StoryRow, ...]
    alerts: tuple[AlertRow, ...]
    disputed: tuple[ClaimRow, ...]
    articles: tuple[ArticleRow, ...]


# -- feeds and the pipeline


@dataclass(frozen=True, slots=True)
class FeedRow:
    """How a feed fares: its last event. ``articles`` came from it in the 24 hours before that event."""

    event: FeedEvent
    articles: int


@dataclass(frozen=True, slots=True)
class FeedTurn:
    """A change in how a feed fared."""

    change: FeedChange
    health: FeedHealth
    reason: str | None
    at: datetime


@dataclass(frozen=True, slots=True)
class FeedDetail:
    """A feed, its changes (the last first, at most 100) and its newest articles."""

    feed: FeedRow
    turns: tuple[FeedTurn, ...]
    articles: tuple[ArticleRow, ...]


@dataclass(frozen=True, slots=True)
class DeadLetterRow:
    """What a stage refused; of its value the first bytes."""

    dead_letter_id: str
    stage: str
    topic: str
    partition: int
    offset: int
    error: str
    reason: str
    attempts: int
    value_size: int
    value_head: bytes | None
    failed_at: datetime


# -- search and figures


@dataclass(frozen=True, slots=True)
class Hit:
    """What a search found. ``marks``: the words found, as offsets ``[start, end)`` into ``snippet``.

    ``id`` is the article's or the claim's; ``title`` the article's.
    """

    kind: SearchKind
    id: str
    article_id: str
    title: str
    snippet: str
    marks: tuple[Span, ...]
    publisher: str
    language: str | None
    url: str | None
    story_id: str | None
    at: datetime


@dataclass(frozen=True, slots=True)
class Counts:
    """How much the read model holds. ``by_state``: alerts by state."""

    articles: int = 0
    stories: int = 0
    claims: int = 0
    alerts: int = 0
    feeds: int = 0
    dead_letters: int = 0
    by_state: Mapping[AlertState, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class FatigueRow:
    """How much one channel was told of one topic, and what came of it. Shares are of the alerts told, 0 to 1."""

    channel: str
    topic: str
    messages: int
    messages_a_day: float
    acked: float
    wrong: float
