"""The Faust app of one stage: safe settings, one agent, one table, the guard, the timers and the watchdog.

Plain ``faust -A agents.dedupe worker`` gets all of it, since it is all in the app.
"""

from __future__ import annotations

import asyncio
import os
import warnings
from collections import deque
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import Any

import click
import faust
import structlog
from faust.exceptions import AlreadyConfiguredWarning
from faust.types import TP

from monitor.errors import CounterclaimError
from monitor.settings import Settings, load
from monitor.stream.consumer import Consumer, Transport
from monitor.stream.folder import WorkerFolder
from monitor.stream.guard import Guard
from monitor.stream.ledger import Ledger
from monitor.stream.link import OutputTooLargeError, Record
from monitor.stream.logs import set_up_logging
from monitor.stream.metrics import Metrics
from monitor.stream.options import BATCH_BYTES, TABLE_OPTIONS, app_options
from monitor.stream.stage import TABLE, Stage, Timer
from monitor.stream.topic_check import check_topics, existing_topics
from monitor.stream.watchdog import Watchdog

__all__ = ["EngineApp", "StateTable"]

YIELD_EVERY = 32
"""Messages taken in a row before the producer and the timers get their turn on the event loop."""
DRAIN_S = 5.0
"""Longest wait, in a rebalance, for what is being handled; what is not done by then is done by the next owner."""
STOP_S = 3.0
"""Longest wait at the end of the worker for what is being handled."""

log = structlog.get_logger("counterclaim.stream")


class StateTable(faust.Table[bytes, bytes]):
    """Faust's table; changelog records of partitions that were taken away meanwhile are not applied."""

    def apply_changelog_batch(self, batch: Any, *args: Any, **kwargs: Any) -> None:
        """Write a batch of changelog records to the partitions that are ours."""
        tables: Any = self.app.tables
        ours = tables.recovery.active_tps
        super().apply_changelog_batch([event for event in batch if event.message.tp in ours], *args, **kwargs)


