"""Every file of the feedparser suite and of gofeed's test data, where the shared data are there."""

from __future__ import annotations

import json
import re
import tarfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from monitor.errors import FeedError
from monitor.feeds.items import ParsedFeed, ParsedItem
from monitor.feeds.parse import parse_feed

DATA = Path(__file__).parents[4] / "shared" / "data" / "feeds"
needs_data = pytest.mark.skipif(not DATA.exists(), reason="the shared data are not beside the project")

NO_FEEDS = {
    # The whole list of files in which no feed is found: each is none.
    "illformed/rss_empty_document.xml", "parser/json/invalid/invalid.json", "parser/rss/version_rdf_090.xml",
    "parser/universal/empty_feed.xml", "parser/universal/invalid.json", "parser/universal/unknown_feed.xml",
}  # fmt: skip

REASONS = {
    # What differs from gofeed's expectation, and why: (field, pattern of the file's name) -> reason.
    ("title", r"markup|xml_base|title_base64"): "a title is plain text here: its markup is stripped",
    ("id", r"guid_naked_markup"): "feedparser drops a guid with elements in it; the item goes by its address or title",
    ("authors", r"multiple_values"): "gofeed takes the first dc:creator, here it is all of them",
}


AGREED = 370
"""Values that agree, at least: fewer would mean that they are not compared."""


def files(name: str) -> Iterator[tuple[str, bytes]]:
    """Yield the path and the bytes of each file in an archive of the shared data."""
    with tarfile.open(DATA / name) as archive:
        for member in archive:
            if member.isfile() and (file := archive.extractfile(member)) is not None:
                yield member.name.removeprefix("./"), file.read()


@needs_data
@pytest.mark.parametrize("archive", ["feedparser_suite.tar.gz", "gofeed_testdata.tar.gz"])
def test_no_file_breaks_the_parser(archive: str) -> None:
    """Each file is read, or refused as what it is; none breaks the parser, and only those known are refused."""
    refused, broken = set(), []
    for name, body in files(archive):
        if name.endswith(".xml") or name in NO_FEEDS:
            try:
                parse_feed(body, url="http://a.example/f")
            except FeedError as error:
                refused.add(name)
                broken += [name] if "parser failed" in str(error) else []
    assert broken == []
    assert refused <= NO_FEEDS


@needs_data
def test_agreement_with_gofeed() -> None:
    """Titles, links, ids and dates are what gofeed expects; what differs is on the list, with its reason."""
    documents = dict(files("gofeed_testdata.tar.gz"))
    agreed, differing = 0, []
    for name, body in documents.items():
        expected = documents.get(_expectation(name))
        if expected is None or name in NO_FEEDS:
            continue
        wanted = json.loads(expected)
        feed = parse_feed(_with_titles(body) if name.endswith(".xml") else body)
        items = wanted.get("items") or wanted.get("entries") or []
        for field, want, got in _compared(wanted, items, feed):
            if want == got:
                agreed += 1
            elif not any(field == known and re.search(pattern, name) for known, pattern in REASONS):
                differing.append((name, field, want, got))
    assert differing == []
    assert agreed >= AGREED


def _expectation(name: str) -> str:
    return (
        name.removesuffix(".xml") + ".json" if name.endswith(".xml") else name.removesuffix(".json") + "_expected.json"
    )


def _with_titles(body: bytes) -> bytes:
    # Many of the files try one element of an item that has no other; an item without guid, link, title and text is no
    # article here, so it gets a text for its dates and authors to be compared.
    return re.sub(rb"<(item|entry)(>|\s[^>]*[^/]>)", rb"<\1\2<summary>x</summary>", body)


def _compared(wanted: dict[str, Any], items: list[dict[str, Any]], feed: ParsedFeed) -> Iterator[tuple[str, Any, Any]]:
    if items:
        yield "count", len(items), len(feed.items)
    for want, got in zip(items, feed.items, strict=False):
        yield from _of_item(want, got)


def _of_item(want: dict[str, Any], got: ParsedItem) -> Iterator[tuple[str, Any, Any]]:
    guid = want.get("guid") or want.get("id")
    guid = guid.get("value") if isinstance(guid, dict) else guid
    if guid:
        yield "id", guid, got.guid
    if title := " ".join(str(want.get("title") or "").split()):
        yield "title", title, got.title
    if isinstance(link := want.get("link") or want.get("url"), str):
        yield "link", link, got.url
    for name in ("publishedParsed", "pubDateParsed", "date_published"):
        if want.get(name):
            yield "published", want[name][:19], _moment(got.published_at)
    for name in ("updatedParsed", "date_modified"):
        if want.get(name):
            yield "updated", want[name][:19], _moment(got.updated_at)
    names = [author.get("name") for author in want.get("authors") or () if isinstance(author, dict)]
    if all(names) and names:
        yield "authors", tuple(names), got.authors


def _moment(value: Any) -> str | None:
    return value.strftime("%Y-%m-%dT%H:%M:%S") if value else None


@needs_data
@pytest.mark.parametrize(("name", "count"), [("cnn.rss", 69), ("korean_times.rss", 195)])
def test_real_feeds(name: str, count: int) -> None:
    """The captured feeds give every item, each with a title, an address and, where it has one, its date."""
    feed = parse_feed((DATA / "real" / name).read_bytes(), zone="Asia/Seoul" if name.startswith("k") else None)
    assert len(feed.items) == count
    assert all(item.title and item.url and item.guid for item in feed.items)
    assert all("&amp;" not in item.title + item.text and "</" not in item.text for item in feed.items)
    dated = [item for item in feed.items if item.published_at]
    assert len(dated) >= 50
