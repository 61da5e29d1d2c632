"""Messages a second through one worker of the engine, beside a bare aiokafka loop doing the same on the same broker.

    python benchmarks/engine.py [--messages 20000] [--partitions 4] [--json] [--broker HOST:PORT]

Each row reads the same records, decodes them, makes one output each and awaits its delivery (acks=all, idempotent) before
the input's offset is committed, 500 in flight. Rates are taken from the outputs' own timestamps, first to last, so that
start-up does not count. Without --broker an embedded one is started in a temporary folder, and stopped.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import signal
import subprocess
import sys
import tempfile
import time
import uuid
from collections import deque
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition

from monitor.broker import EmbeddedBroker, create_topics
from monitor.kafka import client_options
from monitor.settings import KafkaSettings, Settings
from monitor.stream import Context, Output, Stage, run_worker
from schemas.message import Message
from schemas.topics import DEAD_LETTERS, TopicSpec, changelog_of

WINDOW = 500
PAD = "x" * 500
"""Filler that makes a record about as long as a short article."""


class Item(Message):
    number: int
    pad: str = PAD


class Answer(Message):
    number: int
    seen: int = 0
    pad: str = PAD


PARTITIONS = int(os.environ.get("BENCH_PARTITIONS", "4"))
IN = TopicSpec("bench-in", "number", Item, PARTITIONS)


def out(name: str) -> TopicSpec:
    return TopicSpec(f"bench-out-{name}", "number", Answer, PARTITIONS)


def stateless(name: str, **options: Any) -> Stage:
    stage = Stage(name, reads=IN, writes=(out(name),), **options)
    target = out(name)

    @stage.handler
    def handle(item: Item, context: Context) -> Iterator[Output]:
        yield Output(target, str(item.number), Answer(number=item.number))

    return stage


def stateful() -> Stage:
    stage = Stage("table", reads=IN, writes=(out("table"),), state=True)
    target = out("table")

    @stage.handler
    def handle(item: Item, context: Context) -> Iterator[Output]:
        key = f"n|{item.number}"
        seen = int(context.store.get(key, b"0")) + 1
        context.store[key] = str(seen).encode()
        yield Output(target, str(item.number), Answer(number=item.number, seen=seen))

    return stage


def awaited() -> Stage:
    stage = Stage("async", reads=IN, writes=(out("async"),))
    target = out("async")

    @stage.handler
    async def handle(item: Item, context: Context) -> list[Output]:
        return [Output(target, str(item.number), Answer(number=item.number))]

    return stage


STAGES = {
    "plain": lambda: stateless("plain"),
    "table": stateful,
    "async": awaited,
    "offload": lambda: stateless("offload", offload=True),
}


@dataclass(frozen=True)
class Row:
    name: str
    rate: float
    ratio: float


async def bare(settings: Settings, messages: int) -> None:
    """The loop without an engine: decode, answer, send, commit what is delivered, in order."""
    prefix, target = settings.kafka.prefix, out("bare")
    consumer = AIOKafkaConsumer(
        prefix + IN.name,
        **client_options(settings),
        group_id=prefix + "bare",
        enable_auto_commit=False,
        auto_offset_reset="earliest",
    )
    producer = AIOKafkaProducer(
        **client_options(settings), acks="all", enable_idempotence=True, max_batch_size=256 * 1024
    )
    await consumer.start()
    await producer.start()
    in_flight: dict[int, deque[tuple[int, asyncio.Future[Any]]]] = {}
    done, committed_at = 0, time.monotonic()
    commits: dict[TopicPartition, int] = {}
    while done < messages:
        for tp, records in (await consumer.getmany(timeout_ms=500)).items():
            queue = in_flight.setdefault(tp.partition, deque())
            for record in records:
                item = Item.from_bytes(record.value)
                answer = Answer(number=item.number).to_bytes()
                future = await producer.send(prefix + target.name, answer, key=str(item.number).encode())
                queue.append((record.offset, future))
                while queue and (queue[0][1].done() or len(queue) > WINDOW):
                    offset, sent = queue.popleft()
                    await sent
                    commits[tp] = offset + 1
                    done += 1
        for partition, queue in in_flight.items():
            while queue and done + len(queue) <= messages:
                offset, sent = queue.popleft()
                await sent
                commits[TopicPartition(prefix + IN.name, partition)] = offset + 1
                done += 1
        if commits and time.monotonic() - committed_at > 1:
            await consumer.commit(commits)
            commits, committed_at = {}, time.monotonic()
    await consumer.stop()
    await producer.stop()


async def fill(settings: Settings, messages: int) -> None:
    producer = AIOKafkaProducer(**client_options(settings), linger_ms=5, max_batch_size=256 * 1024)
    await producer.start()
    for number in range(messages):
        await producer.send(settings.kafka.prefix + IN.name, Item(number=number).to_bytes(), key=str(number).encode())
    await producer.flush()
    await producer.stop()


async def span(settings: Settings, name: str, messages: int, limit_s: float) -> float:
    """Wait for ``messages`` outputs; return the seconds from the first to the last, by their own timestamps."""
    consumer = AIOKafkaConsumer(**client_options(settings), auto_offset_reset="earliest", enable_auto_commit=False)
    await consumer.start()
    tps = [TopicPartition(settings.kafka.prefix + out(name).name, number) for number in range(PARTITIONS)]
    consumer.assign(tps)
    deadline = time.monotonic() + limit_s
    while sum((await consumer.end_offsets(tps)).values()) < messages:
        if time.monotonic() > deadline:
            raise SystemExit(f"{name}: not all outputs within {limit_s:.0f} s")
        await asyncio.sleep(0.5)
    await consumer.seek_to_beginning(*tps)
    found, first, last = 0, float("inf"), 0.0
    while found < messages:
        for records in (await consumer.getmany(timeout_ms=500)).values():
            found += len(records)
            first, last = min(first, records[0].timestamp), max(last, records[-1].timestamp)
    await consumer.stop()
    return (last - first) / 1000


async def engine(settings: Settings, name: str, messages: int) -> float:
    environment = {
        **os.environ,
        "COUNTERCLAIM_KAFKA__BROKER": settings.kafka.broker or "",
        "COUNTERCLAIM_KAFKA__PREFIX": settings.kafka.prefix,
        "COUNTERCLAIM_DATA": str(settings.data),
        "COUNTERCLAIM_LOG_LEVEL": "warning",
    }
    worker = subprocess.Popen([sys.executable, __file__, "--worker", name], env=environment)
    try:
        return await span(settings, name, messages, 300)
    finally:
        worker.send_signal(signal.SIGTERM)
        worker.wait(20)


async def measure(settings: Settings, messages: int, names: list[str]) -> AsyncIterator[Row]:
    topics = [IN, DEAD_LETTERS, changelog_of("table", PARTITIONS), out("bare"), *(out(name) for name in names)]
    await create_topics(settings, [replace(topic, retention_bytes=None) for topic in topics])
    await fill(settings, messages)
    await bare(settings, messages)
    base = messages / await span(settings, "bare", messages, 60)
    yield Row("bare aiokafka", base, 1.0)
    for name in names:
        rate = messages / await engine(settings, name, messages)
        yield Row(f"engine, {name}", rate, base / rate)


async def run(settings: Settings, arguments: argparse.Namespace) -> None:
    if not arguments.json:
        print(f"{'':<20} {'messages/s':>10} {'us each':>9} {'bare is faster by':>18}")
    async for row in measure(settings, arguments.messages, arguments.stages):
        if arguments.json:
            print(json.dumps({"name": row.name, "messages_s": round(row.rate), "ratio": round(row.ratio, 2)}))
        else:
            print(f"{row.name:<20} {row.rate:>10.0f} {1e6 / row.rate:>9.0f} {row.ratio:>17.1f}x", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--messages", type=int, default=20_000)
    parser.add_argument("--partitions", type=int, default=PARTITIONS)
    parser.add_argument("--stages", nargs="+", choices=sorted(STAGES), default=list(STAGES))
    parser.add_argument("--broker", help="host:port; default: an embedded broker of its own")
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--worker", choices=sorted(STAGES), help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.worker:
        run_worker(STAGES[arguments.worker](), Settings())
    if arguments.partitions != PARTITIONS:
        os.environ["BENCH_PARTITIONS"] = str(arguments.partitions)
        os.execv(sys.executable, [sys.executable, *sys.argv])
    with tempfile.TemporaryDirectory() as folder:
        broker = None if arguments.broker else EmbeddedBroker(Path(folder) / "broker")
        address = arguments.broker or (broker.start().bootstrap if broker else "")
        settings = Settings(
            data=Path(folder) / "data", kafka=KafkaSettings(broker=address, prefix=f"bench-{uuid.uuid4().hex[:8]}.")
        )
        try:
            asyncio.run(run(settings, arguments))
        finally:
            if broker:
                broker.stop()


if __name__ == "__main__":
    main()
