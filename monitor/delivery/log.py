"""The alerts as they come, from the topic."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable

from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.errors import KafkaError

from monitor.errors import BrokerError
from monitor.kafka import client_options
from monitor.settings import Settings
from schemas.alert import Alert
from schemas.message import DecodeError
from schemas.topics import ALERTS

__all__ = ["follow_alerts"]


async def follow_alerts(
    settings: Settings,
    *,
    from_beginning: bool = False,
    ready: Callable[[], None] = lambda: None,
    refused: Callable[[DecodeError], None] = lambda error: None,
) -> AsyncIterator[Alert]:
    """Yield every revision of every alert as it comes, without end; ``from_beginning``: those on the topic first.

    ``ready`` is called when nothing that comes from then on is missed; ``refused`` with what is no alert. It joins no
    consumer group and commits nothing.

    Raises:
        BrokerError: the cluster cannot be reached, or has no topic for alerts.
    """
    topic = settings.kafka.prefix + ALERTS.name
    consumer = AIOKafkaConsumer(
        **client_options(settings),
        enable_auto_commit=False,
        auto_offset_reset="earliest" if from_beginning else "latest",
    )
    try:
        await consumer.start()
        if topic not in await consumer.topics():
            raise BrokerError(f"there is no topic {topic}", hint="counterclaim kafka-topics create makes it")
        places = [TopicPartition(topic, partition) for partition in range(ALERTS.partitions)]
        consumer.assign(places)
        offsets = consumer.beginning_offsets if from_beginning else consumer.end_offsets
        for place, offset in (await offsets(places)).items():
            consumer.seek(place, offset)
        ready()
        async for record in consumer:
            if record.value is None:
                continue  # a tombstone
            try:
                yield Alert.from_bytes(record.value)
            except DecodeError as error:
                refused(error)
    except KafkaError as error:
        raise BrokerError(f"Kafka: {type(error).__name__}: {error}", hint="is the broker running?") from error
    finally:
        await consumer.stop()
