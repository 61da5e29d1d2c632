"""Feeds and items a second of the poller, beside a plain aiohttp + feedparser loop, on the same local server.

    .venv/bin/python benchmarks/feeds.py [--feeds 200] [--items 30] [--rounds 1] [--reader-workers 8] [--json]

Each feed has content of its own; the server is a process of its own and answers with ETag and 304. Three polls of every
feed are timed: the first, one with nothing new, one in which every twentieth feed has a new item. The plain loop keeps
ETags, parses in its own process, and does nothing else: no identity, no state, no articles. Both have 100 requests in
flight. `blocked_ms` is the longest time that the event loop did not turn; `peak_mb` the most memory (resident, with the
parsers).

lemon24/reader is the third contender where the variable READER_PYTHON names a Python that has it (`python -m venv X &&
X/bin/pip install reader`, outside of this project's environment). It keeps articles in SQLite and has threads, so no
event loop to be blocked.
"""

from __future__ import annotations

import asyncio
import json
import logging
import multiprocessing
import os
import random
import time
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

import aiohttp
import click
import feedparser
import psutil
import structlog

from monitor.feeds import answers
from monitor.feeds.fetch import HttpFetcher
from monitor.feeds.playback import Item, Playback, PlayedFeed
from monitor.feeds.poller import Poller
from monitor.feeds.roster import Feed, Roster, partition_of
from monitor.settings import FeedSettings

structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING))

AT_ONCE = 100
CHANGED = 20
"""Every twentieth feed has a new item in the third poll: 5 %."""
STATES = ("first poll", "nothing new", "5 % new")
START = datetime(2026, 6, 4, tzinfo=UTC)

WORDS = (
    "army", "ministry", "minister", "said", "denied", "strike", "market", "troops", "talks", "border", "city",
    "capital", "people", "killed", "wounded", "officials", "agency", "reported", "statement", "government",
    "president", "council", "vote", "court", "police", "protest", "export", "price", "fuel", "bank", "river",
    "flood", "storm", "rescue", "hospital", "school", "bridge", "port", "ship", "harbour", "airport", "flight",
    "company", "workers", "union",
)  # fmt: skip


def _sentence(chance: random.Random) -> str:
    return " ".join(chance.choices(WORDS, k=chance.randint(8, 20))).capitalize() + "."


def _item(feed: int, number: int) -> Item:
    chance = random.Random(feed * 10_007 + number)
    text = "".join(f"<p>{_sentence(chance)}</p>" for _ in range(chance.randint(1, 4)))
    link = f"/{feed}/story-{feed}-{number}-{chance.randrange(10**6)}"
    return Item(f"tag:bench,{feed}:{number}", _sentence(chance)[:90], text, link, START + timedelta(minutes=number))


def serve(pipe: Connection, feeds: int, items: int) -> None:
    """Serve the feeds; send the address; add the items of the third poll when told; stop when the pipe closes."""

    async def run() -> None:
        async with Playback() as server:
            bodies: list[bytes] = []
            played: list[PlayedFeed] = []
            for number in range(feeds):
                feed = PlayedFeed(f"Feed {number}")
                feed.put(*(_item(number, n) for n in range(items)))
                played.append(feed)
                bodies.append(feed.render(server.base))
                server.play(f"/{number}/feed.xml", answers.document(lambda n=number: bodies[n]))
            pipe.send(server.base)
            loop = asyncio.get_running_loop()
            while (word := await loop.run_in_executor(None, _received, pipe)) is not None:
                if word == "new":
                    for number in range(0, feeds, CHANGED):
                        played[number].put(_item(number, 10**6 + len(played[number].items)))
                        bodies[number] = played[number].render(server.base)
                pipe.send(len(server.requests))

    asyncio.run(run())


def _received(pipe: Connection) -> str | None:
    try:
        return str(pipe.recv())
    except EOFError:
        return None


