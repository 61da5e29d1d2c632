"""The bytes of a feed as items: RSS 0.9x to 2.0, RDF, Atom, CDF (all by feedparser) and JSON Feed. Pure; no clock."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import datetime, tzinfo
from io import BytesIO
from typing import Any
from urllib.parse import urljoin, urlsplit

import feedparser

from monitor.errors import FeedError
from monitor.feeds.dates import moment_of, zone_named
from monitor.feeds.decode import decode, looks_binary, mend_references
from monitor.feeds.hints import hints_of
from monitor.feeds.identity import canonical_url, content_hash, is_url, site_of
from monitor.feeds.items import ParsedFeed, ParsedItem
from monitor.feeds.jsonfeed import looks_like_json, parse_json
from monitor.feeds.plain import one_line, plain_text

__all__ = ["MAX_ITEMS", "MAX_TEXT", "parse_feed"]

MAX_ITEMS = 5000
"""Items read of one feed; the rest is passed over and said so."""
MAX_TEXT = 200_000
"""Characters kept of one item's text."""
MAX_NAME = 1000
"""Characters kept of a title, a name or a guid."""
MAX_URL = 4000
"""Characters of the longest address taken for one."""

_ROOT = re.compile(r"<(?:\w+:)?(rss|rdf|feed|channel|item|entry)\b", re.IGNORECASE)
_ROOT_WITHIN = 64 * 1024
_HTML = re.compile(r"<(?:html|body)\b", re.IGNORECASE)
_DOCTYPE = re.compile(r"^\s*<!doctype\s+html\b", re.IGNORECASE)
_CLIPPED = re.compile(r"(?:\.\.\.|…|\[(?:\.\.\.|…)\]|\b(?:read more|continue reading|more)\W*)\s*$", re.IGNORECASE)

_ENTITY = re.compile(r"""<!ENTITY\s[^<>"']{0,100}(?:"[^"]{0,10000}"|'[^']{0,10000}')[^<>]{0,200}>""")
_NESTED = re.compile(r"&[A-Za-z]|%|SYSTEM|PUBLIC")
"""What makes an entity more than a name for a character: others in it (they blow up), and files."""

_LINK_URI = re.compile(r"""(<link\b[^<>]{0,500}?)\suri=(?:"[^"<>]*"|'[^'<>]*')""")

WHOLE_TEXT = 1500
"""Characters from which a description without a sign of being cut is taken for the whole text."""


def parse_feed(
    body: bytes, *, url: str = "", content_type: str | None = None, language: str | None = None, zone: str | None = None
) -> ParsedFeed:
    """Return what the feed ``body`` holds.

    ``url`` is where it was found, for relative links; ``content_type`` the header that came with it; ``language`` that
    of the Content-Language header; ``zone`` (IANA name) the one in which dates without a zone are read.

    Raises:
        FeedError: it is no feed: binary, empty, a web page, or without any element of a feed.
    """
    where = url or "the feed"
    if not body.strip(b" \t\r\n\0"):
        raise FeedError("is empty", url=where)
    if looks_binary(body):
        raise FeedError("is binary, not a feed", url=where)
    text, encoding = decode(body, content_type)
    tz = zone_named(zone)
    if looks_like_json(text):
        return parse_json(text, url=url, encoding=encoding, zone=tz, limit=MAX_ITEMS)
    root = _ROOT.search(text, 0, _ROOT_WITHIN)
    page = _HTML.search(text, 0, root.start() if root else _ROOT_WITHIN)
    if page or not root:
        is_page = page or _DOCTYPE.match(text)
        raise FeedError("is a web page, not a feed" if is_page else "is no feed: it has no element of one", url=where)
    return _parse_xml(text, url, encoding, language, tz)


