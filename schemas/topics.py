"""Every Kafka topic: its name, key, model, partitions, retention and cleanup. No other file names one.

Partition counts of topics that feed a table are those of the table's changelog (Faust co-partitions them).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Literal

from schemas.alert import Alert
from schemas.article import Article, EnrichedArticle
from schemas.claim import Claim
from schemas.command import Command
from schemas.dead_letter import DeadLetter
from schemas.errand import DeliveryTick, Errand
from schemas.feed import FeedEvent, PollTick
from schemas.feedback import Feedback
from schemas.message import Message
from schemas.notification import Notification
from schemas.story import StoryAssignment, TaggedArticle

__all__ = [
    "ALERTS", "ALL", "ARTICLES", "CHANGELOGS", "CLAIMS", "COMMANDS", "DEAD_LETTERS", "DELIVERY_TICKS", "ENRICHED",
    "ERRANDS", "FEEDBACK", "FEED_EVENTS", "NOTIFICATIONS", "POLL_TICKS", "STORIES", "TAGGED", "Cleanup", "TopicSpec",
    "changelog_of", "find",
]  # fmt: skip

Cleanup = Literal["delete", "compact", "compact,delete"]

DAY = timedelta(days=1)
MIB = 1024 * 1024

MAX_MESSAGE_BYTES = 4 * MIB
"""Largest record that the topics take; an article's text is capped far below it."""


@dataclass(frozen=True, slots=True)
class TopicSpec:
    """One topic. ``retention`` and ``retention_bytes`` (a partition) bound what is kept; None: no bound."""

    name: str
    key: str
    model: type[Message] | None
    partitions: int
    retention: timedelta | None = 14 * DAY
    retention_bytes: int | None = 1024 * MIB
    cleanup: Cleanup = "delete"
    max_message_bytes: int = MAX_MESSAGE_BYTES

    def named(self, prefix: str) -> TopicSpec:
        """Return the topic with ``prefix`` before its name."""
        return replace(self, name=prefix + self.name)


POLL_TICKS = TopicSpec("poll-ticks", "partition", PollTick, 8, retention=timedelta(hours=1), retention_bytes=16 * MIB)
ARTICLES = TopicSpec("articles", "article_id", Article, 8)
ENRICHED = TopicSpec("enriched", "language", EnrichedArticle, 8)
STORIES = TopicSpec("stories", "story_id", StoryAssignment, 8)
TAGGED = TopicSpec("tagged", "article_id", TaggedArticle, 8)
CLAIMS = TopicSpec("claims", "topic", Claim, 8)
ALERTS = TopicSpec("alerts", "alert_id", Alert, 8, retention=None, retention_bytes=None, cleanup="compact")
NOTIFICATIONS = TopicSpec("notifications", "notification_id", Notification, 8, retention=90 * DAY)
FEEDBACK = TopicSpec("feedback", "alert_id", Feedback, 8, retention=None, retention_bytes=None)
"""Kept for ever: an archive built anew has every act of every person."""
DELIVERY_TICKS = TopicSpec(
    "delivery-ticks", "partition", DeliveryTick, 8, retention=timedelta(hours=1), retention_bytes=16 * MIB
)
ERRANDS = TopicSpec("errands", "channel", Errand, 8, retention=3 * DAY, retention_bytes=256 * MIB)
COMMANDS = TopicSpec("commands", "feed_id", Command, POLL_TICKS.partitions, retention=None, retention_bytes=None)
FEED_EVENTS = TopicSpec("feed-events", "feed_id", FeedEvent, 8, retention=None, retention_bytes=None, cleanup="compact")
DEAD_LETTERS = TopicSpec("dead-letters", "dead_letter_id", DeadLetter, 1, retention=30 * DAY)


def changelog_of(stage: str, partitions: int) -> TopicSpec:
    """Return the changelog topic of a stage's state table, named as Faust names it: ``<app id>-<table>-changelog``."""
    return TopicSpec(
        f"{stage}-state-changelog",
        "state key",
        None,
        partitions,
        retention=None,
        retention_bytes=None,
        cleanup="compact",
    )


CHANGELOGS: dict[str, TopicSpec] = {
    "poll": changelog_of("poll", POLL_TICKS.partitions),
    "dedupe": changelog_of("dedupe", ENRICHED.partitions),
    "topics": changelog_of("topics", STORIES.partitions),
    "contradict": changelog_of("contradict", CLAIMS.partitions),
    "deliver": changelog_of("deliver", ALERTS.partitions),
}

ALL: tuple[TopicSpec, ...] = (
    POLL_TICKS, COMMANDS, ARTICLES, ENRICHED, STORIES, TAGGED, CLAIMS, ALERTS, FEEDBACK, DELIVERY_TICKS,
    ERRANDS, NOTIFICATIONS, FEED_EVENTS, DEAD_LETTERS, *CHANGELOGS.values(),
)  # fmt: skip


def find(name: str, prefix: str = "") -> TopicSpec:
    """Return the topic called ``name`` (with or without ``prefix``).

    Raises:
        KeyError: there is none; the message lists those that there are.
    """
    for spec in _named(prefix):
        if name in (spec.name, spec.name.removeprefix(prefix)):
            return spec
    raise KeyError(f"no topic {name!r}; there are {', '.join(spec.name for spec in ALL)}")


def _named(prefix: str) -> Iterator[TopicSpec]:
    return (spec.named(prefix) for spec in ALL)
