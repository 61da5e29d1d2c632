"""Messages for tests of the archive, each with a few fields that matter."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from schemas import (
    Alert,
    AlertClaim,
    AlertSide,
    Article,
    Claim,
    DeadLetter,
    Feedback,
    FeedbackAction,
    FeedChange,
    FeedEvent,
    FeedHealth,
    Message,
    Notification,
    NotificationState,
    StoryAssignment,
    TaggedArticle,
    TopicMatch,
)

SEEN = datetime(2026, 3, 11, 12, 0, tzinfo=UTC)
BASE: dict[str, Any] = {"article_id": "a1", "content_hash": "h", "feed_id": "f1", "first_seen_at": SEEN, "title": "One"}
STORY: dict[str, Any] = {"language": "en", "story_id": "s1", "lineage_id": "l1"}


def after(**span: float) -> datetime:
    """Return the moment so long after ``SEEN``."""
    return SEEN + timedelta(**span)


def article(**changes: Any) -> Article:
    """Return an article."""
    return Article(**(BASE | changes))


def assignment(**changes: Any) -> StoryAssignment:
    """Return a story assignment."""
    return StoryAssignment(**(BASE | STORY | changes))


def tagged(*slugs: str, **changes: Any) -> TaggedArticle:
    """Return an article tagged with topics, best first."""
    matches = tuple(TopicMatch(slug=slug, score=1 / (number + 1)) for number, slug in enumerate(slugs))
    return TaggedArticle(**(BASE | STORY | {"topics": matches} | changes))


def claim(**changes: Any) -> Claim:
    """Return a claim on one topic."""
    fields = {
        "claim_id": "c1", "topic": "ports", "topics": ("ports", "strikes"), "article_id": "a1",
        "story_id": "s1", "first_seen_at": SEEN, "span": (0, 4), "quote": "Shut",
    }  # fmt: skip
    return Claim(**(fields | changes))


def evidence(**changes: Any) -> AlertClaim:
    """Return a claim as an alert quotes it."""
    fields = {"claim_id": "c1", "article_id": "a1", "quote": "Shut", "span": (0, 4), "first_seen_at": SEEN}
    return AlertClaim(**(fields | changes))


def alert(revision: int = 1, alert_id: str = "x1", minutes: int = 0, **changes: Any) -> Alert:
    """Return an alert updated so many minutes later."""
    side = AlertSide(proposition_id="p", origins=1, outlets=revision, claims=(evidence(),))
    fields: dict[str, Any] = {
        "alert_id": alert_id, "revision": revision, "kind": "denial", "severity": "low", "score": 0.5,
        "scope": "full", "same_article": False, "date_uncertain": False, "topics": ("ports",), "story_ids": ("s1",),
        "summary": f"revision {revision}", "created_at": SEEN, "updated_at": after(minutes=minutes), "model": "m",
        "sides": (side, side),
    }  # fmt: skip
    return Alert(**(fields | changes))


def act(action: FeedbackAction, number: int = 1, **changes: Any) -> Feedback:
    """Return what a person did with alert x1, so many minutes later."""
    fields: dict[str, Any] = {
        "feedback_id": f"{action.value}-{number}", "alert_id": "x1", "alert_revision": 1, "action": action,
        "actor": "ann", "at": after(minutes=number),
    }  # fmt: skip
    return Feedback(**(fields | changes))


def notification(state: NotificationState = NotificationState.SENT, **changes: Any) -> Notification:
    """Return a notification in a state."""
    fields: dict[str, Any] = {
        "notification_id": "n1", "alert_id": "x1", "channel": "desk", "alert_revision": 1, "state": state,
        "attempts": 1, "at": SEEN,
    }  # fmt: skip
    return Notification(**(fields | changes))


def feed_event(number: int = 1, **changes: Any) -> FeedEvent:
    """Return an event of feed f1, so many minutes later."""
    fields: dict[str, Any] = {
        "event_id": f"e{number}", "feed_id": "f1", "url": "https://example.org/feed", "publisher": "Gazette",
        "change": FeedChange.ANSWERS, "health": FeedHealth.OK, "at": after(minutes=number),
    }  # fmt: skip
    return FeedEvent(**(fields | changes))


def letter(number: int = 1, **changes: Any) -> DeadLetter:
    """Return a dead letter with a large value, refused so many minutes later."""
    fields: dict[str, Any] = {
        "dead_letter_id": f"d{number}", "stage": "enrich", "topic": "articles", "partition": 0, "offset": 7,
        "value": b"\xff\x00" * 5000, "error": "DecodeError", "reason": "not JSON", "attempts": 1,
        "failed_at": after(minutes=number),
    }  # fmt: skip
    return DeadLetter(**(fields | changes))


def one_of_each() -> list[Message]:
    """Return a message of each kind that the read model keeps."""
    return [
        article(), assignment(), tagged("ports", "strikes"), claim(), alert(), notification(), letter(), feed_event(),
        act(FeedbackAction.ACK),
    ]  # fmt: skip
