"""What people command of a feed: the poller obeys at once, remembers it, and tells it."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

import pytest

from monitor.feeds.fetch import Response
from monitor.feeds.poller import Poller, PollResult
from monitor.feeds.pool import DirectParser
from monitor.feeds.roster import Feed, Roster, partition_of
from monitor.feeds.state import PollState
from monitor.settings import FeedSettings
from schemas import Command, CommandAction, FeedChange, FeedHealth, FeedState

NOW = datetime(2026, 6, 4, 8, tzinfo=UTC)
FEED = Feed("https://ledger.example/rss", publisher="Ledger")
BODY = b"""<rss version="2.0"><channel><title>Ledger</title><item><guid>g1</guid>
<title>Ferry fares to rise in autumn</title><description>They will rise.</description></item></channel></rss>"""


class Wire:
    """A fetcher that answers with one feed, or waits for a word to do so."""

    def __init__(self) -> None:
        self.asked = 0
        self.status = 200
        self.go = asyncio.Event()
        self.go.set()

    async def fetch(
        self, url: str, *, headers: Mapping[str, str] | None = None, page: bool = False, max_bytes: int | None = None
    ) -> Response:
        """Answer."""
        self.asked += 1
        await self.go.wait()
        return Response(url, self.status, {"content-type": "application/rss+xml"}, BODY if self.status == 200 else b"")


class Desk:
    """A poller of one feed over a store that lasts, and a clock that a test turns."""

    def __init__(self) -> None:
        self.store: dict[str, bytes] = {}
        self.wire = Wire()
        self.now = NOW
        self.partition = partition_of(FEED.host)
        self.start()

    def start(self) -> None:
        """Start a poller anew, as after a crash."""
        options = FeedSettings(full_text="never")
        self.poller = Poller(Roster([FEED]), self.store, self.wire, options, parser=DirectParser(), patience_s=0.05)

    async def poll(self, minutes: float = 0) -> PollResult:
        """Poll so many minutes later."""
        self.now += timedelta(minutes=minutes)
        result = await self.poller.poll(self.partition, self.now)
        result.write(self.store)
        return result

    def order(self, action: str, feed: Feed = FEED, partition: int | None = None) -> PollResult:
        """Give a command."""
        command = Command(
            command_id=f"c{action}{self.now}",
            action=CommandAction(action),
            feed_id=feed.feed_id,
            actor="ed",
            at=self.now,
        )
        result = self.poller.obey(command, self.partition if partition is None else partition)
        result.write(self.store)
        return result

    @property
    def state(self) -> FeedState:
        """The feed's state in the store."""
        found = PollState(self.store).feed(FEED.feed_id)
        assert found is not None
        return found


@pytest.fixture
async def desk() -> Desk:
    """A desk whose feed was polled once."""
    desk = Desk()
    assert len((await desk.poll()).articles) == 1
    return desk


async def test_a_paused_feed_is_not_polled_until_it_is_resumed(desk: Desk) -> None:
    """Not when it is due, not after a restart; resumed, it is polled at once. Both are told, with who asked."""
    (event,) = desk.order("pause").events
    assert (event.change, event.health, event.reason) == (FeedChange.PAUSED, FeedHealth.PAUSED, "paused by ed")
    await desk.poll(24 * 60)
    desk.start()
    await desk.poll(24 * 60)
    assert (desk.wire.asked, desk.state.health) == (1, FeedHealth.PAUSED)
    (event,) = desk.order("resume").events
    assert (event.change, event.health, event.due_at) == (FeedChange.RESUMED, FeedHealth.OK, None)
    await desk.poll()
    assert (desk.wire.asked, desk.state.health) == (2, FeedHealth.OK)


async def test_a_feed_is_polled_now(desk: Desk) -> None:
    """Before it is due, once; then by its interval again."""
    await desk.poll(1)
    assert desk.wire.asked == 1
    desk.order("poll_now")
    for _ in range(3):
        await desk.poll()
    assert desk.wire.asked == 2
    assert desk.state.due_at is not None


async def test_polling_now_does_not_resume(desk: Desk) -> None:
    """A paused feed stays paused."""
    desk.order("pause")
    assert desk.order("poll_now") == PollResult()
    await desk.poll(60)
    assert (desk.wire.asked, desk.state.health) == (1, FeedHealth.PAUSED)


async def test_what_a_poll_brings_while_a_feed_is_paused_is_found_when_it_is_resumed(desk: Desk) -> None:
    """An answer that comes after the pause changes nothing, and nothing of it is lost."""
    desk.store.clear()
    desk.start()
    desk.wire.go.clear()
    assert (await desk.poll()).articles == ()
    desk.order("pause")
    desk.wire.go.set()
    await asyncio.gather(*(task for _, _, task in desk.poller._tasks.values()))
    assert (await desk.poll(1)).articles == ()
    assert desk.state.health is FeedHealth.PAUSED
    desk.order("resume")
    assert len((await desk.poll()).articles) == 1


async def test_a_failing_feed_is_failing_when_it_is_resumed(desk: Desk) -> None:
    """A pause makes nothing good."""
    desk.wire.status = 500
    await desk.poll(60)
    desk.order("pause")
    desk.order("resume")
    assert (desk.state.health, desk.state.failures) == (FeedHealth.FAILING, 1)


async def test_a_command_that_comes_again_changes_nothing(desk: Desk) -> None:
    """A redelivered command gives the same event and the same state."""
    first = desk.order("pause")
    assert desk.order("pause") == first


async def test_a_command_for_a_feed_that_is_not_here_is_left_alone(desk: Desk) -> None:
    """Unknown feeds, and those of another partition, get no state: nobody would ever poll them from it."""
    before = dict(desk.store)
    assert desk.order("pause", Feed("https://gone.example/rss")) == PollResult()
    assert desk.order("pause", partition=(desk.partition + 1) % 8) == PollResult()
    assert desk.store == before
