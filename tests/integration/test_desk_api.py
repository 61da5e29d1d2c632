"""The desk as a process: on real Kafka, under a fuzzer of its OpenAPI document, and to its orderly end."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import subprocess
import sys
import threading
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Any

import aiohttp
import httpx
import pytest
import schemathesis
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer
from hypothesis import HealthCheck, Phase
from hypothesis import settings as hypothesis_settings

from monitor.archive import Archive, url_of
from monitor.kafka import client_options
from monitor.settings import Settings
from schemas import Command, Feedback, topics
from tests.support import desk

pytestmark = pytest.mark.timeout(900)

PATIENCE_S = 120.0
EXAMPLES = 8
"""Good requests of each operation that the fuzzer makes, and as many bad ones."""


def environment(settings: Settings) -> dict[str, str]:
    """Return the environment that gives a process these settings."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("COUNTERCLAIM_")}
    kept |= {"COUNTERCLAIM_CONFIG": os.devnull, "COUNTERCLAIM_DATA": str(settings.data), "PYTHONUNBUFFERED": "1"}
    if settings.kafka.broker:
        kept |= {
            "COUNTERCLAIM_KAFKA__BROKER": settings.kafka.broker,
            "COUNTERCLAIM_KAFKA__PREFIX": settings.kafka.prefix,
        }
    return kept


