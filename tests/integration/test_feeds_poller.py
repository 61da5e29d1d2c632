from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path

import pytest

from monitor.feeds import answers, pages
from monitor.feeds.fetch import HttpFetcher
from monitor.feeds.playback import Item, Playback, PlayedFeed
from monitor.feeds.poller import Poller, PollResult
from monitor.feeds.pool import DirectParser, ParserPool
from monitor.feeds.roster import Feed, Roster, partition_of
from monitor.feeds.roster_file import LiveRoster
from monitor.feeds.state import PollState
from monitor.settings import FeedSettings
from schemas import Article, FeedHealth, FeedState

NOW = datetime(2026, 6, 4, 8, tzinfo=UTC)
DAY = timedelta(days=1)
HOUR = timedelta(hours=1)
OPTIONS = FeedSettings(allow_private=True, host_gap_s=0, timeout_s=2, max_bytes=2**20, full_text="never")
ARMY = Item("tag:l,2026:army", "Army denies strike on Aleppo market", "It denied it.", "/2026/army-denies-strike-1000")
FARES = Item("tag:l,2026:fares", "Ferry fares to rise in autumn", "They will rise.", "/2026/ferry-fares-rise-2000")


class World:
    """A server, a roster of its feeds, a store, and a clock that a test turns."""

    def __init__(self, server: Playback, fetcher: HttpFetcher) -> None:
        self.server = server
        self.fetcher = fetcher
        self.store: dict[str, bytes] = {}
        self.now = NOW
        self.options = OPTIONS
        self.feeds: list[Feed] = []
        self.poller: Poller | None = None

    def add(self, path: str, **options: object) -> PlayedFeed:
        """Serve a feed at ``path``, and list it."""
        self.feeds.append(Feed(self.server.url(path), **options))  # type: ignore[arg-type]
        return self.server.feed(path)

    async def poll(self, after: timedelta = timedelta(), *, write: bool = True) -> PollResult:
        """Poll the partition of the server ``after`` some time."""
        self.now += after
        self.poller = self.poller or Poller(
            Roster(self.feeds), self.store, self.fetcher, self.options, parser=DirectParser(), patience_s=1.0
        )
        result = await self.poller.poll(partition_of(self.feeds[0].host), self.now)
        if write:
            result.write(self.store)
        return result

    async def titles(self, after: timedelta = timedelta()) -> list[tuple[str, int]]:
        """Poll, and return title and revision of each article, in order of title."""
        return sorted((article.title, article.revision) for article in (await self.poll(after)).articles)

    def state(self, path: str = "/f") -> FeedState:
        """Return the state of the feed at ``path``."""
        found = PollState(self.store).feed(Feed(self.server.url(path)).feed_id)
        assert found is not None
        return found


@pytest.fixture
async def world() -> AsyncIterator[World]:
    """A world in which nothing is listed yet."""
    async with Playback() as server, HttpFetcher(OPTIONS) as fetcher:
        found = World(server, fetcher)
        yield found
        if found.poller is not None:
            await found.poller.close()


async def test_items_new_edited_and_dropped(world: World) -> None:
    """New items are articles, edits are revisions, what stands or goes is nothing."""
    feed = world.add("/f")
    feed.put(ARMY)
    assert await world.titles() == [(ARMY.title, 1)]
    assert await world.titles(DAY) == []
    feed.put(FARES)
    feed.edit(ARMY.guid or "", text="It confirmed it.")
    assert await world.titles(DAY) == [(ARMY.title, 2), (FARES.title, 1)]
    feed.drop(ARMY.guid or "")
    assert await world.titles(DAY) == []


async def test_what_an_article_carries(world: World) -> None:
    """An article names its feed, its publisher and kind, and when it was first seen."""
    feed = world.add("/f", publisher="Ledger")
    feed.put(ARMY)
    (article,) = (await world.poll()).articles
    assert (article.publisher, article.publisher_kind, article.first_seen_at) == ("Ledger", "unreviewed", NOW)
    assert (article.feed_id, article.language_hint) == (world.feeds[0].feed_id, "en")
    assert article.url == article.canonical_url == world.server.url(ARMY.link or "")


async def test_a_feed_is_asked_when_it_is_due(world: World) -> None:
    """Before its time a feed is not asked; a redelivered tick is harmless."""
    world.add("/f").put(ARMY)
    for _ in range(3):
        await world.poll()
    await world.poll(timedelta(seconds=60))
    assert world.server.count("/f") == 1
    await world.poll(timedelta(seconds=900 * 1.2))
    assert world.server.count("/f") == 2


