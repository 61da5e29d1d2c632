from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest

from schemas import Alert, AlertClaim, AlertKind, AlertSide, Scope, Severity

SEEN = datetime(2026, 3, 11, 12, 0, tzinfo=UTC)


@pytest.fixture
def make_alert() -> Callable[..., Alert]:
    """Return a function that makes an alert, with the fields given changed."""

    def side(name: str, quote: str) -> AlertSide:
        claim = AlertClaim(
            claim_id=name, article_id="a", quote=quote, span=(0, 9), first_seen_at=SEEN, source="Coast Radio"
        )
        return AlertSide(proposition_id=name, origins=1, outlets=2, claims=(claim,))

    def make(**changes: Any) -> Alert:
        fields: dict[str, Any] = {
            "alert_id": "x1",
            "revision": 1,
            "kind": AlertKind.FIGURE,
            "severity": Severity.HIGH,
            "score": 0.8,
            "scope": Scope.FULL,
            "same_article": False,
            "date_uncertain": False,
            "topics": ("ports",),
            "story_ids": ("s1",),
            "summary": "Ten berths closed is disputed by the harbour office",
            "created_at": SEEN,
            "updated_at": SEEN,
            "model": "rules-1",
            "sides": (side("a", "Ten berths are closed."), side("b", "No berth is closed.")),
        }
        return Alert(**(fields | changes))

    return make
