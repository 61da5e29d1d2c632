from __future__ import annotations

import contextlib
import itertools
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

pytestmark = [pytest.mark.kafka, pytest.mark.slow, pytest.mark.timeout(1200)]

SERVERS = 16
INTERVAL_S = 20.0
"""Seconds between polls of each feed; twice of it must do for a slow machine to take a dead worker's feeds over."""
EARLY = 0.5
"""Part of the interval below which a feed was asked too soon. Two workers that ask it in turn cannot stay above it."""
PATIENCE_S = 300.0


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
    async with Fleet(settings, {"poll": 2}) as fleet:
        await until(lambda: _asked(world, {}, 3), PATIENCE_S)
        fleet.kill(fleet.workers[0])
        for url, feed in world.feeds.items():
            feed.put(Item(f"second of {url}", f"Second of {url}", "It said so again."))
        before = {url: len(found) for url, found in world.asked.items()}
        await until(lambda: _asked(world, before, 3), PATIENCE_S)
        ended_at = time.monotonic()

    for url, times in world.asked.items():
        gaps = [later - earlier for earlier, later in itertools.pairwise(times)]
        longest = max(*gaps[1:], ended_at - times[-1])
        assert longest <= 2 * INTERVAL_S, f"{url} was left alone for {longest:.1f} s: {gaps}"
        # The first gap is that of the workers' own start. Later a feed is asked again too soon only if its answer was
        # not written down before the kill, so once; if two workers asked it, every second gap would be short.
        early = [gap for gap in gaps[1:] if gap < EARLY * INTERVAL_S]
        assert len(early) <= 1, f"{url} was asked too soon: {gaps}"
    records = [record for part in (await read_all(settings, ARTICLES)).values() for record in part]
    articles = {(a.article_id, a.revision): a.title for a in (Article.from_bytes(r.value) for r in records)}
    assert sorted(articles.values()) == sorted(
        title for url in world.feeds for title in (f"First of {url}", f"Second of {url}")
    )


async def _asked(world: World, before: dict[str, int], times: int) -> bool:
    return all(len(found) >= before.get(url, 0) + times for url, found in world.asked.items())
