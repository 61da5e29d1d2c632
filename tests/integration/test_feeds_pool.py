from __future__ import annotations

import asyncio
import os
import signal
import sys
from collections.abc import AsyncIterator

import psutil
import pytest

from monitor.errors import FeedError
from monitor.feeds.items import ParsedFeed
from monitor.feeds.pool import ParserPool

GOOD = b"<rss><channel><title>Ledger</title><item><title>Army denies strike</title></item></channel></rss>"
PAGE = (
    b"<html><body><article><p>"
    + b"The army denied on Monday that it had struck the market. " * 9
    + b"</p></article></body></html>"
)

OWNER = """
import asyncio, sys
from monitor.feeds.pool import ParserPool

async def main():
    pool = ParserPool(processes=1)
    feed = b"<rss><channel><title>x</title></channel></rss>"
    await pool.feed(feed, url="u", content_type=None, language=None, zone=None)
    print([worker.process.pid for worker in pool._all][0], flush=True)
    await asyncio.sleep(60)

asyncio.run(main())
"""


@pytest.fixture
async def pool() -> AsyncIterator[ParserPool]:
    """A pool of one parser, with little time and memory."""
    found = ParserPool(processes=1, time_limit_s=4.0, memory_limit=512 * 2**20)
    yield found
    await found.close()


def parsers(pool: ParserPool) -> list[psutil.Process]:
    """Return the parsers of the pool that live; other tests may have left some that end with this process."""
    own = {worker.process.pid for worker in pool._all}
    return [child for child in psutil.Process().children() if child.pid in own]


async def read(pool: ParserPool, body: bytes) -> ParsedFeed:
    """Parse a feed in the pool."""
    return await pool.feed(body, url="http://a.example/f", content_type=None, language=None, zone=None)


async def test_feeds_and_pages(pool: ParserPool) -> None:
    """A pool parses feeds and pages as this process would, and passes on why it cannot."""
    assert [item.title for item in (await read(pool, GOOD)).items] == ["Army denies strike"]
    assert "denied on Monday" in (await pool.page(PAGE, url="http://a.example/1")).text
    with pytest.raises(FeedError, match=r"http://a\.example/f: is binary, not a feed"):
        await read(pool, bytes(range(256)) * 40)
    with pytest.raises(FeedError, match="no article"):
        await pool.page(b"<html></html>", url="http://a.example/1")


async def test_many_jobs_for_few_parsers(pool: ParserPool) -> None:
    """Jobs wait their turn, and each gets its own answer."""
    bodies = [GOOD.replace(b"Ledger", f"Ledger {n}".encode()) for n in range(30)]
    feeds = await asyncio.gather(*(read(pool, body) for body in bodies))
    assert [feed.title for feed in feeds] == [f"Ledger {n}" for n in range(30)]
    assert len(parsers(pool)) == 1


async def test_a_parser_that_is_killed_is_one_feeds_error(pool: ParserPool) -> None:
    """When a parser dies in the middle of a job, that job fails, and the next one is done by another."""
    await read(pool, GOOD)
    (child,) = parsers(pool)
    child.suspend()
    job = asyncio.create_task(read(pool, GOOD))
    await asyncio.sleep(0.05)
    child.kill()
    with pytest.raises(FeedError, match="ended the parser"):
        await job
    assert (await read(pool, GOOD)).title == "Ledger"


async def test_a_parser_that_takes_too_long(pool: ParserPool) -> None:
    """A job beyond its time is an error, its parser is ended, and the next job is done."""
    await read(pool, GOOD)
    (child,) = parsers(pool)
    child.suspend()
    with pytest.raises(FeedError, match="longer than 4 s"):
        await read(pool, GOOD)
    assert not child.is_running() or child.status() == psutil.STATUS_ZOMBIE
    assert (await read(pool, GOOD)).title == "Ledger"


async def test_a_parser_that_wants_too_much_memory() -> None:
    """A body beyond the parser's memory is an error of that body, and no other's."""
    pool = ParserPool(processes=1, time_limit_s=30.0, memory_limit=256 * 2**20)
    try:
        with pytest.raises(FeedError, match=r"MemoryError|more memory|ended the parser"):
            await read(pool, b"<rss><channel><title>" + b"x" * (60 * 2**20) + b"</title></channel></rss>")
        assert (await read(pool, GOOD)).title == "Ledger"
    finally:
        await pool.close()


async def test_a_cancelled_job_leaves_no_answer_behind(pool: ParserPool) -> None:
    """After a job was cancelled the next one does not get its answer."""
    await read(pool, GOOD)
    job = asyncio.create_task(read(pool, GOOD.replace(b"Ledger", b"Cancelled")))
    await asyncio.sleep(0)
    job.cancel()
    await asyncio.gather(job, return_exceptions=True)
    assert (await read(pool, GOOD)).title == "Ledger"


async def test_parsers_end_with_their_owner() -> None:
    """When the process that owns a pool is killed, its parsers go too."""
    owner = await asyncio.create_subprocess_exec(sys.executable, "-c", OWNER, stdout=asyncio.subprocess.PIPE)
    assert owner.stdout is not None
    parser = psutil.Process(int(await owner.stdout.readline()))
    os.kill(owner.pid, signal.SIGKILL)
    await owner.wait()
    for _ in range(100):
        if not parser.is_running() or parser.status() == psutil.STATUS_ZOMBIE:
            break
        await asyncio.sleep(0.1)
    else:
        pytest.fail("the parser outlives its owner")
