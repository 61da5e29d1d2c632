"""feeds -> articles: each worker polls the feeds of the hosts whose partitions it owns."""

from __future__ import annotations

from datetime import datetime
from functools import lru_cache

from monitor.feeds.fetch import HttpFetcher
from monitor.feeds.poller import Poller
from monitor.feeds.pool import ParserPool
from monitor.feeds.roster import Roster
from monitor.feeds.roster_file import load_roster
from monitor.settings import FeedSettings
from monitor.stream import Context, Output, Stage
from schemas import PollTick, topics

__all__ = ["app", "stage"]

stage = Stage("poll", reads=topics.POLL_TICKS, writes=(topics.ARTICLES,), state=True)


@stage.every(lambda settings: settings.feeds.tick_s)
def tick(partition: int, now: datetime) -> PollTick:
    """Ask for a look at what is due in a partition: a table is written in answer to a message, never by a timer."""
    return PollTick(partition=partition, sent_at=now)


@stage.handler
async def handle(message: PollTick, context: Context) -> None:
    """Poll what is due. The state is written after the articles are delivered: a kill in between loses nothing."""
    options = context.settings.feeds
    poller = context.keep(lambda store: Poller(_roster(options), store, _fetcher(options), options, parser=_parsers()))
    result = await poller.poll(message.partition, message.sent_at)
    await context.deliver(Output(topics.ARTICLES, article.article_id, article) for article in result.articles)
    result.write(context.store)


# The partitions of one worker share these: politeness to a host and the number of requests at once are the worker's.


@lru_cache(maxsize=1)
def _roster(options: FeedSettings) -> Roster:
    return load_roster(options.roster)


@lru_cache(maxsize=1)
def _fetcher(options: FeedSettings) -> HttpFetcher:
    return HttpFetcher(options)


@lru_cache(maxsize=1)
def _parsers() -> ParserPool:
    return ParserPool()


app = stage.app
