from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import NoReturn

import pytest

from monitor.feeds import answers, callback
from monitor.feeds.callback import Callback
from monitor.feeds.fetch import HttpFetcher
from monitor.feeds.playback import Item, Playback, PlayedFeed
from monitor.feeds.poller import Poller, PollResult
from monitor.feeds.pool import DirectParser
from monitor.feeds.roster import Feed, Roster, partition_of
from monitor.feeds.state import PollState
from monitor.feeds.subscriber import Subscriber
from monitor.feeds.websub import HubKeys
from monitor.settings import FeedSettings
from schemas import FeedState, HubNews, HubNewsKind
from tests.support.hub import Hub
from tests.support.hub import Subscriber as Subscribed

NOW = datetime(2026, 6, 4, 8, tzinfo=UTC)
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
OPTIONS = FeedSettings(allow_private=True, host_gap_s=0, timeout_s=20, full_text="never")
SECRET = "a text that nobody else knows"
ARMY = Item("tag:l,2026:army", "Army denies strike on Aleppo market", "It denied it.", "/2026/army-denies-strike-1000")
FARES = Item("tag:l,2026:fares", "Ferry fares to rise in autumn", "They will rise.", "/2026/ferry-fares-rise-2000")
PATIENCE_S = 60.0


class World:
    """A feed that names a hub, a hub, a worker's callback, and the poller of the feed's partition."""

    def __init__(self, server: Playback, hub: Hub, fetcher: HttpFetcher) -> None:
        self.server, self.hub, self.fetcher = server, hub, fetcher
        self.heard: asyncio.Queue[HubNews] = asyncio.Queue()
        self.feed = Feed(server.url("/f"))
        self.roster = Roster([self.feed])
        self.callback = Callback(HubKeys("", SECRET), self.roster.get, self._forward)
        self.played = self.named("/f")
        self.store: dict[str, bytes] = {}
        self.now = NOW
        self.poller: Poller

    def named(self, path: str) -> PlayedFeed:
        """Serve a feed that names the hub, and what the hub calls it."""
        atom = 'xmlns:atom="http://www.w3.org/2005/Atom"'
        return self.server.feed(
            path,
            extra=f'<atom:link {atom} rel="hub" href="{self.hub.url}"/>'
            f'<atom:link {atom} rel="self" href="{self.server.url(path)}"/>',
        )

    async def start(self) -> None:
        """Let the callback listen, and make the poller."""
        await self.callback.start("127.0.0.1", 0)
        keys = HubKeys(f"http://127.0.0.1:{self.callback.port}/hubs", SECRET)
        self.poller = Poller(
            self.roster, self.store, self.fetcher, OPTIONS,
            parser=DirectParser(), patience_s=PATIENCE_S, subscriber=Subscriber(keys, self.fetcher),
        )  # fmt: skip

    async def _forward(self, feed: Feed, news: HubNews) -> None:
        assert feed is self.feed
        await self.heard.put(news)

    async def poll(self, after: timedelta = timedelta(), hub: HubNews | None = None) -> PollResult:
        """Poll after some time, and keep the state."""
        self.now += after
        result = await self.poller.poll(partition_of(self.feed.host), self.now, hub)
        result.write(self.store)
        return result

    async def hear(self) -> PollResult:
        """Wait for what the hub tells, and take it in."""
        return await self.poll(MINUTE, await asyncio.wait_for(self.heard.get(), PATIENCE_S))

    async def subscribe(self) -> Subscribed:
        """Poll the feed, and be subscribed to its hub."""
        await self.poll()
        await self.hear()
        return await asyncio.wait_for(self.hub.confirmed.get(), PATIENCE_S)

    async def push(self, *items: Item) -> PollResult:
        """Let the hub send a document with these items alone."""
        document = self.named("/not-polled")
        document.put(*items)
        assert await self.hub.publish(self.server.url("/f"), document.render(self.server.base)) == [202]
        return await self.hear()

    @property
    def state(self) -> FeedState:
        """The state of the feed."""
        found = PollState(self.store).feed(self.feed.feed_id)
        assert found is not None
        return found


class Stuck(DirectParser):
    """A parser that is never done."""

    async def feed(self, *_: object, **__: object) -> NoReturn:
        """Return never."""
        await asyncio.Event().wait()
        raise AssertionError


@pytest.fixture
async def world() -> AsyncIterator[World]:
    """A world in which nothing has been polled yet."""
    async with Playback() as server, Hub() as hub, HttpFetcher(OPTIONS) as fetcher:
        found = World(server, hub, fetcher)
        await found.start()
        yield found
        await found.poller.close()
        await found.callback.close()


def titles(result: PollResult) -> list[tuple[str, int]]:
    """Return title and revision of what a poll gave."""
    return sorted((article.title, article.revision) for article in result.articles)


