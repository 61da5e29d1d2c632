from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest

from schemas import Alert, AlertClaim, AlertKind, AlertSide, Scope, Severity, Slot, SlotMatch

SEEN = datetime(2026, 3, 11, 12, 0, tzinfo=UTC)


def _side(name: str, quote: str, speaker: str | None, outlet: str) -> AlertSide:
    claim = AlertClaim(
        claim_id=f"c{name}",
        article_id="a1",
        source=outlet,
        quote=quote,
        span=(0, len(quote)),
        speaker=speaker,
        published_at=SEEN,
        first_seen_at=SEEN,
    )
    return AlertSide(proposition_id=f"p{name}", origins=1, outlets=4, claims=(claim,))


@pytest.fixture
def make_alert() -> Callable[..., Alert]:
    """Return a function that makes an alert, with the fields given changed."""

    def make(**changes: Any) -> Alert:
        fields: dict[str, Any] = {
            "alert_id": "x1",
            "revision": 1,
            "kind": AlertKind.DENIAL,
            "severity": Severity.MEDIUM,
            "score": 0.8,
            "scope": Scope.PARTIAL,
            "same_article": True,
            "date_uncertain": False,
            "topics": ("harbours",),
            "story_ids": ("s1",),
            "slots": (Slot(slot="action", a="close", b="inspect", match=SlotMatch.DIFFERS),),
            "summary": "The union's claim that the port of Vell is closed is disputed by the harbour office",
            "created_at": SEEN,
            "updated_at": SEEN,
            "model": "rules-1",
            "sides": (
                _side("a", "The port is closed to all ships.", "the union", "The Vell Courier"),
                _side("b", "No berth has been closed.", "the harbour office", "Coast Radio"),
            ),
        }
        return Alert(**(fields | changes))

    return make
