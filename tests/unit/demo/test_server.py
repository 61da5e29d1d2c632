"""The small web of the demo: feeds that parse, pages that give back their text, items that appear over time."""

import asyncio
import json
import signal
import sys
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime

import aiohttp
import feedparser
import pytest
import trafilatura

from monitor.demo.corpus import Outlet, SampleArticle, load
from monitor.demo.feeds import page_url, render_feed
from monitor.demo.pages import render_page
from monitor.demo.server import DemoServer, feed_path
from monitor.errors import CounterclaimError
from monitor.feeds.parse import parse_feed
from monitor.feeds.roster_toml import read_toml

CORPUS = load()
BASE = "http://127.0.0.1:8000"


@pytest.fixture
async def server() -> AsyncIterator[DemoServer]:
    """A server on a free port with all items out."""
    async with DemoServer(CORPUS) as running:
        yield running


@pytest.fixture
async def client() -> AsyncIterator[aiohttp.ClientSession]:
    """An HTTP client."""
    async with aiohttp.ClientSession() as session:
        yield session


def of(outlet: Outlet) -> list[SampleArticle]:
    """Return the articles of an outlet, each item in its last revision."""
    return list({article.guid: article for article in CORPUS.articles if article.outlet == outlet}.values())


XML_OUTLETS = [outlet for outlet in CORPUS.outlets if outlet.format != "json"]


@pytest.mark.parametrize("outlet", XML_OUTLETS, ids=lambda outlet: outlet.id)
def test_feeds_parse(outlet: Outlet) -> None:
    """The parser of feeds finds every item of a feed with its title, link and date, and nothing wrong with the XML."""
    parsed = feedparser.parse(render_feed(outlet, of(outlet), BASE).encode())
    assert not parsed.bozo
    assert parsed.version == {"rss": "rss20", "atom": "atom10", "rdf": "rss10"}[outlet.format]
    assert parsed.feed.title == outlet.name
    wanted = {page_url(article, BASE): article for article in of(outlet)}
    assert {entry.link for entry in parsed.entries} == set(wanted)
    for entry in parsed.entries:
        article = wanted[entry.link]
        assert entry.title == article.title
        # RSS 1.0 has only dc:date, which feedparser takes for the date of an update.
        date = entry.updated_parsed if outlet.format == "rdf" else entry.published_parsed
        assert datetime(*date[:6], tzinfo=UTC) == article.published_at
        if outlet.format != "rdf":
            assert entry.id == article.guid


@pytest.mark.parametrize("outlet", XML_OUTLETS, ids=lambda outlet: outlet.id)
def test_full_feeds_carry_the_text_and_summary_feeds_do_not(outlet: Outlet) -> None:
    """A feed with whole texts has each paragraph; one with summaries has one sentence or two."""
    parsed = feedparser.parse(render_feed(outlet, of(outlet), BASE).encode())
    wanted = {page_url(article, BASE): article for article in of(outlet)}
    for entry in parsed.entries:
        article = wanted[entry.link]
        if outlet.content == "full":
            assert entry.content[0].value.count("<p>") == len(article.paragraphs)
        else:
            assert "content" not in entry
            assert entry.summary in article.paragraphs


def test_json_feed() -> None:
    """The JSON feed has the items that JSON Feed 1.1 asks for."""
    outlet = next(outlet for outlet in CORPUS.outlets if outlet.format == "json")
    feed = json.loads(render_feed(outlet, of(outlet), BASE))
    assert feed["version"] == "https://jsonfeed.org/version/1.1"
    assert {item["id"] for item in feed["items"]} == {article.guid for article in of(outlet)}
    assert all(item["content_html"].startswith("<p>") for item in feed["items"])


def test_an_empty_feed_is_valid() -> None:
    """Before its first item has appeared a feed is empty, not broken."""
    for outlet in XML_OUTLETS:
        parsed = feedparser.parse(render_feed(outlet, [], BASE).encode())
        assert not parsed.bozo
        assert not parsed.entries


def test_pages_give_back_the_paragraphs() -> None:
    """The extractor finds every paragraph that is a sentence on each page, and none of what stands around the text."""
    for article in CORPUS.articles:
        html = render_page(article, CORPUS.articles, BASE)
        text = trafilatura.extract(html, favor_precision=False, include_comments=False) or ""
        missing = [p for p in article.paragraphs if len(p.split()) > 12 and p not in text]
        assert not missing, (article.id, missing)
        for furniture in ("Facebook", "cookie", "newsletter every morning", "Telegram"):
            assert furniture not in text, article.id


def test_pages_have_their_date() -> None:
    """The page's metadata carries the date of publication."""
    article = CORPUS.articles[5]
    assert article.published_at.isoformat() in render_page(article, CORPUS.articles, BASE)


