"""Messages as rows of the read model, values as they are stored. No I/O. Articles: see `monitor.archive.merge`."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from enum import Enum
from typing import Any

from monitor.archive import fulltext
from monitor.archive.merge import clean
from monitor.archive.tables import micros
from monitor.archive.views import Standing
from schemas import Alert, Claim, DeadLetter, Feedback, FeedChange, FeedEvent, Notification, NotificationState

__all__ = [
    "alert_links", "alert_revision_row", "alert_row", "claim_row", "claim_text", "claim_topics", "dead_letter_row",
    "feed_row", "feed_turn", "feedback_row", "notification_row", "standing_row",
]  # fmt: skip

HEAD_BYTES = 512
"""Bytes of a dead letter's value that are kept."""
NAME_CHARACTERS = 200
"""Characters of a speaker's name that the index holds; the claim itself has it whole."""

_RANK: Mapping[NotificationState, int] = {
    NotificationState.SENDING: 0,
    NotificationState.FAILED: 1,
    NotificationState.SENT: 2,
}

Row = dict[str, Any]


def _text(value: Any) -> Any:
    if isinstance(value, Enum):
        return str(value.value)
    return clean(value) if isinstance(value, str) else value


def _fields(message: Any, *names: str) -> Row:
    return {name: _text(getattr(message, name)) for name in names}


def _body(message: Any) -> str:
    # A NUL stands as an escape in JSON text, which PostgreSQL's text takes; it is cleaned where it is read as text.
    return str(message.model_dump_json())


# -- claims


def claim_row(claim: Claim, doc: int) -> Row:
    """Return the row of a claim, whichever topic its copy is for."""
    return _fields(claim, "claim_id", "revision", "article_id", "story_id", "publisher", "language", "polarity") | {
        "doc": doc,
        "speaker": clean(claim.speaker)[:NAME_CHARACTERS] if claim.speaker else None,
        "speaker_party": claim.speaker_party,
        "modality": claim.modality.value,
        "first_seen_at": micros(claim.first_seen_at),
        "body": _body(claim.model_copy(update={"topic": "", "topics": topics_of(claim)})),
    }


def topics_of(claim: Claim) -> tuple[str, ...]:
    """Return the topics of a claim, sorted."""
    return tuple(sorted({*claim.topics, claim.topic} - {""}))


def claim_topics(claim: Claim, doc: int) -> list[Row]:
    """Return a row for each topic of a claim."""
    return [{"claim_id": claim.claim_id, "topic": topic, "doc": doc} for topic in topics_of(claim)]


def claim_text(claim: Claim, doc: int) -> Row:
    """Return what is searched of a claim."""
    tokens = fulltext.facets(claim.publisher, claim.language, topics_of(claim))
    return {"doc": doc, "title": clean(claim.speaker or ""), "text": clean(claim.quote), "facets": tokens}


# -- alerts


def alert_row(alert: Alert) -> Row:
    """Return the row of an alert."""
    return _fields(alert, "alert_id", "revision", "kind", "state", "severity", "score", "summary") | {
        "created_at": micros(alert.created_at),
        "updated_at": micros(alert.updated_at),
        "body": _body(alert),
    }


def alert_revision_row(alert: Alert) -> Row:
    """Return the row of this revision of an alert."""
    first, second = alert.sides
    return _fields(alert, "alert_id", "revision", "state", "severity", "score", "summary") | {
        "origins_a": first.origins,
        "origins_b": second.origins,
        "outlets_a": first.outlets,
        "outlets_b": second.outlets,
        "at": micros(alert.updated_at),
    }


def alert_links(alert: Alert) -> list[Row]:
    """Return what an alert has to do with."""
    claims = [claim for side in alert.sides for claim in side.claims]
    linked: dict[str, Iterable[str]] = {
        "topic": alert.topics,
        "story": alert.story_ids,
        "article": (claim.article_id for claim in claims),
        "claim": (claim.claim_id for claim in claims),
        "publisher_kind": (claim.publisher_kind.value for claim in claims),
        "language": (claim.language for claim in claims),
    }
    return [
        {"alert_id": alert.alert_id, "role": role, "value": value}
        for role, values in linked.items()
        for value in sorted(set(values))
    ]


# -- people, channels, feeds, refusals


def feedback_row(act: Feedback) -> Row:
    """Return the row of an act."""
    return {"feedback_id": act.feedback_id, "alert_id": act.alert_id, "at": micros(act.at), "body": _body(act)}


def standing_row(alert_id: str, standing: Standing) -> Row:
    """Return the row of what the acts on an alert come to."""
    names = ("acked_by", "snoozed_by", "verdict", "verdict_by", "notes", "replies")
    moments = ("acked_at", "snoozed_until", "verdict_at")
    found = {name: getattr(standing, name) for name in moments}
    stored = {name: micros(value) if value is not None else None for name, value in found.items()}
    return {"alert_id": alert_id} | _fields(standing, *names) | stored


def notification_row(sent: Notification) -> Row:
    """Return the row of a notification."""
    rank = sent.alert_revision * len(_RANK) + _RANK[sent.state]
    row = _fields(sent, "notification_id", "alert_id", "channel", "state")
    return row | {"rank": rank, "at": micros(sent.at), "body": _body(sent)}


def feed_row(event: FeedEvent) -> Row:
    """Return the row of a feed as its event shows it."""
    return _fields(event, "feed_id", "publisher") | {"at": micros(event.at), "body": _body(event)}


def feed_turn(event: FeedEvent) -> Row | None:
    """Return the row of a change; None for a plain poll."""
    if event.change is FeedChange.POLLED:
        return None
    return _fields(event, "event_id", "feed_id", "change", "health", "reason") | {"at": micros(event.at)}


def dead_letter_row(letter: DeadLetter) -> Row:
    """Return the row of a refused record."""
    head = letter.value_head or letter.value
    row = _fields(letter, "dead_letter_id", "stage", "topic", "partition", "offset", "error", "reason", "attempts")
    size = letter.value_size or len(letter.value or b"")
    stored = {"value_head": head[:HEAD_BYTES] if head else None, "failed_at": micros(letter.failed_at)}
    return row | stored | {"value_size": size}
