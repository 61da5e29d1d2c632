"""Messages a second through one worker of the engine, beside a bare aiokafka loop doing the same on the same broker.

    python benchmarks/engine.py [--messages 20000] [--partitions 4] [--json] [--broker HOST:PORT]

Each row is a process of its own that reads the same records, decodes them, makes one output each and awaits its
delivery (acks=all, idempotent) before the input's offset is committed, up to 500 in flight a partition; "table" also
reads and writes a key of the partition's state. Two figures: messages a second, from the first output seen to the last,
so that start-up does not count; and CPU time of the process a message, which a busy machine does not change. Without
--broker an embedded one is started in a temporary folder, and stopped.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import sys
import tempfile
import time
import uuid
from collections import deque
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
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
    """An input."""

    number: int
    pad: str = PAD


class Answer(Message):
    """An output."""

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
    """One measurement: messages a second, and microseconds of CPU time a message."""

    name: str
    rate: float
    cpu_us: float


async def bare(settings: Settings) -> None:
    """The loop without an engine: decode, answer, send, commit what is delivered, in order, until it is killed."""
    prefix, target = settings.kafka.prefix, out("bare")
    consumer = AIOKafkaConsumer(
        prefix + IN.name,
        **client_options(settings),
        group_id=prefix + "bare",
        enable_auto_commit=False,
        auto_offset_reset="earliest",
    )
    producer = AIOKafkaProducer(
        **client_options(settings), acks="all", enable_idempotence=True, max_batch_size=1024 * 1024, linger_ms=10
    )
    await consumer.start()
    await producer.start()
    in_flight: dict[TopicPartition, deque[tuple[int, asyncio.Future[Any]]]] = {}
    committed_at, commits = time.monotonic(), {}
    while True:
        for tp, records in (await consumer.getmany(timeout_ms=200)).items():
            queue = in_flight.setdefault(tp, deque())
            for record in records:
                item = Item.from_bytes(record.value)
                answer = Answer(number=item.number).to_bytes()
                future = await producer.send(prefix + target.name, answer, key=str(item.number).encode())
                queue.append((record.offset, future))
                if len(queue) > WINDOW:
                    await queue[0][1]
        for tp, queue in in_flight.items():
            while queue and queue[0][1].done():
                offset, sent = queue.popleft()
                await sent
                commits[tp] = offset + 1
        if commits and time.monotonic() - committed_at > 1:
            await consumer.commit(commits)
            committed_at, commits = time.monotonic(), {}


async def fill(settings: Settings, messages: int) -> None:
    producer = AIOKafkaProducer(**client_options(settings), linger_ms=5, max_batch_size=256 * 1024)
    await producer.start()
    for number in range(messages):
        await producer.send(settings.kafka.prefix + IN.name, Item(number=number).to_bytes(), key=str(number).encode())
    await producer.flush()
    await producer.stop()


def cpu_seconds(pid: int) -> float:
    """Return the CPU time of a process so far (proc(5), fields utime and stime)."""
    fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


async def watch(settings: Settings, name: str, pid: int, messages: int, limit_s: float = 300) -> Row:
    """Watch the outputs grow from the first one seen to the last."""
    consumer = AIOKafkaConsumer(**client_options(settings))
    await consumer.start()
    tps = [TopicPartition(settings.kafka.prefix + out(name).name, number) for number in range(PARTITIONS)]
    deadline, first = time.monotonic() + limit_s, None
    while True:
        count = sum((await consumer.end_offsets(tps)).values())
        now = (time.monotonic(), cpu_seconds(pid), count)
        if first is None and count:
            first = now
        if first is not None and count >= messages:
            break
        if now[0] > deadline:
            raise SystemExit(f"{name}: {count} of {messages} outputs within {limit_s:.0f} s")
        await asyncio.sleep(0.05)
    await consumer.stop()
    made = now[2] - first[2]
    if made < messages / 2:
        raise SystemExit(f"{name}: too fast to be measured with {messages} messages; give it more")
    return Row(name, made / (now[0] - first[0]), (now[1] - first[1]) / made * 1e6)


async def measure(settings: Settings, messages: int, names: list[str]) -> AsyncIterator[Row]:
    """Fill the input topic once, then run the bare loop and each stage over it."""
    everything = [IN, DEAD_LETTERS, changelog_of("table", PARTITIONS), out("bare"), *(out(name) for name in names)]
    await create_topics(settings, everything)
    await fill(settings, messages)
    environment = {
        **os.environ,
        "BENCH_PARTITIONS": str(PARTITIONS),
        "COUNTERCLAIM_CONFIG": os.devnull,
        "COUNTERCLAIM_KAFKA__BROKER": settings.kafka.broker or "",
        "COUNTERCLAIM_KAFKA__PREFIX": settings.kafka.prefix,
        "COUNTERCLAIM_DATA": str(settings.data),
        "COUNTERCLAIM_LOG_LEVEL": "warning",
    }
    for name in ("bare", *names):
        worker = await asyncio.create_subprocess_exec(sys.executable, __file__, "--worker", name, env=environment)
        try:
            yield await watch(settings, name, worker.pid, messages)
        finally:
            worker.terminate()
            await worker.wait()


async def run(settings: Settings, arguments: argparse.Namespace) -> None:
    """Print one row a measurement, with its ratio to the bare loop."""
    if not arguments.json:
        where = f"{os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}"
        print(f"{PARTITIONS} partitions, {arguments.messages} messages, {where}")
        print(f"{'':<16} {'messages/s':>10} {'to bare':>8} {'CPU us each':>12} {'to bare':>8}")
    base: Row | None = None
    async for row in measure(settings, arguments.messages, arguments.stages):
        base = base or row
        slower, costs = base.rate / row.rate, row.cpu_us / base.cpu_us
        if arguments.json:
            figures = {"messages_s": round(row.rate), "slower": round(slower, 2)}
            print(json.dumps({"name": row.name, **figures, "cpu_us": round(row.cpu_us), "cpu_ratio": round(costs, 2)}))
        else:
            print(f"{row.name:<16} {row.rate:>10.0f} {slower:>7.1f}x {row.cpu_us:>12.0f} {costs:>7.1f}x", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--messages", type=int, default=20_000)
    parser.add_argument("--partitions", type=int, default=PARTITIONS)
    parser.add_argument("--stages", nargs="+", choices=list(STAGES), default=list(STAGES))
    parser.add_argument("--broker", help="host:port; default: an embedded broker of its own")
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--worker", choices=["bare", *STAGES], help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.worker == "bare":
        asyncio.run(bare(Settings()))
    elif arguments.worker:
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