async def test_etag_and_304(world: World) -> None:
    """The second request carries the ETag, and 304 means that nothing has changed."""
    feed = world.add("/f")
    feed.put(ARMY)
    await world.poll()
    await world.poll(timedelta(hours=1))
    assert "if-none-match" not in world.server.requests[0][1]
    assert world.server.requests[1][1]["if-none-match"] == world.state().etag
    assert (world.state().last_status, world.state().health) == (304, FeedHealth.OK)
    feed.put(FARES)
    assert await world.titles(timedelta(hours=3)) == [(FARES.title, 1)]


async def test_a_server_that_says_304_to_everything(world: World) -> None:
    """Within a day a false 304 is found out by asking in full; from then on the feed is always asked in full."""
    feed = world.add("/f")
    world.server.play("/f", answers.false_304(lambda: feed.render(world.server.base)))
    feed.put(ARMY)
    await world.poll()
    feed.put(FARES)
    found: list[tuple[str, int]] = []
    for _ in range(24):
        found += await world.titles(timedelta(hours=1))
    assert found == [(FARES.title, 1)]
    assert world.state().false_304
    feed.edit(FARES.guid or "", title="Ferry fares will not rise")
    assert await world.titles(timedelta(hours=3)) == [("Ferry fares will not rise", 2)]


async def test_a_poller_killed_before_it_wrote(world: World) -> None:
    """A poll whose state was not written gives the same articles again: nothing is lost between fetch and delivery."""
    world.add("/f").put(ARMY, FARES)
    first = await world.poll(write=False)
    world.poller = None
    second = await world.poll()
    assert [a.article_id for a in first.articles] == [a.article_id for a in second.articles]
    assert len(second.articles) == 2


async def test_a_poller_that_takes_over(world: World) -> None:
    """Another worker with the same store goes on where the first stopped."""
    feed = world.add("/f")
    feed.put(ARMY)
    await world.poll()
    world.poller = None
    feed.put(FARES)
    assert await world.titles(timedelta(hours=1)) == [(FARES.title, 1)]


@pytest.mark.parametrize(
    "answer",
    [
        answers.status(404), answers.status(500), answers.status(503, retry_after="30"), answers.reset(),
        answers.garbage(), answers.truncated(b"<rss/>" * 9), answers.big(200 * 2**20), answers.bomb(64 * 2**20),
        answers.redirect("/f"), answers.raw(b"\x89PNG\r\n\x1a\n" + bytes(400), "image/png"), answers.raw(b""),
        answers.raw(b"<html><body>Sorry</body></html>", "text/html"), answers.raw(b"not a feed at all"),
        answers.redirect("http://[broken"), answers.raw(b"<rss", Content_Encoding="gzip"),
    ],
)  # fmt: skip
async def test_one_bad_feed_stops_no_other(world: World, answer: answers.Answer) -> None:
    """Whatever one feed does is its own failure: the next is polled, and the bad one is tried again and recovers."""
    bad, good = world.add("/f"), world.add("/g")
    bad.put(ARMY)
    good.put(FARES)
    world.server.play("/f", answer)
    assert await world.titles() == [(FARES.title, 1)]
    assert (world.state().health, world.state().failures) == (FeedHealth.FAILING, 1)
    assert world.state().last_error
    assert await world.titles(timedelta(hours=1)) == []
    assert world.state().failures == 2
    world.server.play("/f", answers.document(lambda: bad.render(world.server.base)))
    assert await world.titles(timedelta(hours=3)) == [(ARMY.title, 1)]
    assert (world.state().health, world.state().failures, world.state().last_error) == (FeedHealth.OK, 0, None)


async def test_a_failing_feed_is_never_given_up(world: World) -> None:
    """After a month of failures a feed is still asked about once a day."""
    world.add("/f")
    world.server.play("/f", answers.status(500))
    for _ in range(30 * 24):
        await world.poll(timedelta(hours=1))
    asked = world.server.count("/f")
    assert 25 <= asked <= 60
    for _ in range(7 * 24):
        await world.poll(timedelta(hours=1))
    assert world.server.count("/f") - asked >= 5


async def test_retry_after(world: World) -> None:
    """A server that asks for an hour is left alone for an hour."""
    world.add("/f")
    world.server.play("/f", answers.status(429, retry_after="3600"))
    await world.poll()
    for _ in range(5):
        await world.poll(timedelta(minutes=10))
    assert world.server.count("/f") == 1
    await world.poll(timedelta(minutes=20))
    assert world.server.count("/f") == 2


