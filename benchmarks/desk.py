"""Fan-out of live events: from Kafka to the last of 1,000 clients, against the same fan-out in a bare aiohttp loop.

    .venv/bin/python benchmarks/desk.py --clients 1000 --alerts 20

Server, broker and clients are processes of their own on this machine; the clients share one process. The peer reads the
same topic with aiokafka and writes each record to every client in a plain loop: no buffer to resume from, no filters,
no headers, no login.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import re
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import aiohttp
import psutil
from aiohttp import web
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer

from monitor.broker import EmbeddedBroker, ensure_topics
from monitor.kafka import client_options
from monitor.settings import KafkaSettings, Settings
from schemas import Alert, AlertClaim, AlertSide, topics

ROOT = Path(__file__).parents[1]
ALERT_ID = re.compile(rb'"alert_id": ?"([^"]+)"')
PAUSE_S = 0.5
"""Seconds between two alerts: each is measured by itself."""


def alert(number: int) -> Alert:
    """Return an alert of a usual size: two sides of four quotes."""
    from datetime import UTC, datetime

    now = datetime.now(UTC)
    claims = tuple(
        AlertClaim(
            claim_id=f"c{number}-{n}", article_id=f"a{n}", url=f"https://news.example/{n}", source=f"Outlet {n}",
            quote="The minister said that the bridge had been closed since the morning of the day before. " * 2,
            span=(0, 90), speaker="the minister", first_seen_at=now, lineage_id=f"l{n}", language="en",
        )
        for n in range(4)
    )  # fmt: skip
    side = AlertSide(proposition_id="p", origins=2, outlets=4, claims=claims)
    return Alert(
        alert_id=f"bench-{number}", revision=1, kind="denial", severity="high", score=0.9, scope="full",
        same_article=False, date_uncertain=False, topics=("syria",), story_ids=("s",), summary="One disputes another.",
        created_at=now, updated_at=now, model="bench", sides=(side, side),
    )  # fmt: skip


async def bare(settings: Settings) -> None:
    """Serve the same events with aiohttp alone, at a free port that is printed."""
    clients: set[web.StreamResponse] = set()

    async def handle(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse(headers={"Content-Type": "text/event-stream"})
        await response.prepare(request)
        await response.write(b"retry: 2000\n\n")
        clients.add(response)
        try:
            await asyncio.Event().wait()
        finally:
            clients.discard(response)
        return response

    app = web.Application()
    app.router.add_get("/events", handle)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0, backlog=2048)
    await site.start()
    consumer = AIOKafkaConsumer(topics.ALERTS.name, **client_options(settings))
    await consumer.start()
    await consumer.getmany(timeout_ms=500)
    print(f"desk at http://127.0.0.1:{runner.addresses[0][1]}", flush=True)
    async for record in consumer:
        frame = b"event: alert\ndata: " + record.value + b"\n\n"
        for client in list(clients):
            await client.write(frame)


async def measure(address: str, settings: Settings, clients: int, alerts: int, pid: int) -> dict[str, Any]:
    """Connect the clients, send the alerts one by one, and return seconds from before the send to the last client."""
    got: dict[str, list[float]] = {}
    connected = 0
    empty = psutil.Process(pid).memory_info().rss

    async def client(session: aiohttp.ClientSession) -> None:
        nonlocal connected
        async with session.get(f"{address}/events") as answer:
            async for line in answer.content:
                if line.startswith(b"retry"):
                    connected += 1
                elif found := ALERT_ID.search(line):
                    got.setdefault(found[1].decode(), []).append(time.perf_counter())

    connector, timeout = aiohttp.TCPConnector(limit=0), aiohttp.ClientTimeout(total=None)
    async with aiohttp.ClientSession(connector=connector, timeout=timeout, read_bufsize=2**16) as session:
        tasks = []
        for number in range(clients):
            tasks.append(asyncio.create_task(client(session)))
            if number % 50 == 49:
                await asyncio.sleep(0.05)
        while connected < clients:  # noqa: ASYNC110 - a script
            await asyncio.sleep(0.05)
        full = psutil.Process(pid).memory_info().rss
        producer = AIOKafkaProducer(**client_options(settings))
        await producer.start()
        first, last = [], []
        for number in range(alerts + 1):
            message = alert(number)
            began = time.perf_counter()
            await producer.send_and_wait(topics.ALERTS.name, message.to_bytes(), key=message.alert_id.encode())
            while len(got.get(message.alert_id, ())) < clients:  # noqa: ASYNC110 - a script
                await asyncio.sleep(0.01)
            times = got[message.alert_id]
            if number:  # the first warms up
                first.append(min(times) - began)
                last.append(max(times) - began)
            await asyncio.sleep(PAUSE_S)
        await producer.stop()
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
    return {
        "first client, median": statistics.median(first), "last client, median": statistics.median(last),
        "last client, worst": max(last), "MiB before": empty / 2**20, "MiB with clients": full / 2**20,
        "KiB a client": (full - empty) / clients / 1024,
    }  # fmt: skip


def main() -> None:
    """Run both, one after the other, and print a table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--clients", type=int, default=1000)
    parser.add_argument("--alerts", type=int, default=20)
    parser.add_argument("--bare", metavar="BROKER", help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.bare:
        asyncio.run(bare(Settings(kafka=KafkaSettings(broker=given.bare))))
        return
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(hard, 65_536), hard))
    with tempfile.TemporaryDirectory() as folder:
        broker = EmbeddedBroker(Path(folder) / "broker", tied=True)
        running = broker.start()
        try:
            settings = Settings(data=Path(folder), kafka=KafkaSettings(broker=running.bootstrap))
            ensure_topics(settings, topics.ALL)
            compare(settings, given.clients, given.alerts)
        finally:
            broker.stop()


def compare(settings: Settings, clients: int, alerts: int) -> None:
    """Measure the desk and the peer."""
    environ = os.environ | {
        "COUNTERCLAIM_CONFIG": os.devnull, "COUNTERCLAIM_DATA": str(settings.data),
        "COUNTERCLAIM_KAFKA__BROKER": str(settings.kafka.broker), "PYTHONPATH": str(ROOT),
    }  # fmt: skip
    programs = {
        "desk": ["-m", "monitor.cli.main", "desk", "--port", "0"],
        "bare aiohttp": [__file__, "--bare", str(settings.kafka.broker)],
    }
    rows = {}
    for name, argv in programs.items():
        process = subprocess.Popen([sys.executable, *argv], env=environ, stdout=subprocess.PIPE, text=True)
        assert process.stdout is not None
        address = process.stdout.readline().removeprefix("desk at ").strip()
        try:
            if name == "desk":
                asyncio.run(ready(address))
            rows[name] = asyncio.run(measure(address, settings, clients, alerts, process.pid))
        finally:
            process.terminate()
            process.wait(30)
    print(f"{clients} clients, {alerts} alerts of {len(alert(1).to_bytes())} bytes")
    for figure in rows["desk"]:
        ours, theirs = rows["desk"][figure], rows["bare aiohttp"][figure]
        print(
            f"{figure:<22} desk {ours:9.3f}   bare aiohttp {theirs:9.3f}   ratio {ours / theirs if theirs else 0:.2f}"
        )


async def ready(address: str) -> None:
    """Wait until the desk reads Kafka."""
    async with aiohttp.ClientSession() as session:
        while True:
            async with session.get(f"{address}/api/v1/health") as answer:
                if (await answer.json())["kafka"]:
                    return
            await asyncio.sleep(0.2)


if __name__ == "__main__":
    main()
