"""How the stages fare: the offsets of their groups, as any Kafka client can read them, looked at now and then."""

from __future__ import annotations

import asyncio
from collections import deque
from contextlib import suppress
from dataclasses import dataclass, field
from statistics import median, quantiles
from time import monotonic
from typing import Any, Final

from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.errors import KafkaError

from monitor.errors import CounterclaimError
from monitor.kafka import client_options
from monitor.run.daemons import DAEMONS, Daemon
from monitor.settings import Settings
from monitor.stream.dead_letters import open_letters
from schemas import Alert, DecodeError
from schemas.topics import ALERTS, DEAD_LETTERS

__all__ = ["Latency", "Stage", "StageWatch"]

FRESH_S: Final = 2.0
"""Seconds for which a look is good enough, however many pages ask."""
PATIENCE_S: Final = 4.0
"""Seconds after which a look is given up."""
REST_S: Final = 10.0
"""Seconds without a look after one that failed, so that pages stay quick while the cluster is away."""
RATE_S: Final = 60.0
"""Seconds over which a rate is taken, where the desk has watched for so long."""
MIN_RATE_S: Final = 1.0
LOOKED_AT: Final = 25
"""Newest alerts of each partition from which the latency is taken."""
FETCH_MS: Final = 500
MOST_LETTERS: Final = 2000
"""Records on the topic of dead letters beyond which a page does not read them all."""


@dataclass(frozen=True, slots=True)
class Stage:
    """One stage: records it took a second lately, records that wait for it, records it took since Kafka keeps count.

    None: not known (yet): a rate needs two looks, a stage that never ran has no offsets.
    """

    name: str
    rate: float | None
    lag: int | None
    done: int | None


@dataclass(frozen=True, slots=True)
class Latency:
    """Seconds from the first sight of the evidence to its alert on Kafka, over the newest alerts there."""

    median: float
    p99: float
    alerts: int


@dataclass(frozen=True, slots=True)
class _Look:
    at: float
    lag: dict[str, int]
    done: dict[str, int]
    waits: tuple[float, ...]
    letters: tuple[int, int]


@dataclass
class StageWatch:
    """Looks at the offsets when a page asks, and remembers the looks of the last minute for the rates."""

    settings: Settings
    _looks: deque[_Look] = field(default_factory=deque)
    _looked_at: float = float("-inf")
    _letters: tuple[tuple[int, int], frozenset[str]] | None = None
    _lock: asyncio.Lock = field(default_factory=asyncio.Lock)

    async def stages(self) -> tuple[Stage, ...]:
        """Return the stages in the order of the data; none where the cluster does not answer."""
        async with self._lock:
            if monotonic() - self._looked_at > FRESH_S:
                await self._look()
        if not self._looks:
            return ()
        last = self._looks[-1]
        first = self._looks[0]
        passed = last.at - first.at
        return tuple(
            Stage(
                daemon.name,
                (last.done[daemon.name] - first.done[daemon.name]) / passed
                if passed >= MIN_RATE_S and daemon.name in last.done and daemon.name in first.done
                else None,
                last.lag.get(daemon.name),
                last.done.get(daemon.name),
            )
            for daemon in DAEMONS
        )

    def latency(self) -> Latency | None:
        """Return the latency as of the last look; None where no alert stands on Kafka."""
        waits = self._looks[-1].waits if self._looks else ()
        if not waits:
            return None
        p99 = quantiles(waits, n=100, method="inclusive")[98] if len(waits) > 1 else waits[0]
        return Latency(median(waits), p99, len(waits))

    async def open_letters(self) -> frozenset[str] | None:
        """Return the ids of the dead letters that nobody has sent again or dropped; None where that is not known.

        They are read again only when the topic has grown, and not at all where it holds very many.
        """
        async with self._lock:
            ends = self._looks[-1].letters if self._looks else None
            if ends is None or ends[1] - ends[0] > MOST_LETTERS:
                return None
            if self._letters is None or self._letters[0] != ends:
                try:
                    letters = await asyncio.wait_for(open_letters(self.settings), PATIENCE_S)
                except (CounterclaimError, KafkaError, OSError, TimeoutError):
                    return None
                self._letters = (ends, frozenset(letter.dead_letter_id for letter in letters))
            return self._letters[1]

    async def _look(self) -> None:
        try:
            look = await asyncio.wait_for(_look_at(self.settings), PATIENCE_S)
        except (CounterclaimError, KafkaError, OSError, TimeoutError):
            self._looks.clear()
            self._looked_at = monotonic() + REST_S
        else:
            self._looks.append(look)
            while len(self._looks) > 2 and look.at - self._looks[0].at > RATE_S:
                self._looks.popleft()
            self._looked_at = monotonic()


async def _look_at(settings: Settings) -> _Look:
    options = client_options(settings)
    admin, consumer = AIOKafkaAdminClient(**options), AIOKafkaConsumer(**options, enable_auto_commit=False)
    try:
        await admin.start()
        await consumer.start()
        places = {daemon.name: _partitions(settings, daemon) for daemon in DAEMONS}
        every = [place for each in places.values() for place in each]
        ends = await consumer.end_offsets(every)
        lag, done = {}, {}
        for name, partitions in places.items():
            committed = await _committed(admin, settings.kafka.prefix + name, partitions)
            if committed:
                lag[name] = sum(max(0, ends[each] - committed.get(each, 0)) for each in partitions)
                done[name] = sum(committed.values())
        letters = TopicPartition(settings.kafka.prefix + DEAD_LETTERS.name, 0)
        first, last = await consumer.beginning_offsets([letters]), await consumer.end_offsets([letters])
        return _Look(monotonic(), lag, done, await _waits(consumer, settings), (first[letters], last[letters]))
    finally:
        await consumer.stop()
        await admin.close()


async def _waits(consumer: Any, settings: Settings) -> tuple[float, ...]:
    """Return for the newest alerts the seconds from their last evidence's first sight to their record on Kafka."""
    places = [TopicPartition(settings.kafka.prefix + ALERTS.name, number) for number in range(ALERTS.partitions)]
    consumer.assign(places)
    starts, ends = await consumer.beginning_offsets(places), await consumer.end_offsets(places)
    for place in places:
        consumer.seek(place, max(starts[place], ends[place] - LOOKED_AT))
    waits: list[float] = []
    # To the ends, not to the first fetch that brings nothing: a new consumer's may, and `_look` gives up in time.
    while any([await consumer.position(place) < ends[place] for place in places]):
        for records in (await consumer.getmany(timeout_ms=FETCH_MS)).values():
            for record in records:
                with suppress(DecodeError):
                    alert = Alert.from_bytes(record.value or b"")
                    waits.append(max(0.0, record.timestamp / 1000 - alert.updated_at.timestamp()))
    return tuple(waits)


async def _committed(admin: Any, group: str, partitions: list[TopicPartition]) -> dict[TopicPartition, int]:
    try:
        found = await admin.list_consumer_group_offsets(group)
    except KafkaError:  # a group has no coordinator while the cluster is new
        return {}
    return {each: found[each].offset for each in partitions if each in found and found[each].offset >= 0}


def _partitions(settings: Settings, daemon: Daemon) -> list[TopicPartition]:
    return [
        TopicPartition(settings.kafka.prefix + spec.name, number)
        for spec in daemon.reads
        for number in range(spec.partitions)
    ]
