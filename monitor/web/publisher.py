"""What people do, put on the topics: feedback on alerts, orders to the poller. Returns when the cluster has it."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, Final

from aiokafka import AIOKafkaProducer
from aiokafka.errors import KafkaError

from monitor.errors import BrokerError
from monitor.feeds.roster import partition_of
from monitor.kafka import client_options
from monitor.settings import Settings
from schemas import Command, Feedback, topics
from schemas.topics import TopicSpec

__all__ = ["KafkaPublisher"]

START_S: Final = 5.0
SEND_S: Final = 10.0
_HINT: Final = "Nothing was recorded. Look whether the pipeline runs, then do it again."

log = logging.getLogger(__name__)


class KafkaPublisher:
    """Sends through one producer, which is made on first use and anew after a failure (a broker may have moved)."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._producer: Any = None
        self._lock = asyncio.Lock()

    async def feedback(self, feedback: Feedback) -> None:
        """Send one act.

        Raises:
            BrokerError: the cluster did not take it in time.
        """
        await self._send(topics.FEEDBACK, feedback.alert_id, feedback.to_bytes(), None)

    async def command(self, command: Command, host: str) -> None:
        """Send one order for the feed on ``host`` (as `monitor.feeds.roster.host_of` gives it).

        Raises:
            BrokerError: the cluster did not take it in time.
        """
        partition = partition_of(host, topics.COMMANDS.partitions)
        await self._send(topics.COMMANDS, command.feed_id, command.to_bytes(), partition)

    @asynccontextmanager
    async def running(self) -> AsyncIterator[KafkaPublisher]:
        """Close the producer at the end of the block."""
        try:
            yield self
        finally:
            await self._drop()

    async def _send(self, spec: TopicSpec, key: str, value: bytes, partition: int | None) -> None:
        name = self._settings.kafka.prefix + spec.name
        try:
            producer = await self._started()
            async with asyncio.timeout(SEND_S):
                await producer.send_and_wait(name, value, key=key.encode(), partition=partition)
        except (KafkaError, OSError, TimeoutError, AssertionError) as error:
            # AssertionError: aiokafka's for a partition that the topic does not have.
            log.warning("could not send to %s: %s: %s", name, type(error).__name__, error)
            await self._drop()
            raise BrokerError("Kafka did not take it in time.", hint=_HINT) from error

    async def _started(self) -> Any:
        async with self._lock:
            if self._producer is None:
                producer = AIOKafkaProducer(
                    **client_options(self._settings), enable_idempotence=True, request_timeout_ms=int(SEND_S * 1000)
                )
                try:
                    async with asyncio.timeout(START_S):
                        await producer.start()
                except BaseException:
                    with contextlib.suppress(Exception):
                        await producer.stop()
                    raise
                self._producer = producer
            return self._producer

    async def _drop(self) -> None:
        async with self._lock:
            producer, self._producer = self._producer, None
        if producer is not None:
            with contextlib.suppress(Exception):
                async with asyncio.timeout(START_S):
                    await producer.stop()
