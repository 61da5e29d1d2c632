"""Alerts of the tests."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from schemas import Alert, AlertClaim, AlertKind, AlertSide, Scope, Severity

__all__ = ["side", "some_alert"]


def some_alert(alert_id: str, now: datetime | None = None, **changes: Any) -> Alert:
    """Return an alert of ``now``, by default this moment, with the fields given changed."""
    now = now or datetime.now(UTC)
    fields: dict[str, Any] = {
        "alert_id": alert_id,
        "revision": 1,
        "kind": AlertKind.DENIAL,
        "severity": Severity.MEDIUM,
        "score": 0.8,
        "scope": Scope.FULL,
        "same_article": False,
        "date_uncertain": False,
        "topics": ("harbours",),
        "story_ids": (f"story-of-{alert_id}",),
        "summary": f"The union's claim {alert_id} that the port of Vell is closed is disputed by the harbour office",
        "created_at": now,
        "updated_at": now,
        "model": "rules-1",
        "sides": (
            side("a", "The port is closed to all ships.", "the union", now),
            side("b", "No berth has been closed.", "the harbour office", now),
        ),
    }
    return Alert(**(fields | changes))


def side(name: str, quote: str, speaker: str | None, now: datetime, **changes: Any) -> AlertSide:
    """Return a side with one claim, with the claim's fields given changed."""
    fields: dict[str, Any] = {
        "claim_id": f"c{name}",
        "article_id": f"a{name}",
        "source": "The Vell Courier",
        "quote": quote,
        "span": (0, len(quote)),
        "speaker": speaker,
        "published_at": now,
        "first_seen_at": now,
        "language": "en",
    }
    claim = AlertClaim(**(fields | changes))
    return AlertSide(proposition_id=f"p{name}", origins=1, outlets=4, claims=(claim,))
