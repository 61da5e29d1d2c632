"""Build the read model anew: drop it, and read every topic from its beginning to where it ends now."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.errors import KafkaError

from monitor.archive.archive import Archive, url_of
from monitor.errors import BrokerError
from monitor.kafka import client_options
from monitor.settings import Settings
from schemas import DecodeError, Message
from schemas import topics as kafka
from schemas.topics import TopicSpec

__all__ = ["Progress", "rebuild"]

FETCH_MS = 500
FETCH_BYTES = 8 * 2**20

Offsets = dict[TopicPartition, int]


@dataclass(slots=True)
class Progress:
    """How far it is: records read of ``total``; ``refused``: those that are no messages of their topic, by topic."""

    total: int
    read: int = 0
    kept: int = 0
    refused: Counter[str] = field(default_factory=Counter)


async def rebuild(
    settings: Settings, specs: tuple[TopicSpec, ...], show: Callable[[Progress], None] | None = None
) -> Progress:
    """Drop the archive's tables, make them anew and read ``specs`` into them; ``show`` gets the progress.

    A running archive daemon may go on: its writes and these take turns, and both upsert. Who was erased stays so.

    Raises:
        BrokerError: the cluster cannot be reached, or goes away; nothing was dropped unless reading had begun.
    """
    by_topic = {settings.kafka.prefix + spec.name: spec for spec in specs}
    consumer = AIOKafkaConsumer(
        **client_options(settings),
        enable_auto_commit=False,
        auto_offset_reset="earliest",
        max_partition_fetch_bytes=FETCH_BYTES,
    )
    try:
        await consumer.start()
        first, ends = await _ends(consumer, by_topic)
        archive = await asyncio.to_thread(Archive.anew, url_of(settings))
        try:
            return await _read(consumer, archive, by_topic, first, ends, settings.archive.batch, show)
        finally:
            archive.close()
    except KafkaError as error:
        raise BrokerError(f"the topics cannot be read: {error}", hint="Start it again: it begins anew.") from error
    finally:
        await consumer.stop()


async def _ends(consumer: Any, by_topic: Mapping[str, TopicSpec]) -> tuple[Offsets, Offsets]:
    """Return where the topics begin and end now; those that the cluster has not got yet are left out."""
    existing = await consumer.topics()
    partitions = [
        TopicPartition(topic, number)
        for topic, spec in by_topic.items()
        if topic in existing
        for number in range(spec.partitions)
    ]
    if not partitions:
        raise BrokerError("the cluster has none of the topics", hint="counterclaim kafka-topics create")
    return await consumer.beginning_offsets(partitions), await consumer.end_offsets(partitions)


async def _read(
    consumer: Any,
    archive: Archive,
    by_topic: Mapping[str, TopicSpec],
    first: Offsets,
    ends: Offsets,
    size: int,
    show: Callable[[Progress], None] | None,
) -> Progress:
    left = {partition: end for partition, end in ends.items() if end > first[partition]}
    progress = Progress(sum(ends[partition] - first[partition] for partition in left))
    if not left:
        return progress
    consumer.assign(list(left))
    await consumer.seek_to_beginning(*left)
    while left:
        batch = await consumer.getmany(*left, timeout_ms=FETCH_MS, max_records=size)
        found: list[tuple[TopicSpec, Message]] = []
        gone: list[str] = []
        for partition, records in batch.items():
            spec = by_topic[partition.topic]
            for record in records:
                if record.offset >= ends[partition]:
                    break
                if record.value is None:
                    if spec.name == kafka.ALERTS.name and record.key:
                        gone.append(record.key.decode(errors="replace"))
                    continue
                message = _message(spec, record.value, progress)
                if message is not None:
                    found.append((spec, message))
        progress.kept += await asyncio.to_thread(_write, archive, found, gone)
        # By the position, not by the last record: the end of a compacted topic may have none.
        for partition in list(left):
            if await consumer.position(partition) >= left[partition]:
                del left[partition]
        progress.read = progress.total - sum(
            [max(0, end - await consumer.position(partition)) for partition, end in left.items()]
        )
        if show is not None:
            show(progress)
    return progress


def _message(spec: TopicSpec, value: bytes, progress: Progress) -> Message | None:
    assert spec.model is not None
    try:
        return spec.model.from_bytes(value)
    except DecodeError:
        progress.refused[spec.name] += 1
        return None


def _write(archive: Archive, found: list[tuple[TopicSpec, Message]], gone: list[str]) -> int:
    kept = archive.write(found)
    if gone:
        archive.remove_alerts(gone)
    return kept
