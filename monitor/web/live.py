"""Live events: one Kafka consumer feeds a bounded buffer, from which every client is served at its own pace.

A client holds no queue of its own, only its place in the buffer, so that a thousand cost little. One that falls
behind the buffer is told so (``gap``) and let go; a browser then connects again and asks for the whole.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
import secrets
import time
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from typing import Any, Final

from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.errors import KafkaError
from anyio import to_thread

from monitor.archive.views import Counts
from monitor.errors import BrokerError
from monitor.kafka import client_options
from monitor.settings import Settings
from monitor.web.desk import Event, EventKind
from schemas import topics
from schemas.message import DecodeError
from schemas.topics import TopicSpec

__all__ = ["Hub"]

EVENTS: Final = 2000
BYTES: Final = 32 * 2**20
"""The buffer holds the newest events, so many and so many bytes of them at most."""
IDLE_S: Final = 15.0
"""Seconds without an event after which a client gets a sign of life (HTML Standard, 9.2.7)."""
STATS_S: Final = 5.0
RETRY_S: Final = 2.0
CHECK_S: Final = 10.0
"""Seconds of silence after which the cluster is asked whether it is there, and that it has for an answer."""
FETCH_MS: Final = 1000
"""Most milliseconds that the cluster holds back an answer while there is nothing; what comes is answered at once."""

READS: Final[Mapping[str, tuple[TopicSpec, EventKind]]] = {
    topics.ALERTS.name: (topics.ALERTS, "alert"),
    topics.FEEDBACK.name: (topics.FEEDBACK, "feedback"),
    topics.FEED_EVENTS.name: (topics.FEED_EVENTS, "feed"),
}

log = logging.getLogger(__name__)


class Hub:
    """The source of live events. ``counts`` reads the figures of the ``stats`` event; it is called in a thread.

    ``events`` and ``idle_s``: size of the buffer, and seconds until a sign of life; smaller in tests.
    """

    def __init__(
        self,
        settings: Settings,
        counts: Callable[[], Counts] | None = None,
        *,
        events: int = EVENTS,
        idle_s: float = IDLE_S,
    ) -> None:
        self._settings = settings
        self._counts = counts
        self._most = events
        self._idle_s = idle_s
        self._epoch = secrets.token_hex(4)  # ids of another run of the desk cannot be resumed from
        self._events: dict[int, Event] = {}
        self._bytes = 0
        self._first = self._next = 1
        self._news = asyncio.Event()
        self._closed = False
        self._offsets: dict[TopicPartition, int] = {}
        self.clients = 0
        self.connected = False

    @property
    def last_id(self) -> str:
        """The id of the newest event, or where the first will follow: what a page is as new as when it is made."""
        return f"{self._epoch}-{self._next - 1}"

    # -- out

    async def subscribe(self, last_event_id: str | None = None) -> AsyncGenerator[Event, None]:
        """Yield events as they come, those after ``last_event_id`` first; see `monitor.web.desk.Live`."""
        async with contextlib.aclosing(self.follow(last_event_id)) as events:
            async for event in events:
                if event is not None:
                    yield event

    async def follow(self, last_event_id: str | None = None) -> AsyncGenerator[Event | None, None]:
        """Yield as ``subscribe`` does, and None after ``idle_s`` seconds without an event."""
        place = self._place_after(last_event_id)
        self.clients += 1
        try:
            if place is None:
                place = self._next  # before the client is told, so that it misses nothing while it asks
                yield _gap("The events after the last one that you had are no longer known: ask for the whole.")
            while not self._closed:
                if place < self._first:
                    yield _gap("You were too slow for the events that came: ask for the whole.")
                    return
                if place < self._next:
                    place += 1
                    yield self._events[place - 1]
                elif not await self._wait():
                    yield None
        finally:
            self.clients -= 1

    def _place_after(self, last_event_id: str | None) -> int | None:
        """Return the number of the next event for a client; None where what it missed is no longer known."""
        if last_event_id is None:
            return self._next
        epoch, _, number = last_event_id.partition("-")
        if epoch != self._epoch or not (number.isascii() and number.isdigit() and len(number) < 19):
            return None
        after = int(number) + 1
        return after if self._first <= after <= self._next else None

    async def _wait(self) -> bool:
        """Wait for news; False where there was none for a while."""
        try:
            async with asyncio.timeout(self._idle_s):
                await self._news.wait()
        except TimeoutError:
            return False
        return True

    # -- in

    def publish(self, kind: EventKind, data: Mapping[str, Any], *, resumable: bool = True) -> None:
        """Put an event into the buffer, the oldest out of it where it is full, and wake the clients."""
        event = Event(f"{self._epoch}-{self._next}" if resumable else "", kind, data)
        self._events[self._next] = event
        self._next += 1
        self._bytes += len(event.frame)
        while len(self._events) > self._most or (self._bytes > BYTES and len(self._events) > 1):
            self._bytes -= len(self._events.pop(self._first).frame)
            self._first += 1
        self._wake()

    def close(self) -> None:
        """Let every client go: the desk stops."""
        self._closed = True
        self._wake()

    def _wake(self) -> None:
        self._news.set()
        self._news = asyncio.Event()

    @asynccontextmanager
    async def running(self) -> AsyncIterator[Hub]:
        """Read Kafka and the figures inside the block; a cluster that is away is tried again."""
        tasks = [asyncio.create_task(self._keep_reading()), asyncio.create_task(self._keep_counting())]
        try:
            yield self
        finally:
            self.close()
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    async def _keep_reading(self) -> None:
        said = ""
        while True:
            try:
                await self._read()
            except (KafkaError, OSError, BrokerError) as error:
                reason = f"{type(error).__name__}: {error}".splitlines()[0]
                if reason != said:
                    log.warning("no live events: %s; tried again every %g s", reason, RETRY_S)
                said = reason
            except Exception:
                log.exception("live events stopped; they are started again")
            self.connected = False
            await asyncio.sleep(RETRY_S)

    async def _read(self) -> None:
        """Read until the cluster goes away: from the end the first time, later from where it was left."""
        prefix = self._settings.kafka.prefix
        consumer = AIOKafkaConsumer(
            **client_options(self._settings), enable_auto_commit=False, fetch_max_wait_ms=FETCH_MS
        )
        await consumer.start()
        try:
            known = await consumer.topics()  # asks for all, so that no broker makes one that is not there yet
            missing = sorted(prefix + name for name in READS if prefix + name not in known)
            if missing:
                raise BrokerError(f"the topics {', '.join(missing)} are not there yet")
            partitions = [
                TopicPartition(prefix + name, number)
                for name, (spec, _) in READS.items()
                for number in range(spec.partitions)
            ]
            consumer.assign(partitions)
            if not self._offsets:
                self._offsets = dict(await consumer.end_offsets(partitions))
            for partition, offset in self._offsets.items():
                consumer.seek(partition, offset)
            self.connected = True
            asked = time.monotonic()
            while True:
                batch = await consumer.getmany(timeout_ms=FETCH_MS)
                if not batch and time.monotonic() - asked > CHECK_S:
                    # A consumer whose cluster has gone is silent, as one is to whom nothing comes: so it is asked.
                    async with asyncio.timeout(CHECK_S):
                        await consumer.end_offsets(partitions[:1])
                    asked = time.monotonic()
                for partition, records in batch.items():
                    for record in records:
                        self._offsets[partition] = record.offset + 1
                        self._take(partition.topic.removeprefix(prefix), record.value)
        finally:
            await consumer.stop()

    def _take(self, topic: str, raw: bytes | None) -> None:
        spec, kind = READS[topic]
        if raw is None or spec.model is None:
            return
        try:
            message = spec.model.from_bytes(raw)
        except DecodeError as error:
            log.warning("a record of %s is passed over: %s", topic, error.reason)
            return
        self.publish(kind, message.to_json())

    async def _keep_counting(self) -> None:
        """Tell the figures when they have changed, while somebody listens."""
        said: dict[str, Any] = {}
        while self._counts is not None:
            await asyncio.sleep(STATS_S)
            if not self.clients:
                continue
            try:
                counts = await to_thread.run_sync(self._counts)
            except Exception as error:
                log.warning("the figures cannot be read: %s", type(error).__name__)
                continue
            figures = {"counts": _plain(counts), "clients": self.clients, "connected": self.connected}
            if figures != said:
                said = figures
                self.publish("stats", figures, resumable=False)


def _gap(why: str) -> Event:
    return Event("", "gap", {"reason": why})


def _plain(counts: Counts) -> dict[str, Any]:
    names = ("articles", "stories", "claims", "alerts", "feeds", "dead_letters")
    by_state = {state.value: number for state, number in counts.by_state.items()}
    plain: dict[str, Any] = json.loads(json.dumps({name: getattr(counts, name) for name in names}))
    return plain | {"by_state": by_state}
