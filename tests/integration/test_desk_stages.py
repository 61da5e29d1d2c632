"""What the desk's pipeline page reads from a real Kafka: lag, rate, latency, open dead letters."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from aiokafka import AIOKafkaConsumer, TopicPartition

from monitor.kafka import client_options
from monitor.settings import KafkaSettings, Settings
from monitor.stream.dead_letters import drop, open_letters
from monitor.web.pages import stages
from monitor.web.pages.stages import StageWatch
from schemas import Alert, topics
from tests.support import desk
from tests.support.fleet import publish

pytestmark = pytest.mark.kafka


async def commit(settings: Settings, group: str, topic: str, offset: int) -> None:
    """Commit an offset of the first partition of a topic for a group."""
    consumer = AIOKafkaConsumer(
        **client_options(settings), group_id=settings.kafka.prefix + group, enable_auto_commit=False
    )
    await consumer.start()
    try:
        place = TopicPartition(settings.kafka.prefix + topic, 0)
        consumer.assign([place])
        await consumer.commit({place: offset})
    finally:
        await consumer.stop()


async def test_lag_rate_latency_and_open_letters(
    kafka_settings: Settings, make_topics: Callable[..., None], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Lag is what a group has yet to commit, a rate is taken over two looks, a dropped letter is no longer open."""
    monkeypatch.setattr(stages, "FRESH_S", 0.0)
    monkeypatch.setattr(stages, "PATIENCE_S", 90.0)
    make_topics()
    alert: Alert = next(iter(desk.alerts_of(desk.demo(whole=False)).values()))
    alert = alert.model_copy(update={"updated_at": datetime.now(UTC) - timedelta(hours=1)})
    await publish(kafka_settings, topics.ALERTS, [(b"a", alert.model_dump_json().encode())])
    _, letter = desk.dead_letter()
    await publish(
        kafka_settings, topics.DEAD_LETTERS, [(b"%b" % str(letter.dead_letter_id).encode(), letter.to_bytes())]
    )
    watch = StageWatch(kafka_settings)
    before = {stage.name: stage for stage in await watch.stages()}
    assert (before["enrich"].lag, before["enrich"].rate) == (None, None)
    latency = watch.latency()
    assert latency is not None
    assert latency.alerts == 1
    assert latency.median >= 3600
    assert await watch.open_letters() == {letter.dead_letter_id}

    await commit(kafka_settings, "enrich", topics.ARTICLES.name, 0)
    await publish(kafka_settings, topics.ARTICLES, [(str(number).encode(), b"{}") for number in range(64)])
    waiting = {stage.name: stage for stage in await watch.stages()}["enrich"]
    assert waiting.done == 0
    await commit(kafka_settings, "enrich", topics.ARTICLES.name, 2)
    after = {stage.name: stage for stage in await watch.stages()}["enrich"]
    assert after.done == 2
    assert waiting.lag is not None
    assert after.lag == waiting.lag - 2

    await drop(kafka_settings, await open_letters(kafka_settings))
    await watch.stages()
    assert await watch.open_letters() == frozenset()


async def test_a_cluster_that_is_away_costs_no_error(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where no cluster answers there are no figures, and the page is there all the same."""
    monkeypatch.setattr(stages, "PATIENCE_S", 2.0)
    watch = StageWatch(Settings(kafka=KafkaSettings(broker="127.0.0.1:9")))
    assert await watch.stages() == ()
    assert watch.latency() is None
    assert await watch.open_letters() is None
