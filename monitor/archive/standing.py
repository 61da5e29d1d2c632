"""What the acts of people on an alert come to. No I/O."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from monitor.archive.views import Standing
from schemas import Feedback, FeedbackAction

__all__ = ["standing_of"]


def standing_of(acts: Iterable[Feedback]) -> Standing:
    """Return where an alert stands after ``acts``, in whatever order they are given: ``at``, then the id, orders them.

    The last ack, snooze and verdict count, unless a later act took them back; notes and replies add up.
    """
    standing = Standing()
    for act in sorted({act.feedback_id: act for act in acts}.values(), key=lambda act: (act.at, act.feedback_id)):
        standing = _after(standing, act)
    return standing


def _after(standing: Standing, act: Feedback) -> Standing:
    match act.action:
        case FeedbackAction.ACK:
            who, at = (None, None) if act.undo else (act.actor, act.at)
            return replace(standing, acked_by=who, acked_at=at)
        case FeedbackAction.SNOOZE:
            who, until = (None, None) if act.undo else (act.actor, act.until)
            return replace(standing, snoozed_by=who, snoozed_until=until)
        case FeedbackAction.VERDICT:
            if act.undo:
                return replace(standing, verdict=None, verdict_by=None, verdict_at=None)
            return replace(standing, verdict=act.verdict, verdict_by=act.actor, verdict_at=act.at)
        case FeedbackAction.NOTE:
            return replace(standing, notes=standing.notes + 1)
        case FeedbackAction.REPLY:
            return replace(standing, replies=standing.replies + 1)
