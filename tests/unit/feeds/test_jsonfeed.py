import json
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.errors import FeedError
from monitor.feeds.items import ParsedFeed
from monitor.feeds.parse import parse_feed

FEED = {
    "version": "https://jsonfeed.org/version/1.1",
    "title": "Ledger &amp; Post",
    "home_page_url": "https://ledger.example/",
    "feed_url": "https://ledger.example/feed.json",
    "language": "en",
    "hubs": [{"type": "WebSub", "url": "https://hub.example/"}],
    "authors": [{"name": "The desk"}],
}


def read(*items: object, **head: object) -> ParsedFeed:
    """Return what a JSON Feed with these items gives."""
    return parse_feed(json.dumps({**FEED, "items": items, **head}).encode(), url="https://ledger.example/feed.json")


def test_an_item() -> None:
    """An item of a JSON Feed gives what an RSS item does."""
    item = read(
        {
            "id": 7,
            "url": "/a/7?utm_source=x",
            "title": "Fares rise",
            "content_html": "<p>One.</p><p>Two &amp; three.</p>",
            "date_published": "2026-06-04T10:00:00+02:00",
            "date_modified": "2026-06-05T08:00:00Z",
            "authors": [{"name": "Ilse Brandt"}],
            "tags": ["Sea"],
        }
    ).items[0]
    assert (item.guid, item.url, item.canonical_url) == (
        "7", "https://ledger.example/a/7?utm_source=x", "https://ledger.example/a/7",
    )  # fmt: skip
    assert (item.text, item.authors, item.section, item.language) == (
        "One.\n\nTwo & three.", ("Ilse Brandt",), "Sea", "en",
    )  # fmt: skip
    assert item.published_at == datetime(2026, 6, 4, 8, tzinfo=UTC)
    assert item.updated_at == datetime(2026, 6, 5, 8, tzinfo=UTC)


def test_the_head() -> None:
    """The feed's own name, addresses and hub are read."""
    feed = read()
    assert (feed.format, feed.title, feed.link, feed.language) == (
        "json11", "Ledger & Post", "https://ledger.example/", "en",
    )  # fmt: skip
    assert (feed.hints.self_url, feed.hints.hub_url) == ("https://ledger.example/feed.json", "https://hub.example/")


def test_authors_of_the_feed_stand_in() -> None:
    """An item without authors has those of the feed (JSON Feed 1.1)."""
    assert read({"id": "1"}).items[0].authors == ("The desk",)


def test_strays_are_passed_over_and_said() -> None:
    """Items that are no objects are passed over; the others are read."""
    feed = read({"id": "1", "title": "a"}, "stray", None)
    assert [item.title for item in feed.items] == ["a"]
    assert "2 of its items" in (feed.problem or "")


@pytest.mark.parametrize("head", [{"version": "https://other.example/1"}, {"items": {}}, {"version": 1}])
def test_other_json_is_no_feed(head: dict[str, object]) -> None:
    """JSON that is no JSON Feed is an error."""
    with pytest.raises(FeedError, match="no JSON Feed"):
        read(**head)


def test_halves_of_characters_are_dropped() -> None:
    """A lone surrogate, which JSON can spell and nothing can write, is left out."""
    item = read({"id": "a\ud800b", "title": "c\udfffd", "url": "https://a.example/\ud800"}).items[0]
    assert (item.guid, item.title, item.url) == ("ab", "cd", "https://a.example/")


_json = st.recursive(
    st.none() | st.booleans() | st.floats(allow_nan=False) | st.text(max_size=20),
    lambda x: st.lists(x) | st.dictionaries(st.text(max_size=8), x),
    max_leaves=8,
)
_names = (
    "id",
    "url",
    "title",
    "content_html",
    "content_text",
    "date_published",
    "authors",
    "author",
    "tags",
    "language",
)


@given(st.dictionaries(st.sampled_from(_names), _json), st.dictionaries(st.sampled_from(tuple(FEED)[1:]), _json))
def test_values_of_any_type_are_no_error(item: dict[str, object], head: dict[str, object]) -> None:
    """A value of another type than the format's is passed over."""
    read(item, **head)