async def test_410(world: World) -> None:
    """A feed that is gone says so and rests; a month later it is looked at once more."""
    feed = world.add("/f")
    feed.put(ARMY)
    world.server.play("/f", answers.status(410), answers.document(lambda: feed.render(world.server.base)))
    assert (await world.poll()).reports[0].error == "answers with status 410"
    assert world.state().health is FeedHealth.GONE
    assert await world.titles(DAY * 20) == []
    assert world.server.count("/f") == 1
    assert await world.titles(DAY * 11) == [(ARMY.title, 1)]


async def test_a_permanent_redirect_counts_after_a_week(world: World) -> None:
    """A 301 is followed at once, but asked directly only after it held for a week; articles stay the same."""
    feed = world.add("/f")
    feed.put(ARMY)
    world.server.play("/new", answers.document(lambda: feed.render(world.server.base)))
    world.server.play("/f", answers.redirect("/new", 301))
    assert await world.titles() == [(ARMY.title, 1)]
    assert world.state().moved_to == world.server.url("/new")
    for _ in range(9):
        assert await world.titles(DAY) == []
    assert world.server.count("/f") == 7
    assert world.server.count("/new") == 10


async def test_a_hijacked_redirect_is_undone(world: World) -> None:
    """A redirect that is gone within the week leaves no trace."""
    feed = world.add("/f")
    feed.put(ARMY)
    world.server.play("/evil", answers.document(lambda: feed.render(world.server.base)))
    good = answers.document(lambda: feed.render(world.server.base))
    world.server.play("/f", answers.redirect("/evil", 301), good)
    await world.poll()
    await world.poll(DAY)
    assert (world.state().moved_to, world.state().moved_since) == (None, None)


async def test_a_new_address_that_fails_is_left(world: World) -> None:
    """When the address that a feed moved to does not answer any more, the old one is asked again."""
    feed = world.add("/f")
    feed.put(ARMY)
    played = answers.document(lambda: feed.render(world.server.base))
    world.server.play("/new", *[played] * 9, answers.status(404))
    world.server.play("/f", *[answers.redirect("/new", 301)] * 7, played)
    for _ in range(10):
        await world.poll(DAY)
    feed.put(FARES)
    found: list[tuple[str, int]] = []
    for _ in range(3):
        found += await world.titles(DAY)
    assert found == [(FARES.title, 1)]


async def test_dates_missing_constant_and_in_the_future(world: World) -> None:
    """Dates drop nothing and make nothing new: none, the same for all, in the future, and bumped at each fetch."""
    feed = world.add("/f")
    future = datetime(2099, 1, 1, tzinfo=UTC)
    feed.put(ARMY, FARES, Item("g-future-1", "Tomorrow's news", published=future))
    articles = {article.title: article for article in (await world.poll()).articles}
    assert articles[ARMY.title].published_at is None
    assert articles["Tomorrow's news"].published_at == future
    for guid in list(feed.items):
        feed.edit(guid, published="Thu, 04 Jun 2026 09:00:00 GMT")
    assert await world.titles(DAY) == []
    assert world.state().due_at is not None
    assert world.state().due_at < world.now + DAY  # type: ignore[operator]


async def test_moved_guids(world: World) -> None:
    """A feed whose guids all change, as after a move of its software, gives nothing anew."""
    feed = world.add("/f")
    feed.put(ARMY, FARES)
    await world.poll()
    feed.items = {f"new-{n}": Item(f"new-guid-{n}", i.title, i.text, i.link) for n, i in enumerate(feed.items.values())}
    assert await world.titles(DAY) == []


