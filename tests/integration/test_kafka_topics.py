from __future__ import annotations

import asyncio
import os
import subprocess
import sys
from collections.abc import AsyncIterator
from typing import Any

import pytest
from aiokafka import AIOKafkaProducer
from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from aiokafka.admin.config_resource import ConfigResource
from aiokafka.errors import MessageSizeTooLargeError

from monitor.broker.topics import check_topics, create_topics, topic_config
from monitor.errors import BrokerError, TopicMismatchError
from monitor.kafka import client_options
from monitor.settings import KafkaSettings, Settings
from schemas import topics
from schemas.topics import MAX_MESSAGE_BYTES

pytestmark = pytest.mark.kafka


@pytest.fixture
async def admin(kafka_settings: Settings) -> AsyncIterator[AIOKafkaAdminClient]:
    """An admin client of the session's broker."""
    client = AIOKafkaAdminClient(**client_options(kafka_settings))
    await client.start()
    yield client
    await client.close()


async def config_of(admin: AIOKafkaAdminClient, topic: str) -> dict[str, str]:
    """Return a topic's configuration as the broker has it."""
    (response,) = await admin.describe_configs([ConfigResource("topic", topic)])
    return {entry[0]: entry[1] for entry in response.resources[0][4]}


async def until_visible(admin: AIOKafkaAdminClient, topic: str) -> None:
    """Wait until a topic just made is listed."""
    while topic not in await admin.list_topics():  # noqa: ASYNC110 - the cluster sends no event for it
        await asyncio.sleep(0.05)


async def test_creates_every_topic_once(kafka_settings: Settings, admin: AIOKafkaAdminClient) -> None:
    """The first call makes each topic as the list says; after the second nothing was done."""
    first = await create_topics(kafka_settings)
    prefix = kafka_settings.kafka.prefix
    assert {spec.name for spec in first.create} == {prefix + spec.name for spec in topics.ALL}
    for spec in topics.ALL:
        assert topic_config(spec).items() <= (await config_of(admin, prefix + spec.name)).items(), spec.name
    described: list[dict[str, Any]] = await admin.describe_topics([prefix + spec.name for spec in topics.ALL])
    partitions = {topic["topic"]: len(topic["partitions"]) for topic in described}
    assert partitions == {prefix + spec.name: spec.partitions for spec in topics.ALL}
    assert (await create_topics(kafka_settings)).is_empty
    assert (await check_topics(kafka_settings)).is_empty


async def test_check_changes_nothing(kafka_settings: Settings, admin: AIOKafkaAdminClient) -> None:
    """A check names what is missing and makes none of it."""
    plan = await check_topics(kafka_settings)
    assert len(plan.create) == len(topics.ALL)
    assert not [name for name in await admin.list_topics() if name.startswith(kafka_settings.kafka.prefix)]


async def test_starts_from_many_sides_do_not_fight(kafka_settings: Settings) -> None:
    """Several workers that make the topics at once all succeed, and each topic is there once."""
    await asyncio.gather(*(create_topics(kafka_settings) for _ in range(4)))
    assert (await check_topics(kafka_settings)).is_empty


@pytest.mark.parametrize("shown", [True, False], ids=["long there", "just made"])
async def test_refuses_other_partitions_and_shows_the_difference(
    kafka_settings: Settings, admin: AIOKafkaAdminClient, shown: bool
) -> None:
    """A topic with another number of partitions is refused, and nothing is created beside it."""
    name = kafka_settings.kafka.prefix + "articles"
    await admin.create_topics([NewTopic(name, 3, 1)])
    if shown:
        await until_visible(admin, name)
    with pytest.raises(TopicMismatchError, match=rf"{name}: partitions is 3, should be 8"):
        await create_topics(kafka_settings)
    assert kafka_settings.kafka.prefix + "claims" not in await admin.list_topics()


async def test_refuses_another_cleanup(kafka_settings: Settings, admin: AIOKafkaAdminClient) -> None:
    """A topic that is to be compacted but deletes by age is refused, and stays as it is."""
    name = kafka_settings.kafka.prefix + "alerts"
    await admin.create_topics([NewTopic(name, 8, 1, topic_configs={"cleanup.policy": "delete"})])
    await until_visible(admin, name)
    with pytest.raises(TopicMismatchError, match=rf"{name}: cleanup\.policy is delete, should be compact") as caught:
        await create_topics(kafka_settings)
    assert "kafka.prefix" in str(caught.value.hint)
    assert (await config_of(admin, name))["cleanup.policy"] == "delete"


