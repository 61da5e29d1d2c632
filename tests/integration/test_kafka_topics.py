from __future__ import annotations

import pytest
from aiokafka.admin import AIOKafkaAdminClient, NewTopic

from monitor.broker.topics import check_topics, create_topics
from monitor.errors import TopicMismatchError
from monitor.kafka import client_options
from monitor.settings import Settings
from schemas import topics

pytestmark = pytest.mark.kafka


async def test_creates_every_topic_once(kafka_settings: Settings) -> None:
    """The first call creates each topic of the list; after the second nothing was done."""
    first = await create_topics(kafka_settings)
    assert {spec.name for spec in first.create} == {kafka_settings.kafka.prefix + spec.name for spec in topics.ALL}
    second = await create_topics(kafka_settings)
    assert second.is_empty
    assert (await check_topics(kafka_settings)).is_empty


async def test_refuses_other_partitions_and_shows_the_difference(kafka_settings: Settings) -> None:
    """A topic with another number of partitions is refused, and nothing is created beside it."""
    name = kafka_settings.kafka.prefix + "articles"
    admin = AIOKafkaAdminClient(**client_options(kafka_settings))
    await admin.start()
    await admin.create_topics([NewTopic(name, 3, 1)])
    with pytest.raises(TopicMismatchError, match=rf"{name}: partitions is 3, should be 8"):
        await create_topics(kafka_settings)
    assert kafka_settings.kafka.prefix + "alerts" not in await admin.list_topics()
    await admin.close()