class EngineApp(faust.App):
    """One stage as a Faust app; it is the guard's `Link` to Kafka."""

    def __init__(self, stage: Stage) -> None:
        self.stage = stage
        self.metrics = Metrics(stage.name)
        self.instance: str | None = None
        self.failure: BaseException | None = None
        self.guard: Guard | None = None
        self.watchdog: Watchdog | None = None
        self.folder: WorkerFolder | None = None
        self._own_settings: Settings | None = None
        super().__init__(stage.name)
        self.state_table: Any = None

    # -- settings ------------------------------------------------------------------------------------------------------

    def use(self, settings: Settings, instance: str | None = None) -> None:
        """Use these settings, and this name among the stage's workers here, instead of the environment's."""
        if self._conf is not None and self._own_settings != settings:
            raise RuntimeError("the app has been configured already")
        self._own_settings = settings
        self.instance = instance

    @property
    def settings(self) -> Settings:
        """The settings in force."""
        if self._own_settings is None:
            self._own_settings = load(os.environ.get("COUNTERCLAIM_CONFIG"))
        return self._own_settings

    def _load_settings(self, *, silent: bool = False) -> Any:
        given = self._own_settings is not None
        try:
            options = {**app_options(self.settings), "Table": StateTable, "datadir": self.settings.data / "state"}
        except CounterclaimError as error:
            if given:
                raise
            raise click.ClickException(str(error)) from error  # the plain `faust` command then shows one message
        return self.Settings(self.settings.kafka.prefix + self.stage.name, **options)

    def _new_transport(self) -> Any:
        return Transport(self.conf.broker_consumer, self)

    def _new_producer_transport(self) -> Any:
        return Transport(self.conf.broker_producer, self)

    # -- the agent and its table ---------------------------------------------------------------------------------------

    def _configure(self, *, silent: bool = False) -> None:
        super()._configure(silent=silent)
        self._declare_agent()

    def _declare_agent(self) -> None:
        stage, prefix = self.stage, self.settings.kafka.prefix
        if stage.state:
            self.state_table = self.Table(
                TABLE,
                key_type=bytes,
                value_type=bytes,
                partitions=stage.reads[0].partitions,
                options=dict(TABLE_OPTIONS),
            )
        source = self.topic(
            *(prefix + spec.name for spec in stage.reads),
            key_type=bytes,
            value_type=bytes,
            key_serializer="raw",
            value_serializer="raw",
            allow_empty=True,
        )
        self.agent(source, name=stage.name, concurrency=1)(self._consume)

    async def _consume(self, stream: Any) -> None:
        guard = self.guard
        assert guard is not None
        queue = stream.channel.queue
        async for event in stream.noack().events():
            await guard.take(event.message)
            # What has queued up meanwhile is taken past the stream, which costs more than many a handler.
            taken = 0
            while not queue.empty() and self.flow_control.is_active():
                message = queue.get_nowait().message
                if message.generation_id == self.consumer_generation_id:
                    await guard.take(message)
                taken += 1
                if not taken % YIELD_EVERY:
                    await asyncio.sleep(0)

    @property
    def kafka_consumer(self) -> Consumer:
        """The consumer, as ours."""
        consumer = self.consumer
        assert isinstance(consumer, Consumer)
        return consumer

    @property
    def changelog(self) -> str:
        """Name of the table's changelog topic, as Faust forms it: ``<app id>-<table>-changelog``."""
        return f"{self.conf.id}-{TABLE}-changelog"

    # -- start and stop ------------------------------------------------------------------------------------------------

    def _prepare(self) -> None:
        """Take the data folder, and make what lives in it."""
        if self.folder is not None:
            return
        set_up_logging(self.settings.log_level)
        self.folder = WorkerFolder(self.settings.data, self.stage.name, self.instance)
        with warnings.catch_warnings():
            # Late on purpose: the folder is this process's own only once it runs as a worker; no table is open yet.
            warnings.simplefilter("ignore", AlreadyConfiguredWarning)
            self.conf.datadir = self.folder.path
        ledger = Ledger(self.folder.path, self.folder.shared)
        self.guard = Guard(self.stage, self.settings, self, self.metrics, ledger)
        self.watchdog = Watchdog(self, self.settings.stream.stall_s)

    async def on_first_start(self) -> None:
        """Refuse to start where topics are missing (Faust would wait for ever); take the folder before Faust does."""
        check_topics(self.stage, await existing_topics(self.settings), self.settings.kafka.prefix)
        self._prepare()
        await super().on_first_start()

    async def on_start(self) -> None:
        """Serve the metrics, if a port is set."""
        await super().on_start()
        if self.settings.stream.metrics_port is not None:
            port = self.metrics.serve(self.settings.stream.metrics_port)
            log.info("metrics", address=f"127.0.0.1:{port}")

    async def on_started_init_extra_tasks(self) -> None:
        """Start the timers and the watchdog with Faust's own tasks."""
        await super().on_started_init_extra_tasks()
        assert self.watchdog is not None
        assert self.folder is not None
        self.add_future(self.watchdog.run())
        for timer in self.stage.timers:
            self.add_future(self._tick(timer))
        log.info("worker ready", stage=self.stage.name, instance=self.folder.instance)

    async def _on_partitions_revoked(self, revoked: set[TP]) -> None:
        if not self.should_stop:
            await self._let_go(DRAIN_S)
        await super()._on_partitions_revoked(revoked)

    async def _stop_consumer(self) -> None:
        if self._consumer is not None and self.guard is not None:
            await self._let_go(STOP_S)
        await super()._stop_consumer()

    async def _let_go(self, seconds: float) -> None:
        """Take no more records, finish those in hand, commit them, and forget the partitions."""
        guard = self.guard
        assert guard is not None
        self.consumer.stop_flow()
        self.flow_control.suspend()
        self.flow_control.clear()
        if not await guard.drain(seconds):
            log.warning("unfinished work left to the next owner", records=guard.in_flight)
        try:
            await self.consumer.commit()
        except Exception as error:  # it is committed by whoever does it again
            log.warning("commit failed", error=str(error))
        await guard.forget()

    async def on_stop(self) -> None:
        """Stop, close what the stage shares, and note that the end was clean."""
        await super().on_stop()
        for close in self.stage.closers:
            await close()
        if self.guard is not None and self.failure is None:
            self.guard.close()

    # -- timers --------------------------------------------------------------------------------------------------------

    async def _tick(self, timer: Timer) -> None:
        topic = self.settings.kafka.prefix + self.stage.reads[0].name
        interval = timer.interval(self.settings)
        while not self.should_stop:
            await self.sleep(interval)
            for tp in self.owned(topic):
                guard = self.guard
                if guard is None or self.rebalancing or self.should_stop or not self._caught_up(tp):
                    continue
                message = timer.make(tp.partition, datetime.now(UTC))
                try:
                    await self.send_record(topic, str(tp.partition).encode(), message.to_bytes(), tp.partition)
                except Exception as error:  # the next tick tries again
                    log.warning("tick not sent", partition=tp.partition, error=str(error))

    def owned(self, topic: str) -> list[TP]:
        """Return the partitions of the topic that this worker owns."""
        return sorted(tp for tp in self.consumer.assignment() if tp.topic == topic)

    def _caught_up(self, tp: TP) -> bool:
        assert self.guard is not None
        position = self.kafka_consumer.source_positions().get(tp)
        return position is not None and not position.in_flight and not self.guard.waiting_for(tp.topic, tp.partition)

    # -- the guard's link ----------------------------------------------------------------------------------------------

    @property
    def _sender(self) -> Any:
        producer: Any = self.producer
        return producer._ensure_producer()  # aiokafka's own: Faust's wrapper costs more than the send

    async def send_changes(self, partition: int, entries: Sequence[tuple[bytes, bytes | None]]) -> int:
        """Append entries to the partition's changelog as one batch; return the offset of the last of them."""
        sender, last = self._sender, -1
        left = deque(entries)
        while left:
            batch = sender.create_batch()
            while left and batch.append(key=left[0][0], value=left[0][1], timestamp=None) is not None:
                left.popleft()
            count = batch.record_count()
            if not count:
                raise OutputTooLargeError(self.changelog, len(left[0][1] or b""), BATCH_BYTES)
            if left:  # one message's changes alone are larger: they come in several batches
                log.warning("state change larger than a batch", stage=self.stage.name, partition=partition)
            batch.close()
            sent = await (await sender.send_batch(batch, self.changelog, partition=partition))
            last = sent.offset + count - 1
        return last

    async def send_record(
        self, topic: str, key: bytes | None, value: bytes | None, partition: int | None = None
    ) -> asyncio.Future[Any]:
        """Hand a record to the producer; the future is done when every in-sync replica has it."""
        future: asyncio.Future[Any] = await self._sender.send(topic, value, key=key, partition=partition)
        return future

    def acknowledge(self, record: Record) -> None:
        """Let the committed offset move past the record."""
        message: Any = record
        self.kafka_consumer.acknowledge(message)

    def database(self, partition: int) -> Callable[[], Any]:
        """Return a function that returns the partition's database, which Faust opens and closes."""
        store = self.state_table.data
        return lambda: store._db_for_partition(partition)

    def warn(self, event: str, record: Record, error: BaseException) -> None:
        """Log what happened to a record, on one line."""
        log.warning(
            event,
            stage=self.stage.name,
            topic=record.topic,
            partition=record.partition,
            offset=record.offset,
            error=f"{type(error).__name__}: {error}"[:500],
        )

    def fail(self, error: BaseException) -> None:
        """End the worker: what is not acknowledged stays uncommitted."""
        if self.failure is None:
            self.failure = error
            log.error("worker ends", stage=self.stage.name, error=f"{type(error).__name__}: {error}"[:500])
            self.add_future(self.crash(error))
