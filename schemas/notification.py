"""Notifications: what was sent to whom, so that nobody is told twice."""

from __future__ import annotations

from enum import StrEnum

from pydantic import Field

from schemas.alert import Severity
from schemas.message import Message, Time

__all__ = ["Notification", "NotificationState", "Occasion"]


class Occasion(StrEnum):
    """Why somebody is told: the alert itself; that it weighs more now; that its source has taken it back.

    ``edited`` tells nobody: what was sent is brought up to date in its place, on a channel that can.
    """

    ALERT = "alert"
    RAISED = "raised"
    CORRECTED = "corrected"
    RETRACTED = "retracted"
    EDITED = "edited"


class NotificationState(StrEnum):
    """``sending`` is written before, ``sent`` after: a crash between the two may repeat that one message, no other."""

    SENDING = "sending"
    SENT = "sent"
    FAILED = "failed"


class Notification(Message):
    """One alert on one channel. Key: ``notification_id``, a hash of the alert id and the channel.

    An update to whoever was told (a correction, a retraction, a rise in severity, an edit) is a notification of its
    own, whose id is a hash of that occasion too. ``message_id`` tells messages apart: a digest is one message with
    several notifications. ``topics`` and ``severity`` are the alert's, as it was sent, so that messages can be counted
    by them.
    """

    notification_id: str
    alert_id: str
    channel: str
    alert_revision: int = Field(ge=1)
    state: NotificationState
    attempts: int = Field(default=0, ge=0)
    reason: str | None = None
    at: Time
    occasion: Occasion = Occasion.ALERT
    message_id: str = Field(default="", description="of the message that carried it; empty: one of its own")
    digest: bool = Field(default=False, description="it went out in a digest")
    topics: tuple[str, ...] = ()
    severity: Severity | None = None
