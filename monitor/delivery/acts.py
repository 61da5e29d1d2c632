"""What a person does with an alert, as a message. No I/O."""

from __future__ import annotations

from datetime import datetime

from pydantic import ValidationError

from monitor.errors import InputError
from monitor.ids import stable_id
from schemas.feedback import Feedback, FeedbackAction, FeedbackVerdict

__all__ = ["feedback_of"]


def feedback_of(
    alert_id: str,
    revision: int,
    action: FeedbackAction,
    actor: str,
    at: datetime,
    *,
    until: datetime | None = None,
    verdict: FeedbackVerdict | None = None,
    text: str | None = None,
    party: str | None = None,
    undo: bool = False,
) -> Feedback:
    """Return one act of one person on one alert.

    Raises:
        InputError: the act lacks what it needs, or something in it is too long.
    """
    parts = (alert_id, revision, action.value, actor, at.isoformat())
    more = (until.isoformat() if until else "", verdict.value if verdict else "", text or "", party or "", int(undo))
    try:
        return Feedback(
            feedback_id=stable_id("feedback", *parts, *more),
            alert_id=alert_id,
            alert_revision=revision,
            action=action,
            actor=actor,
            at=at,
            until=until,
            verdict=verdict,
            text=text,
            party=party,
            undo=undo,
        )
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        where = ".".join(str(part) for part in first["loc"])
        reason = str(first["msg"]).removeprefix("Value error, ")
        raise InputError(f"{where}: {reason}" if where else reason) from error
