"""Whether the topics that a stage needs are there, before it starts."""

from __future__ import annotations

from collections.abc import Collection

from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.errors import KafkaError

from monitor.errors import BrokerError, TopicMismatchError
from monitor.kafka import client_options
from monitor.settings import Settings
from monitor.stream.stage import TABLE, Stage
from schemas.topics import DEAD_LETTERS

__all__ = ["check_topics", "existing_topics"]


async def existing_topics(settings: Settings) -> set[str]:
    """Return the names of the cluster's topics.

    Raises:
        BrokerError: it cannot be reached.
    """
    admin = AIOKafkaAdminClient(**client_options(settings))
    try:
        await admin.start()
        return set(await admin.list_topics())
    except KafkaError as error:
        raise BrokerError(f"Kafka: {type(error).__name__}: {error}", hint="is the broker running?") from error
    finally:
        await admin.close()


def check_topics(stage: Stage, existing: Collection[str], prefix: str) -> None:
    """Check that what the stage reads and writes is there, dead letters and changelog included.

    Raises:
        TopicMismatchError: it lists those that are not.
    """
    needed = [spec.name for spec in (*stage.reads, *stage.writes, DEAD_LETTERS)]
    if stage.state:
        needed.append(f"{stage.name}-{TABLE}-changelog")
    missing = [prefix + name for name in needed if prefix + name not in existing]
    if missing:
        raise TopicMismatchError(
            f"Kafka lacks the topics {', '.join(missing)}", hint="make them: counterclaim kafka-topics create"
        )