class Server:
    """The server process, as the contenders see it."""

    def __init__(self, feeds: int, items: int) -> None:
        context = multiprocessing.get_context("spawn")
        self._pipe, theirs = context.Pipe()
        self._process = context.Process(target=serve, args=(theirs, feeds, items), daemon=True)
        self._process.start()
        self.pid = self._process.pid or 0
        theirs.close()
        self.base = str(self._pipe.recv())
        self.urls = [f"{self.base}/{number}/feed.xml" for number in range(feeds)]

    def tell(self, word: str) -> int:
        """Say ``new`` or ``count``; return the number of requests so far."""
        self._pipe.send(word)
        return int(self._pipe.recv())

    def stop(self) -> None:
        """End the server."""
        self._pipe.close()
        self._process.terminate()
        self._process.join()


READER_PYTHON = os.environ.get("READER_PYTHON")

Poll = Callable[[], Awaitable[int]]


async def plain(urls: list[str], states: Callable[[Poll], Awaitable[None]]) -> None:
    """Poll with aiohttp and feedparser and nothing else; an item counts as new when its id was not seen before."""
    tags: dict[str, str] = {}
    seen: set[tuple[str, str]] = set()
    slots = asyncio.Semaphore(AT_ONCE)

    async def one(session: aiohttp.ClientSession, url: str) -> int:
        async with slots:
            headers = {"If-None-Match": tags[url]} if url in tags else {}
            async with session.get(url, headers=headers) as answer:
                body = await answer.read()
                if answer.status == 304:
                    return 0
                tags[url] = answer.headers["ETag"]
        before = len(seen)
        seen.update((url, entry.get("id", "")) for entry in feedparser.parse(body).entries)
        return len(seen) - before

    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=AT_ONCE)) as session:

        async def poll() -> int:
            return sum(await asyncio.gather(*(one(session, url) for url in urls)))

        await states(poll)


async def counterclaim(urls: list[str], states: Callable[[Poll], Awaitable[None]]) -> None:
    """Poll as the daemon does, tick by tick, with the state in a dictionary."""
    settings = FeedSettings(
        allow_private=True, host_gap_s=0, per_host=AT_ONCE, at_once=AT_ONCE, full_text="never", timeout_s=300
    )
    roster = Roster(Feed(url) for url in urls)
    store: dict[str, bytes] = {}
    now = datetime.now(UTC)
    async with HttpFetcher(settings) as fetcher:
        poller = Poller(roster, store, fetcher, settings)
        part = partition_of(next(iter(roster)).host)

        async def poll() -> int:
            nonlocal now
            now += timedelta(hours=4)
            polled = articles = 0
            while polled < len(roster):
                result = await poller.poll(part, now)
                assert not [report for report in result.reports if report.error]
                result.write(store)
                polled, articles = polled + len(result.reports), articles + len(result.articles)
                if not result.reports:
                    await asyncio.sleep(0.02)
            return articles

        await states(poll)
        await poller.close()


async def reader(urls: list[str], states: Callable[[Poll], Awaitable[None]], workers: int) -> None:
    """Poll with lemon24/reader's ``update_feeds``, in a process of its own Python."""
    assert READER_PYTHON is not None
    script = str(Path(__file__).with_name("feeds_reader.py"))
    process = await asyncio.create_subprocess_exec(
        READER_PYTHON, script, str(workers), stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE,
        limit=2**24,
    )  # fmt: skip
    assert process.stdin is not None
    assert process.stdout is not None

    async def tell(line: str) -> dict[str, Any]:
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdin.write(line.encode() + b"\n")
        await process.stdin.drain()
        found: dict[str, Any] = json.loads(await process.stdout.readline())
        return found

    async def poll() -> int:
        answer = await tell("poll")
        assert not answer["failed"], f"{answer['failed']} feeds failed"
        return int(answer["new"])

    await tell(json.dumps(urls))
    await states(poll)
    process.stdin.close()
    await process.wait()


async def _with_lag(work: Awaitable[int]) -> tuple[int, float]:
    """Await ``work``, and return with it the longest time in seconds for which the event loop did not turn."""
    longest, last = 0.0, time.perf_counter()

    async def watch() -> None:
        nonlocal longest, last
        while True:
            await asyncio.sleep(0.005)
            now = time.perf_counter()
            longest, last = max(longest, now - last - 0.005), now

    watcher = asyncio.create_task(watch())
    try:
        return await work, longest
    finally:
        watcher.cancel()


