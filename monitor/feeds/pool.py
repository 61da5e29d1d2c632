"""Parsing in processes of their own, under a limit of time and memory: the death of one is one feed's error."""

from __future__ import annotations

import asyncio
import contextlib
import json
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, Protocol

from pydantic import ValidationError

from monitor.errors import FeedError
from monitor.feeds.items import ParsedFeed, ParsedPage
from monitor.feeds.parse import parse_feed
from monitor.feeds.parser_process import page_of

__all__ = ["DirectParser", "Parser", "ParserPool"]

TIME_LIMIT_S = 20.0
"""Seconds for one document; a feed of 5,000 items takes 3."""
MEMORY_LIMIT = 1024 * 2**20
"""Bytes of address space of a parser: enough for the largest body there may be, several times over."""
PROCESSES = 2
ANSWER_LIMIT = 64 * 2**20
"""Bytes of the longest answer taken."""
JOBS_EACH = 5000
"""Jobs after which a process is replaced, for what libraries leak."""


class Parser(Protocol):
    """Turns bodies into values. Raises ``FeedError`` for what it cannot, and nothing else."""

    async def feed(
        self, body: bytes, *, url: str, content_type: str | None, language: str | None, zone: str | None
    ) -> ParsedFeed:
        """Return what a feed holds."""
        ...

    async def page(self, body: bytes, *, url: str) -> ParsedPage:
        """Return the article in a web page."""
        ...

    async def close(self) -> None:
        """Release what it holds."""
        ...


class DirectParser:
    """Parses in this process: for one-shot commands and tests."""

    async def feed(
        self, body: bytes, *, url: str, content_type: str | None, language: str | None, zone: str | None
    ) -> ParsedFeed:
        """Return what a feed holds."""
        return parse_feed(body, url=url, content_type=content_type, language=language, zone=zone)

    async def page(self, body: bytes, *, url: str) -> ParsedPage:
        """Return the article in a web page."""
        try:
            return page_of(body, url)
        except Exception as error:
            raise FeedError(str(error), url=url) from error

    async def close(self) -> None:
        """Nothing to release."""


class _Worker:
    """One process, one job at a time."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self.process = process
        self.jobs = 0

    async def ask(self, job: dict[str, Any], body: bytes) -> bytes:
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.jobs += 1
        self.process.stdin.write(json.dumps({**job, "size": len(body)}).encode() + b"\n" + body)
        await self.process.stdin.drain()
        header = await self.process.stdout.readline()
        if not header:
            raise EOFError
        size = int(json.loads(header)["size"])
        if size > ANSWER_LIMIT:
            raise OverflowError
        return await self.process.stdout.readexactly(size)

    async def end(self) -> None:
        with contextlib.suppress(ProcessLookupError):
            self.process.kill()
        if self.process.stdin is not None:
            self.process.stdin.close()
        await self.process.wait()


class ParserPool:
    """``processes`` parsers, started when first needed; they end with this process, even when it is killed."""

    def __init__(
        self, *, processes: int = PROCESSES, time_limit_s: float = TIME_LIMIT_S, memory_limit: int = MEMORY_LIMIT
    ) -> None:
        self._places = asyncio.Semaphore(processes)
        self._idle: list[_Worker] = []
        self._all: set[_Worker] = set()
        self._time_limit_s = time_limit_s
        self._memory_limit = memory_limit

    async def feed(
        self, body: bytes, *, url: str, content_type: str | None, language: str | None, zone: str | None
    ) -> ParsedFeed:
        """Return what a feed holds."""
        job = {"kind": "feed", "url": url, "content_type": content_type, "language": language, "zone": zone}
        raw = await self._ask(job, body, url)
        try:
            return ParsedFeed.model_validate_json(raw)
        except ValidationError:
            raise _error(raw, url) from None

    async def page(self, body: bytes, *, url: str) -> ParsedPage:
        """Return the article in a web page."""
        raw = await self._ask({"kind": "page", "url": url}, body, url)
        try:
            return ParsedPage.model_validate_json(raw)
        except ValidationError:
            raise _error(raw, url) from None

    async def close(self) -> None:
        """End every process."""
        await asyncio.gather(*(worker.end() for worker in self._all))
        self._all.clear()
        self._idle.clear()

    async def _ask(self, job: dict[str, Any], body: bytes, url: str) -> bytes:
        async with self._places, self._worker() as worker:
            try:
                async with asyncio.timeout(self._time_limit_s):
                    return await worker.ask(job, body)
            except TimeoutError:
                raise FeedError(f"took the parser longer than {self._time_limit_s:g} s", url=url) from None
            except (OSError, EOFError, ValueError, OverflowError, asyncio.IncompleteReadError):
                code = worker.process.returncode
                reason = f"ended the parser{f' (exit status {code})' if code is not None else ''}"
                raise FeedError(reason, url=url) from None

    @asynccontextmanager
    async def _worker(self) -> AsyncIterator[_Worker]:
        worker = self._idle.pop() if self._idle else await self._start()
        good = False
        try:
            yield worker
            good = worker.jobs < JOBS_EACH and worker.process.returncode is None
        finally:
            # After a timeout or a cancellation an answer may still come: that process is never asked again.
            if good:
                self._idle.append(worker)
            else:
                self._all.discard(worker)
                await asyncio.shield(worker.end())

    async def _start(self) -> _Worker:
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            "monitor.feeds.parser_process",
            str(self._memory_limit),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.DEVNULL,
        )
        worker = _Worker(process)
        self._all.add(worker)
        return worker


def _error(raw: bytes, url: str) -> FeedError:
    try:
        reason = str(json.loads(raw)["error"])
    except (ValueError, KeyError, TypeError):
        reason = "the parser's answer makes no sense"
    return FeedError(reason, url=url)
