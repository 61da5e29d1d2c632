"""The sample feeds through the real poller over HTTP: every article arrives whole, and a change is noticed."""

from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from monitor.demo.corpus import load
from monitor.demo.server import DemoServer
from monitor.feeds.fetch import HttpFetcher
from monitor.feeds.poller import Poller
from monitor.feeds.roster_file import load_roster
from monitor.settings import FeedSettings
from schemas import Article
from schemas.topics import POLL_TICKS

CORPUS = load()
PATIENCE_S = 60.0
NOW = datetime(2026, 3, 11, 12, 0, tzinfo=UTC)


class Polling:
    """A poller for each partition, with its state."""

    def __init__(self, make_poller: Callable[[dict[str, bytes]], Poller]) -> None:
        self._states: list[dict[str, bytes]] = [{} for _ in range(POLL_TICKS.partitions)]
        self._pollers = [make_poller(state) for state in self._states]
        self._now = NOW

    async def once(self) -> list[Article]:
        """Poll everything, a minute after the last time, and write the state as the agent does."""
        self._now += timedelta(minutes=1)
        found: list[Article] = []
        for partition, (poller, state) in enumerate(zip(self._pollers, self._states, strict=True)):
            result = await poller.poll(partition, self._now)
            assert [report.error for report in result.reports if report.error] == []
            result.write(state)
            found += result.articles
        return found

    async def all(self) -> list[Article]:
        """Poll until nothing new comes."""
        found: list[Article] = []
        while new := await self.once():
            found += new
        return found

    async def close(self) -> None:
        """Close the pollers."""
        for poller in self._pollers:
            await poller.close()


@pytest.fixture
async def server() -> AsyncIterator[DemoServer]:
    """The sample feeds with all items out."""
    async with DemoServer(CORPUS) as running:
        yield running


@pytest.fixture
async def polling(server: DemoServer, tmp_path: Path) -> AsyncIterator[Polling]:
    """A poller of the sample feeds."""
    roster = tmp_path / "roster.toml"
    roster.write_text(server.roster(), encoding="utf-8")
    options = FeedSettings(roster=roster, allow_private=True, host_gap_s=0, per_host=8)
    async with HttpFetcher(options) as fetcher:
        feeds = load_roster(roster)
        polling = Polling(lambda state: Poller(feeds, state, fetcher, options, patience_s=PATIENCE_S))
        yield polling
        await polling.close()


async def test_every_article_arrives_as_it_was_written(server: DemoServer, polling: Polling) -> None:
    """Title, text, date, section, publisher and its kind are those of the sample, by feed or by page, each once."""
    arrived = await polling.all()
    got = {article.url: article for article in arrived}
    assert len(arrived) == len(got)
    wanted = {article.as_article(server.base_url).url: article for article in server.visible()}
    assert set(got) == set(wanted)
    for url, sample in wanted.items():
        article = got[url]
        assert article.title == sample.title
        assert article.text.split() == sample.text.split(), url
        assert article.published_at == sample.published_at
        assert article.section == sample.section
        assert (article.publisher, article.publisher_kind) == (sample.outlet.name, sample.outlet.kind)


async def test_a_published_article_and_its_revision_arrive(server: DemoServer, polling: Polling) -> None:
    """What is published later arrives with the next poll, its edit as revision 2 of the same article; nothing else."""
    await polling.all()
    late = replace(
        CORPUS.articles[1],
        id="late",
        guid="tag:meridian.example,2026:late",
        title="Late news",
        text="It is late. " * 20,
    )
    server.publish(late)
    (first,) = await polling.once()
    assert (first.guid, first.revision) == (late.guid, 1)
    server.publish(replace(late, text="It is later than we thought. " * 20))
    (second,) = await polling.once()
    assert (second.article_id, second.revision) == (first.article_id, 2)
    assert await polling.once() == []