async def test_a_hub_is_subscribed_to(world: World) -> None:
    """Where a feed names a hub, it is asked, and what it verifies is confirmed and kept with its lease."""
    subscribed = await world.subscribe()
    (form,) = world.hub.requests
    assert (form["hub.mode"], form["hub.topic"]) == ("subscribe", world.server.url("/f"))
    assert 32 <= len(form["hub.secret"]) < 200
    assert world.hub.verifications == [(200, True)]
    assert subscribed.topic == world.server.url("/f")
    assert world.state.websub is not None
    assert world.state.websub.expires_at == world.now + HOUR


async def test_what_a_hub_sends_becomes_articles(world: World) -> None:
    """Pushed items are articles at once, edits revisions, and the next poll finds nothing new in them."""
    await world.subscribe()
    world.played.put(ARMY, FARES)
    assert titles(await world.push(ARMY)) == [(ARMY.title, 1)]
    assert titles(await world.push(ARMY, FARES)) == [(FARES.title, 1)]
    assert titles(await world.push(Item(ARMY.guid, ARMY.title, "It has now confirmed it.", ARMY.link))) == [
        (ARMY.title, 2)
    ]
    world.played.edit(ARMY.guid or "", text="It has now confirmed it.")
    assert titles(await world.poll(DAY)) == []
    assert titles(await world.poll(DAY)) == []
    assert world.state.items_seen == 2


@pytest.mark.parametrize("method", ["sha1", "sha256", "sha384", "sha512"])
async def test_every_method_of_signing(world: World, method: str) -> None:
    """A hub may sign in any of the four ways."""
    world.hub.method = method
    await world.subscribe()
    assert titles(await world.push(ARMY)) == [(ARMY.title, 1)]


async def test_what_is_not_signed_as_agreed_is_dropped(world: World) -> None:
    """Content with a wrong signature, or none, is answered kindly and goes nowhere."""
    subscribed = await world.subscribe()
    world.played.put(ARMY)
    body = world.played.render(world.server.base)
    for signature in (None, "sha256=00", world.hub.sign("another secret", body), world.hub.sign("", body)):
        assert await world.hub.send(subscribed, body, signature) == 202
    assert world.heard.empty()


async def test_strangers_are_not_answered(world: World) -> None:
    """Nobody can make us confirm what we did not ask for: another topic, another feed, another address."""
    subscribed = await world.subscribe()
    url = subscribed.callback
    for address, topic in (
        (url, "https://elsewhere.example/"),
        (url.replace("/f", "/g", 1), subscribed.topic),
        (url.replace(world.feed.feed_id, Feed(world.server.url("/g")).feed_id), subscribed.topic),
        (url.replace("?topic=", "x?topic="), subscribed.topic),
        (url.partition("?")[0], subscribed.topic),
    ):
        status, text = await world.hub.verify(address, "subscribe", topic, challenge="abc", lease_seconds="60")
        assert (status, "abc" in text) == (404, False), address
    status, _ = await world.hub.verify(url, "unsubscribe", subscribed.topic, challenge="abc")
    assert status == 404
    assert world.heard.empty()


async def test_a_feed_that_left_the_roster(world: World) -> None:
    """Content for a feed that is not polled any more is refused for good, and its unsubscription confirmed."""
    subscribed = await world.subscribe()
    world.roster.replace([])
    assert await world.hub.send(subscribed, b"x", None) == 410
    assert await world.hub.verify(subscribed.callback, "unsubscribe", subscribed.topic, challenge="abc") == (200, "abc")
    assert world.heard.empty()


async def test_polling_is_a_backup(world: World) -> None:
    """While the hub delivers, polls are few; what it does not bring is found by one, and they are frequent again."""
    world.hub.lease_s = 100 * 86_400
    await world.subscribe()
    world.played.put(ARMY)
    await world.push(ARMY)
    asked = world.server.count("/f")
    for _ in range(11):
        await world.poll(10 * MINUTE)
    assert world.server.count("/f") - asked <= 1
    world.played.put(FARES)  # the hub says nothing of it
    found = [title for _ in range(14) for title in titles(await world.poll(10 * MINUTE))]
    assert found == [(FARES.title, 1)]
    assert world.state.websub is not None
    assert not world.state.websub.delivers
    asked = world.server.count("/f")
    for _ in range(24):
        await world.poll(10 * MINUTE)
    assert world.server.count("/f") - asked >= 3


