"""Trying every feed of a roster once: which answer, what they hold, and why the others do not."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Iterable
from dataclasses import dataclass
from datetime import datetime

from monitor.errors import FetchError
from monitor.feeds.fetch import Fetcher
from monitor.feeds.pool import Parser
from monitor.feeds.roster import Feed

__all__ = ["FeedCheck", "check_feed", "check_feeds"]


@dataclass(frozen=True, slots=True)
class FeedCheck:
    """What one feed answered: ``error`` None where it is good; ``took_s`` for fetching and reading it."""

    feed: Feed
    took_s: float
    status: int | None = None
    items: int = 0
    newest: datetime | None = None
    language: str | None = None
    moved_to: str | None = None
    problem: str | None = None
    error: str | None = None


async def check_feed(feed: Feed, fetcher: Fetcher, parser: Parser) -> FeedCheck:
    """Fetch and read a feed."""
    started = time.monotonic()
    status = None
    try:
        response = await fetcher.fetch(feed.url, headers=feed.headers)
        status = response.status
        if not 200 <= status < 300:
            raise FetchError(f"answers with status {status}", url=feed.url, status=status)
        parsed = await parser.feed(
            response.body,
            url=response.url,
            content_type=response.headers.get("content-type"),
            language=response.headers.get("content-language"),
            zone=feed.zone,
        )
    except FetchError as error:
        reason = error.message.removeprefix(f"{error.url}: ")
        return FeedCheck(feed, time.monotonic() - started, status, error=reason)
    return FeedCheck(
        feed,
        time.monotonic() - started,
        status,
        items=len(parsed.items),
        newest=max((item.published_at for item in parsed.items if item.published_at), default=None),
        language=parsed.language,
        moved_to=response.moved_to,
        problem=parsed.problem,
    )


async def check_feeds(feeds: Iterable[Feed], fetcher: Fetcher, parser: Parser) -> AsyncIterator[FeedCheck]:
    """Yield what each feed answered, as the answers come in; how many are asked at once is the fetcher's to say."""
    tasks = [asyncio.create_task(check_feed(feed, fetcher, parser)) for feed in feeds]
    try:
        for done in asyncio.as_completed(tasks):
            yield await done
    finally:
        for task in tasks:
            task.cancel()
