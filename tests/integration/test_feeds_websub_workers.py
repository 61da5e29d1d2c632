from __future__ import annotations

import asyncio
import contextlib
import socket
from collections.abc import AsyncIterator, Awaitable, Callable
from functools import partial
from pathlib import Path

import aiohttp
import pytest

from monitor.feeds.playback import Item, Playback, PlayedFeed
from monitor.feeds.roster import host_of, partition_of
from monitor.settings import FeedSettings, Settings, StreamSettings
from schemas import Article
from schemas.topics import ARTICLES
from tests.support.fleet import Fleet, read_all
from tests.support.hub import Hub
from tests.support.live import until

pytestmark = [pytest.mark.kafka, pytest.mark.slow, pytest.mark.timeout(1200)]

SERVERS = 8
PATIENCE_S = 240.0


@pytest.fixture
async def hub() -> AsyncIterator[Hub]:
    """A hub."""
    async with Hub() as found:
        yield found


@pytest.fixture
async def feeds(hub: Hub) -> AsyncIterator[dict[str, tuple[Playback, PlayedFeed]]]:
    """Feeds by address, on servers of their own, so in partitions of their own; all name the hub."""
    async with contextlib.AsyncExitStack() as stack:
        found = {}
        link = f'<atom:link xmlns:atom="http://www.w3.org/2005/Atom" rel="hub" href="{hub.url}"/>'
        for _ in range(SERVERS):
            server = await stack.enter_async_context(Playback())
            feed = server.feed("/feed.xml", extra=link)
            feed.put(Item("first", f"First of {server.base}", "It said so."))
            found[server.url("/feed.xml")] = (server, feed)
        yield found


async def test_hubs_reach_the_worker_that_owns_the_feed(
    hub: Hub,
    feeds: dict[str, tuple[Playback, PlayedFeed]],
    kafka_settings: Settings,
    make_topics: Callable[..., None],
    tmp_path: Path,
) -> None:
    """What a hub sends to the one worker that listens becomes articles of all feeds; another listens after a kill."""
    assert len({partition_of(host_of(url)) for url in feeds}) >= 2
    (roster := tmp_path / "feeds.toml").write_text("".join(f'[[feed]]\nurl = "{url}"\n' for url in feeds))
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port = taken.getsockname()[1]
    options = FeedSettings(
        roster=roster, allow_private=True, interval_s=86_400, tick_s=0.5, full_text="never", host_gap_s=0,
        websub_callback=f"http://127.0.0.1:{port}/hubs", websub_secret="a text for this test alone",
        websub_listen=f"127.0.0.1:{port}",
    )  # fmt: skip
    settings = kafka_settings.model_copy(update={"feeds": options, "stream": StreamSettings(session_timeout_s=4)})
    make_topics()

    async def titles() -> set[str]:
        records = [record for part in (await read_all(settings, ARTICLES)).values() for record in part]
        return {Article.from_bytes(record.value).title for record in records}

    async def push(word: str) -> set[str]:
        """Publish an item of each feed, again and again until it is taken; return the titles."""
        for url, (server, feed) in feeds.items():
            feed.put(Item(word, f"{word} of {server.base}", "It said so again."))
            body = feed.render(server.base)
            while True:
                with contextlib.suppress(aiohttp.ClientError):
                    if await hub.publish(url, body) == [202]:
                        break
                await asyncio.sleep(0.5)
        return {f"{word} of {server.base}" for server, _ in feeds.values()}

    async with Fleet(settings, {"poll": 2}) as fleet:
        await until(lambda: _confirmed(hub), PATIENCE_S)
        async with asyncio.timeout(PATIENCE_S):
            second = await push("Second")
        await until(lambda: _has(titles, second), PATIENCE_S)
        for worker in fleet.workers:
            fleet.kill(worker)
            async with asyncio.timeout(PATIENCE_S):
                later = await push(f"After {worker.instance}")
            await until(partial(_has, titles, later), PATIENCE_S)
    assert len(hub.subscribers) == SERVERS


async def _confirmed(hub: Hub) -> bool:
    return len(hub.subscribers) == SERVERS


async def _has(titles: Callable[[], Awaitable[set[str]]], wanted: set[str]) -> bool:
    return wanted <= await titles()
