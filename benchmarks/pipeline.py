"""The whole pipeline against the same functions in a bare loop, and in bare aiokafka, in one run on one machine.

    .venv/bin/python benchmarks/pipeline.py [--articles 2000] [--alerts 40] [--json]

Generated articles (tests/support/generated.py: every one on watched topics) go through enrich, dedupe, topics, extract
and contradict: as plain function calls; as five processes with bare aiokafka loops (the same functions, state in a
dict, outputs awaited batch by batch); and as the daemons, one worker each. Then a local feed server publishes articles
that hold a claim and its denial, one by one, and the time to the alert in Kafka is taken.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import importlib
import json
import statistics
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from typing import Any

import psutil
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer
from rich.console import Console
from rich.table import Table

sys.path.insert(0, str(Path(__file__).parents[1]))

from monitor.broker import EmbeddedBroker, ensure_topics
from monitor.demo.corpus import SampleArticle, load
from monitor.demo.server import DemoServer
from monitor.kafka import client_options
from monitor.run.daemons import find_daemon
from monitor.settings import KafkaSettings, Settings
from monitor.stream.context import Context, Keep, Output
from monitor.stream.stage import Stage
from schemas import Article, topics
from tests.support.fleet import Fleet, lag, partitions, publish
from tests.support.generated import PARTIES, PLACES, articles
from tests.support.live import ALL_STAGES, Live, empty_corpus, live_settings, until

STAGES = ("enrich", "dedupe", "topics", "extract", "contradict")
SEED = 7
BATCH = 500
"""Records that the bare aiokafka loop takes and answers at once, as many as the engine's window."""


def stage_of(name: str) -> Stage:
    """Return the stage of a daemon."""
    stage: Stage = importlib.import_module(f"agents.{name}").stage
    return stage


class Bare:
    """One stage as a plain function over messages, with one dict of state for each partition key."""

    def __init__(self, name: str, settings: Settings) -> None:
        self.stage = stage_of(name)
        self._settings = settings
        self._parts: dict[Any, tuple[Keep, dict[str, bytes]]] = defaultdict(lambda: (Keep(), {}))

    def run(self, message: Any, part: Any) -> list[Output]:
        """Return the stage's outputs for one message of one partition."""
        keep, store = self._parts[part]
        return self.stage.call(message, Context(self._settings, "", 0, 0, keep=keep, store=store))


def bare_loop(settings: Settings, pool: Iterable[Article]) -> dict[str, float]:
    """Return the CPU seconds of each stage when the functions are called one after another."""
    stages = [Bare(name, settings) for name in STAGES]
    seconds = dict.fromkeys(STAGES, 0.0)
    for article in pool:
        level: list[tuple[Any, Any]] = [("", article)]
        for bare in stages:
            started = time.process_time()
            outputs = [output for part, message in level for output in bare.run(message, part)]
            seconds[bare.stage.name] += time.process_time() - started
            level = [(output.key, output.message) for output in outputs]
    return seconds


async def aiokafka_stage(name: str, settings: Settings) -> None:
    """Run one stage with bare aiokafka until it is ended: take a batch, call, send, await, commit."""
    bare, daemon = Bare(name, settings), find_daemon(name)
    model = daemon.reads[0].model
    assert model is not None
    prefix = settings.kafka.prefix
    consumer = AIOKafkaConsumer(
        prefix + daemon.reads[0].name,
        **client_options(settings),
        group_id=prefix + name,
        enable_auto_commit=False,
        auto_offset_reset="earliest",
    )
    producer = AIOKafkaProducer(**client_options(settings), acks="all", max_request_size=topics.MAX_MESSAGE_BYTES)
    await consumer.start()
    await producer.start()
    while True:
        sent = []
        taken = await consumer.getmany(timeout_ms=200, max_records=BATCH)
        for part, records in taken.items():
            for record in records:
                for output in bare.run(model.from_bytes(record.value), part):
                    value = output.message.to_bytes()
                    sent.append(await producer.send(prefix + output.topic.name, value, key=output.key_bytes()))
        if taken:  # committed also where nothing came of it, as most claims raise no alert
            await asyncio.gather(*sent)
            await consumer.commit()


