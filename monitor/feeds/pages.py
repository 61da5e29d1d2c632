"""Whole texts: the pages of items of which the feed carries a summary only. robots.txt is kept to."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Sequence
from urllib.parse import urlsplit

import structlog

from monitor.errors import FetchError
from monitor.feeds.fetch import Fetcher
from monitor.feeds.items import ParsedFeed, ParsedItem, ParsedPage
from monitor.feeds.pool import Parser
from monitor.feeds.resolve import Sighting
from monitor.feeds.robots import Robots
from monitor.feeds.roster import Feed
from monitor.settings import FeedSettings

__all__ = ["PageReader"]

_log = structlog.get_logger()

PAGES_A_POLL = 20
"""Pages fetched for one feed in one poll; the items beyond it wait for the next, which comes at once."""
MAX_PAGE_BYTES = 8 * 2**20
"""Bytes of the largest page that is read."""

_DOOR = re.compile(
    r"(?:^|[./])(?:consent|login|signin|sign-in|account|accounts|subscribe|register|paywall|captcha)\b", re.I
)
_NO_ARTICLE = re.compile(
    r"\b(?:enable javascript|enable cookies|are you a robot|verify you are human|access denied|accept (?:all )?cookies"
    r"|subscribe to (?:continue|read)|log in to (?:continue|read)|already a subscriber)\b",
    re.IGNORECASE,
)
_SHORT = 1200
"""Characters below which one such phrase makes a page no article."""


class PageReader:
    """Reads the pages of new items, as ``feeds.full_text`` and each feed's own ``full_text`` say."""

    def __init__(self, fetcher: Fetcher, parser: Parser, options: FeedSettings) -> None:
        self._fetcher = fetcher
        self._parser = parser
        self._options = options
        self._robots = Robots(fetcher, options.contact)

    def are_wanted(self, parsed: ParsedFeed, feed: Feed) -> bool:
        """Say whether any item of a feed is to be read from its page."""
        mode = feed.full_text or self._options.full_text
        return mode != "never" and any(_wants_page(item, mode) for item in parsed.items)

    async def read(self, news: Sequence[Sighting], feed: Feed) -> tuple[dict[str, ParsedPage], frozenset[str]]:
        """Return the pages that could be read, by article id, and the ids of the articles whose turn is yet to come."""
        mode = feed.full_text or self._options.full_text
        wanted = [seen for seen in news if mode != "never" and _wants_page(seen.item, mode)]
        now, later = wanted[:PAGES_A_POLL], wanted[PAGES_A_POLL:]
        pages = await asyncio.gather(*(self._page(seen.item) for seen in now))
        found = {seen.article_id: page for seen, page in zip(now, pages, strict=True) if page is not None}
        return found, frozenset(seen.article_id for seen in later)

    async def _page(self, item: ParsedItem) -> ParsedPage | None:
        assert item.url is not None
        try:
            if not await self._robots.allows(item.url):
                return None
            response = await self._fetcher.fetch(item.url, page=True, max_bytes=MAX_PAGE_BYTES)
            if response.status != 200 or "html" not in response.headers.get("content-type", "html"):
                return None
            page = await self._parser.page(response.body, url=response.url)
        except FetchError as error:
            _log.info("page_failed", url=item.url, error=str(error))
            return None
        return page if _is_article(page, item, response.url) else None


def _wants_page(item: ParsedItem, mode: str) -> bool:
    return item.url is not None and (mode == "always" or item.is_summary)


def _is_article(page: ParsedPage, item: ParsedItem, url: str) -> bool:
    """Say whether the page is the article: not a door before it, and more than the summary."""
    parts, asked = urlsplit(url), urlsplit(item.url or "")
    if _DOOR.search(parts.netloc + parts.path) and not _DOOR.search(asked.netloc + asked.path):
        return False
    if len(page.text) < _SHORT and _NO_ARTICLE.search(page.text):
        return False
    return len(page.text) > len(item.text)
