from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest

from schemas import Alert, Scope, Slot, SlotMatch
from tests.support.alerts import side, some_alert

SEEN = datetime(2026, 3, 11, 12, 0, tzinfo=UTC)


@pytest.fixture
def make_alert() -> Callable[..., Alert]:
    """Return a function that makes an alert, with the fields given changed."""

    def make(alert_id: str = "x1", **changes: Any) -> Alert:
        claim = {"article_id": "a1", "language": "und"}
        fields: dict[str, Any] = {
            "scope": Scope.PARTIAL,
            "same_article": True,
            "story_ids": ("s1",),
            "slots": (Slot(slot="action", a="close", b="inspect", match=SlotMatch.DIFFERS),),
            "summary": "The union's claim that the port of Vell is closed is disputed by the harbour office",
            "sides": (
                side("a", "The port is closed to all ships.", "the union", SEEN, **claim),
                side(
                    "b", "No berth has been closed.", "the harbour office", SEEN, article_id="a1", source="Coast Radio"
                ),
            ),
        }
        return some_alert(alert_id, SEEN, **(fields | changes))

    return make