async def through_kafka(settings: Settings, pool: list[Article], processes: list[psutil.Process]) -> dict[str, Any]:
    """Publish the articles to stages that run already; return wall seconds until no lag, and CPU seconds and memory."""
    before = [cpu_of(process) for process in processes]
    started = time.perf_counter()
    await publish(settings, topics.ARTICLES, ((a.article_id.encode(), a.to_bytes()) for a in pool))
    quiet = 0
    finished = started
    while quiet < 3:
        await asyncio.sleep(0.3)
        behind = any((await lag(settings, STAGES)).values())
        quiet = 0 if behind else quiet + 1
        finished = time.perf_counter() if quiet <= 1 else finished
    return {
        "wall_s": finished - started,
        "cpu_s": [cpu_of(process) - first for process, first in zip(processes, before, strict=True)],
        "rss_mb": [memory_of(process) for process in processes],
    }


def family(process: psutil.Process) -> list[psutil.Process]:
    """Return a process and its children."""
    return [process, *process.children(recursive=True)]


def cpu_of(process: psutil.Process) -> float:
    """Return the CPU seconds of a process and its children so far."""
    return sum(sum(one.cpu_times()[:2]) for one in family(process))


def memory_of(process: psutil.Process) -> float:
    """Return the resident megabytes of a process and its children."""
    return sum(one.memory_info().rss for one in family(process)) / 2**20


async def ready(settings: Settings) -> None:
    """Wait until one article has gone through every stage: all have started, and their libraries are loaded."""
    await publish(settings, topics.ARTICLES, ((a.article_id.encode(), a.to_bytes()) for a in articles(40, SEED + 1)))

    async def done() -> bool:
        consumer = AIOKafkaConsumer(**client_options(settings))
        await consumer.start()
        try:
            ends = await consumer.end_offsets(partitions(settings, topics.CLAIMS))
        finally:
            await consumer.stop()
        return sum(ends.values()) > 0 and not any((await lag(settings, STAGES)).values())

    await until(done, 120)


def settings_for(broker: str, prefix: str, folder: Path) -> Settings:
    """Return settings with topics of their own, which are made."""
    return Settings(data=folder / prefix, kafka=KafkaSettings(broker=broker, prefix=prefix), log_level="warning")


async def measure_aiokafka(settings: Settings, pool: list[Article]) -> dict[str, Any]:
    """Run the stages as processes with bare aiokafka."""
    await asyncio.to_thread(ensure_topics, settings)
    command = [sys.executable, __file__, "--stage"]
    children = [
        await asyncio.create_subprocess_exec(*command, name, settings.kafka.broker or "", settings.kafka.prefix)
        for name in STAGES
    ]
    try:
        await ready(settings)
        return await through_kafka(settings, pool, [psutil.Process(child.pid) for child in children])
    finally:
        for child in children:
            with contextlib.suppress(ProcessLookupError):  # it has ended by itself, and said why
                child.kill()
            await child.wait()


async def measure_daemons(settings: Settings, pool: list[Article]) -> dict[str, Any]:
    """Run the stages as the daemons that ``counterclaim worker`` runs."""
    await asyncio.to_thread(ensure_topics, settings)
    async with Fleet(settings, dict.fromkeys(STAGES, 1)) as fleet:
        await ready(settings)
        processes = [psutil.Process(w.process.pid) for w in fleet.workers if w.process]
        return await through_kafka(settings, pool, processes)


