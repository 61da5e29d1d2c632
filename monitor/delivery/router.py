"""From alerts and feedback to errands: every channel gets each, and decides by its own terms. No I/O."""

from __future__ import annotations

from collections.abc import Iterable

from monitor.delivery.deliverer import errand_for
from monitor.ids import stable_id
from schemas.alert import Alert
from schemas.errand import Errand
from schemas.feedback import Feedback

__all__ = ["errands_of"]


def errands_of(message: Alert | Feedback, channels: Iterable[str]) -> list[Errand]:
    """Return one errand for each channel; the same each time for the same message."""
    if isinstance(message, Alert):
        return [errand_for(channel, message) for channel in channels]
    return [
        Errand(
            errand_id=stable_id("errand", channel, message.feedback_id),
            channel=channel,
            feedback=message,
        )
        for channel in channels
    ]
