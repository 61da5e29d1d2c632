"""A small web of invented outlets on 127.0.0.1: feeds, pages, and items that appear over time.

``python -m monitor.demo.server --pace 60`` serves the sample articles by themselves; tests use :class:`DemoServer` and
change its feeds with :meth:`DemoServer.publish`.
"""

from __future__ import annotations

import asyncio
import hashlib
import signal
import time
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import format_datetime
from typing import Final, Self

import click
from aiohttp import web

from monitor.demo.corpus import Corpus, Outlet, SampleArticle, load
from monitor.demo.feeds import CONTENT_TYPES, render_feed
from monitor.demo.pages import render_home, render_page
from monitor.errors import CounterclaimError
from monitor.feeds.roster import Feed
from monitor.feeds.roster_toml import write_toml

__all__ = ["DemoServer", "feed_path", "main", "roster_toml"]

HOST: Final = "127.0.0.1"
POLL_INTERVAL_S: Final = 1.0
"""Seconds between polls of one sample feed, as the roster asks."""
SHUTDOWN_S: Final = 1.0
"""Seconds that open connections get to finish when the server stops."""


def feed_path(outlet: Outlet) -> str:
    """Return the path of the outlet's feed on the server."""
    return f"/{outlet.id}/feed.{'json' if outlet.format == 'json' else 'xml'}"


def roster_toml(outlets: Iterable[Outlet], base_url: str) -> str:
    """Return the roster of the sample feeds; those that carry whole texts need no page."""
    return write_toml(
        Feed(
            url=base_url + feed_path(outlet),
            title=outlet.name,
            publisher=outlet.name,
            kind=outlet.kind,
            language=outlet.language,
            full_text="never" if outlet.content == "full" else "always",
            interval_s=POLL_INTERVAL_S,
            min_interval_s=POLL_INTERVAL_S,
            max_interval_s=POLL_INTERVAL_S,
        )
        for outlet in outlets
    )


@dataclass(frozen=True, slots=True)
class _Served:
    """An article and when it appears: seconds after the start of the server."""

    appears_s: float
    article: SampleArticle


class DemoServer:
    """Serves a corpus. Its items appear one after another within ``pace_s`` seconds, all at once where that is 0.

    Of an item with several revisions the latest that has appeared is served. ``port`` 0 takes a free one; ``base_url``
    is known once the server has started. ``requests`` counts those for feeds.
    """

    def __init__(self, corpus: Corpus, *, port: int = 0, pace_s: float = 0.0) -> None:
        self._corpus = corpus
        self._port = port
        self._served = _schedule(corpus, pace_s)
        self._started_at = time.monotonic()
        self._started_on = datetime.now(UTC)
        self._runner: web.AppRunner | None = None
        self.base_url = ""
        self.requests = 0

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(self, *exc: object) -> None:
        await self.stop()

    async def start(self) -> None:
        """Listen on 127.0.0.1; the first items appear now.

        Raises:
            CounterclaimError: the port is taken.
        """
        app = web.Application()
        app.router.add_get("/robots.txt", self._robots)
        app.router.add_get("/roster.toml", self._roster)
        app.router.add_get("/{outlet}/", self._home)
        app.router.add_get("/{outlet}/{name}", self._document)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=SHUTDOWN_S)
        await self._runner.setup()
        try:
            await web.TCPSite(self._runner, HOST, self._port).start()
        except OSError as error:
            await self.stop()
            raise CounterclaimError(
                f"the sample feeds cannot listen on {HOST}:{self._port}: {error.strerror}",
                hint="give another port, or 0 for a free one",
            ) from error
        self.base_url = f"http://{HOST}:{self._runner.addresses[0][1]}"
        self._started_at = time.monotonic()
        self._started_on = datetime.now(UTC)

    async def stop(self) -> None:
        """Close the port and what is open."""
        if self._runner is not None:
            await self._runner.cleanup()
            self._runner = None

    def publish(self, article: SampleArticle) -> None:
        """Put ``article`` into its outlet's feed now, in the place of an earlier one with the same guid."""
        self._served = [each for each in self._served if each.article.guid != article.guid]
        self._served.append(_Served(self._now(), article))

    def withdraw(self, guid: str) -> None:
        """Take an item out of its feed; its page answers 404."""
        self._served = [each for each in self._served if each.article.guid != guid]

    def visible(self, outlet: Outlet | None = None) -> list[SampleArticle]:
        """Return what has appeared (of one outlet, or of all), each item in its latest revision, in order."""
        now = self._now()
        latest: dict[str, SampleArticle] = {}
        for served in self._served:
            if served.appears_s <= now and outlet in (None, served.article.outlet):
                latest[served.article.guid] = served.article
        return list(latest.values())

    def roster(self) -> str:
        """Return the roster of the feeds as they are served here, in TOML."""
        return roster_toml(self._corpus.outlets, self.base_url)

    def _now(self) -> float:
        return time.monotonic() - self._started_at

    def _changed_on(self, outlet: Outlet) -> datetime:
        """Return when the outlet's feed last changed, for Last-Modified."""
        now = self._now()
        times = (each.appears_s for each in self._served if each.article.outlet == outlet and each.appears_s <= now)
        return datetime.fromtimestamp(self._started_on.timestamp() + max(times, default=0.0), UTC)

    async def _robots(self, request: web.Request) -> web.Response:
        return web.Response(text="User-agent: *\nAllow: /\n")

    async def _roster(self, request: web.Request) -> web.Response:
        return web.Response(text=self.roster(), content_type="application/toml")

    async def _home(self, request: web.Request) -> web.StreamResponse:
        outlet = self._outlet(request)
        text = render_home(outlet, self.visible(outlet), self.base_url)
        return _conditional(request, text, "text/html", self._changed_on(outlet))

    async def _document(self, request: web.Request) -> web.StreamResponse:
        outlet = self._outlet(request)
        visible = self.visible(outlet)
        if request.path == feed_path(outlet):
            self.requests += 1
            text = render_feed(outlet, visible, self.base_url)
            return _conditional(request, text, CONTENT_TYPES[outlet.format], self._changed_on(outlet))
        for article in visible:
            if article.slug == request.match_info["name"]:
                text = render_page(article, visible, self.base_url)
                return _conditional(request, text, "text/html", self._changed_on(outlet))
        raise web.HTTPNotFound

    def _outlet(self, request: web.Request) -> Outlet:
        for outlet in self._corpus.outlets:
            if outlet.id == request.match_info["outlet"]:
                return outlet
        raise web.HTTPNotFound