def disputes(count: int, template: SampleArticle) -> list[SampleArticle]:
    """Return articles that each hold a report and its denial, on another party or place each."""
    found = []
    for number, (party, speaker) in enumerate(sorted(PARTIES.items()) * len(PLACES)):
        place = PLACES[(number // len(PARTIES) + number) % len(PLACES)]
        text = (
            f"{party} shelled a market in {place} on Monday, residents said.\n\n"
            f"{speaker[0].upper()}{speaker[1:]} denied that {party} had shelled a market in {place}."
        )
        title = f"{party} said to have shelled {place}"
        found.append(replace(template, id=f"d{number}", guid=f"d{number}", title=title, text=text))
    return found[:count]


async def measure_latency(settings: Settings, count: int, folder: Path) -> list[float]:
    """Return the seconds from the change of a feed to the alert in Kafka, for each of ``count`` articles."""
    await asyncio.to_thread(ensure_topics, settings)
    corpus = load()
    outlet = next(o for o in corpus.outlets if o.language == "en" and o.content == "full")
    template = replace(corpus.articles[0], outlet=outlet, scenario="latency")
    async with DemoServer(empty_corpus(corpus)) as server:
        roster = folder / "roster.toml"
        roster.write_text(server.roster(), encoding="utf-8")
        live = Live(live_settings(settings, roster, folder / "delivered.jsonl"), server, folder / "delivered.jsonl")
        consumer = AIOKafkaConsumer(**client_options(settings), auto_offset_reset="earliest", fetch_max_wait_ms=50)
        await consumer.start()
        consumer.assign(partitions(settings, topics.ALERTS))
        try:
            async with Fleet(live.settings, dict.fromkeys(ALL_STAGES, 1)):
                # The first is not counted: the daemons start meanwhile.
                return (await timed(live, consumer, disputes(count + 1, template)))[1:]
        finally:
            await consumer.stop()


async def timed(live: Live, consumer: Any, pool: list[SampleArticle]) -> list[float]:
    """Publish the articles one by one and wait for the alert of each."""
    seconds = []
    for article in pool:
        started = time.perf_counter()
        live.server.publish(article)
        while not any((await consumer.getmany(timeout_ms=100)).values()):
            if time.perf_counter() - started > 120:
                raise TimeoutError(f"no alert for {article.title!r}")
        seconds.append(time.perf_counter() - started)
    return seconds


async def measure(count: int, alerts: int) -> dict[str, Any]:
    """Take all the measurements."""
    pool = list(articles(count, SEED))
    bare = bare_loop(Settings(), pool[:40]) and bare_loop(Settings(), pool)
    with tempfile.TemporaryDirectory(prefix="counterclaim-bench-") as name:
        folder = Path(name)
        started = time.perf_counter()
        broker = EmbeddedBroker(folder / "kafka", tied=True)
        address = (await asyncio.to_thread(broker.start)).bootstrap
        start_s = time.perf_counter() - started
        try:
            kafka = await measure_aiokafka(settings_for(address, "bare.", folder), pool)
            daemons = await measure_daemons(settings_for(address, "faust.", folder), pool)
            latency = await measure_latency(settings_for(address, "live.", folder), alerts, folder)
        finally:
            await asyncio.to_thread(broker.stop)
    return {
        "articles": count, "broker_start_s": start_s, "bare_s": bare, "aiokafka": kafka, "daemons": daemons,
        "latency_s": sorted(latency),
    }  # fmt: skip


def show(result: dict[str, Any]) -> None:
    """Print the figures as tables."""
    count, bare = result["articles"], result["bare_s"]
    total = sum(bare.values())
    kafka, daemons = result["aiokafka"], result["daemons"]
    table = Table(
        "way", "articles/s", "wall s", "CPU s", "CPU against the loop", title=f"{count} articles, five stages"
    )
    table.add_row("functions in a loop (one core)", f"{count / total:.0f}", f"{total:.1f}", f"{total:.1f}", "1.00")
    for name, one in (("bare aiokafka, 5 processes", kafka), ("the daemons, 5 processes", daemons)):
        cpu = sum(one["cpu_s"])
        table.add_row(name, f"{count / one['wall_s']:.0f}", f"{one['wall_s']:.1f}", f"{cpu:.1f}", f"{cpu / total:.2f}")
    stages = Table("stage", "share of the loop", "CPU s loop", "CPU s daemon", "MB after", title="by stage")
    for number, name in enumerate(STAGES):
        cells = (bare[name] / total, bare[name], daemons["cpu_s"][number], daemons["rss_mb"][number])
        stages.add_row(name, f"{cells[0]:.0%}", f"{cells[1]:.1f}", f"{cells[2]:.1f}", f"{cells[3]:.0f}")
    latency = result["latency_s"]
    console = Console()
    console.print(table, stages)
    console.print(
        f"feed to alert, {len(latency)} alerts: median {statistics.median(latency):.2f} s, "
        f"99th percentile {latency[int(len(latency) * 0.99)]:.2f} s, most {latency[-1]:.2f} s "
        f"(each feed is polled once a second)\nembedded broker ready after {result['broker_start_s']:.1f} s"
    )


def main() -> None:
    """Read the arguments and measure."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--articles", type=int, default=2000)
    parser.add_argument("--alerts", type=int, default=40)
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--stage", nargs=3, metavar=("NAME", "BROKER", "PREFIX"), help=argparse.SUPPRESS)
    chosen = parser.parse_args()
    if chosen.stage:
        name, broker, prefix = chosen.stage
        asyncio.run(aiokafka_stage(name, Settings(kafka=KafkaSettings(broker=broker, prefix=prefix))))
        return
    result = asyncio.run(measure(chosen.articles, chosen.alerts))
    if chosen.json:
        print(json.dumps(result))
    else:
        show(result)


if __name__ == "__main__":
    main()
