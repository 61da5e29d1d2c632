"""Notifications: what was sent to whom, so that nobody is told twice."""

from __future__ import annotations

from enum import StrEnum

from pydantic import Field

from schemas.message import Message, Time

__all__ = ["Notification", "NotificationState"]


class NotificationState(StrEnum):
    """``sending`` is written before, ``sent`` after: a crash between the two may repeat that one message, no other."""

    SENDING = "sending"
    SENT = "sent"
    FAILED = "failed"


class Notification(Message):
    """One alert on one channel. Key: ``notification_id``, a hash of the alert id and the channel.

    Where the alert's source has since corrected or retracted it, the one update to whoever was told is a notification
    of its own, whose id is a hash of that occasion too.
    """

    notification_id: str
    alert_id: str
    channel: str
    alert_revision: int = Field(ge=1)
    state: NotificationState
    attempts: int = Field(default=0, ge=0)
    reason: str | None = None
    at: Time
