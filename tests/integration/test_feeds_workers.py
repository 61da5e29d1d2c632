from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from aiohttp import web

from monitor.feeds.playback import Item, Playback, PlayedFeed
from monitor.feeds.roster import host_of, partition_of
from monitor.settings import FeedSettings, Settings, StreamSettings
from schemas import Article
from schemas.topics import ARTICLES
from tests.support.fleet import Fleet, read_all
from tests.support.live import until

pytestmark = [pytest.mark.kafka, pytest.mark.slow]

SERVERS = 16
INTERVAL_S = 12.0
SETTLE_S = 10.0
"""Seconds around a kill in which a feed may be asked again: its first answer was not written down yet."""


@dataclass
class World:
    """Feeds on servers of their own, so in partitions of their own, and when each was asked."""

    asked: dict[str, list[float]] = field(default_factory=dict)
    feeds: dict[str, PlayedFeed] = field(default_factory=dict)

    def add(self, server: Playback) -> None:
        """Serve one feed on ``server``."""
        url = server.url("/feed.xml")
        feed = self.feeds[url] = PlayedFeed(url)
        times = self.asked[url] = []
        feed.put(Item(f"first of {url}", f"First of {url}", "It said so."))

        async def answer(_: web.Request) -> web.StreamResponse:
            times.append(time.monotonic())
            return web.Response(body=feed.render(server.base), content_type="application/rss+xml")

        server.play("/feed.xml", answer)


@pytest.fixture
async def world() -> AsyncIterator[World]:
    """A world of feeds in several partitions."""
    async with contextlib.AsyncExitStack() as stack:
        found = World()
        for _ in range(SERVERS):
            found.add(await stack.enter_async_context(Playback()))
        yield found


async def test_one_of_two_poll_workers_is_killed(
    world: World, kafka_settings: Settings, make_topics: Callable[..., None], tmp_path: Path
) -> None:
    """No feed goes unasked for more than twice its interval, none is asked by two workers, and no item is lost."""
    assert len({partition_of(host_of(url)) for url in world.asked}) >= 3
    (roster := tmp_path / "feeds.toml").write_text(
        "".join(
            f'[[feed]]\nurl = "{url}"\nmin_interval_s = {INTERVAL_S}\nmax_interval_s = {INTERVAL_S}\n'
            for url in world.asked
        )
    )
    feeds = FeedSettings(
        roster=roster, allow_private=True, interval_s=INTERVAL_S, tick_s=0.5, full_text="never", host_gap_s=0
    )
    settings = kafka_settings.model_copy(update={"feeds": feeds, "stream": StreamSettings(session_timeout_s=4)})
    make_topics()

    async def all_asked(times: int) -> bool:
        return all(len(found) >= times for found in world.asked.values())

    async with Fleet(settings, {"poll": 2}) as fleet:
        await until(lambda: all_asked(2), 120)
        killed_at = time.monotonic()
        fleet.kill(fleet.workers[0])
        for url, feed in world.feeds.items():
            feed.put(Item(f"second of {url}", f"Second of {url}", "It said so again."))
        before = {url: len(found) for url, found in world.asked.items()}
        await until(lambda: _again(world, before, 3), 150)
        ended_at = time.monotonic()

    for url, times in world.asked.items():
        gaps = [(earlier, later - earlier) for earlier, later in zip(times, [*times[1:], ended_at], strict=True)]
        longest = max(gap for start, gap in gaps if start > times[0])
        assert longest <= 2 * INTERVAL_S, f"{url} was left alone for {longest:.1f} s"
        for start, gap in gaps[:-1]:
            early = gap < INTERVAL_S * 0.8
            assert not early or abs(start + gap - killed_at) < SETTLE_S, f"{url} was asked again after {gap:.1f} s"
    records = [record for part in (await read_all(settings, ARTICLES)).values() for record in part]
    articles = {(a.article_id, a.revision): a.title for a in (Article.from_bytes(r.value) for r in records)}
    assert sorted(articles.values()) == sorted(
        title for url in world.feeds for title in (f"First of {url}", f"Second of {url}")
    )


async def _again(world: World, before: dict[str, int], times: int) -> bool:
    await asyncio.sleep(0)
    return all(len(found) >= before[url] + times for url, found in world.asked.items())
