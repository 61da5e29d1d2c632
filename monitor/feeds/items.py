"""What a feed holds once it is parsed: plain values that cross the border of the parser's process as JSON."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict

from schemas import Time

__all__ = ["FeedHints", "ParsedFeed", "ParsedItem", "ParsedPage"]


class _Value(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class ParsedItem(_Value):
    """One item: its title on one line, its text plain, its links absolute, its dates in UTC, null where it has none."""

    guid: str | None = None
    url: str | None = None
    canonical_url: str | None = None
    site: str | None = None
    title: str = ""
    text: str = ""
    is_summary: bool = True
    """Whether the feed gives a summary only, as far as can be told: the whole text is on the page."""
    language: str | None = None
    authors: tuple[str, ...] = ()
    section: str | None = None
    source: str | None = None
    """Name of another outlet that the item is from, where an aggregator says so."""
    published_at: Time | None = None
    updated_at: Time | None = None
    content_hash: str = ""


class FeedHints(_Value):
    """What a feed says of how often to ask for it, and where else it is."""

    ttl_s: float | None = None
    skip_hours: tuple[int, ...] = ()
    skip_days: tuple[str, ...] = ()
    """English names of days in lower case; hours and days are in UTC (RSS 2.0 specification)."""
    update_period_s: float | None = None
    self_url: str | None = None
    hub_url: str | None = None


class ParsedFeed(_Value):
    """A feed: what it calls itself, and its items in its own order, newest mostly first."""

    format: str
    """What it is: rss20, atom10, json11..., as feedparser names it."""
    title: str = ""
    link: str | None = None
    language: str | None = None
    encoding: str = "utf-8"
    items: tuple[ParsedItem, ...] = ()
    hints: FeedHints = FeedHints()
    problem: str | None = None
    """What was wrong with it, though it could be read."""
    kind: Literal["feed"] = "feed"


class ParsedPage(_Value):
    """The article in a web page: its text plain, its dates in UTC, null where the page's metadata has none."""

    title: str = ""
    text: str = ""
    published_at: Time | None = None
    updated_at: Time | None = None
    canonical_url: str | None = None
    language: str | None = None
    kind: Literal["page"] = "page"