@contextmanager
def running(settings: Settings, *argv: str) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """Run ``counterclaim desk`` at a free port; yield the process and its address; it ends in order."""
    command = [sys.executable, "-m", "monitor.cli.main", "desk", "--port", "0", *argv]
    process = subprocess.Popen(command, env=environment(settings), stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout is not None
        line = process.stdout.readline()
        assert line.startswith("desk at http://127.0.0.1:"), line
        yield process, line.removeprefix("desk at ").strip()
    finally:
        if process.poll() is None:
            process.send_signal(signal.SIGTERM)
        try:
            process.wait(PATIENCE_S)
        finally:
            process.kill()
            process.wait()


def fetch(url: str) -> httpx.Response:
    """Return the answer to a GET, however slow the machine."""
    return httpx.get(url, timeout=PATIENCE_S)


async def until(holds: Callable[[], Any]) -> Any:
    """Wait until something holds, and return it; the look is made in a thread."""
    async with asyncio.timeout(PATIENCE_S):
        while not (found := await asyncio.to_thread(holds)):  # noqa: ASYNC110 - another process has no event
            await asyncio.sleep(0.2)
    return found


class Archiver:
    """What the archive's daemon does, in a thread: reads alerts, feedback and feed events into the read model."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._stop = threading.Event()
        self._thread = threading.Thread(target=lambda: asyncio.run(self._run()), name="archiver")

    def __enter__(self) -> Archiver:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join(PATIENCE_S)

    async def _run(self) -> None:
        prefix = self._settings.kafka.prefix
        specs = {prefix + spec.name: spec for spec in (topics.ALERTS, topics.FEEDBACK, topics.FEED_EVENTS)}
        archive = Archive(url_of(self._settings))
        consumer = AIOKafkaConsumer(*specs, **client_options(self._settings), auto_offset_reset="earliest")
        await consumer.start()
        try:
            while not self._stop.is_set():
                for partition, records in (await consumer.getmany(timeout_ms=200)).items():
                    spec = specs[partition.topic]
                    assert spec.model is not None
                    archive.write([(spec, spec.model.from_bytes(record.value)) for record in records])
        finally:
            await consumer.stop()
            archive.close()


async def produce(settings: Settings, *sent: desk.Sent) -> None:
    """Put messages on their topics, by the keys that the contract names."""
    producer = AIOKafkaProducer(**client_options(settings))
    await producer.start()
    try:
        for spec, message in sent:
            key = str(getattr(message, spec.key)).encode()
            await producer.send_and_wait(settings.kafka.prefix + spec.name, message.to_bytes(), key=key)
    finally:
        await producer.stop()


async def consume(settings: Settings, name: str, number: int) -> list[Any]:
    """Return the first records of a topic."""
    consumer = AIOKafkaConsumer(settings.kafka.prefix + name, **client_options(settings), auto_offset_reset="earliest")
    await consumer.start()
    found: list[Any] = []
    try:
        async with asyncio.timeout(PATIENCE_S):
            while len(found) < number:
                found += [record for batch in (await consumer.getmany(timeout_ms=500)).values() for record in batch]
    finally:
        await consumer.stop()
    return found


async def events(stream: aiohttp.StreamReader) -> AsyncIterator[dict[str, str]]:
    """Yield the server-sent events of a stream as their fields."""
    fields: dict[str, str] = {}
    async for raw in stream:
        line = raw.decode().rstrip("\n")
        if line and not line.startswith(":"):
            name, _, value = line.partition(": ")
            fields[name] = value
        elif fields:
            yield fields
            fields = {}


async def event_of(found: AsyncIterator[dict[str, str]], kind: str) -> tuple[str, dict[str, Any]]:
    """Return the id and data of the next event of a kind."""
    async with asyncio.timeout(PATIENCE_S):
        async for fields in found:
            if fields.get("event") == kind:
                return fields.get("id", ""), json.loads(fields["data"])
    raise AssertionError(f"the stream ended without a {kind}")


@pytest.mark.kafka
async def test_an_alert_is_live_and_feedback_goes_round(
    kafka_settings: Settings, make_topics: Callable[..., None]
) -> None:
    """An alert on its topic comes as an event and shows in the API; feedback goes to Kafka, back, and shows too."""
    make_topics(topics.ALERTS, topics.FEEDBACK, topics.FEED_EVENTS, topics.COMMANDS)
    sent = desk.demo(whole=False)
    alert = max(desk.alerts_of(sent).values(), key=lambda each: each.severity.value)
    feed = next(message for spec, message in sent if spec is topics.FEED_EVENTS)
    Archive(url_of(kafka_settings)).close()  # makes the tables, before two processes look for them
    with Archiver(kafka_settings), running(kafka_settings) as (_, base):
        await until(lambda: fetch(f"{base}/api/v1/health").json()["kafka"])
        async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=None)) as client:
            answer = await client.get(f"{base}/events")
            live = events(answer.content)
            await until(lambda: fetch(f"{base}/api/v1/counts").json()["clients"])
            await produce(kafka_settings, (topics.ALERTS, alert), (topics.FEED_EVENTS, feed))
            alert_id, data = await event_of(live, "alert")
            assert data == alert.to_json()
            path = f"{base}/api/v1/alerts/{alert.alert_id}"
            shown = await until(lambda: (found := fetch(path)).status_code == 200 and found.json())
            assert shown["alert"] == alert.to_json()

            body = {"action": "ack", "alert_revision": alert.revision}
            posted = await client.post(f"{path}/feedback", json=body)
            assert posted.status == 202
            act = await posted.json()
            (record,) = await consume(kafka_settings, "feedback", 1)
            assert Feedback.from_bytes(record.value).to_json() == act
            assert record.key == alert.alert_id.encode()
            feedback_id, data = await event_of(live, "feedback")
            assert data == act
            acts = await until(lambda: fetch(f"{path}/feedback").json()["items"])
            assert acts == [act]
            standing = (await asyncio.to_thread(fetch, path)).json()["standing"]
            assert standing["acked_by"] == act["actor"]

            await until(lambda: fetch(f"{base}/api/v1/feeds").json()["items"])
            order = await client.post(f"{base}/api/v1/feeds/{feed.feed_id}/commands", json={"action": "poll_now"})
            (record,) = await consume(kafka_settings, "commands", 1)
            assert Command.from_bytes(record.value).to_json() == await order.json()

            again = await client.get(f"{base}/events", headers={"Last-Event-ID": alert_id})
            assert (await event_of(events(again.content), "feedback"))[0] == feedback_id
            again.close()
            answer.close()


def test_the_desk_stops_in_order_with_a_page_open(settings: Settings) -> None:
    """With a live page open and no Kafka the desk ends on SIGTERM with status 0, and the page's stream is closed."""
    with running(settings) as (process, base), httpx.stream("GET", f"{base}/events", timeout=PATIENCE_S) as stream:
        lines = stream.iter_lines()
        assert next(lines) == "retry: 2000"
        process.send_signal(signal.SIGTERM)
        assert "event: alert" not in list(lines)
        assert process.wait(PATIENCE_S) == 0


def test_an_open_address_is_refused_by_the_command(settings: Settings) -> None:
    """The desk does not start at an address that others reach, without a login; it says what to do."""
    command = [sys.executable, "-m", "monitor.cli.main", "desk", "--host", "0.0.0.0", "--port", "0"]
    done = subprocess.run(command, env=environment(settings), capture_output=True, text=True, timeout=PATIENCE_S)
    assert done.returncode == 1
    assert "nobody would have to log in" in done.stderr
    assert "web.token" in done.stderr


def test_no_request_that_the_document_allows_or_forbids_is_a_server_error(settings: Settings) -> None:
    """Whatever a fuzzer makes of the OpenAPI document, good or bad, no answer is a 5xx.

    The server is real, its archive filled. An act that is good ends in 503 here, and in no other: there is no Kafka.
    """
    archive = Archive(url_of(settings))
    alerts = desk.fill(archive, desk.demo(whole=False))
    archive.close()
    with running(settings) as (_, base):
        document = fetch(f"{base}/api/openapi.json").json()
        alert = next(iter(alerts.values()))
        known = {
            "alert_id": alert.alert_id, "story_id": alert.story_ids[0], "slug": alert.topics[0],
            "article_id": alert.sides[0].claims[0].article_id,
            "feed_id": fetch(f"{base}/api/v1/feeds").json()["items"][0]["event"]["feed_id"],
        }  # fmt: skip
        document["paths"].pop("/events")  # its answer has no end
        for item in document["paths"].values():
            for operation in item.values():
                for parameter in operation.get("parameters", ()):
                    if parameter["name"] in known:  # so that good requests find something; bad ones are free
                        parameter["schema"] = {"type": "string", "enum": [known[parameter["name"]]]}
        schema = schemathesis.openapi.from_dict(document)
        tried = _fuzz(schema, base)
    assert set(tried) == {
        (method.upper(), path) for path, item in document["paths"].items() for method in item
    }  # fmt: skip
    worst = {key: sorted(status for status in found if status >= 500) for key, found in tried.items()}
    unfit = {key: found for key, found in worst.items() if set(found) - ({503} if key[0] == "POST" else set())}
    assert unfit == {}
    for key in (("GET", "/api/v1/alerts/{alert_id}"), ("GET", "/api/v1/stories/{story_id}"), ("GET", "/api/v1/search")):
        assert 200 in tried[key], key


def _fuzz(schema: Any, base: str) -> dict[tuple[str, str], set[int]]:
    """Send good and bad requests of each operation; return the statuses that came, by method and path."""
    tried: dict[tuple[str, str], set[int]] = {}
    limits = hypothesis_settings(
        max_examples=EXAMPLES,
        deadline=None,
        database=None,
        derandomize=True,
        suppress_health_check=list(HealthCheck),
        phases=[Phase.generate],
    )
    modes = (schemathesis.GenerationMode.POSITIVE, schemathesis.GenerationMode.NEGATIVE)
    for result in schema.get_all_operations():
        operation = result.ok()
        for mode in modes:
            _try(operation, mode, limits, base, tried)
    return tried


def _try(operation: Any, mode: Any, limits: Any, base: str, tried: dict[tuple[str, str], set[int]]) -> None:
    from hypothesis import given
    from hypothesis.errors import Unsatisfiable

    @limits
    @given(case=operation.as_strategy(generation_mode=mode))
    def send(case: Any) -> None:
        answer = case.call(base_url=base)
        tried.setdefault((operation.method.upper(), operation.path), set()).add(answer.status_code)

    with suppress(Unsatisfiable):  # an operation without parameters has no bad request
        send()
