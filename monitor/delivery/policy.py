"""Whom to tell of an alert, and when again. No I/O."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum

from monitor.ids import stable_id
from schemas.alert import Alert, AlertState, Severity
from schemas.notification import Notification, NotificationState

__all__ = ["Decision", "Occasion", "decide", "notification_id", "occasion_of"]

_RANK: Mapping[Severity, int] = {Severity.LOW: 0, Severity.MEDIUM: 1, Severity.HIGH: 2}


class Occasion(StrEnum):
    """Why somebody is told: the alert itself, or that its source has taken it back."""

    ALERT = "alert"
    CORRECTED = "corrected"
    RETRACTED = "retracted"


class Decision(StrEnum):
    """What to do with an alert on a channel. ``again``: a crash left it in doubt, so it is sent once more."""

    SEND = "send"
    AGAIN = "again"
    DONE = "done"
    PASS = "pass"


def occasion_of(alert: Alert) -> Occasion:
    """Return what an alert is an occasion for: on a correction or retraction, an update to everybody who was told."""
    return {AlertState.CORRECTED: Occasion.CORRECTED, AlertState.RETRACTED: Occasion.RETRACTED}.get(
        alert.state, Occasion.ALERT
    )


def notification_id(alert_id: str, channel: str, occasion: Occasion) -> str:
    """Return the id of one notification: each alert is told once on a channel for each occasion."""
    parts = (alert_id, channel) if occasion is Occasion.ALERT else (alert_id, channel, occasion.value)
    return stable_id("notification", *parts)


def decide(
    alert: Alert,
    *,
    pages: bool,
    least: Severity,
    known: Notification | None,
    told: Notification | None,
) -> Decision:
    """Decide for one channel.

    ``known`` is the record of this very notification, ``told`` that of the first one on the channel. An alert is sent
    once, whatever its later revisions add; one that its source has taken back goes once more to whoever was told, and
    to nobody else. What is below ``least``, or has an uncertain date on a channel that ``pages``, waits for a revision
    that is not.
    """
    if known is not None and known.state is NotificationState.SENT:
        return Decision.DONE
    if known is not None and known.state is NotificationState.SENDING:
        return Decision.AGAIN
    if occasion_of(alert) is not Occasion.ALERT:
        was_told = told is not None and told.state is not NotificationState.FAILED
        return Decision.SEND if was_told else Decision.PASS
    if _RANK[alert.severity] < _RANK[least] or (alert.date_uncertain and pages):
        return Decision.PASS
    return Decision.SEND
