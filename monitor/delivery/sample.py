"""An alert that is marked as a sample, to try a channel with."""

from __future__ import annotations

from datetime import datetime

from monitor.delivery.bulletin import Bulletin, Entry
from monitor.ids import stable_id
from schemas.alert import Alert, AlertClaim, AlertKind, AlertSide, Scope, Severity

__all__ = ["sample_bulletin"]


def sample_bulletin(now: datetime) -> Bulletin:
    """Return a message that says that it is a test, in the form of a real one; ``now`` makes its id its own."""
    alert = Alert(
        alert_id=stable_id("alert", "sample", now.isoformat()),
        revision=1,
        kind=AlertKind.DENIAL,
        severity=Severity.LOW,
        score=1.0,
        scope=Scope.FULL,
        same_article=False,
        date_uncertain=False,
        topics=("sample",),
        story_ids=(),
        summary="This is a test of Counterclaim: a sample claim is disputed by a sample speaker",
        created_at=now,
        updated_at=now,
        model="sample",
        sides=(
            _side("a", "This is what one side of an alert looks like.", "a sample speaker", now),
            _side("b", "This is what the other side looks like.", "another sample speaker", now),
        ),
    )
    return Bulletin(alert.alert_id, (Entry(alert),), test=True)


def _side(name: str, quote: str, speaker: str, now: datetime) -> AlertSide:
    claim = AlertClaim(
        claim_id=f"sample-{name}",
        article_id="sample",
        source="Sample Outlet",
        quote=quote,
        span=(0, len(quote)),
        speaker=speaker,
        published_at=now,
        first_seen_at=now,
    )
    return AlertSide(proposition_id=f"sample-{name}", origins=1, outlets=1, claims=(claim,))