def _parse_xml(text: str, url: str, encoding: str, language: str | None, zone: tzinfo | None) -> ParsedFeed:
    # The feed's own address is left out: feedparser would make guids absolute with it, and ids depend on it then.
    text = mend_references(text)
    headers = {"content-type": "application/xml; charset=utf-8"}
    if " uri=" in text:
        # feedparser takes this attribute of a link, which names a post elsewhere, for the link.
        text = _LINK_URI.sub(r"\1", text)
    if "<!ENTITY" in text:
        text = _ENTITY.sub(lambda match: "" if _NESTED.search(match.group()) else match.group(), text)
    if language:
        headers["content-language"] = language
    found, problem = _read(text, headers, url or "the feed")
    if not found.version and not found.entries and not found.feed:
        raise FeedError("is no feed: nothing in it could be read", url=url or "the feed")
    channel = found.feed
    if found.bozo and not problem:
        reason = str(found.get("bozo_exception", "")).splitlines()
        problem = f"not well-formed: {reason[0] if reason else 'unknown'}"[:300]
    if len(found.entries) > MAX_ITEMS:
        problem = f"has {len(found.entries)} items; the first {MAX_ITEMS} were read"
    link = _http(url, _text(channel, "link"))
    speaks = language_tag(_text(channel, "language"))
    base = url or link or ""
    items = (_item(entry, base, speaks, zone) for entry in found.entries[:MAX_ITEMS])
    return ParsedFeed(
        format=found.version or "unknown",
        title=_title(channel),
        link=link,
        language=speaks,
        encoding=encoding,
        items=tuple(item for item in items if item is not None),
        hints=hints_of(text, channel),
        problem=problem,
    )


def _read(text: str, headers: Mapping[str, str], where: str) -> tuple[Any, str | None]:
    """Return what feedparser makes of a feed, and what had to be left out for it to make anything of it."""
    try:
        return _feedparser(text, headers), None
    except RecursionError as error:
        raise FeedError("its elements are nested too deeply", url=where) from error
    except Exception as error:
        # feedparser raises many things on damaged input, mostly over elements that nobody here reads.
        first = f"{type(error).__name__}: {error}"
    try:
        # The bare "&" keeps feedparser from its strict parser, which breaks on a namespace with a space in it.
        found = _feedparser("&" + _TAGS.sub(_essential, text), headers)
    except Exception as error:
        raise FeedError(f"the parser failed: {first}", url=where) from error
    return found, f"the parser failed ({first}); read without all but the essential elements"


def _feedparser(text: str, headers: Mapping[str, str]) -> Any:
    # Nothing of the markup survives, so nothing of it needs to be made safe or absolute.
    body = BytesIO(text.encode("utf-8"))
    return feedparser.parse(body, response_headers=headers, resolve_relative_uris=False, sanitize_html=False)


_TAGS = re.compile(r"<!\[CDATA\[.*?\]\]>|</?(?:\w+:)?(\w+)\b[^<>]*>", re.DOTALL)
_ESSENTIAL = frozenset(
    ("rss", "rdf", "channel", "feed", "item", "entry", "title", "link", "description", "summary", "content", "encoded",
     "guid", "id", "pubdate", "published", "updated", "date", "author", "name", "creator", "language")
)  # fmt: skip


def _essential(found: re.Match[str]) -> str:
    return found[0] if found[1] is None or found[1].lower() in _ESSENTIAL else ""


def _item(found: Mapping[str, Any], base: str, language: str | None, zone: tzinfo | None) -> ParsedItem | None:
    entry = dict(found)  # a plain one: looking things up in feedparser's own takes ten times as long
    guid = _text(entry, "id")[:MAX_NAME] or None
    url = _link(entry, guid, base)
    title = _title(entry)
    text, summary = _body(entry)
    if not (guid or url or title or text):
        return None
    canonical = canonical_url(url)
    return ParsedItem(
        guid=guid,
        url=url,
        canonical_url=canonical,
        site=urlsplit(canonical).netloc if canonical else site_of(base),
        title=title,
        text=text,
        is_summary=summary,
        language=_language(entry) or language,
        authors=_authors(entry),
        section=_section(entry),
        source=one_line(_text(entry.get("source") or {}, "title"))[:MAX_NAME] or None,
        published_at=_published(entry, zone),
        updated_at=_date(entry, "updated", zone),
        content_hash=content_hash(title, text),
    )


def _text(values: Mapping[str, Any], name: str) -> str:
    # FeedParserDict answers "updated" with "published" and the like: only what stands there itself is wanted.
    value = dict.get(values, name) if isinstance(values, dict) else None
    return value.strip() if isinstance(value, str) else ""


