"""JSON Feed (jsonfeed.org, versions 1 and 1.1) as items."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from datetime import tzinfo
from typing import Any
from urllib.parse import urljoin

from monitor.errors import FeedError
from monitor.feeds.dates import moment_of
from monitor.feeds.identity import canonical_url, content_hash, is_url, site_of
from monitor.feeds.items import FeedHints, ParsedFeed, ParsedItem
from monitor.feeds.plain import one_line, plain_text

__all__ = ["looks_like_json", "parse_json"]

_VERSION = re.compile(r"(?:^|jsonfeed\.org/version/)(1(?:\.\d+)?)/?$")
"""The specification asks for the address; some write the number alone."""

_MAX_TEXT = 200_000
_MAX_NAME = 1000


def looks_like_json(text: str) -> bool:
    """Say whether ``text`` begins as a JSON object does."""
    return text.lstrip()[:1] == "{"


def parse_json(text: str, *, url: str, encoding: str, zone: tzinfo | None, limit: int) -> ParsedFeed:
    """Return what the JSON Feed ``text`` holds, at most ``limit`` items of it.

    Raises:
        FeedError: it is no JSON, or an object without ``version`` and ``items`` of a JSON Feed.
    """
    where = url or "the feed"
    try:
        feed = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise FeedError(f"is no feed: neither XML nor JSON ({error})", url=where) from error
    items = feed.get("items") if isinstance(feed, dict) else None
    version = _VERSION.search(_text(feed, "version")) if isinstance(feed, dict) else None
    if not isinstance(items, list) or version is None:
        raise FeedError("is JSON, but no JSON Feed: it lacks 'version' or 'items'", url=where)
    home = _absolute(url, _text(feed, "home_page_url"))
    language = _text(feed, "language") or None
    objects = [item for item in items if isinstance(item, dict)]
    strays = len(items) - len(objects)
    read = (_item(item, home or url, language, zone, feed) for item in objects[:limit])
    return ParsedFeed(
        format="json" + version.group(1).replace(".", ""),
        title=one_line(_text(feed, "title"))[:_MAX_NAME],
        link=home,
        language=language,
        encoding=encoding,
        items=tuple(item for item in read if item is not None),
        hints=FeedHints(self_url=_absolute(url, _text(feed, "feed_url")), hub_url=_hub(feed)),
        problem=f"{strays} of its items are no objects" if strays else None,
    )


def _item(
    item: Mapping[str, Any], base: str, language: str | None, zone: tzinfo | None, feed: Mapping[str, Any]
) -> ParsedItem | None:
    # Version 1 lets an id be a number.
    guid = _whole(str(item["id"]))[:_MAX_NAME].strip() if isinstance(item.get("id"), str | int | float) else None
    url = _absolute(base, _text(item, "url")) or _absolute(base, _text(item, "external_url"))
    url = url or (guid if is_url(guid) else None)
    text, summary = _body(item)
    title = one_line(_text(item, "title"))[:_MAX_NAME]
    if not (guid or url or title or text):
        return None
    tags = item.get("tags")
    canonical = canonical_url(url)
    return ParsedItem(
        guid=guid or None,
        url=url,
        canonical_url=canonical,
        site=site_of(canonical) or site_of(base),
        title=title,
        text=text,
        is_summary=summary,
        language=_text(item, "language") or language,
        authors=tuple(dict.fromkeys(_authors(item))) or tuple(dict.fromkeys(_authors(feed))),
        section=next((one_line(tag) for tag in tags if isinstance(tag, str)), None) if isinstance(tags, list) else None,
        published_at=moment_of(_text(item, "date_published"), zone) or moment_of(_text(item, "date_modified"), zone),
        updated_at=moment_of(_text(item, "date_modified"), zone),
        content_hash=content_hash(title, text),
    )


def _body(item: Mapping[str, Any]) -> tuple[str, bool]:
    whole = plain_text(_text(item, "content_html")) or plain_text(_text(item, "content_text"), markup=False)
    summary = plain_text(_text(item, "summary"), markup=False)
    return (whole or summary)[:_MAX_TEXT], not whole


def _text(values: Mapping[str, Any], name: str) -> str:
    value = values.get(name)
    return _whole(value).strip() if isinstance(value, str) else ""


def _whole(text: str) -> str:
    # JSON can spell halves of characters, which no encoding can write.
    return text.encode("utf-8", "ignore").decode("utf-8")


def _absolute(base: str, url: str) -> str | None:
    if not url:
        return None
    try:
        joined = urljoin(base, url)
    except ValueError:
        return None
    return joined if is_url(joined) else None


def _authors(values: Mapping[str, Any]) -> Iterator[str]:
    listed = values.get("authors")
    for author in [*(listed if isinstance(listed, list) else ()), values.get("author")]:
        if isinstance(author, dict) and (name := one_line(_text(author, "name"))):
            yield name[:_MAX_NAME]


def _hub(feed: Mapping[str, Any]) -> str | None:
    hubs = feed.get("hubs")
    for hub in hubs if isinstance(hubs, list) else ():
        if isinstance(hub, dict) and is_url(_text(hub, "url")):
            return _text(hub, "url")
    return None