def _processes(server: int) -> list[psutil.Process]:
    """Return this process and its parsers, without the server."""
    me = psutil.Process()
    return [me, *(child for child in me.children(recursive=True) if child.pid != server)]


def _memory(server: int) -> float:
    return sum(process.memory_info().rss for process in _processes(server)) / 2**20


def _cpu(server: int) -> float:
    times = [process.cpu_times() for process in _processes(server)]
    return sum(found.user + found.system for found in times)


def contender(name: str, feeds: int, items: int, workers: int, pipe: Connection) -> None:
    """Run one contender in this process, on a server of its own, and send its rows."""
    server = Server(feeds, items)
    rows: list[dict[str, Any]] = []

    async def states(poll: Poll) -> None:
        for state in STATES:
            before = server.tell("new" if state == STATES[2] else "count")
            started, processor = time.perf_counter(), _cpu(server.pid)
            new, lag = await _with_lag(poll())
            took = time.perf_counter() - started
            rows.append({
                "contender": name, "state": state, "seconds": round(took, 3),
                "cpu_s": round(_cpu(server.pid) - processor, 3), "feeds_s": round(feeds / took, 1),
                "items_s": round(feeds * items / took), "new": new, "requests": server.tell("count") - before,
                "blocked_ms": "-" if name == "reader" else round(lag * 1000), "peak_mb": round(_memory(server.pid)),
            })  # fmt: skip

    if name == "reader":
        asyncio.run(reader(server.urls, states, workers))
    else:
        asyncio.run({"plain": plain, "counterclaim": counterclaim}[name](server.urls, states))
    server.stop()
    pipe.send(rows)


@click.command()
@click.option("--feeds", default=200, show_default=True, type=click.IntRange(20, 100_000))
@click.option("--items", default=30, show_default=True, type=click.IntRange(1, 1000), help="Items in each feed.")
@click.option(
    "--rounds", default=1, show_default=True, help="Repeats, the contenders in turn; the best of each counts."
)
@click.option("--reader-workers", default=8, show_default=True, help="Threads of lemon24/reader, where it is there.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object.")
def main(feeds: int, items: int, rounds: int, reader_workers: int, as_json: bool) -> None:
    names = ["plain", "counterclaim", "reader"]
    if READER_PYTHON is None:
        click.echo("without lemon24/reader: READER_PYTHON does not name a Python that has it", err=True)
        names.remove("reader")
    context = multiprocessing.get_context("spawn")
    best: dict[tuple[str, str], dict[str, Any]] = {}
    for _ in range(rounds):
        for name in names:
            mine, theirs = context.Pipe()
            process = context.Process(target=contender, args=(name, feeds, items, reader_workers, theirs))
            process.start()
            theirs.close()  # so that a contender that fails ends this too
            for row in mine.recv():
                key = (row["state"], name)
                if key not in best or row["seconds"] < best[key]["seconds"]:
                    best[key] = row
            process.join()
    ratios = {
        f"{measure} over {name}'s": {
            s: round(best[s, "counterclaim"][measure] / max(best[s, name][measure], 0.01), 2) for s in STATES
        }
        for name in names
        if name != "counterclaim"
        for measure in ("seconds", "cpu_s")
    }
    setting = {
        "feeds": feeds, "items": items, "rounds": rounds, "cores": psutil.cpu_count(),
        "load": round(psutil.getloadavg()[0], 1), "at_once": AT_ONCE, "reader_workers": reader_workers,
    }  # fmt: skip
    if as_json:
        print(json.dumps({"setting": setting, "rows": list(best.values()), "ratios": ratios}))
        return
    print(f"setting: {setting}")
    columns = (
        "state",
        "contender",
        "seconds",
        "cpu_s",
        "feeds_s",
        "items_s",
        "new",
        "requests",
        "blocked_ms",
        "peak_mb",
    )
    print("".join(f"{column:>13}" for column in columns))
    for key in sorted(best, key=lambda key: (STATES.index(key[0]), key[1])):
        print("".join(f"{best[key][column]:>13}" for column in columns))
    for measure, values in ratios.items():
        print(f"{measure}: {values}")


if __name__ == "__main__":
    main()