def _schedule(corpus: Corpus, pace_s: float) -> list[_Served]:
    """Spread the articles evenly over ``pace_s`` seconds in their order; those of opening scenarios come at once."""
    opening = {scenario.id for scenario in corpus.scenarios if scenario.opens}
    last = max(len(corpus.articles) - 1, 1)
    return [
        _Served(0.0 if article.scenario in opening else pace_s * number / last, article)
        for number, article in enumerate(corpus.articles)
    ]


def _conditional(request: web.Request, text: str, content_type: str, changed_on: datetime) -> web.Response:
    """Answer with ``text``, or with 304 where the client has it (RFC 9110, 13.2.2: the tag goes before the date)."""
    body = text.encode()
    tag = hashlib.blake2b(body, digest_size=10).hexdigest()
    changed_on = changed_on.replace(microsecond=0)
    headers = {
        "ETag": f'"{tag}"',
        "Last-Modified": format_datetime(changed_on, usegmt=True),
        "Cache-Control": "no-cache",
    }
    tags = request.if_none_match
    if tags is not None:
        fresh = any(each.value in (tag, "*") for each in tags)
    else:
        fresh = request.if_modified_since is not None and request.if_modified_since >= changed_on
    if fresh:
        return web.Response(status=304, headers=headers)
    return web.Response(body=body, content_type=content_type, charset="utf-8", headers=headers)


async def _serve(port: int, pace_s: float) -> None:
    stopped = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stopped.set)
    async with DemoServer(load(datetime.now(UTC)), port=port, pace_s=pace_s) as server:
        click.echo(server.base_url)
        await stopped.wait()


@click.command()
@click.option("--port", default=0, show_default=True, type=click.IntRange(0, 65535), help="TCP port; 0: a free one.")
@click.option(
    "--pace", default=60.0, show_default=True, type=click.FloatRange(0), help="Seconds until all items have appeared."
)
def main(port: int, pace: float) -> None:
    """Serve the sample feeds on 127.0.0.1, print the address, and stop on SIGTERM or Ctrl-C.

    The roster of the feeds is at /roster.toml.
    """
    try:
        asyncio.run(_serve(port, pace))
    except CounterclaimError as error:
        raise click.ClickException(str(error)) from error


if __name__ == "__main__":
    main()
