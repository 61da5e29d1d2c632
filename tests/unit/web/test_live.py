"""The hub of live events, and the stream that a client gets."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from typing import Any

import pytest

from monitor.archive.views import Counts
from monitor.settings import Settings
from monitor.web import live
from monitor.web.api.events import EventStream
from monitor.web.desk import Event
from monitor.web.live import Hub
from schemas import topics
from tests.support import desk

PATIENCE_S = 60


async def take(events: AsyncIterator[Event], number: int) -> list[Event]:
    """Return the next so many events."""
    async with asyncio.timeout(PATIENCE_S):
        return [await anext(events) for _ in range(number)]


async def listening(hub: Hub, clients: int = 1) -> None:
    """Wait until so many clients listen."""
    async with asyncio.timeout(PATIENCE_S):
        while hub.clients < clients:  # noqa: ASYNC110 - the hub has no event for this
            await asyncio.sleep(0.001)


def tell(hub: Hub, *numbers: int) -> None:
    """Publish an event for each number."""
    for number in numbers:
        hub.publish("alert", {"n": number, "topics": ["odd" if number % 2 else "even"]})


async def test_every_client_gets_every_event_in_order(settings: Settings) -> None:
    """Two clients get what comes after they came, in order; one that leaves is counted no more."""
    hub = Hub(settings)
    tell(hub, 0)
    first, second = hub.subscribe(), hub.subscribe()
    waiting = [asyncio.create_task(take(first, 3)), asyncio.create_task(take(second, 3))]
    await listening(hub, 2)
    tell(hub, 1, 2, 3)
    for got in await asyncio.gather(*waiting):
        assert [event.data["n"] for event in got] == [1, 2, 3]
    await first.aclose()
    assert hub.clients == 1
    await second.aclose()
    assert hub.clients == 0


async def test_a_client_goes_on_where_it_stopped(settings: Settings) -> None:
    """With the last id that it had, a client gets all that came since, once."""
    hub = Hub(settings)
    tell(hub, 1, 2, 3, 4)
    events = hub.subscribe(f"{hub.last_id.partition('-')[0]}-2")
    assert [event.data["n"] for event in await take(events, 2)] == [3, 4]
    last = hub.last_id
    await events.aclose()
    again = hub.subscribe(last)
    waiting = asyncio.create_task(take(again, 1))
    await listening(hub)
    tell(hub, 5)
    assert [event.data["n"] for event in await waiting] == [5]
    await again.aclose()


@pytest.mark.parametrize(
    "known", ["", "x", "-", "0-1", "{epoch}-", "{epoch}-x", "{epoch}-1", "{epoch}-99", "{epoch}-²"]
)
async def test_what_cannot_be_resumed_is_said(settings: Settings, known: str) -> None:
    """An id of another run, one that fell out of the buffer, one of the future and nonsense each give a gap first."""
    hub = Hub(settings, events=3)
    tell(hub, *range(6))
    events = hub.subscribe(known.replace("{epoch}", hub.last_id.partition("-")[0]))
    (gap,) = await take(events, 1)
    assert (gap.kind, gap.id) == ("gap", "")
    assert "ask for the whole" in gap.data["reason"]
    waiting = asyncio.create_task(take(events, 1))
    await listening(hub)
    tell(hub, 7)
    assert [event.data["n"] for event in await waiting] == [7]
    await events.aclose()


async def test_a_client_that_is_too_slow_is_told_and_let_go(settings: Settings) -> None:
    """One that falls behind the buffer gets a gap and its stream ends; the others lose nothing."""
    hub = Hub(settings, events=5)
    slow = hub.subscribe()
    waiting = asyncio.create_task(take(slow, 1))
    await listening(hub)
    tell(hub, 0)
    await waiting
    tell(hub, *range(1, 10))
    rest = [event async for event in slow]
    assert [event.kind for event in rest] == ["gap"]
    assert "too slow" in rest[0].data["reason"]
    assert hub.clients == 0


async def test_the_buffer_is_bounded_in_bytes(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    """Large events push old ones out before the number of events does; the newest always stays."""
    monkeypatch.setattr(live, "BYTES", 1000)
    hub = Hub(settings)
    for number in range(5):
        hub.publish("alert", {"n": number, "pad": "x" * 400, "topics": []})
    assert len(hub._events) == 2
    hub.publish("alert", {"n": 9, "pad": "x" * 5000, "topics": []})
    assert [event.data["n"] for event in hub._events.values()] == [9]


async def test_an_idle_client_gets_a_sign_of_life(settings: Settings) -> None:
    """While nothing happens a client that follows gets None now and then."""
    hub = Hub(settings, idle_s=0.01)
    events = hub.follow()
    async with asyncio.timeout(PATIENCE_S):
        assert [await anext(events) for _ in range(3)] == [None, None, None]
    await events.aclose()


async def test_the_end_of_the_desk_ends_every_stream(settings: Settings) -> None:
    """Closing the hub ends the streams at once, so that the server need not wait for them."""
    hub = Hub(settings)
    streams = [asyncio.create_task(_all(hub)) for _ in range(3)]
    await listening(hub, 3)
    hub.close()
    async with asyncio.timeout(PATIENCE_S):
        assert await asyncio.gather(*streams) == [[], [], []]


async def _all(hub: Hub) -> list[Event]:
    return [event async for event in hub.subscribe()]


def test_records_become_events_and_others_are_passed_over(settings: Settings) -> None:
    """Messages of the three topics are told as they are; tombstones and nonsense are not."""
    hub = Hub(settings)
    sent = desk.demo(whole=False)
    alert = next(iter(desk.alerts_of(sent).values()))
    feed = next(message for spec, message in sent if spec is topics.FEED_EVENTS)
    hub._take("alerts", alert.to_bytes())
    hub._take("alerts", None)
    hub._take("alerts", b"nonsense")
    hub._take("feed-events", feed.to_bytes())
    assert [(event.kind, event.data) for event in hub._events.values()] == [
        ("alert", alert.to_json()),
        ("feed", feed.to_json()),
    ]


async def test_the_figures_are_told_when_they_change(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    """While somebody listens, counts come as ``stats`` without an id, and only new ones."""
    monkeypatch.setattr(live, "STATS_S", 0.01)
    figures = [Counts(articles=1)] * 3 + [Counts(articles=2)]
    hub = Hub(settings, lambda: figures.pop(0) if len(figures) > 1 else figures[0])
    counting = asyncio.create_task(hub._keep_counting())
    events = hub.subscribe()
    try:
        got = await take(events, 2)
    finally:
        counting.cancel()
        await events.aclose()
    assert [(event.kind, event.id, event.data["counts"]["articles"]) for event in got] == [
        ("stats", "", 1),
        ("stats", "", 2),
    ]


def test_a_frame_is_what_the_standard_says() -> None:
    """An id where there is one, a name, one line of data whatever the text holds, and an empty line."""
    event = Event("e-1", "alert", {"text": "a\nb\r\n\u2028\ud800"})
    assert event.frame == b'id: e-1\nevent: alert\ndata: {"text": "a\\nb\\r\\n\xe2\x80\xa8\\ud800"}\n\n'
    assert Event("", "gap", {}).frame == b"event: gap\ndata: {}\n\n"


class Wire:
    """The server's side of a response: what was sent, and a client that goes when told."""

    def __init__(self) -> None:
        self.sent: list[dict[str, Any]] = []
        self.gone = asyncio.Event()

    async def receive(self) -> dict[str, Any]:
        """Return the client's leaving."""
        await self.gone.wait()
        return {"type": "http.disconnect"}

    async def send(self, message: Any) -> None:
        """Keep what is sent."""
        self.sent.append(message)

    def body(self) -> bytes:
        """Return what was sent of the body."""
        return b"".join(message.get("body", b"") for message in self.sent)


