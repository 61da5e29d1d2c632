"""``counterclaim parse``: feeds in, articles out, one JSON object a line."""

from __future__ import annotations

import asyncio
import json
import sys
from datetime import UTC, datetime
from pathlib import Path

import click

from monitor.cli.options import settings_of
from monitor.errors import CounterclaimError, FeedError, FetchError, InputError
from monitor.feeds.articles import articles_of
from monitor.feeds.fetch import HttpFetcher, Response
from monitor.feeds.identity import is_url
from monitor.feeds.parse import parse_feed
from monitor.feeds.roster import Feed
from monitor.settings import FeedSettings
from schemas import Article

__all__ = ["parse"]

_STDIN = "-"


@click.command()
@click.argument("sources", nargs=-1, required=True, metavar="FILE-or-URL...")
@click.option("--url", "base", default="", help="Where FILE was found: for its relative links and its site.")
@click.pass_context
def parse(ctx: click.Context, sources: tuple[str, ...], base: str) -> None:
    """Write the articles of each feed as JSON Lines, as the poller would publish them.

    RSS 0.9x to 2.0, RDF, Atom, CDF and JSON Feed; "-" is standard input. What is no feed is reported on stderr, the
    next one is read, and the exit status is 1.
    """
    settings = settings_of(ctx).feeds
    bad = 0
    for source in sources:
        try:
            articles = _read(source, base, settings)
        except CounterclaimError as error:
            bad += 1
            click.echo(f"counterclaim: {error}", err=True)
            continue
        for article in articles:
            click.echo(json.dumps(article.to_json(), ensure_ascii=False))
    if bad:
        raise SystemExit(1)


def _read(source: str, base: str, settings: FeedSettings) -> list[Article]:
    if is_url(source):
        response = asyncio.run(_fetch(source, settings))
        if not 200 <= response.status < 300:
            raise FetchError(f"answers with status {response.status}", url=source, status=response.status)
        return _articles(response.body, source, response.url, response.headers.get("content-type"))
    return _articles(_bytes(source, settings.max_bytes), source, base, None)


def _articles(body: bytes, source: str, url: str, content_type: str | None) -> list[Article]:
    try:
        parsed = parse_feed(body, url=url, content_type=content_type)
    except FeedError as error:
        raise InputError(error.message.removeprefix(f"{error.url}: "), path=source, hint=error.hint) from error
    if parsed.problem:
        click.echo(f"counterclaim: {source}: {parsed.problem}; read as far as possible", err=True)
    # A file does not say where it was found; the feed itself mostly does.
    feed = Feed(url=url or parsed.hints.self_url or parsed.link or "feed:unknown")
    return articles_of(parsed, feed, datetime.now(UTC))


async def _fetch(url: str, settings: FeedSettings) -> Response:
    async with HttpFetcher(settings) as fetcher:
        return await fetcher.fetch(url)


def _bytes(path: str, limit: int) -> bytes:
    try:
        if path == _STDIN:
            body = sys.stdin.buffer.read(limit + 1)
        else:
            with Path(path).open("rb") as file:
                body = file.read(limit + 1)
    except OSError as error:
        raise InputError(f"cannot be read: {error.strerror}", path=path) from error
    if len(body) > limit:
        raise InputError(f"is larger than {limit} bytes", path=path, hint="feeds.max_bytes is the cap")
    return body
