"""Feedback: what a person does with an alert. The archive shows it, the deliverer obeys it, Kafka remembers it."""

from __future__ import annotations

from enum import StrEnum
from typing import Self

from pydantic import Field, model_validator

from schemas.message import Message, Time

__all__ = ["Feedback", "FeedbackAction", "FeedbackVerdict"]


class FeedbackAction(StrEnum):
    """What was done: read and taken on, put off, judged, annotated, or answered by a party that it names."""

    ACK = "ack"
    SNOOZE = "snooze"
    VERDICT = "verdict"
    NOTE = "note"
    REPLY = "reply"


class FeedbackVerdict(StrEnum):
    """Whether the alert was worth having."""

    RIGHT = "right"
    WRONG = "wrong"
    NOT_IMPORTANT = "not_important"


class Feedback(Message):
    """One act of one person on one alert. Key on the topic: ``alert_id``; ordered by ``at``, then ``feedback_id``.

    ``feedback_id`` is a hash of the other fields, so that sending it twice is one act. ``until`` is given with a
    snooze, ``verdict`` with a verdict, ``text`` with a note or a reply; ``party`` says whose reply it is. An ack in
    force is taken back by an ack with ``undo``; so are a snooze and a verdict.
    """

    feedback_id: str
    alert_id: str
    alert_revision: int = Field(ge=1, description="the revision that the person saw")
    action: FeedbackAction
    actor: str = Field(min_length=1, max_length=200, description="who: the user's name, or cli:NAME, or api:TOKEN-NAME")
    at: Time
    until: Time | None = None
    verdict: FeedbackVerdict | None = None
    text: str | None = Field(default=None, max_length=10_000)
    party: str | None = Field(default=None, max_length=200)
    undo: bool = False

    @model_validator(mode="after")
    def _has_what_its_action_needs(self) -> Self:
        if self.action is FeedbackAction.SNOOZE and self.until is None and not self.undo:
            raise ValueError("a snooze needs until")
        if self.action is FeedbackAction.VERDICT and self.verdict is None and not self.undo:
            raise ValueError("a verdict needs verdict: right, wrong or not_important")
        if self.action in (FeedbackAction.NOTE, FeedbackAction.REPLY) and not (self.text and self.text.strip()):
            raise ValueError(f"a {self.action.value} needs text")
        if self.action is FeedbackAction.REPLY and not self.party:
            raise ValueError("a reply needs party: who answers")
        return self
