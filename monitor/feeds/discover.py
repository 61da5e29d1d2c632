"""The feeds of a web page: those that it names, else those at the usual places."""

from __future__ import annotations

from html.parser import HTMLParser
from urllib.parse import urljoin

from monitor.errors import FeedError, FetchError
from monitor.feeds.decode import decode
from monitor.feeds.fetch import Fetcher, Response
from monitor.feeds.identity import is_url
from monitor.feeds.items import ParsedFeed
from monitor.feeds.parse import parse_feed

__all__ = ["FoundFeed", "feed_links", "find_feeds"]

_TYPES = frozenset(("application/rss+xml", "application/atom+xml", "application/feed+json", "application/rdf+xml"))
_USUAL = ("feed", "rss", "rss.xml", "feed.xml", "atom.xml", "index.xml", "feed.json", "?feed=rss2")
_MOST = 20
"""Links of one page that are followed at most."""

FoundFeed = tuple[str, ParsedFeed]
"""Address of a feed after redirects, and what it holds."""


class _Links(HTMLParser):
    def __init__(self, base: str) -> None:
        super().__init__()
        self.base = base
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = {name: value or "" for name, value in attrs}
        href = values.get("href", "").strip()
        if not href:
            return
        if tag == "base":
            self.base = urljoin(self.base, href)
        rels = values.get("rel", "").lower().split()
        kind = values.get("type", "").lower().partition(";")[0].strip()
        named = tag == "link" and ("feed" in rels or ("alternate" in rels and kind in _TYPES))
        if named or (tag == "a" and kind in _TYPES):
            self.found.append(href)


def feed_links(page: str, url: str) -> list[str]:
    """Return the addresses of the feeds that a page names, in its order, each once (WHATWG HTML, 4.6.7.1)."""
    links = _Links(url)
    links.feed(page)
    joined = (urljoin(links.base, href) for href in links.found)
    return list(dict.fromkeys(link for link in joined if is_url(link)))[:_MOST]


async def find_feeds(url: str, fetcher: Fetcher) -> list[FoundFeed]:
    """Return the feed at ``url``, or those of the web page there.

    Raises:
        FetchError: the address does not answer.
        FeedError: there is no feed at or on it.
    """
    response = await fetcher.fetch(url)
    if not 200 <= response.status < 300:
        raise FetchError(f"answers with status {response.status}", url=url, status=response.status)
    try:
        return [(response.url, _parsed(response))]
    except FeedError as error:
        page, _ = decode(response.body, response.headers.get("content-type"))
        links = feed_links(page, response.url)
        found = await _try(links, fetcher)
        if not found and "web page" in str(error):
            base = response.url if response.url.endswith("/") else response.url + "/"
            usual = [urljoin(response.url, "/" + place) for place in _USUAL] + [urljoin(base, "feed")]
            found = (await _try(usual, fetcher))[:1]
        if not found:
            raise FeedError(f"{_bare(error)}, and no feed was found on it", url=url) from error
        return found


async def _try(links: list[str], fetcher: Fetcher) -> list[FoundFeed]:
    found: dict[str, ParsedFeed] = {}
    for link in links:
        try:
            response = await fetcher.fetch(link)
            if 200 <= response.status < 300:
                found.setdefault(response.url, _parsed(response))
        except FetchError:
            continue
    return list(found.items())


def _parsed(response: Response) -> ParsedFeed:
    return parse_feed(response.body, url=response.url, content_type=response.headers.get("content-type"))


def _bare(error: FeedError) -> str:
    return error.message.removeprefix(f"{error.url}: ")
