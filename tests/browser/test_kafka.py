"""The desk as people run it, on a real Kafka: its command, the archive's worker, and two windows."""

from __future__ import annotations

import asyncio
import os
import queue
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from typing import Any

import pytest

from monitor.settings import Settings
from schemas import Alert, topics
from tests.support import desk
from tests.support.fleet import environment_of, publish
from tests.support.served import until

START_S = 180
"""What a program may take to start on a slow machine."""


@contextmanager
def running(settings: Settings, *arguments: str) -> Iterator[queue.Queue[str]]:
    """Run a command of the program and yield the lines of its standard output; end it in the end."""
    log = settings.data / f"{arguments[0]}.log"
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("wb") as errors:
        process = subprocess.Popen(
            [sys.executable, "-m", "monitor.cli.main", *arguments],
            env={**os.environ, **environment_of(settings)},
            stdout=subprocess.PIPE,
            stderr=errors,
            text=True,
        )
    lines: queue.Queue[str] = queue.Queue()

    def read() -> None:
        assert process.stdout is not None
        for line in process.stdout:
            lines.put(line.strip())

    reader = threading.Thread(target=read, daemon=True)
    reader.start()
    try:
        yield lines
    finally:
        process.terminate()
        try:
            process.wait(30)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        reader.join(30)


def send(settings: Settings, alert: Alert) -> None:
    """Publish an alert; in a thread, for the browser's loop runs in this one."""
    record = (alert.alert_id.encode(), alert.model_dump_json().encode())
    with ThreadPoolExecutor(1) as pool:
        pool.submit(asyncio.run, publish(settings, topics.ALERTS, [record])).result()


@pytest.mark.kafka
@pytest.mark.slow
@pytest.mark.timeout(900)
def test_alerts_and_acts_go_through_kafka(
    kafka_settings: Settings, make_topics: Callable[..., None], look: Any
) -> None:
    """An alert on Kafka comes up without a reload; an acknowledgement in one window shows in the other."""
    make_topics()
    first, second = list(desk.alerts_of(desk.demo(whole=False)).values())[:2]
    send(kafka_settings, first)
    with ExitStack() as stack:
        stack.enter_context(running(kafka_settings, "worker", "archive", "--instance", "1"))
        lines = stack.enter_context(running(kafka_settings, "desk", "--port", "0"))
        address = lines.get(timeout=START_S).removeprefix("desk at ")
        person, other = look(), look()
        page = person.open(f"{address}/alerts")
        until(lambda: page.reload() is not None and page.locator(f"#row-{first.alert_id}").count() == 1, START_S)
        page.wait_for_selector("#livestate:text-is('Live')")
        send(kafka_settings, second)
        page.wait_for_selector(f"#row-{second.alert_id}", timeout=START_S * 1000)
        there = other.open(f"{address}/alerts/{second.alert_id}")
        there.click("#ack")
        there.wait_for_selector("#ack:has-text('Take back')")
        page.wait_for_selector(f"#row-{second.alert_id}:has-text('acked')")
        assert person.complaints == other.complaints == []
