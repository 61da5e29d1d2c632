"""What ``analyze`` reads: a text file, an HTML page, an article in JSON, or the address of a page."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from monitor.errors import FetchError, InputError
from monitor.ids import stable_id
from monitor.settings import FeedSettings
from monitor.text.page import MAX_TEXT, Page, extract_page, looks_like_html
from monitor.text.rows import UNKNOWN_TIME, article_of
from schemas import Article

if TYPE_CHECKING:
    from monitor.feeds.fetch import Response

__all__ = ["Input", "read_input"]

MAX_FILE_BYTES = 20 * 2**20
"""Bytes of a file: an article is far smaller, and a larger file is not one."""


@dataclass(frozen=True, slots=True)
class Input:
    """An article to analyze; ``extracted``: its text is not the file's own, but was taken out of a page."""

    article: Article
    extracted: bool


def read_input(name: str, settings: FeedSettings) -> Iterator[Input]:
    """Yield the article in the file or at the address ``name``; JSON Lines may hold several.

    Raises:
        InputError: the file is missing, unreadable, or holds no article.
        FetchError: the address gives no page.
    """
    if name.startswith(("http://", "https://")):
        yield _from_url(name, settings)
        return
    raw = _read(name)
    if raw.lstrip()[:1] == b"{":
        yield from _from_json(name, raw)
        return
    text = _decode(name, raw)
    if looks_like_html(text):
        try:
            page = extract_page(raw)
        except InputError as error:
            raise InputError(error.message, path=name, hint=error.hint) from error
        yield _from_page(page, stable_id("article", text), None)
        return
    yield Input(_plain(text), extracted=False)


def _read(name: str) -> bytes:
    path = Path(name)
    try:
        if path.stat().st_size > MAX_FILE_BYTES:
            raise InputError(f"is larger than {MAX_FILE_BYTES // 2**20} MiB: no article", path=name)
        return path.read_bytes()
    except OSError as error:
        raise InputError(f"cannot be read: {error.strerror or error}", path=name) from error


def _decode(name: str, raw: bytes) -> str:
    if b"\0" in raw[:4096] and not raw.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise InputError("is no text", path=name, hint="give a text file, an HTML page or an article in JSON")
    encodings = ("utf-16",) if raw.startswith((b"\xff\xfe", b"\xfe\xff")) else ("utf-8-sig", "cp1252")
    for encoding in encodings:
        try:
            return raw.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise InputError("is no text in UTF-8, UTF-16 or Windows-1252", path=name)


def _plain(text: str) -> Article:
    """The text as it stands: spans are offsets into it."""
    return Article(
        article_id=stable_id("article", text),
        content_hash=stable_id("hash", "", text),
        feed_id="analyze",
        text=text,
        first_seen_at=UNKNOWN_TIME,
    )


def _from_json(name: str, raw: bytes) -> Iterator[Input]:
    try:
        yield Input(article_of(json.loads(raw)), extracted=False)
        return
    except ValueError:
        pass  # more than one object: JSON Lines
    except InputError as error:
        raise InputError(error.message, path=name) from error
    for number, line in enumerate(_decode(name, raw).splitlines(), 1):
        if not line.strip():
            continue
        try:
            row = json.loads(line)
            if not isinstance(row, dict):
                raise InputError(f"a JSON {type(row).__name__}, not an article", path=name, line=number)
            yield Input(article_of(row), extracted=False)
        except ValueError as error:
            raise InputError(f"not JSON: {error}", path=name, line=number) from error
        except InputError as error:
            raise InputError(error.message, path=name, line=number) from error


def _from_url(url: str, settings: FeedSettings) -> Input:
    # The user names the address: one on this machine is as good as any.
    response = asyncio.run(_fetch(url, settings.model_copy(update={"allow_private": True})))
    if response.status != 200:
        raise FetchError(f"answered with status {response.status}", url=url, status=response.status)
    try:
        page = extract_page(response.body, response.url)
    except InputError as error:
        raise FetchError(error.message, url=url) from error
    return _from_page(page, stable_id("article", page.canonical_url or url), response.url)


async def _fetch(url: str, settings: FeedSettings) -> Response:
    from monitor.feeds.fetch import HttpFetcher  # aiohttp: a second of imports that a file need not wait for

    async with HttpFetcher(settings) as fetcher:
        return await fetcher.fetch(url, page=True)


def _from_page(page: Page, article_id: str, url: str | None) -> Input:
    seen: datetime = page.updated_at or page.published_at or UNKNOWN_TIME
    article = Article(
        article_id=article_id,
        content_hash=stable_id("hash", page.title, page.text),
        feed_id="analyze",
        url=url,
        canonical_url=page.canonical_url,
        title=page.title,
        text=page.text[:MAX_TEXT],
        language_hint=page.language,
        authors=page.authors,
        publisher=page.site_name,
        section=page.section,
        updated_at=page.updated_at,
        page_published_at=page.published_at,
        first_seen_at=seen,
    )
    return Input(article, extracted=True)