async def test_a_stream_filters_and_ends_with_its_client(settings: Settings) -> None:
    """A client that wants one topic gets that alone, after the time to wait before it connects again."""
    hub, wire = Hub(settings), Wire()
    stream = EventStream(hub, None, lambda event: "odd" in event.data["topics"])
    task = asyncio.create_task(stream({"type": "http", "method": "GET"}, wire.receive, wire.send))
    await listening(hub)
    tell(hub, 1, 2, 3)
    async with asyncio.timeout(PATIENCE_S):
        while wire.body().count(b"event: alert") < 2:  # noqa: ASYNC110 - the wire is a list
            await asyncio.sleep(0.001)
        wire.gone.set()
        await task
    assert wire.body().startswith(b"retry: 2000\n\n")
    assert b'"n": 2' not in wire.body()
    assert hub.clients == 0


async def test_a_client_that_takes_nothing_is_let_go(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    """A client whose connection stands still does not stay for ever."""
    monkeypatch.setattr("monitor.web.api.events.SEND_S", 0.01)
    hub, wire = Hub(settings), Wire()

    async def stuck(message: Any) -> None:
        wire.sent.append(message)
        if message.get("body", b"").startswith(b"id:"):
            await asyncio.Event().wait()

    task = asyncio.create_task(
        EventStream(hub, None, lambda _: True)({"type": "http", "method": "GET"}, wire.receive, stuck)
    )
    await listening(hub)
    tell(hub, 1)
    async with asyncio.timeout(PATIENCE_S):
        await task
    assert hub.clients == 0


async def test_without_a_cluster_the_hub_waits(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    """With no broker the hub is not connected, serves its clients, and ends in order."""
    monkeypatch.setattr(live, "RETRY_S", 0.01)
    hub = Hub(settings)
    async with hub.running():
        await asyncio.sleep(0.05)
        assert not hub.connected
        events = hub.subscribe()
        waiting = asyncio.create_task(take(events, 1))
        await listening(hub)
        tell(hub, 1)
        assert (await waiting)[0].data["n"] == 1
        with contextlib.suppress(StopAsyncIteration):
            await events.aclose()
