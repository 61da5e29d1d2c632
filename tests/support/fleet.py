"""Workers as processes, for the tests that kill them: start, restart, end; and what stands in Kafka meanwhile."""

from __future__ import annotations

import asyncio
import json
import os
import random
import shutil
import signal
import sys
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.errors import GroupCoordinatorNotAvailableError

from monitor.kafka import client_options
from monitor.run.daemons import find_daemon
from monitor.settings import Settings
from schemas.topics import DELIVERY_TICKS, TopicSpec

__all__ = ["Fleet", "lag", "publish", "read_all"]

RESTART_S = 0.5
"""Seconds until a worker that ended is started again."""


@dataclass
class Worker:
    """One worker process, and the task that keeps it alive."""

    stage: str
    instance: str
    process: asyncio.subprocess.Process | None = None
    kills: int = 0
    ends: list[int] = field(default_factory=list)


class Fleet:
    """Workers of several stages, each started again when it ends, until the fleet is closed (async context manager)."""

    def __init__(self, settings: Settings, counts: dict[str, int], environment: dict[str, str] | None = None) -> None:
        self._settings = settings
        self._environment = {**os.environ, **environment_of(settings), **(environment or {})}
        self.workers = [Worker(stage, str(number + 1)) for stage, count in counts.items() for number in range(count)]
        self._tasks: list[asyncio.Task[None]] = []
        self.log = settings.data / "fleet.log"

    async def __aenter__(self) -> Fleet:
        self._settings.data.mkdir(parents=True, exist_ok=True)
        self._tasks = [asyncio.create_task(self._keep(worker)) for worker in self.workers]
        return self

    async def __aexit__(self, *error: object) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        for worker in self.workers:
            if worker.process and worker.process.returncode is None:
                worker.process.terminate()
        for worker in self.workers:
            if worker.process:
                try:
                    await asyncio.wait_for(worker.process.wait(), 15)
                except TimeoutError:
                    worker.process.kill()
                    await worker.process.wait()

    async def _keep(self, worker: Worker) -> None:
        while True:
            with self.log.open("ab") as log:
                worker.process = await asyncio.create_subprocess_exec(
                    sys.executable, "-m", "monitor.cli.main", "worker", worker.stage, "--instance", worker.instance,
                    env=self._environment, stdout=log, stderr=log,
                )  # fmt: skip
            worker.ends.append(await worker.process.wait())
            await asyncio.sleep(RESTART_S)

    def kill(self, worker: Worker, *, with_state: bool = False) -> None:
        """SIGKILL a worker; ``with_state``: its data folder is deleted as well."""
        assert worker.process is not None
        if worker.process.returncode is None:
            os.kill(worker.process.pid, signal.SIGKILL)
            worker.kills += 1
        if with_state:
            shutil.rmtree(self.state_of(worker), ignore_errors=True)

    def state_of(self, worker: Worker) -> Path:
        """Return the data folder of a worker."""
        return self._settings.data / "state" / worker.stage / worker.instance

    def some(self, draw: random.Random, stages: Iterable[str]) -> Worker:
        """Return a running worker of one of the stages, drawn."""
        kept = set(stages)
        return draw.choice([w for w in self.workers if w.stage in kept and w.process and w.process.returncode is None])


def environment_of(settings: Settings) -> dict[str, str]:
    """Return the environment that gives a process these settings, as far as they differ from the defaults."""
    chosen = settings.model_dump(mode="json", exclude_defaults=True)
    flat: dict[str, str] = {"PYTHONPATH": os.getcwd()}
    for name, value in chosen.items():
        if isinstance(value, dict):
            flat |= {f"COUNTERCLAIM_{name}__{key}".upper(): _text(item) for key, item in value.items()}
        else:
            flat[f"COUNTERCLAIM_{name}".upper()] = str(value)
    return flat


def _text(value: Any) -> str:
    return json.dumps(value) if isinstance(value, list | dict) else str(value)


async def lag(settings: Settings, stages: Iterable[str]) -> dict[str, int]:
    """Return how many records each stage has yet to commit, all partitions together; the deliverer's ticks left out."""
    admin = AIOKafkaAdminClient(**client_options(settings))
    await admin.start()
    consumer = AIOKafkaConsumer(**client_options(settings))
    await consumer.start()
    try:
        behind = {}
        for stage in stages:
            reads = [spec for spec in find_daemon(stage).reads if spec is not DELIVERY_TICKS]  # they come for ever
            parts = [part for spec in reads for part in partitions(settings, spec)]
            ends = await consumer.end_offsets(parts)
            committed = await _committed(admin, settings.kafka.prefix + stage)
            behind[stage] = sum(
                ends[part] - (committed[part].offset if part in committed and committed[part].offset >= 0 else 0)
                for part in parts
            )
        return behind
    finally:
        await consumer.stop()
        await admin.close()


async def _committed(admin: Any, group: str) -> dict[TopicPartition, Any]:
    try:
        found: dict[TopicPartition, Any] = await admin.list_consumer_group_offsets(group)
    except GroupCoordinatorNotAvailableError:  # the first group of a new cluster: the broker makes its offsets topic
        return {}
    return found


def partitions(settings: Settings, spec: TopicSpec) -> list[TopicPartition]:
    """Return the partitions of a topic under the settings' prefix."""
    return [TopicPartition(settings.kafka.prefix + spec.name, number) for number in range(spec.partitions)]


async def read_all(settings: Settings, spec: TopicSpec) -> dict[int, list[Any]]:
    """Return every record of a topic, by partition, in offset order."""
    consumer = AIOKafkaConsumer(**client_options(settings), enable_auto_commit=False)
    await consumer.start()
    try:
        parts = partitions(settings, spec)
        consumer.assign(parts)
        await consumer.seek_to_beginning(*parts)
        ends = await consumer.end_offsets(parts)
        found: dict[int, list[Any]] = {part.partition: [] for part in parts}
        while any([await consumer.position(part) < ends[part] for part in parts]):
            for part, records in (await consumer.getmany(timeout_ms=500)).items():
                found[part.partition].extend(records)
        return found
    finally:
        await consumer.stop()


async def publish(settings: Settings, spec: TopicSpec, records: Iterable[tuple[bytes | None, bytes | None]]) -> int:
    """Send records (key, value) to a topic, wait for their delivery, and return how many there were."""
    producer = AIOKafkaProducer(**client_options(settings), acks="all", enable_idempotence=True)
    await producer.start()
    try:
        sent = [await producer.send(settings.kafka.prefix + spec.name, value, key=key) for key, value in records]
        await asyncio.gather(*sent)
        return len(sent)
    finally:
        await producer.stop()
