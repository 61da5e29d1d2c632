"""alerts -> people: each alert once on each channel that the settings name."""

from __future__ import annotations

import sys

from monitor.delivery import Deliverer, DeliveryOptions, channels_from, undelivered
from monitor.stream import Context, Output, Stage
from schemas import Alert, Notification, Severity, topics

__all__ = ["app", "stage"]

stage = Stage("deliver", reads=topics.ALERTS, writes=(topics.NOTIFICATIONS,), state=True)


@stage.handler
async def handle(alert: Alert, context: Context) -> None:
    """Send the alert, recorded before and after, so that a crash in between repeats at most that one message."""

    async def record(notification: Notification) -> None:
        await context.deliver([Output(topics.NOTIFICATIONS, notification.notification_id, notification)])
        await context.save()

    settings = context.settings.delivery
    options = DeliveryOptions(min_severity=Severity(settings.min_severity))
    deliverer = Deliverer(context.store, channels_from(settings, sys.stdout), options, record=record)
    error = undelivered(await deliverer.deliver(alert))
    if error is not None:
        raise error


app = stage.app
