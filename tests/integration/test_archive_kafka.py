"""The archive beside a real Kafka: built anew from its topics, and erased from them."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence

import pytest
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition

from monitor.archive import Archive, Reader, url_of
from monitor.archive.erase import erase, send_tombstones
from monitor.archive.rebuild import Progress, rebuild
from monitor.errors import BrokerError
from monitor.kafka import client_options
from monitor.run.daemons import find_daemon
from monitor.settings import KafkaSettings, Settings
from schemas import FeedbackAction, topics
from tests.support.archive_samples import (
    act,
    alert,
    article,
    assignment,
    claim,
    evidence,
    feed_event,
    letter,
    notification,
    tagged,
)  # fmt: skip
from tests.support.archives import dump, put, run_sql

pytestmark = pytest.mark.kafka

READS = find_daemon("archive").reads

Records = Mapping[str, Sequence[tuple[str, bytes | None]]]


def _records() -> Records:
    """Return what a small pipeline has left on its topics, by topic: key and value."""
    quoted = tuple(side.model_copy(update={"claims": (evidence(source="Gazette"),)}) for side in alert().sides)
    messages = {
        topics.ARTICLES: [("a1", article(publisher="Gazette")), ("a2", article(article_id="a2", publisher="Post"))],
        topics.STORIES: [("s1", assignment(publisher="Gazette"))],
        topics.TAGGED: [("a1", tagged("ports", publisher="Gazette"))],
        topics.CLAIMS: [("ports", claim(publisher="Gazette"))],
        topics.ALERTS: [
            ("x1", alert(sides=quoted)), ("x1", alert(2, minutes=5, sides=quoted)), ("x2", alert(alert_id="x2")),
        ],
        topics.FEEDBACK: [("x1", act(FeedbackAction.ACK))],
        topics.NOTIFICATIONS: [("n1", notification())],
        topics.FEED_EVENTS: [("f1", feed_event()), ("f2", feed_event(feed_id="f2", event_id="e9", publisher="Post"))],
        topics.DEAD_LETTERS: [("d1", letter())],
    }  # fmt: skip
    return {spec.name: [(key, message.to_bytes()) for key, message in listed] for spec, listed in messages.items()}


async def publish(settings: Settings, records: Records) -> None:
    """Write records to the topics of this test."""
    producer = AIOKafkaProducer(**client_options(settings), acks="all")
    await producer.start()
    try:
        for topic, listed in records.items():
            for key, value in listed:
                await producer.send_and_wait(settings.kafka.prefix + topic, value, key=key.encode())
    finally:
        await producer.stop()


async def test_it_is_built_anew_from_the_topics(kafka_settings: Settings, make_topics: Callable[..., None]) -> None:
    """Whatever stood in the database is gone, all that Kafka holds is there, what is no message is counted."""
    make_topics()
    records = _records()
    await publish(kafka_settings, records)
    await publish(kafka_settings, {"claims": [("ports", b"{not json")]})
    stale = Archive(url_of(kafka_settings))
    put(stale, article(article_id="stale"))
    stale.close()
    run_sql(url_of(kafka_settings), "UPDATE meta SET value = '1' WHERE name = 'version'")
    steps: list[int] = []

    def show(progress: Progress) -> None:
        steps.append(progress.read)

    done = await rebuild(kafka_settings, READS, show)
    count = sum(map(len, records.values()))
    assert (done.total, done.read, done.kept) == (count + 1, count + 1, count)
    assert done.refused == {"claims": 1}
    assert steps == sorted(steps)
    assert steps[-1] == count + 1
    by_hand = Archive.anew(f"sqlite:///{kafka_settings.data / 'by-hand.db'}")
    for topic, listed in records.items():
        model = topics.find(topic).model
        assert model is not None
        put(by_hand, *(model.from_bytes(value) for _, value in listed if value is not None))
    rebuilt = Archive(url_of(kafka_settings))
    assert dump(rebuilt) == dump(by_hand)
    rebuilt.close()
    by_hand.close()


async def test_an_erased_publisher_is_gone_from_archive_and_compacted_topics(
    kafka_settings: Settings, make_topics: Callable[..., None]
) -> None:
    """Its alerts and feeds get tombstones; an archive built anew does not bring it back, and has the others."""
    make_topics()
    await publish(kafka_settings, _records())
    await rebuild(kafka_settings, READS)
    archive = Archive(url_of(kafka_settings))
    done = erase(archive, "publisher", "gazette")
    archive.close()
    assert done.tombstones == {"alerts": ("x1",), "feed-events": ("f1",)}
    assert await send_tombstones(kafka_settings, done.tombstones) == 2
    assert await values_of(kafka_settings, "alerts", "x1") == [False]
    await rebuild(kafka_settings, READS)
    reader = Reader(url_of(kafka_settings))
    try:
        assert [row.alert.alert_id for row in reader.alerts().rows] == ["x2"]
        assert reader.article("a1") is None
        assert reader.article("a2") is not None
        assert not reader.claims().rows
        assert [row.event.feed_id for row in reader.feeds()] == ["f2"]
        assert not reader.stories().rows
        assert reader.counts().articles == 1
    finally:
        reader.close()


async def values_of(settings: Settings, topic: str, key: str) -> list[bool]:
    """Return whether the last record of a key on a topic has a value."""
    name = settings.kafka.prefix + topic
    consumer = AIOKafkaConsumer(**client_options(settings), enable_auto_commit=False, auto_offset_reset="earliest")
    await consumer.start()
    try:
        partitions = [TopicPartition(name, number) for number in range(topics.find(topic).partitions)]
        consumer.assign(partitions)
        ends = await consumer.end_offsets(partitions)
        last: dict[bytes, bool] = {}
        for partition in partitions:
            while await consumer.position(partition) < ends[partition]:
                for records in (await consumer.getmany(partition, timeout_ms=1000)).values():
                    last |= {record.key: record.value is not None for record in records}
        return [last[key.encode()]]
    finally:
        await consumer.stop()


async def test_without_topics_nothing_is_dropped(kafka_settings: Settings) -> None:
    """A cluster that has none of the topics is told, and the archive is left as it was."""
    archive = Archive(url_of(kafka_settings))
    put(archive, article())
    with pytest.raises(BrokerError, match="none of the topics"):
        await rebuild(kafka_settings, READS)
    assert archive.sizes()["articles"] == 1
    archive.close()


async def test_a_cluster_that_is_not_there_is_told(settings: Settings) -> None:
    """An error of ours, not one of the client's."""
    nowhere = settings.model_copy(update={"kafka": KafkaSettings(broker="127.0.0.1:1")})
    with pytest.raises(BrokerError, match="cannot be read"):
        await asyncio.wait_for(rebuild(nowhere, READS), 240)
