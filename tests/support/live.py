"""A whole pipeline of worker processes and a feed server that the test changes, looked at from outside."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from aiokafka import AIOKafkaConsumer, TopicPartition

from monitor.demo.corpus import Corpus
from monitor.demo.server import DemoServer
from monitor.kafka import client_options
from monitor.run.daemons import DAEMONS
from monitor.settings import DeliverySettings, FeedSettings, Settings
from schemas import Message
from schemas.topics import TopicSpec
from tests.support.fleet import lag, partitions, read_all

__all__ = ["ALL_STAGES", "Live", "commit", "live_settings", "until"]

ALL_STAGES = tuple(daemon.name for daemon in DAEMONS)
LOOK_S = 0.2
POISON = b"poison-"


@dataclass(frozen=True)
class Live:
    """The settings that all workers have, the feed server, and the file to which alerts are delivered."""

    settings: Settings
    server: DemoServer
    delivered: Path

    async def messages(self, spec: TopicSpec) -> list[Any]:
        """Return every message of a topic, partition by partition, without what a test put in as poison."""
        assert spec.model is not None
        records = (await read_all(self.settings, spec)).values()
        return [spec.model.from_bytes(record.value) for part in records for record in part if not is_poison(record)]

    async def at_least(self, spec: TopicSpec, count: int = 1) -> list[Any]:
        """Return the messages of a topic once there are so many, else none."""
        found = await self.messages(spec)
        return found if len(found) >= count else []

    async def idle(self, timeout_s: float = 300.0) -> None:
        """Wait until no stage has lag, twice in a row."""
        quiet = 0

        async def is_idle() -> bool:
            nonlocal quiet
            # Ticks come for ever: the poll stage is never without some.
            behind = await lag(self.settings, [stage for stage in ALL_STAGES if stage != "poll"])
            quiet = 0 if any(behind.values()) else quiet + 1
            return quiet >= 3

        await until(is_idle, timeout_s)


def is_poison(record: Any) -> bool:
    """Tell whether a test put the record in as poison: its key says so."""
    return bool(record.key and record.key.startswith(POISON))


def empty_corpus(corpus: Corpus) -> Corpus:
    """Return the corpus with its outlets and without its articles: the test publishes them."""
    return Corpus(corpus.outlets, corpus.scenarios, (), corpus.expected)


def live_settings(settings: Settings, roster: Path, delivered: Path) -> Settings:
    """Return the settings with a roster polled each second, on loopback, and alerts delivered to a file."""
    return settings.model_copy(
        update={
            "feeds": FeedSettings(
                roster=roster, allow_private=True, tick_s=0.5, interval_s=1, host_gap_s=0, per_host=16
            ),
            "delivery": DeliverySettings(file=delivered),
        }
    )


async def until(condition: Callable[[], Awaitable[Any]], timeout_s: float) -> Any:
    """Return the first true answer of ``condition``, looking several times a second.

    Raises:
        TimeoutError: there was none in time.
    """
    end = time.monotonic() + timeout_s
    while time.monotonic() < end:
        if answer := await condition():
            return answer
        await asyncio.sleep(LOOK_S)
    raise TimeoutError(f"not within {timeout_s} s")


async def commit(settings: Settings, stage: str, offset: int) -> None:
    """Set the committed offsets of a stage's group, which has no member now, to ``offset`` in every partition."""
    parts: list[TopicPartition] = []
    for daemon in DAEMONS:
        if daemon.name == stage:
            parts = [part for spec in daemon.reads for part in partitions(settings, spec)]
    consumer = AIOKafkaConsumer(
        **client_options(settings), group_id=settings.kafka.prefix + stage, enable_auto_commit=False
    )
    await consumer.start()
    try:
        consumer.assign(parts)
        await consumer.commit(dict.fromkeys(parts, offset))
    finally:
        await consumer.stop()


def by_id(messages: list[Message], field: str) -> dict[str, Message]:
    """Return the last message of each id."""
    return {getattr(message, field): message for message in messages}