def _title(values: Mapping[str, Any]) -> str:
    detail = dict.get(values, "title_detail") if isinstance(values, dict) else None
    kind = detail.get("type", "text/plain") if detail else "text/plain"
    return one_line(_text(values, "title"), markup="html" in kind)[:MAX_NAME]


def _body(entry: Mapping[str, Any]) -> tuple[str, bool]:
    """Return the longest text that the item has, and whether it seems to be a summary."""
    contents = [part for part in entry.get("content") or () if isinstance(part.get("value"), str)]
    readable = [part for part in contents if "text" in part.get("type", "text") or "html" in part.get("type", "")]
    whole = max((_plain(part["value"], part.get("type", "text/html")) for part in readable), key=len, default="")
    detail = entry.get("summary_detail") or {}
    summary = _plain(_text(entry, "summary"), detail.get("type", "text/html"))
    text = whole if len(whole) >= len(summary) else summary
    clipped = bool(_CLIPPED.search(text[-80:]))
    return text[:MAX_TEXT], clipped or (len(text) < WHOLE_TEXT and text != whole) or len(text) < WHOLE_TEXT // 4


def _plain(value: str, kind: str) -> str:
    return plain_text(value, markup="html" in kind or "xml" in kind)


def _link(entry: Mapping[str, Any], guid: str | None, base: str) -> str | None:
    """Return the item's address: where FeedBurner kept the true one, else its link, else a guid that is a URL."""
    links = [link for link in entry.get("links") or () if link.get("rel") == "alternate"]
    candidates = (_text(entry, "feedburner_origlink"), _text(entry, "link"), *(_text(link, "href") for link in links))
    return next((found for candidate in candidates if (found := _http(base, candidate))), _http("", guid or ""))


def _http(base: str, url: str) -> str | None:
    url = "".join(url.split())
    if not url or len(url) > MAX_URL:
        return None
    if is_url(url):
        return url
    try:
        url = urljoin(base, url)
    except ValueError:
        return None
    return url if is_url(url) else None


_TAG = re.compile(r"^[A-Za-z]{2,3}(?:[-_][A-Za-z0-9]{2,8})*$")


def language_tag(text: str) -> str | None:
    """Return ``text`` as a BCP 47 tag, None where it is none: ``US`` is a country, ``english`` a word."""
    text = text.strip()
    if not _TAG.match(text) or text.lower() in ("us", "uk", "gb", "en_us.utf-8", "und", "xx"):
        return "uk" if text == "uk" else None
    return text.replace("_", "-")


def _language(entry: Mapping[str, Any]) -> str | None:
    for name in ("content", "summary_detail", "title_detail"):
        detail = entry.get(name)
        for part in detail if isinstance(detail, list) else [detail]:
            if part and isinstance(part.get("language"), str) and (tag := language_tag(part["language"])):
                return tag
    return language_tag(_text(entry, "language"))


def _authors(entry: Mapping[str, Any]) -> tuple[str, ...]:
    names = [author.get("name") or "" for author in entry.get("authors") or () if author]
    if not any(names):
        names = [_text(entry, "author")]
    return unique(one_line(name)[:MAX_NAME] for name in names)


def unique(names: Iterable[str]) -> tuple[str, ...]:
    """Return the names that are not empty, each once, in order."""
    return tuple(dict.fromkeys(name for name in names if name))


def _section(entry: Mapping[str, Any]) -> str | None:
    for tag in entry.get("tags") or ():
        if name := one_line(tag.get("label") or tag.get("term") or ""):
            return name[:MAX_NAME]
    return None


def _date(entry: Mapping[str, Any], name: str, zone: tzinfo | None) -> datetime | None:
    parsed = dict.get(entry, f"{name}_parsed") if isinstance(entry, dict) else None
    return moment_of(_text(entry, name), zone, parsed)


def _published(entry: Mapping[str, Any], zone: tzinfo | None) -> datetime | None:
    """Return when the item was published; where it only says when it was last changed, that (RFC 4287, 4.2.15)."""
    for name in ("published", "created", "updated"):
        if (moment := _date(entry, name, zone)) is not None:
            return moment
    return None
