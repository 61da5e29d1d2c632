"""What a person does on a page, as messages: feedback on alerts, commands to the poller."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Final

from anyio import to_thread
from fastapi import Request
from pydantic import ValidationError

from monitor.ids import stable_id
from monitor.web.desk import Desk, visitor_of
from schemas import Command, CommandAction, Feedback, FeedbackAction, FeedbackVerdict

__all__ = ["command_from", "feedback_from", "send_feedback"]

WAITS_S: Final = (0.05, 0.1, 0.2, 0.4, 0.8)
"""Seconds between looks whether the archive has an act: 1.5 in all, then the page is shown without it."""
MOST_HOURS: Final = 24 * 90
"""Longest snooze."""


def feedback_from(form: Mapping[str, str], alert_id: str, request: Request, now: datetime) -> Feedback | str:
    """Return the act that a form describes, or what is wrong with it in one sentence."""
    actor = visitor_of(request).name
    try:
        action = FeedbackAction(form.get("action", ""))
        revision = int(form.get("revision") or 1)
        undo = form.get("undo", "") == "1"
        until = None
        if action is FeedbackAction.SNOOZE and not undo:
            hours = float(form.get("hours", "nan"))
            if not 0 < hours <= MOST_HOURS:
                return f"A snooze lasts more than 0 and at most {MOST_HOURS} hours."
            until = now + timedelta(hours=hours)
        verdict = FeedbackVerdict(form["verdict"]) if form.get("verdict") else None
        text = form.get("text", "").replace("\x00", "").strip() or None
        party = form.get("party", "").replace("\x00", "").strip() or None
        parts = (alert_id, revision, action.value, actor, now.isoformat(), str(until), str(verdict), text, party, undo)
        return Feedback(
            feedback_id=stable_id("feedback", *map(str, parts)), alert_id=alert_id, alert_revision=revision,
            action=action, actor=actor, at=now, until=until, verdict=verdict, text=text, party=party, undo=undo,
        )  # fmt: skip
    except ValidationError as error:
        return "; ".join(str(each["msg"]).removeprefix("Value error, ") for each in error.errors())
    except (ValueError, KeyError):
        return "The form is not one of this page: reload the alert and try again."


async def send_feedback(desk: Desk, act: Feedback) -> bool:
    """Send an act and wait a moment for the archive; False where it does not show there yet."""
    await desk.publisher.feedback(act)
    for wait in (0.0, *WAITS_S):
        await asyncio.sleep(wait)
        detail = await to_thread.run_sync(desk.reader.alert, act.alert_id)
        if detail is not None and any(each.feedback_id == act.feedback_id for each in detail.acts):
            return True
    return False


def command_from(action: str, feed_id: str, request: Request, now: datetime) -> Command | None:
    """Return an order to the poller; None for an action that there is not."""
    if action not in set(CommandAction):
        return None
    actor = visitor_of(request).name
    return Command(
        command_id=stable_id("command", action, feed_id, actor, now.isoformat()),
        action=CommandAction(action),
        feed_id=feed_id,
        actor=actor,
        at=now,
    )
