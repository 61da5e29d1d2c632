"""The dead letters on Kafka: list them, read one, send records back where they came from.

A letter is *open* until a tombstone (its id as key, no value) follows it on the topic. ``retry`` sends the raw bytes
to the topic and partition they came from, with their key, waits until they are there, and only then writes the
tombstone: killed in between, the letter stays open, and a second retry sends the record twice, which the ids of the
pipeline collapse.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition
from aiokafka.errors import KafkaError

from monitor.errors import BrokerError, InputError
from monitor.kafka import client_options
from monitor.settings import Settings
from schemas import DeadLetter, DecodeError
from schemas.topics import DEAD_LETTERS, MAX_MESSAGE_BYTES

__all__ = ["Retried", "choose", "drop", "open_letters", "retry"]

READ_MS = 1000
POINTER_READ_MS = 5000
REQUEST_BYTES = 2 * MAX_MESSAGE_BYTES


@dataclass(frozen=True, slots=True)
class Retried:
    """What became of one letter: ``reason`` says why it could not be sent, None if it was."""

    letter: DeadLetter
    reason: str | None = None


async def open_letters(settings: Settings, stage: str | None = None) -> list[DeadLetter]:
    """Return the open letters in the order in which they came; ``stage``: those of one stage.

    Raises:
        BrokerError: the cluster cannot be reached, or has no topic for dead letters.
    """
    found: dict[bytes, DeadLetter] = {}
    async with _consumer(settings) as consumer:
        async for record in _read_to_end(consumer, settings.kafka.prefix + DEAD_LETTERS.name):
            key = record.key or b""
            found.pop(key, None)
            if record.value is None:
                continue
            try:
                found[key] = DeadLetter.from_bytes(record.value)
            except DecodeError:
                continue  # not ours, or of a later version: it stays on the topic
    return [letter for letter in found.values() if stage is None or letter.stage == stage]


def choose(letters: Iterable[DeadLetter], prefix: str) -> DeadLetter:
    """Return the one letter whose id begins with ``prefix``.

    Raises:
        InputError: there is none, or there are several.
    """
    matching = [letter for letter in letters if letter.dead_letter_id.startswith(prefix)]
    if len(matching) == 1:
        return matching[0]
    what = "no open dead letter" if not matching else f"{len(matching)} open dead letters"
    raise InputError(
        f"{what} with an id that begins with {prefix!r}", hint="`counterclaim dead-letters list` shows them"
    )


async def retry(settings: Settings, letters: Iterable[DeadLetter]) -> list[Retried]:
    """Send the records of the letters back where they came from, in the order given, and close the letters.

    Raises:
        BrokerError: the cluster cannot be reached; letters before the failure are closed.
    """
    async with _producer(settings) as producer, _consumer(settings) as consumer:
        return [await _retry(producer, consumer, settings.kafka.prefix, letter) for letter in letters]


async def drop(settings: Settings, letters: Iterable[DeadLetter]) -> None:
    """Close the letters without sending their records again; the archive goes on showing that they were refused.

    Raises:
        BrokerError: the cluster cannot be reached; letters before the failure are closed.
    """
    async with _producer(settings) as producer:
        for letter in letters:
            await _close(producer, settings.kafka.prefix, letter)


async def _close(producer: Any, prefix: str, letter: DeadLetter) -> None:
    await producer.send_and_wait(prefix + DEAD_LETTERS.name, None, key=letter.dead_letter_id.encode())


async def _retry(producer: Any, consumer: Any, prefix: str, letter: DeadLetter) -> Retried:
    topic = prefix + letter.topic
    key, value = letter.key, letter.value
    if letter.truncated:
        record = await _read_at(consumer, TopicPartition(topic, letter.partition), letter.offset)
        if record is None:
            return Retried(letter, f"the record is gone from {topic}[{letter.partition}]@{letter.offset}")
        key, value = record.key, record.value
    partitions = await producer.partitions_for(topic)
    partition = letter.partition if letter.partition in partitions else None
    await producer.send_and_wait(topic, value, key=key, partition=partition)
    await _close(producer, prefix, letter)
    return Retried(letter)


@asynccontextmanager
async def _consumer(settings: Settings) -> AsyncIterator[Any]:
    consumer = AIOKafkaConsumer(
        **client_options(settings),
        enable_auto_commit=False,
        auto_offset_reset="earliest",  # aiokafka's own first reset may come after ours, and then wins
        max_partition_fetch_bytes=REQUEST_BYTES,
    )
    async with _running(consumer) as client:
        yield client


@asynccontextmanager
async def _producer(settings: Settings) -> AsyncIterator[Any]:
    producer = AIOKafkaProducer(
        **client_options(settings), acks="all", enable_idempotence=True, max_request_size=REQUEST_BYTES
    )
    async with _running(producer) as client:
        yield client


@asynccontextmanager
async def _running(client: Any) -> AsyncIterator[Any]:
    try:
        await client.start()
        yield client
    except KafkaError as error:
        raise BrokerError(f"Kafka: {type(error).__name__}: {error}", hint="is the broker running?") from error
    finally:
        await client.stop()


async def _read_to_end(consumer: Any, topic: str) -> AsyncIterator[Any]:
    """Yield the records that the topic holds now."""
    tps = [TopicPartition(topic, partition) for partition in range(DEAD_LETTERS.partitions)]
    consumer.assign(tps)
    ends = await consumer.end_offsets(tps)
    await consumer.seek_to_beginning(*tps)
    for tp in tps:
        while await consumer.position(tp) < ends[tp]:
            for records in (await consumer.getmany(tp, timeout_ms=READ_MS)).values():
                for record in records:
                    if record.offset < ends[tp]:
                        yield record


async def _read_at(consumer: Any, tp: TopicPartition, offset: int) -> Any:
    """Return the record at a place, or None where it is gone."""
    consumer.assign([tp])
    first, end = (await consumer.beginning_offsets([tp]))[tp], (await consumer.end_offsets([tp]))[tp]
    if not first <= offset < end:
        return None
    consumer.seek(tp, offset)
    for records in (await consumer.getmany(tp, timeout_ms=POINTER_READ_MS, max_records=1)).values():
        if records and records[0].offset == offset:
            return records[0]
    return None
