"""feeds -> articles: each worker polls the feeds of the hosts whose partitions it owns, as people command."""

from __future__ import annotations

from datetime import UTC, datetime

from monitor.feeds.station import close_stations, station_of
from monitor.stream import Context, Output, Stage
from schemas import Command, PollTick, topics

__all__ = ["app", "stage"]

stage = Stage(
    "poll", reads=(topics.POLL_TICKS, topics.COMMANDS), writes=(topics.ARTICLES, topics.FEED_EVENTS), state=True
)


@stage.every(lambda settings: settings.feeds.tick_s)
def tick(partition: int, now: datetime) -> PollTick:
    """Ask for a look at what is due in a partition: a table is written in answer to a message, never by a timer."""
    return PollTick(partition=partition, sent_at=now)


@stage.handler
async def handle(message: PollTick | Command, context: Context) -> None:
    """Poll what is due, or obey a command. State is written after delivery: a kill in between loses nothing.

    While the disk has no room for more, feeds are left alone; what they have then is still there later.
    """
    station = station_of(context.settings.feeds)
    if isinstance(message, PollTick) and not station.takes_in(context.settings):
        return
    await station.listen(_send)
    poller = context.keep(station.poller)
    if isinstance(message, Command):
        result = poller.obey(message, context.partition)
    else:
        # By the clock, not by the tick: one that lay through a rebalance would make feeds due again too soon.
        result = await poller.poll(message.partition, datetime.now(UTC), message.hub)
    await context.deliver(
        [Output(topics.ARTICLES, article.article_id, article) for article in result.articles]
        + [Output(topics.FEED_EVENTS, event.feed_id, event) for event in result.events]
    )
    result.write(context.store)


async def _send(tick: PollTick) -> None:
    """Send what a hub told to the worker that owns the feed's partition, which may be this one."""
    topic = stage.app.settings.kafka.prefix + topics.POLL_TICKS.name
    await (await stage.app.send_record(topic, str(tick.partition).encode(), tick.to_bytes(), tick.partition))


@stage.at_end
async def close() -> None:
    """Close what the partitions of this worker share."""
    await close_stations()


app = stage.app
