"""What several kinds of tests share: a real Kafka for the session, topics of one's own, settings of one's own."""

from __future__ import annotations

import os
import uuid
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from monitor.broker import EmbeddedBroker, ensure_topics
from monitor.errors import BrokerError
from monitor.settings import KafkaSettings, Settings
from schemas import topics
from schemas.topics import TopicSpec


@pytest.fixture(scope="session")
def kafka(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Bootstrap address of an embedded broker of this session; where it cannot start: failure in CI, else a skip."""
    broker = EmbeddedBroker(tmp_path_factory.mktemp("kafka"), tied=True)
    try:
        running = broker.start()
    except BrokerError as error:
        if os.environ.get("CI"):
            raise
        pytest.skip(f"no Kafka: {error}")
    yield running.bootstrap
    broker.stop()


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """Settings with a data folder of this test alone and no broker."""
    return Settings(data=tmp_path / "data")


@pytest.fixture
def prefix() -> str:
    """A prefix of topic and group names that no other test has."""
    return f"t{uuid.uuid4().hex[:10]}."


@pytest.fixture
def kafka_settings(kafka: str, settings: Settings, prefix: str) -> Settings:
    """Settings of this test alone, with the session's broker and a unique prefix; no topic exists under it yet."""
    return settings.model_copy(update={"kafka": KafkaSettings(broker=kafka, prefix=prefix)})


@pytest.fixture
def make_topics(kafka_settings: Settings) -> Callable[..., None]:
    """Return a function that creates the topics given (all of schemas/topics.py if none is), under the prefix."""

    def make(*specs: TopicSpec) -> None:
        # In a thread: a coroutine test has its loop running, and this is a function for commands.
        with ThreadPoolExecutor(1) as pool:
            pool.submit(ensure_topics, kafka_settings, specs or topics.ALL).result()

    return make