async def test_etag_and_last_modified(server: DemoServer, client: aiohttp.ClientSession) -> None:
    """A feed that has not changed answers 304 to its tag and to its date; a changed one answers with the new items."""
    outlet = CORPUS.outlets[0]
    url = server.base_url + feed_path(outlet)
    async with client.get(url) as first:
        tag, modified = first.headers["ETag"], first.headers["Last-Modified"]
    async with client.get(url, headers={"If-None-Match": tag}) as again:
        assert again.status == 304
    async with client.get(url, headers={"If-Modified-Since": modified}) as again:
        assert again.status == 304
    template = of(outlet)[0]
    server.publish(replace(template, id="late", guid="tag:late", title="Late news & more"))
    async with client.get(url, headers={"If-None-Match": tag}) as changed:
        assert changed.status == 200
        assert "Late news &amp; more" in await changed.text()


async def test_publish_replaces_and_withdraw_removes(server: DemoServer, client: aiohttp.ClientSession) -> None:
    """A published article takes the place of its earlier revision; a withdrawn one is gone from feed and site."""
    article = of(CORPUS.outlets[0])[0]
    server.publish(replace(article, text="A new text.", revision=2))
    async with client.get(page_url(article, server.base_url)) as page:
        assert "A new text." in await page.text()
    assert sum(each.guid == article.guid for each in server.visible()) == 1
    server.withdraw(article.guid)
    async with client.get(page_url(article, server.base_url)) as page:
        assert page.status == 404
    async with client.get(server.base_url + feed_path(article.outlet)) as feed:
        assert article.guid not in await feed.text()


async def test_all_at_once_without_pace(server: DemoServer) -> None:
    """With pace 0 every item is out, in its last revision."""
    assert {article.guid for article in server.visible()} == {article.guid for article in CORPUS.articles}
    assert any(article.revision == 2 for article in server.visible())


async def test_items_appear_over_time() -> None:
    """With a pace the opening scenario is there at the start, and later items are not."""
    async with DemoServer(CORPUS, pace_s=3600) as server:
        visible = [article.id for article in server.visible()]
    assert visible[0] == CORPUS.articles[0].id
    assert len(visible) < 5


async def test_a_revision_waits_for_its_turn() -> None:
    """Until its revision appears an item is served in its first form."""
    async with DemoServer(CORPUS, pace_s=3600) as server:
        revised = next(article for article in CORPUS.articles if article.revises)
        first = CORPUS.article(revised.revises or "")
        positions = [article.id for article in CORPUS.articles]
        between = (positions.index(first.id) + positions.index(revised.id)) / 2 / len(positions) * 3600
        server._started_at -= between
        assert [a.text for a in server.visible() if a.guid == first.guid] == [first.text]


async def test_roster_lists_every_feed(server: DemoServer, client: aiohttp.ClientSession) -> None:
    """The roster reads as one, names each outlet and its kind, and each of its addresses answers with a feed."""
    async with client.get(server.base_url + "/roster.toml") as response:
        feeds = read_toml(await response.text(), "roster.toml")
    assert [feed.publisher for feed in feeds] == [outlet.name for outlet in CORPUS.outlets]
    assert [feed.kind for feed in feeds] == [outlet.kind for outlet in CORPUS.outlets]
    for feed, outlet in zip(feeds, CORPUS.outlets, strict=True):
        async with client.get(feed.url) as response:
            assert response.status == 200
            parsed = parse_feed(await response.read(), url=feed.url)
        assert {item.title for item in parsed.items} == {article.title for article in of(outlet)}
        assert {item.published_at for item in parsed.items} == {article.published_at for article in of(outlet)}
        assert {item.section for item in parsed.items} == {article.section for article in of(outlet)}
        if feed.full_text == "never":
            assert {item.text for item in parsed.items} == {article.text for article in of(outlet)}


async def test_unknown_paths_are_not_found(server: DemoServer, client: aiohttp.ClientSession) -> None:
    """An unknown outlet or page is 404; robots may read everything."""
    for path in ("/nobody/", "/nobody/feed.xml", "/meridian/none.html"):
        async with client.get(server.base_url + path) as response:
            assert response.status == 404
    async with client.get(server.base_url + "/robots.txt") as response:
        assert "Allow: /" in await response.text()


async def test_a_taken_port_is_told(server: DemoServer) -> None:
    """A second server on the same port says that it is taken and what to do."""
    port = int(server.base_url.rpartition(":")[2])
    with pytest.raises(CounterclaimError, match=f"{port}.*\n.*free one"):
        await DemoServer(CORPUS, port=port).start()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
async def test_the_command_stops_on_a_signal(number: signal.Signals) -> None:
    """The server as a process prints its address, serves, and ends with status 0 and no traceback on a signal."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "monitor.demo.server", "--port", "0", "--pace", "0",
        stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
    )  # fmt: skip
    assert process.stdout is not None
    url = (await process.stdout.readline()).decode().strip()
    async with aiohttp.ClientSession() as session, session.get(f"{url}/meridian/feed.xml") as response:
        assert response.status == 200
    process.send_signal(number)
    _, errors = await process.communicate()
    assert process.returncode == 0
    assert errors == b""
