"""Poll very many feeds at their usual interval for some minutes: is each asked in time, and at what price.

    .venv/bin/python benchmarks/feeds_scale.py [--feeds 50000] [--minutes 2] [--hosts 2000] [--json]

The feeds are known already (they were polled before, their due times are spread over 15 minutes) and lie on many hosts,
all of which are one server process on this machine. One feed in a hundred polls has a new item; the others answer 304.
One process polls all eight partitions, a tick each a second, as one worker of the daemon does. `late_s` is how long
after its due time a feed was asked; `blocked_ms` the longest time that the event loop did not turn.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
import logging
import multiprocessing
import socket
import time
from datetime import UTC, datetime, timedelta
from multiprocessing.connection import Connection

import click
import psutil
import structlog
from aiohttp import web
from aiohttp.abc import AbstractResolver, ResolveResult

from monitor.feeds.addresses import GuardedResolver
from monitor.feeds.fetch import HttpFetcher
from monitor.feeds.playback import Item, PlayedFeed
from monitor.feeds.poller import Poller
from monitor.feeds.pool import ParserPool
from monitor.feeds.roster import Feed, Roster
from monitor.feeds.schedule import spread
from monitor.feeds.station import spare_collector
from monitor.settings import FeedSettings
from schemas import FeedHealth, FeedState
from schemas.topics import POLL_TICKS

structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING))

INTERVAL_S = 900.0
CHANGES = 100
"""One poll in so many finds a new item."""
ITEMS = 20
PREPARE_S = 20.0
"""Seconds for making the states; the first feeds fall due after it."""


def serve(pipe: Connection) -> None:
    """Answer every path of every host with 304, or in one of ``CHANGES`` requests with a feed that has a new item."""
    count = 0

    async def handle(request: web.Request) -> web.StreamResponse:
        nonlocal count
        count += 1
        if count % CHANGES:
            return web.Response(status=304, headers={"ETag": '"known"'})
        feed = PlayedFeed(request.host)
        feed.put(*(Item(f"{request.host}{request.path}:{n}", f"Story {n}", "It said so.") for n in range(ITEMS - 1)))
        feed.put(Item(f"{request.host}{request.path}:{count}", f"Story {count}", "It is new."))
        return web.Response(body=feed.render(f"http://{request.host}"), content_type="application/rss+xml")

    async def run() -> None:
        app = web.Application()
        app.router.add_get("/{path:.*}", handle)
        runner = web.AppRunner(app, access_log=None)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        pipe.send(runner.addresses[0][1])
        await asyncio.get_running_loop().run_in_executor(None, pipe.poll, None)

    asyncio.run(run())


class _Everywhere(AbstractResolver):
    """Every name is this machine."""

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        return [ResolveResult(hostname=host, host="127.0.0.1", port=port, family=family, proto=0, flags=0)]

    async def close(self) -> None:
        pass


def _known(feed: Feed, now: datetime) -> FeedState:
    due = now + timedelta(seconds=INTERVAL_S * spread(feed.feed_id))
    return FeedState(
        feed_id=feed.feed_id, url=feed.url, host=feed.host, etag='"known"', health=FeedHealth.OK, last_polled_at=now,
        last_body_at=now, due_at=due, interval_s=INTERVAL_S, body_hash=hashlib.blake2b(digest_size=16).hexdigest(),
    )  # fmt: skip


async def poll_all(port: int, feeds: int, hosts: int, minutes: float) -> dict[str, float]:
    """Poll for ``minutes``, and return what was measured."""
    roster = Roster(
        Feed(f"http://h{n % hosts}.example:{port}/{n}", min_interval_s=INTERVAL_S, max_interval_s=INTERVAL_S)
        for n in range(feeds)
    )
    spare_collector()  # as the poll worker does
    settings = FeedSettings(interval_s=INTERVAL_S, at_once=64, full_text="never", allow_private=True)
    now = datetime.now(UTC) + timedelta(seconds=PREPARE_S)
    stores: list[dict[str, bytes]] = [{} for _ in range(POLL_TICKS.partitions)]
    for part, store in enumerate(stores):
        store.update({f"f|{feed.feed_id}": _known(feed, now).to_bytes() for feed in roster.of_partition(part)})
    parser, late = ParserPool(), []
    polls = articles = failed = 0
    me = psutil.Process()
    async with HttpFetcher(settings, resolver=GuardedResolver(allow_private=True, inner=_Everywhere())) as fetcher:
        pollers = [Poller(roster, store, fetcher, settings, parser=parser) for store in stores]
        await asyncio.gather(*(poller.poll(part, now - timedelta(1)) for part, poller in enumerate(pollers)))
        await asyncio.sleep(max(0.0, (now - datetime.now(UTC)).total_seconds()))
        started, longest = time.perf_counter(), 0.0

        async def watch() -> None:
            nonlocal longest
            last = time.perf_counter()
            while True:
                await asyncio.sleep(0.005)
                longest, last = max(longest, time.perf_counter() - last - 0.005), time.perf_counter()

        async def work(part: int) -> None:
            nonlocal polls, articles, failed
            while time.perf_counter() - started < minutes * 60:
                tick = time.perf_counter()
                result = await pollers[part].poll(part, datetime.now(UTC))
                for report in result.reports:
                    was = FeedState.from_bytes(stores[part][f"f|{report.feed.feed_id}"]).due_at
                    asked = report.state.last_polled_at
                    if was and asked:
                        late.append((asked - was).total_seconds())
                result.write(stores[part])
                polls, articles = polls + len(result.reports), articles + len(result.articles)
                failed += sum(report.error is not None for report in result.reports)
                await asyncio.sleep(max(0.0, settings.tick_s - (time.perf_counter() - tick)))

        before, watcher = me.cpu_times(), asyncio.create_task(watch())
        await asyncio.gather(*(work(part) for part in range(len(pollers))))
        watcher.cancel()
        after = me.cpu_times()
    await parser.close()
    late.sort()
    seconds = time.perf_counter() - started
    return {
        "feeds": feeds, "seconds": round(seconds, 1), "polls": polls, "polls_s": round(polls / seconds, 1),
        "wanted_s": round(feeds / INTERVAL_S, 1), "articles": articles, "failed": failed,
        "late_s_median": round(late[len(late) // 2], 2), "late_s_p99": round(late[len(late) * 99 // 100], 2),
        "late_s_most": round(late[-1], 2), "blocked_ms": round(longest * 1000),
        "cpu_share": round((after.user + after.system - before.user - before.system) / seconds, 3),
        "memory_mb": round(me.memory_info().rss / 2**20), "load": round(psutil.getloadavg()[0], 1),
    }  # fmt: skip


@click.command()
@click.option("--feeds", default=50_000, show_default=True)
@click.option("--hosts", default=2000, show_default=True)
@click.option("--minutes", default=2.0, show_default=True)
@click.option("--json", "as_json", is_flag=True)
def main(feeds: int, hosts: int, minutes: float, as_json: bool) -> None:
    mine, theirs = multiprocessing.get_context("spawn").Pipe()
    server = multiprocessing.get_context("spawn").Process(target=serve, args=(theirs,), daemon=True)
    server.start()
    try:
        found = asyncio.run(poll_all(int(mine.recv()), feeds, hosts, minutes))
    finally:
        server.terminate()
        server.join()
    if as_json:
        print(json.dumps(found))
    else:
        for name, value in found.items():
            print(f"{name:>15}  {value}")


if __name__ == "__main__":
    main()
