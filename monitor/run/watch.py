"""Watch the pipeline from outside: read its topics and the offsets of its groups, as any Kafka client can."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.errors import KafkaError

from monitor.errors import BrokerError
from monitor.kafka import client_options
from monitor.run.daemons import DAEMONS
from monitor.run.events import AlertSeen, Counts
from monitor.run.tally import Tally
from monitor.settings import Settings
from schemas import topics
from schemas.topics import TopicSpec

__all__ = ["Watch"]

COUNT_S = 1.0
"""Seconds between two looks at the offsets."""
RETRY_S = 1.0
FETCH_MS = 250
BATCH = 500
"""Records taken at once, so that the view stays quick while a backlog is read."""

Offsets = dict[TopicPartition, int]


class Watch:
    """Read alerts, claims and tagged articles from where they stood at ``mark``; ask for lags; go on after an outage.

    ``on_alert`` gets each new or updated alert, ``on_counts`` the figures about once a second, ``on_feed`` each record
    of ``feed-events``, those of earlier runs first.
    """

    def __init__(
        self,
        settings: Settings,
        on_alert: Callable[[AlertSeen], None],
        on_counts: Callable[[Counts], None],
        on_feed: Callable[[bytes | None], None] | None = None,
    ) -> None:
        self._settings = settings
        self._on_alert = on_alert
        self._on_counts = on_counts
        self._on_feed = on_feed
        self._tally = Tally()
        self._first: Offsets = {}
        self._start: Offsets = {}
        self._next: Offsets = {}

    async def mark(self) -> None:
        """Remember where every topic ends now: what comes later counts as of this run.

        Raises:
            BrokerError: the cluster does not answer.
        """
        try:
            async with self._consumer() as consumer:
                self._start = await consumer.end_offsets(self._partitions(topics.ALL))
                self._first = await consumer.beginning_offsets(self._partitions(topics.ALL))
        except KafkaError as error:
            raise BrokerError(f"the cluster does not say where its topics end: {error}") from error
        # Alerts and how feeds fare are compacted: all of it is read, so that what earlier runs found is known too.
        whole = (topics.ALERTS, topics.FEED_EVENTS) if self._on_feed else (topics.ALERTS,)
        self._next = {partition: self._start[partition] for partition in self._partitions(Tally.READS)}
        self._next |= {partition: self._first[partition] for partition in self._partitions(whole)}

    async def run(self) -> None:
        """Watch until cancelled; while the cluster is away, try again each second."""
        while True:
            await self._watch()
            await asyncio.sleep(RETRY_S)

    async def _watch(self) -> None:
        """Watch until the cluster goes away."""
        try:
            async with self._admin() as admin, self._consumer() as consumer, asyncio.TaskGroup() as group:
                consumer.assign(list(self._next))
                for partition, offset in self._next.items():
                    consumer.seek(partition, offset)
                group.create_task(self._read(consumer))
                group.create_task(self._count(consumer, admin))
        except* (KafkaError, OSError, BrokerError):
            pass

    async def _read(self, consumer: Any) -> None:
        prefix = self._settings.kafka.prefix
        while True:
            batch = await consumer.getmany(timeout_ms=FETCH_MS, max_records=BATCH)
            for partition, records in batch.items():
                name = partition.topic.removeprefix(prefix)
                for record in records:
                    if self._on_feed is not None and name == topics.FEED_EVENTS.name:
                        self._on_feed(record.value)
                    seen = self._tally.take(name, record.value, old=record.offset < self._start[partition])
                    self._next[partition] = record.offset + 1
                    if seen is not None:
                        self._on_alert(seen)

    async def _count(self, consumer: Any, admin: Any) -> None:
        while True:
            ends = await consumer.end_offsets(list(self._start))
            lag = {daemon.name: await self._lag(admin, daemon.name, daemon.reads, ends) for daemon in DAEMONS}
            new = {name: self._since_start(name, ends) for name in (topics.ARTICLES, topics.DEAD_LETTERS)}
            self._on_counts(self._tally.counts(new[topics.ARTICLES], new[topics.DEAD_LETTERS], lag))
            await asyncio.sleep(COUNT_S)

    async def _lag(self, admin: Any, daemon: str, reads: tuple[TopicSpec, ...], ends: Offsets) -> int | None:
        try:
            committed = await admin.list_consumer_group_offsets(self._settings.kafka.prefix + daemon)
        except KafkaError:  # a group has no coordinator while the cluster is new
            return None
        if not committed:
            return None
        behind = 0
        for partition in self._partitions(reads):
            found = committed.get(partition)
            behind += max(0, ends[partition] - (found.offset if found is not None else self._first[partition]))
        return behind

    def _since_start(self, spec: TopicSpec, ends: Offsets) -> int:
        return sum(ends[partition] - self._start[partition] for partition in self._partitions((spec,)))

    def _partitions(self, specs: tuple[TopicSpec, ...]) -> list[TopicPartition]:
        prefix = self._settings.kafka.prefix
        return [TopicPartition(prefix + spec.name, number) for spec in specs for number in range(spec.partitions)]

    @asynccontextmanager
    async def _admin(self) -> AsyncIterator[Any]:
        admin = AIOKafkaAdminClient(**client_options(self._settings))
        try:
            await admin.start()
            yield admin
        finally:
            await admin.close()

    def _consumer(self) -> Any:
        return AIOKafkaConsumer(**client_options(self._settings), enable_auto_commit=False)
