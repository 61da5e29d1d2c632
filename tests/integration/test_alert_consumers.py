"""The consumers that docs/alerts.md gives to others, taken out of it and run on a real Kafka."""

from __future__ import annotations

import asyncio
import importlib.util
import os
import re
import shutil
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from monitor.settings import Settings
from schemas import Severity, topics
from tests.support.alerts import some_alert
from tests.support.fleet import publish

pytestmark = pytest.mark.kafka

DOC = Path(__file__).parents[2] / "docs" / "alerts.md"
PATIENCE_S = 120.0
MOST_LINES = 15


def snippet(language: str, word: str) -> str:
    """Return the one code block of the page in this language that has the word in it."""
    blocks = re.findall(rf"```{language}\n(.*?)```", DOC.read_text(encoding="utf-8"), re.DOTALL)
    (found,) = [block for block in blocks if word in block]
    return str(found)


def missing(what: str) -> None:
    """Skip for want of a client; the build that has to have it is told so by COUNTERCLAIM_TEST_CLIENTS."""
    if os.environ.get("COUNTERCLAIM_TEST_CLIENTS"):
        pytest.fail(f"{what} is not installed")
    pytest.skip(f"{what} is not installed")


@pytest.fixture
async def topic(kafka_settings: Settings, make_topics: Callable[..., None]) -> str:
    """The topic with two alerts, one of them in two revisions of which the first came again, and one erased."""
    make_topics(topics.ALERTS)
    first, second, erased = some_alert("a1"), some_alert("a2"), some_alert("a3")
    newer = first.model_copy(update={"revision": 2, "severity": Severity.HIGH})
    records: list[tuple[bytes | None, bytes | None]] = [
        (alert.alert_id.encode(), alert.to_bytes()) for alert in (erased, first, newer, first)
    ]
    records += [(b"a3", None), (b"a2", second.to_bytes())]
    await publish(kafka_settings, topics.ALERTS, records)
    return kafka_settings.kafka.prefix + topics.ALERTS.name


async def lines_of(command: list[str], *, until: set[str] | None) -> list[str]:
    """Run a command and return the first three words of each line of its output, until those wanted have come."""
    process = await asyncio.create_subprocess_exec(
        *command, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE
    )
    assert process.stdout is not None
    assert process.stderr is not None
    found: list[str] = []
    try:
        async with asyncio.timeout(PATIENCE_S):
            while until is None or not until <= set(found):
                line = (await process.stdout.readline()).decode()
                if not line:
                    error = (await process.stderr.read()).decode()
                    assert until is None, f"it ended with {found}: {error[-2000:]}"
                    break
                found.append(" ".join(line.split()[:3]))
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()
    return found


async def follow(name: str, kafka_settings: Settings, topic: str, tmp_path: Path) -> list[str]:
    """Run the Python consumer of that name until it has shown the newest revision of each alert."""
    path = tmp_path / "consumer.py"
    path.write_text(snippet("python", name), encoding="utf-8")
    assert len([line for line in path.read_text().splitlines() if line.strip()]) <= MOST_LINES
    command = [sys.executable, str(path), kafka_settings.kafka.broker or "", topic]
    return await lines_of(command, until={"a1 2 high", "a2 1 medium"})


async def test_the_consumer_with_aiokafka(kafka_settings: Settings, topic: str, tmp_path: Path) -> None:
    """It shows both alerts, the newer revision after the older one, and not the older one that came again."""
    found = await follow("aiokafka", kafka_settings, topic, tmp_path)
    assert [line for line in found if line.startswith("a1")] == ["a1 1 medium", "a1 2 high"]


async def test_the_consumer_with_confluent_kafka(kafka_settings: Settings, topic: str, tmp_path: Path) -> None:
    """The same with the other client, where it is installed."""
    if importlib.util.find_spec("confluent_kafka") is None:
        missing("confluent-kafka")
    found = await follow("confluent_kafka", kafka_settings, topic, tmp_path)
    assert [line for line in found if line.startswith("a1")] == ["a1 1 medium", "a1 2 high"]


async def test_the_consumer_with_kcat(kafka_settings: Settings, topic: str, tmp_path: Path) -> None:
    """It shows the newest revision of each alert, where kcat and jq are installed."""
    for program in ("kcat", "jq"):
        if shutil.which(program) is None:
            missing(program)
    path = tmp_path / "consumer.sh"
    path.write_text(snippet("sh", "kcat"), encoding="utf-8")
    found = await lines_of(["sh", str(path), kafka_settings.kafka.broker or "", topic], until=None)
    assert {"a1 2 high", "a2 1 medium"} <= set(found)
    assert "a1 1 medium" not in found
