"""Errands: what the deliverer passes on to each channel's own partition, and the tick by which it keeps time."""

from __future__ import annotations

from typing import Self

from pydantic import Field, model_validator

from schemas.alert import Alert
from schemas.feedback import Feedback
from schemas.message import Message, Time

__all__ = ["DeliveryTick", "Errand"]


class Errand(Message):
    """An alert, or what a person did with one, for one channel. Key on the topic: ``channel``.

    So all that counts for a channel (what it was told today, what waits for its digest) lies in one partition, though
    alerts are spread over all of them. ``errand_id`` is a hash of the channel and of what it carries.
    """

    errand_id: str
    channel: str
    alert: Alert | None = None
    feedback: Feedback | None = None

    @model_validator(mode="after")
    def _carries_one(self) -> Self:
        if (self.alert is None) == (self.feedback is None):
            raise ValueError("an errand carries an alert or a feedback")
        return self


class DeliveryTick(Message):
    """Tells the deliverer that owns ``partition`` what time it is: what is due goes out. Key: the partition number."""

    partition: int = Field(ge=0)
    sent_at: Time
