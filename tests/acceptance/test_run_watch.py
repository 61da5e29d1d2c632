"""The view's figures against a real Kafka: what the topics hold is what is shown."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Any

import pytest
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition

from monitor.kafka import client_options
from monitor.run.events import AlertSeen, Counts
from monitor.run.watch import Watch
from monitor.settings import Settings
from schemas import Alert, AlertClaim, AlertSide, topics

pytestmark = [pytest.mark.kafka, pytest.mark.slow]

PATIENCE_S = 60
SEEN = datetime(2026, 3, 11, 12, 0, tzinfo=UTC)


def alert(alert_id: str, revision: int = 1) -> Alert:
    """Return an alert."""
    claim = AlertClaim(claim_id="c", article_id="a", quote="Shut", span=(0, 4), first_seen_at=SEEN)
    side = AlertSide(proposition_id="p", origins=1, outlets=1, claims=(claim,))
    return Alert(
        alert_id=alert_id, revision=revision, kind="denial", severity="low", score=0.5, scope="full",
        same_article=False,
        date_uncertain=False, topics=("ports",), story_ids=("s1",), summary="s", created_at=SEEN, updated_at=SEEN,
        model="m", sides=(side, side),
    )  # fmt: skip


class Desk:
    """Keeps what a watch tells."""

    def __init__(self) -> None:
        self.alerts: list[AlertSeen] = []
        self.counts = Counts()

    def take(self, counts: Counts) -> None:
        """Keep the newest figures."""
        self.counts = counts

    async def until(self, true: Callable[[], bool]) -> None:
        """Wait until something is true."""
        async with asyncio.timeout(PATIENCE_S):
            while not true():  # noqa: ASYNC110 - it comes from Kafka
                await asyncio.sleep(0.05)


@asynccontextmanager
async def producing(settings: Settings) -> AsyncIterator[Callable[..., Any]]:
    """Give a function that writes one record to a topic, under the prefix of the settings."""
    async with AIOKafkaProducer(**client_options(settings)) as producer:

        async def put(spec: topics.TopicSpec, value: bytes, key: bytes = b"k") -> None:
            await producer.send_and_wait(settings.kafka.prefix + spec.name, value, key=key)

        yield put


@asynccontextmanager
async def watching(settings: Settings) -> AsyncIterator[Desk]:
    """Give a desk with a watch that runs, from where the topics end now."""
    desk = Desk()
    watch = Watch(settings, desk.alerts.append, desk.take)
    await watch.mark()
    task = asyncio.create_task(watch.run())
    yield desk
    task.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await task


async def test_figures_and_alerts_come_from_the_topics(
    kafka_settings: Settings, make_topics: Callable[..., None]
) -> None:
    """Articles and dead letters of this run are counted, poison is passed over, alerts of earlier runs are told so."""
    await asyncio.to_thread(make_topics)
    async with producing(kafka_settings) as put:
        await put(topics.ARTICLES, b"{}")
        await put(topics.ALERTS, alert("old").to_bytes(), b"old")
        async with watching(kafka_settings) as desk:
            await put(topics.ARTICLES, b"{}")
            await put(topics.TAGGED, b'{"article_id": "a", "story_id": "s", "topics": [{"slug": "ports"}]}')
            await put(topics.TAGGED, b"\xff")
            await put(topics.CLAIMS, b'{"claim_id": "c"}')
            await put(topics.DEAD_LETTERS, b"{}")
            await put(topics.ALERTS, alert("new").to_bytes(), b"new")
            await put(topics.ALERTS, alert("new", 2).to_bytes(), b"new")
            await desk.until(lambda: len(desk.alerts) == 3 and desk.counts.dead_letters == 1)
            await desk.until(lambda: desk.counts.alerts == 2)
    told = {(seen.alert.alert_id, seen.alert.revision): (seen.old, seen.update) for seen in desk.alerts}
    assert told == {("old", 1): (True, False), ("new", 1): (False, False), ("new", 2): (False, True)}
    counts = desk.counts
    assert (counts.articles, counts.stories, counts.claims, dict(counts.topics)) == (1, 1, 1, {"ports": 1})


async def test_lag_is_what_a_group_has_still_to_read(
    kafka_settings: Settings, make_topics: Callable[..., None]
) -> None:
    """Committed offsets against the ends of the topics; a group that has committed nothing has no lag to show."""
    await asyncio.to_thread(make_topics)
    prefix = kafka_settings.kafka.prefix
    async with producing(kafka_settings) as put:
        for _ in range(5):
            await put(topics.CLAIMS, b"{}")
        async with AIOKafkaConsumer(
            **client_options(kafka_settings), group_id=f"{prefix}contradict", enable_auto_commit=False
        ) as consumer:
            partitions = [
                TopicPartition(prefix + topics.CLAIMS.name, number) for number in range(topics.CLAIMS.partitions)
            ]
            consumer.assign(partitions)
            ends = await consumer.end_offsets(partitions)
            await consumer.commit({partition: max(0, end - 2) for partition, end in ends.items()})
        async with watching(kafka_settings) as desk:
            await desk.until(lambda: desk.counts.lag.get("contradict") == 2)
    assert desk.counts.lag["extract"] is None
