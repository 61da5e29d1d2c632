"""Pages: the article in an HTML page, as plain text, with what the page says of it (trafilatura does the finding)."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime
from typing import Any, NamedTuple

from pydantic import TypeAdapter, ValidationError

from monitor.errors import InputError

__all__ = ["MAX_TEXT", "Page", "extract_page", "looks_like_html"]

MAX_TEXT = 200_000
"""Characters of an article's text that are kept: longer ones are live blogs and dumps."""

_TIME = TypeAdapter(datetime)
_HTML = re.compile(
    r"^\s*(?:<\?xml[^>]*>\s*)?(?:<!--.*?-->\s*)*<(?:!doctype\s+html|html|head|body|article|div|p)\b", re.I | re.S
)


class Page(NamedTuple):
    """An article as its page has it. Times are UTC, None where the page's metadata has none; ``text`` is plain."""

    title: str
    text: str
    published_at: datetime | None
    updated_at: datetime | None
    authors: tuple[str, ...]
    site_name: str
    canonical_url: str | None
    language: str | None
    section: str | None


def looks_like_html(data: str) -> bool:
    """Say whether ``data`` begins as an HTML page does."""
    return _HTML.match(data[:2000]) is not None


def extract_page(html: bytes | str, url: str | None = None) -> Page:
    """Return the article in the page ``html``, its paragraphs parted by blank lines.

    Raises:
        InputError: there is no article text in it.
    """
    import trafilatura  # a second of imports that commands on plain text need not wait for

    tree = trafilatura.load_html(html)
    if tree is None:
        raise InputError("no HTML page that could be read")
    meta = _metadata(tree)
    # A Document, by the arguments given; the stubs allow for the dictionary of older versions.
    found: Any = trafilatura.bare_extraction(
        tree, url=url, include_comments=False, include_tables=False, favor_precision=True, with_metadata=True
    )
    if found is None or not (found.text or "").strip():
        raise InputError("the page has no article text", hint="a page made by scripts cannot be read")
    paragraphs = [line.strip() for line in found.text.split("\n")]
    text = "\n\n".join(line for line in paragraphs if line)[:MAX_TEXT]
    title = (found.title or "").strip()
    return Page(
        title=title,
        text=text,
        published_at=meta.published or _midnight(found.date if _is_stated(tree) else None),
        updated_at=meta.updated,
        authors=tuple(name.strip() for name in (found.author or "").split(";") if name.strip()),
        site_name=(found.sitename or found.hostname or "").strip(),
        canonical_url=_canonical(tree) or found.url or url,
        language=_language(tree),
        section=meta.section,
    )


class _Meta(NamedTuple):
    published: datetime | None
    updated: datetime | None
    section: str | None


_PUBLISHED = ("article:published_time", "datepublished", "dc.date", "dc.date.issued", "dcterms.created",
              "parsely-pub-date", "sailthru.date", "pubdate", "publishdate", "date")  # fmt: skip
_UPDATED = ("article:modified_time", "datemodified", "dcterms.modified", "og:updated_time", "lastmod")
_SECTION = ("article:section", "parsely-section", "section", "articlesection")


def _metadata(tree: Any) -> _Meta:
    """Read what the page says by itself: its meta elements first, then its JSON-LD (schema.org ``NewsArticle``)."""
    values: dict[str, str] = {}
    for element in tree.iter("meta"):
        key = element.get("property") or element.get("name") or element.get("itemprop")
        if key and element.get("content"):
            values.setdefault(key.strip().lower(), element.get("content").strip())
    linked = _json_ld(tree)
    for key, name in (
        ("datePublished", "datepublished"),
        ("dateModified", "datemodified"),
        ("articleSection", "section"),
    ):
        value = linked.get(key)
        if isinstance(value, list):
            value = value[0] if value else None
        if isinstance(value, str):
            values.setdefault(name, value)

    def first(names: tuple[str, ...]) -> str | None:
        return next((values[name] for name in names if values.get(name)), None)

    return _Meta(_time(first(_PUBLISHED)), _time(first(_UPDATED)), first(_SECTION))


def _json_ld(tree: Any) -> dict[str, Any]:
    for script in tree.xpath('//script[@type="application/ld+json"]'):
        try:
            data = json.loads(script.text or "")
        except ValueError:
            continue
        items = data if isinstance(data, list) else data.get("@graph", [data]) if isinstance(data, dict) else []
        for item in items if isinstance(items, list) else []:
            if isinstance(item, dict) and "datePublished" in item:
                return item
    return {}


def _time(value: str | None) -> datetime | None:
    if not value:
        return None
    try:
        moment = _TIME.validate_python(value)
    except ValidationError:
        return None
    return moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)


def _is_stated(tree: Any) -> bool:
    """Whether the page marks a date as its own; else trafilatura's is a guess from any date that stands in it."""
    return bool(tree.xpath("//time[@datetime]"))


def _midnight(value: str | None) -> datetime | None:
    return _time(value) if value else None


def _canonical(tree: Any) -> str | None:
    found = tree.xpath('//link[@rel="canonical"]/@href')
    return str(found[0]).strip() if found and str(found[0]).startswith(("http://", "https://")) else None


def _language(tree: Any) -> str | None:
    root = tree.getroottree().getroot()
    value = root.get("lang") or root.get("{http://www.w3.org/XML/1998/namespace}lang")
    return value.strip() if value and value.strip() else None