async def test_other_retention_is_set_right_and_the_rest_left(
    kafka_settings: Settings, admin: AIOKafkaAdminClient
) -> None:
    """New retention in the settings reaches a topic that is there; what an operator has set on it stays."""
    name = kafka_settings.kafka.prefix + "articles"
    own = {**topic_config(topics.ARTICLES), "compression.type": "lz4"}
    await admin.create_topics([NewTopic(name, topics.ARTICLES.partitions, 1, topic_configs=own)])
    await until_visible(admin, name)
    kafka = kafka_settings.kafka.model_copy(update={"retention_days": {"articles": 2.0}})
    settings = kafka_settings.model_copy(update={"kafka": kafka})
    plan = await create_topics(settings, (topics.ARTICLES,))
    assert [(topic, key) for topic, key, _, _ in plan.alter] == [(name, "retention.ms")]
    config = await config_of(admin, name)
    assert config["retention.ms"] == str(2 * 24 * 3600 * 1000)
    assert config["compression.type"] == "lz4"
    assert (await create_topics(settings, (topics.ARTICLES,))).is_empty


async def test_the_largest_record_fits_and_a_larger_one_is_refused(kafka_settings: Settings) -> None:
    """A record of the contract's size is taken by a topic; one beyond is refused by the broker, not cut."""
    await create_topics(kafka_settings, (topics.ARTICLES,))
    name = kafka_settings.kafka.prefix + "articles"
    large = 3 * MAX_MESSAGE_BYTES
    async with AIOKafkaProducer(**client_options(kafka_settings), max_request_size=large) as producer:
        await producer.send_and_wait(name, b"x" * (MAX_MESSAGE_BYTES - 1024))
        with pytest.raises(MessageSizeTooLargeError):
            await producer.send_and_wait(name, b"x" * (MAX_MESSAGE_BYTES + 1))


async def test_a_cluster_that_is_not_there_is_told(settings: Settings) -> None:
    """An unreachable cluster is named, with what to look at."""
    nowhere = settings.model_copy(update={"kafka": KafkaSettings(broker="127.0.0.1:9")})
    with pytest.raises(BrokerError, match=r"cannot reach the Kafka cluster at 127\.0\.0\.1:9") as caught:
        await create_topics(nowhere)
    assert "kafka.broker" in str(caught.value.hint)


def test_commands_create_and_check(kafka: str, prefix: str) -> None:
    """Check fails before create and holds after it; list asks no cluster."""

    def call(*arguments: str) -> subprocess.CompletedProcess[str]:
        program = [sys.executable, "-m", "monitor.cli.main", "kafka-topics", *arguments]
        env = {**os.environ, "COUNTERCLAIM_KAFKA__PREFIX": prefix}
        return subprocess.run(program, env=env, capture_output=True, text=True, check=False)

    before = call("check", "--broker", kafka)
    assert before.returncode == 1
    assert f"missing: {prefix}alerts, 8 partitions, compact" in before.stdout
    created = call("create", "--broker", kafka)
    assert created.returncode == 0, created.stderr
    assert f"created: {prefix}alerts, 8 partitions, compact" in created.stdout
    again = call("create", "--broker", kafka)
    assert again.stdout == f"{len(topics.ALL)} topics are as they should be\n"
    assert call("check", "--broker", kafka).returncode == 0
    listed = call("list")
    assert listed.returncode == 0
    assert all(prefix + spec.name in listed.stdout for spec in topics.ALL)
    nowhere = call("check", "--broker", "127.0.0.1:9")
    assert nowhere.returncode == 1
    assert nowhere.stderr.startswith("counterclaim: cannot reach the Kafka cluster")


async def test_topics_take_messages_at_once(kafka_settings: Settings, caplog: pytest.LogCaptureFixture) -> None:
    """When the call returns every partition has its leader: the first message needs no second try."""
    await create_topics(kafka_settings)
    async with AIOKafkaProducer(**client_options(kafka_settings)) as producer:
        for spec in topics.ALL:
            for partition in range(spec.partitions):
                await producer.send_and_wait(kafka_settings.kafka.prefix + spec.name, b"{}", b"k", partition=partition)
    assert "retrying" not in caplog.text
