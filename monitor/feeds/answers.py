"""How a played server answers one request: as it should, or in one of the ways in which real ones do not."""

from __future__ import annotations

import asyncio
import hashlib
import importlib
import sys
import zlib
from collections.abc import Awaitable, Callable, Iterable
from itertools import repeat
from typing import Any, TypeAlias

from aiohttp import web

__all__ = [
    "Answer",
    "big",
    "bomb",
    "document",
    "false_304",
    "garbage",
    "gated",
    "packed",
    "raw",
    "redirect",
    "reset",
    "slow",
    "status",
    "truncated",
]

Answer: TypeAlias = Callable[[web.Request], Awaitable[web.StreamResponse]]
"""Takes a request, gives its response."""

XML = "application/rss+xml"
_STEP = 64 * 1024


def document(body: Callable[[], bytes], content_type: str = XML, *, tag: str | None = None) -> Answer:
    """Answer with ``body()``, or with 304 where the client has it: ``tag`` fixes the ETag, whatever the body is."""

    async def answer(request: web.Request) -> web.StreamResponse:
        content = body()
        etag = tag or f'"{hashlib.blake2b(content, digest_size=8).hexdigest()}"'
        if request.headers.get("If-None-Match") == etag:
            return web.Response(status=304, headers={"ETag": etag})
        return web.Response(body=content, headers={"Content-Type": content_type, "ETag": etag})

    return answer


def false_304(body: Callable[[], bytes], content_type: str = XML) -> Answer:
    """Answer as a server whose ETag never changes: who has ever asked gets 304 for ever."""
    return document(body, content_type, tag='"constant"')


def raw(body: bytes, content_type: str = XML, **headers: str) -> Answer:
    """Answer with these bytes and headers (``_`` for ``-``), without an ETag."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}

    async def answer(_: web.Request) -> web.StreamResponse:
        return web.Response(body=body, headers={"Content-Type": content_type, **named})

    return answer


def status(code: int, *, retry_after: str | None = None, **more: str) -> Answer:
    """Answer with a status, a short text and more headers (``_`` for ``-``)."""

    async def answer(_: web.Request) -> web.StreamResponse:
        headers = {"Retry-After": retry_after} if retry_after is not None else {}
        headers |= {name.replace("_", "-"): value for name, value in more.items()}
        return web.Response(status=code, text=f"status {code}", headers=headers)

    return answer


def redirect(to: str, code: int = 301) -> Answer:
    """Send the client elsewhere: a path or an address."""

    async def answer(_: web.Request) -> web.StreamResponse:
        return web.Response(status=code, headers={"Location": to})

    return answer


def packed(body: bytes, coding: str, content_type: str = XML, *, keep: int | None = None) -> Answer:
    """Answer with ``body`` packed: gzip, deflate (zlib), raw-deflate (sent under the name of deflate), br or zstd.

    ``keep``: only so many bytes of it are sent, negative: all but so many, as if that were the whole.
    """
    return raw(_pack([body], coding)[:keep], content_type, Content_Encoding=coding.removeprefix("raw-"))


def bomb(size: int, coding: str = "gzip") -> Answer:
    """Answer with a small body, packed as for ``packed``, that unpacks to ``size`` bytes."""
    blocks = repeat(bytes(1 << 20), size >> 20)
    return raw(_pack(blocks, coding), XML, Content_Encoding=coding.removeprefix("raw-"))


def _pack(blocks: Iterable[bytes], coding: str) -> bytes:
    squeeze: Any
    if coding == "br":
        brotli = importlib.import_module("brotli")
        squeeze = brotli.Compressor(quality=5)
        return b"".join([*(squeeze.process(block) for block in blocks), squeeze.finish()])
    if coding == "zstd":
        name = "compression.zstd" if sys.version_info >= (3, 14) else "backports.zstd"
        squeeze = importlib.import_module(name).ZstdCompressor()
    else:
        bits = {"gzip": zlib.MAX_WBITS | 16, "deflate": zlib.MAX_WBITS, "raw-deflate": -zlib.MAX_WBITS}[coding]
        squeeze = zlib.compressobj(9, wbits=bits)
    return b"".join([*(squeeze.compress(block) for block in blocks), squeeze.flush()])


def big(size: int, *, announce: bool = False) -> Answer:
    """Answer with a feed of ``size`` bytes, piece by piece; ``announce``: with its Content-Length."""

    async def answer(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse(headers={"Content-Type": XML})
        if announce:
            response.content_length = size
        await response.prepare(request)
        block = b"<item><title>more</title></item>" * 2048
        for start in range(0, size, len(block)):
            await response.write(block[: size - start])
        return response

    return answer


def slow(body: bytes, *, pause_s: float, step: int = 16) -> Answer:
    """Answer with ``step`` bytes at a time and ``pause_s`` seconds between them."""

    async def answer(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse(headers={"Content-Type": XML})
        await response.prepare(request)
        for start in range(0, len(body), step):
            await response.write(body[start : start + step])
            await asyncio.sleep(pause_s)
        return response

    return answer


def gated(gate: asyncio.Event, then: Answer) -> Answer:
    """Answer as ``then`` does, once ``gate`` is open."""

    async def answer(request: web.Request) -> web.StreamResponse:
        await gate.wait()
        return await then(request)

    return answer


def truncated(body: bytes) -> Answer:
    """Announce all of ``body``, send half of it, and hang up."""

    async def answer(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse(headers={"Content-Type": XML})
        response.content_length = len(body)
        await response.prepare(request)
        await response.write(body[: len(body) // 2])
        _hang_up(request)
        return response

    return answer


def reset() -> Answer:
    """Hang up without an answer."""

    async def answer(request: web.Request) -> web.StreamResponse:
        _hang_up(request)
        return web.Response()

    return answer


def garbage() -> Answer:
    """Send bytes that are no HTTP."""

    async def answer(request: web.Request) -> web.StreamResponse:
        if request.transport is not None:
            request.transport.write(b"SSH-2.0-OpenSSH_9.6\r\n")
        _hang_up(request)
        return web.Response()

    return answer


def _hang_up(request: web.Request) -> None:
    if request.transport is not None:
        request.transport.close()
