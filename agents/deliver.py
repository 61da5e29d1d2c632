"""alerts and feedback -> people: each channel told once of an alert, when its terms allow and as people ask."""

from __future__ import annotations

import sys
from datetime import datetime
from functools import lru_cache, partial

from monitor.delivery import Deliverer, DeliveryOptions, GivenUp, errands_of, posts_from
from monitor.stream import Context, Output, Stage
from schemas import Alert, DeliveryTick, Errand, Feedback, Notification, topics

__all__ = ["app", "stage"]

stage = Stage(
    "deliver",
    reads=(topics.DELIVERY_TICKS, topics.ALERTS, topics.FEEDBACK, topics.ERRANDS),
    writes=(topics.ERRANDS, topics.NOTIFICATIONS, topics.DEAD_LETTERS),
    state=True,
)
_posts = lru_cache(maxsize=1)(partial(posts_from, terminal=sys.stdout))


@stage.every(lambda settings: settings.delivery.tick_s)
def tick(partition: int, now: datetime) -> DeliveryTick:
    """Tell each partition the time: what is due goes out in answer to a message, never by a clock of its own."""
    return DeliveryTick(partition=partition, sent_at=now)


@stage.handler
async def handle(message: DeliveryTick | Alert | Feedback | Errand, context: Context) -> list[Output]:
    """Pass alerts and feedback on to the partition of each channel; there, send what is due."""
    posts = _posts(context.settings.delivery)
    if isinstance(message, Alert | Feedback):
        names = (post.channel.name for post in posts)
        return [Output(topics.ERRANDS, errand.channel, errand) for errand in errands_of(message, names)]

    async def record(notification: Notification) -> None:
        await context.deliver([Output(topics.NOTIFICATIONS, notification.notification_id, notification)])
        await context.save()

    async def give_up(lost: GivenUp) -> None:
        letter = lost.letter(stage.name, context.partition)
        await context.deliver([Output(topics.DEAD_LETTERS, letter.dead_letter_id, letter)])

    options = DeliveryOptions.of(context.settings.delivery)
    deliverer = Deliverer(context.store, posts, options, record=record, give_up=give_up, beat=context.beat)
    if isinstance(message, Errand):
        await deliverer.run(message, context.offset)
    else:
        await deliverer.tick(message.sent_at)
    return []


app = stage.app
