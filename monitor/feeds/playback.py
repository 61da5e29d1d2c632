"""A feed server that plays what it is told: items that appear and change, and every way in which servers misbehave.

For tests, benchmarks and trying things out; it listens on a free port of 127.0.0.1::

    async with Playback() as server:
        feed = server.feed("/world.xml", title="Ledger")
        feed.put(Item("1", "Two freighters collide", "A grain ship sank."))
        server.play("/world.xml", answers.status(503, retry_after="120"), answers.feed(feed))
"""

from __future__ import annotations

import asyncio
import html
import ssl
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from email.utils import format_datetime
from types import TracebackType
from typing import Self

from aiohttp import web

from monitor.feeds import answers
from monitor.feeds.answers import Answer

__all__ = ["Item", "Playback", "PlayedFeed"]

HOST = "127.0.0.1"


@dataclass(frozen=True, slots=True)
class Item:
    """One item: ``link`` is a path of the server or a whole address; ``text`` is put into the description escaped."""

    guid: str | None
    title: str
    text: str = ""
    link: str | None = None
    published: datetime | str | None = None
    content: str | None = None
    author: str | None = None


@dataclass
class PlayedFeed:
    """An RSS 2.0 feed whose items can be changed while it is served; the newest stand first."""

    title: str = "Played feed"
    link: str = "/"
    language: str | None = "en"
    extra: str = ""
    """XML that is put into the channel as it stands: ttl, skipHours..."""
    items: dict[str, Item] = field(default_factory=dict)

    def put(self, *items: Item) -> None:
        """Add items, or change those whose guid (or else link, or title) is there already."""
        for item in items:
            key = item.guid or item.link or item.title
            if key in self.items:
                self.items[key] = item
            else:
                self.items = {key: item, **self.items}

    def edit(self, guid: str, **changes: str) -> None:
        """Change fields of an item."""
        self.items[guid] = replace(self.items[guid], **changes)

    def drop(self, guid: str) -> None:
        """Take an item out."""
        del self.items[guid]

    def render(self, base: str) -> bytes:
        """Return the feed as XML; relative links begin at ``base``."""
        language = f"<language>{self.language}</language>" if self.language else ""
        items = "".join(_render(item, base) for item in self.items.values())
        return (
            '<?xml version="1.0" encoding="utf-8"?>\n<rss version="2.0" '
            'xmlns:content="http://purl.org/rss/1.0/modules/content/" xmlns:dc="http://purl.org/dc/elements/1.1/" '
            'xmlns:sy="http://purl.org/rss/1.0/modules/syndication/"><channel>'
            f"<title>{html.escape(self.title)}</title><link>{html.escape(_absolute(self.link, base))}</link>"
            f"<description/>{language}{self.extra}{items}</channel></rss>"
        ).encode()


def _render(item: Item, base: str) -> str:
    when = item.published
    date = format_datetime(when, usegmt=False) if isinstance(when, datetime) else when
    parts = (
        ("title", item.title),
        ("description", item.text),
        ("link", _absolute(item.link, base) if item.link else None),
        ("pubDate", date),
        ("content:encoded", item.content),
        ("dc:creator", item.author),
    )
    guid = f'<guid isPermaLink="false">{html.escape(item.guid)}</guid>' if item.guid else ""
    return f"<item>{guid}{''.join(f'<{tag}>{html.escape(text)}</{tag}>' for tag, text in parts if text)}</item>"


def _absolute(link: str, base: str) -> str:
    return base + link if link.startswith("/") else link


class Playback:
    """The server, over HTTPS where ``tls`` is given.

    Each path has a queue of answers: each is given once, and the last one from then on.
    """

    def __init__(self, tls: ssl.SSLContext | None = None) -> None:
        self._tls = tls
        self.requests: list[tuple[str, Mapping[str, str]]] = []
        """Path and headers (names in lower case) of every request, in order."""
        self.at_once = 0
        self.most_at_once = 0
        self._answers: dict[str, list[Answer]] = {}
        self._runner: web.AppRunner | None = None
        self.base = ""

    async def __aenter__(self) -> Self:
        app = web.Application()
        app.router.add_route("*", "/{path:.*}", self._handle)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
        await self._runner.setup()
        site = web.TCPSite(self._runner, HOST, 0, ssl_context=self._tls)
        await site.start()
        port = self._runner.addresses[0][1]
        self.base = f"{'https' if self._tls else 'http'}://{HOST}:{port}"
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._runner is not None:
            await self._runner.cleanup()

    def feed(
        self, path: str, title: str = "Played feed", *, extra: str = "", language: str | None = "en"
    ) -> PlayedFeed:
        """Serve a new feed at ``path``, with ETag and 304 as a good server does."""
        feed = PlayedFeed(title, language=language, extra=extra)
        self.play(path, answers.document(lambda: feed.render(self.base), "application/rss+xml"))
        return feed

    def page(self, path: str, title: str, *paragraphs: str) -> None:
        """Serve an article's web page at ``path``, with navigation around it."""
        text = "".join(f"<p>{html.escape(paragraph)}</p>" for paragraph in paragraphs)
        body = (
            f"<!DOCTYPE html><html lang=en><head><title>{html.escape(title)}</title></head><body>"
            f"<nav><a href=/>Home</a></nav><main><article><h1>{html.escape(title)}</h1>{text}</article></main>"
            "<footer>Imprint</footer></body></html>"
        )
        self.play(path, answers.document(body.encode, "text/html; charset=utf-8"))

    def play(self, path: str, *script: Answer) -> None:
        """Answer requests for ``path`` with each of ``script`` in turn, and with the last of them for ever after."""
        self._answers[path] = list(script)

    def url(self, path: str) -> str:
        """Return the address of ``path``."""
        return self.base + path

    def count(self, path: str) -> int:
        """Return how often ``path`` was asked for."""
        return sum(asked == path for asked, _ in self.requests)

    async def _handle(self, request: web.Request) -> web.StreamResponse:
        self.requests.append((request.path, {name.lower(): value for name, value in request.headers.items()}))
        script = self._answers.get(request.path)
        if not script:
            return web.Response(status=404, text="nothing is played here")
        answer = script.pop(0) if len(script) > 1 else script[0]
        self.at_once += 1
        self.most_at_once = max(self.most_at_once, self.at_once)
        try:
            return await answer(request)
        except (ConnectionError, asyncio.CancelledError):
            raise
        finally:
            self.at_once -= 1