async def test_a_lease_is_renewed(world: World) -> None:
    """Before a lease ends the hub is asked again, also where polls are few."""
    await world.subscribe()
    world.played.put(ARMY)
    await world.push(ARMY)
    for _ in range(9):
        await world.poll(10 * MINUTE)
        assert world.state.websub is not None
        if world.state.websub.asked_at == world.now:
            break
    assert world.now - NOW < HOUR
    await world.hear()
    assert len(world.hub.requests) == 2
    assert world.state.websub is not None
    assert world.state.websub.expires_at == world.now + HOUR


async def test_a_hub_that_denies(world: World) -> None:
    """A denial is kept with its reason, and the feed is polled as ever."""
    world.hub.deny = "not for you"
    await world.poll()
    await world.hear()
    assert world.state.websub is not None
    assert (world.state.websub.error, world.state.websub.expires_at) == ("not for you", None)
    world.played.put(ARMY)
    assert titles(await world.poll(HOUR)) == [(ARMY.title, 1)]
    assert len(world.hub.requests) == 1


async def test_a_hub_that_does_not_answer(world: World) -> None:
    """A hub that refuses or is not there costs the feed nothing; the reason is kept."""
    broken = Hub()
    async with broken:
        gone = broken.url
    world.played.extra = f'<atom:link xmlns:atom="http://www.w3.org/2005/Atom" rel="hub" href="{gone}"/>'
    world.played.put(ARMY)
    assert titles(await world.poll()) == [(ARMY.title, 1)]
    async with asyncio.timeout(PATIENCE_S):
        while world.state.websub is None or world.state.websub.error is None:
            await world.poll(timedelta(seconds=1))
            await asyncio.sleep(0.01)
    assert "refuses connections" in world.state.websub.error


async def test_the_header_goes_before_the_feed(world: World) -> None:
    """Hub and topic of the HTTP Link header are those that count, also in several headers."""
    topic = world.server.url("/canonical")
    body = world.played.render(world.server.base)
    world.server.play("/f", answers.raw(body, Link=f'<{world.hub.url}>; rel="hub", <{topic}>; rel="self"'))
    await world.poll()
    await world.hear()
    assert [form["hub.topic"] for form in world.hub.requests] == [topic]


async def test_a_worker_that_ends_before_it_has_read_a_push(world: World) -> None:
    """What a hub told is not lost with the worker: the next one asks the feed at once."""
    await world.subscribe()
    world.played.put(ARMY)
    assert await world.hub.publish(world.server.url("/f"), world.played.render(world.server.base)) == [202]
    first = world.poller
    first._parser, first._patience_s = Stuck(), 0.0
    assert titles(await world.hear()) == []
    await first.close()
    world.poller = Poller(world.roster, world.store, world.fetcher, OPTIONS, parser=DirectParser(), patience_s=60)
    assert titles(await world.poll(MINUTE)) == [(ARMY.title, 1)]


async def test_large_content_is_polled_for(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """Content that is too large for a message makes the feed be polled at once."""
    monkeypatch.setattr(callback, "CARRIED_BYTES", 100)
    await world.subscribe()
    world.played.put(ARMY)
    asked = world.server.count("/f")
    assert titles(await world.push(ARMY)) == [(ARMY.title, 1)]
    assert world.server.count("/f") == asked + 1


async def test_content_that_is_no_feed(world: World) -> None:
    """Content that cannot be read is no failure of the feed: it is polled to see what the hub meant."""
    await world.subscribe()
    world.played.put(ARMY)
    assert await world.hub.publish(world.server.url("/f"), b"<html><body>Oops</body></html>") == [202]
    await world.hear()
    assert world.state.failures == 0
    assert titles(await world.poll()) == [(ARMY.title, 1)]


async def test_a_push_while_the_feed_is_asked(world: World) -> None:
    """What a hub tells while a poll is under way is looked for once that is done."""
    subscribed = await world.subscribe()
    gate = asyncio.Event()
    body = world.played.render(world.server.base)
    world.server.play("/f", answers.gated(gate, answers.raw(body)), answers.document(lambda: world.played.render("")))
    poller = Poller(
        world.roster, world.store, world.fetcher, OPTIONS, parser=DirectParser(), patience_s=0.05,
        subscriber=Subscriber(HubKeys("http://127.0.0.1:1/", SECRET), world.fetcher),
    )  # fmt: skip
    await world.poller.close()
    world.poller = poller
    await world.poll(DAY)
    world.played.put(ARMY)
    news = HubNews(kind=HubNewsKind.CONTENT, feed_id=world.feed.feed_id, topic=subscribed.topic, body="")
    await world.poll(MINUTE, news)
    gate.set()
    found: list[tuple[str, int]] = []
    async with asyncio.timeout(PATIENCE_S):
        while not found:
            found = titles(await world.poll(timedelta(seconds=1)))
            await asyncio.sleep(0.01)
    assert found == [(ARMY.title, 1)]