async def test_a_slow_feed_holds_nobody_up(world: World) -> None:
    """The articles of quick feeds do not wait for a slow one, whose own come with a later poll."""
    slow, quick = world.add("/f"), world.add("/g")
    slow.put(ARMY)
    quick.put(FARES)
    body = slow.render(world.server.base)
    world.server.play("/f", answers.slow(body, pause_s=0.6, step=len(body) // 2))
    assert await world.titles() == [(FARES.title, 1)]
    found: list[tuple[str, int]] = []
    for _ in range(40):
        if found := await world.titles():
            break
        await asyncio.sleep(0.1)
    assert found == [(ARMY.title, 1)]
    assert world.server.count("/f") == 1


async def test_hints(world: World) -> None:
    """A feed that asks for an hour between polls is asked no sooner."""
    feed = world.add("/f")
    feed.extra = "<ttl>60</ttl>"
    feed.put(ARMY)
    await world.poll()
    for _ in range(5):
        await world.poll(timedelta(minutes=10))
    assert world.server.count("/f") == 1


async def test_paused_feeds_are_not_asked(world: World) -> None:
    """A feed that the roster says is paused is left alone."""
    world.add("/f", paused=True).put(ARMY)
    assert (await world.poll()).reports == ()
    assert world.server.requests == []


async def test_a_feed_that_leaves_the_roster_is_forgotten(
    world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """When a feed is taken out of the roster file, it is asked no more, and its state goes."""
    monkeypatch.setattr("monitor.feeds.roster_file.LOOK_EVERY_S", 0.0)
    world.add("/f").put(ARMY)
    world.add("/g").put(FARES)
    (path := tmp_path / "feeds.toml").write_text("".join(f'[[feed]]\nurl = "{feed.url}"\n' for feed in world.feeds))
    world.poller = Poller(LiveRoster(path), world.store, world.fetcher, OPTIONS, parser=DirectParser())
    assert len(await world.titles()) == 2
    path.write_text(f'[[feed]]\nurl = "{world.feeds[1].url}"\n')
    await world.poll(DAY)
    await world.poll(DAY * 40)
    assert world.server.count("/f") == 1
    assert list(PollState(world.store).feed_ids()) == [world.feeds[1].feed_id]


PARAGRAPHS = (
    "A grain ship sank on Tuesday after a collision with a tanker off Cape Maru, the coast guard said.",
    "Captain Ilse Brandt, who commands the tanker, denied that the two ships had touched at any time.",
    "The owners of the grain ship said that they would ask a court to hear the pilots of both vessels.",
)


def by_title(result: PollResult) -> Mapping[str, Article]:
    """Return the articles of a poll by title."""
    return {article.title: article for article in result.articles}


async def test_the_whole_text_is_fetched(world: World) -> None:
    """Where a feed has a summary only, the article's text is that of its page."""
    world.options = OPTIONS.model_copy(update={"full_text": "auto"})
    world.add("/f").put(ARMY)
    world.server.page(ARMY.link or "", ARMY.title, *PARAGRAPHS)
    (article,) = (await world.poll()).articles
    assert all(paragraph in article.text for paragraph in PARAGRAPHS)
    assert "Home" not in article.text
    assert await world.titles(DAY) == []
    assert world.server.count(ARMY.link or "") == 1


@pytest.mark.parametrize(
    "answer",
    [
        answers.status(404), answers.status(403), answers.reset(), answers.raw(b"%PDF-1.7", "application/pdf"),
        answers.raw(b"<html><body></body></html>", "text/html"), answers.bomb(64 * 2**20), answers.redirect("/login?x"),
        answers.raw(b"<html><body><article><p>Please accept all cookies to go on reading this site, thank you very "
                    b"much for that.</p></article></body></html>", "text/html"),
    ],
)  # fmt: skip
async def test_a_page_that_is_no_article(world: World, answer: answers.Answer) -> None:
    """Where the page fails, or is a door before the article, the summary is the text."""
    world.options = OPTIONS.model_copy(update={"full_text": "auto"})
    world.add("/f").put(ARMY)
    world.server.play(ARMY.link or "", answer)
    world.server.page("/login", "Log in", *PARAGRAPHS)
    (article,) = (await world.poll()).articles
    assert article.text == ARMY.text


async def test_full_text_by_feed(world: World) -> None:
    """A feed's own setting goes before the general one; robots.txt goes before both."""
    world.options = OPTIONS.model_copy(update={"full_text": "always"})
    world.add("/f", full_text="never").put(ARMY)
    world.add("/g").put(FARES)
    world.server.page(ARMY.link or "", ARMY.title, *PARAGRAPHS)
    world.server.page(FARES.link or "", FARES.title, *PARAGRAPHS)
    assert {title: len(a.text) > 100 for title, a in by_title(await world.poll()).items()} == {
        ARMY.title: False, FARES.title: True,
    }  # fmt: skip
    assert world.server.count(ARMY.link or "") == 0


async def test_robots_are_kept_to(world: World) -> None:
    """A page that robots.txt forbids is not fetched; the summary is the text."""
    world.options = OPTIONS.model_copy(update={"full_text": "always"})
    world.add("/f").put(ARMY)
    world.server.page(ARMY.link or "", ARMY.title, *PARAGRAPHS)
    world.server.play("/robots.txt", answers.raw(b"User-agent: *\nDisallow: /2026/", "text/plain"))
    assert [article.text for article in (await world.poll()).articles] == [ARMY.text]
    assert world.server.count(ARMY.link or "") == 0


async def test_many_pages_come_by_and_by(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """A feed with more new items than pages are fetched in one poll gives them all in the next ones, each once."""
    monkeypatch.setattr(pages, "PAGES_A_POLL", 4)
    world.options = OPTIONS.model_copy(update={"full_text": "auto"})
    feed = world.add("/f")
    for number in range(10):
        link = f"/2026/story-{number}000"
        feed.put(Item(f"guid-of-story-{number}", f"Story {number}", "Short.", link))
        world.server.page(link, f"Story {number}", *PARAGRAPHS)
    found = [article for _ in range(4) for article in (await world.poll()).articles]
    assert sorted(article.title for article in found) == [f"Story {number}" for number in range(10)]
    assert all(len(article.text) > 200 for article in found)
    assert await world.titles(DAY) == []


async def test_an_edit_fetches_the_page_again(world: World) -> None:
    """A revision has the page's text as it is then."""
    world.options = OPTIONS.model_copy(update={"full_text": "auto"})
    feed = world.add("/f")
    feed.put(ARMY)
    world.server.page(ARMY.link or "", ARMY.title, *PARAGRAPHS)
    await world.poll()
    world.server.page(ARMY.link or "", "Army confirms", *PARAGRAPHS[:2], "It confirmed on Wednesday that it had fired.")
    feed.edit(ARMY.guid or "", title="Army confirms strike on Aleppo market")
    (article,) = (await world.poll(DAY)).articles
    assert (article.revision, "It confirmed on Wednesday" in article.text) == (2, True)


async def test_a_page_lost_at_an_edit_keeps_the_text(world: World) -> None:
    """When the page does not answer at an edit, the summary does not take the place of the whole text."""
    world.options = OPTIONS.model_copy(update={"full_text": "auto"})
    feed = world.add("/f")
    feed.put(ARMY)
    world.server.page(ARMY.link or "", ARMY.title, *PARAGRAPHS)
    await world.poll()
    world.server.play(ARMY.link or "", answers.status(503))
    feed.edit(ARMY.guid or "", text="It has now confirmed it.")
    assert await world.titles(DAY) == []
    world.server.page(ARMY.link or "", ARMY.title, *PARAGRAPHS, "It has now confirmed it, in a statement on Friday.")
    assert await world.titles(DAY) == [(ARMY.title, 2)]


async def test_the_parser_dies_alone(world: World) -> None:
    """A feed that kills, stalls or floods its parser fails; the next one is parsed by another process."""
    pool = ParserPool(processes=1, time_limit_s=3.0, memory_limit=400 * 2**20)
    deep, good = world.add("/f"), world.add("/g")
    good.put(FARES)
    deep.put(ARMY)
    world.server.play("/f", answers.raw(b"<rss><channel>" + b"<a>" * 300_000))
    world.poller = Poller(Roster(world.feeds), world.store, world.fetcher, OPTIONS, parser=pool, patience_s=30)
    try:
        assert await world.titles() == [(FARES.title, 1)]
        assert world.state().health is FeedHealth.FAILING
        assert "parser" in (world.state().last_error or "") or "no feed" in (world.state().last_error or "")
    finally:
        await pool.close()


async def test_events_are_given_with_the_poll_that_caused_them(world: World) -> None:
    """A poll whose state was not written tells the same events again, under the same ids; one that was does not."""
    world.add("/f").put(ARMY)
    world.server.play("/g", answers.status(503))
    world.feeds.append(Feed(world.server.url("/g")))
    first = await world.poll(write=False)
    world.poller = None
    second = await world.poll()
    assert [event.event_id for event in first.events] == [event.event_id for event in second.events]
    assert sorted((event.url, event.change) for event in second.events) == [
        (world.server.url("/f"), "answers"), (world.server.url("/g"), "fails"),
    ]  # fmt: skip
    assert (await world.poll()).events == ()


async def test_a_server_whose_clock_is_off(world: World) -> None:
    """A server an hour ahead is noticed by its Date header, counted, and told; its Retry-After date is read by it."""
    feed = world.add("/f")
    feed.put(ARMY)
    ahead = format_datetime(datetime.now(UTC) + timedelta(hours=1), usegmt=True)
    world.server.play("/f", answers.raw(feed.render(world.server.base), Date=ahead))
    told = [event for _ in range(4) for event in (await world.poll(timedelta(hours=4))).events]
    (event,) = [event for event in told if event.change == "clock_off"]
    assert "60 minutes ahead" in (event.reason or "")
    assert world.state().habit.clock_off_count == 4
    due = format_datetime(world.now + timedelta(hours=4 + 2), usegmt=True)
    world.server.play("/f", answers.status(503, retry_after=due, Date=ahead))
    await world.poll(timedelta(hours=4))
    assert world.state().due_at is not None
    assert 0.8 * HOUR < world.state().due_at - world.now < 1.2 * HOUR  # type: ignore[operator]
