from __future__ import annotations

import asyncio
import gzip
import json
from collections.abc import Callable
from pathlib import Path

import pytest
from aiokafka import AIOKafkaConsumer
from click.testing import CliRunner, Result

from monitor.cli.main import cli
from monitor.kafka import client_options
from monitor.settings import Settings
from schemas import Article
from schemas.topics import ARTICLES

pytestmark = pytest.mark.kafka

ROWS = [
    {"id": "7", "title": "Army denies strike", "text": "It denied it.", "source": "Ledger", "date": "2026-06-01"},
    {
        "id": "7",
        "title": "Ferry fares rise",
        "text": "They rise.",
        "source": "Ledger",
        "published_at": "2026-06-02T08:00:00Z",
    },
    {"id": "7", "title": "Army denies strike", "text": "It denied it.", "source": "Courier"},
]


def run(kafka_settings: Settings, *args: str) -> Result:
    """Run the command against the broker and prefix of this test."""
    env = {
        "COUNTERCLAIM_KAFKA__BROKER": kafka_settings.kafka.broker or "",
        "COUNTERCLAIM_KAFKA__PREFIX": kafka_settings.kafka.prefix,
    }
    return CliRunner().invoke(cli, ["replay", *args], env=env)


async def published(kafka_settings: Settings) -> list[tuple[bytes, Article]]:
    """Return all that stands on the articles topic, as key and article."""
    topic = kafka_settings.kafka.prefix + ARTICLES.name
    consumer = AIOKafkaConsumer(topic, **client_options(kafka_settings), auto_offset_reset="earliest")
    await consumer.start()
    found = []
    ends = await consumer.end_offsets(list(consumer.assignment()))
    total = sum(ends.values())
    while len(found) < total:
        for records in (await consumer.getmany(timeout_ms=1000)).values():
            found += [(record.key, Article.from_bytes(record.value)) for record in records]
    await consumer.stop()
    return found


def test_plain_rows(tmp_path: Path, kafka_settings: Settings, make_topics: Callable[..., None]) -> None:
    """Rows whose ids repeat are articles of their own, keyed by article id; a second replay gives the same ids."""
    file = tmp_path / "rows.jsonl.gz"
    file.write_bytes(gzip.compress("".join(json.dumps(row) + "\n" for row in ROWS).encode()))
    make_topics(ARTICLES)
    first = run(kafka_settings, str(file))
    assert first.exit_code == 0, first.output
    assert "3 articles published" in first.output
    once = asyncio.run(published(kafka_settings))
    assert len({article.article_id for _, article in once}) == 3
    assert all(key == article.article_id.encode() for key, article in once)
    run(kafka_settings, str(file))
    twice = asyncio.run(published(kafka_settings))
    assert len(twice) == 6
    assert {article.article_id for _, article in twice} == {article.article_id for _, article in once}


def test_what_parse_writes(tmp_path: Path, kafka_settings: Settings, make_topics: Callable[..., None]) -> None:
    """Articles as `parse` writes them go out as they stand."""
    feed = tmp_path / "feed.xml"
    feed.write_text(
        "<rss><channel><title>L</title><link>http://l.example/</link><item><guid>1</guid><title>Army denies</title>"
        "<link>http://l.example/1</link></item></channel></rss>"
    )
    parsed = CliRunner().invoke(cli, ["parse", str(feed)])
    (file := tmp_path / "articles.jsonl").write_text(parsed.stdout)
    make_topics(ARTICLES)
    assert run(kafka_settings, str(file), "--speed", "x1000").exit_code == 0
    assert [article.to_json() for _, article in asyncio.run(published(kafka_settings))] == [json.loads(parsed.stdout)]


def test_bad_lines(tmp_path: Path, kafka_settings: Settings, make_topics: Callable[..., None]) -> None:
    """A bad line is reported with file and number, the others are published, and the exit status is 1."""
    file = tmp_path / "rows.jsonl"
    good = json.dumps(ROWS[0])
    file.write_text(f'{good}\nnot json\n[]\n{{}}\n\n{{"id": 1, "date": "soon"}}\n{json.dumps(ROWS[1])}')
    make_topics(ARTICLES)
    result = run(kafka_settings, str(tmp_path / "missing.jsonl"), str(file))
    assert result.exit_code == 1
    for line in (2, 3, 4, 6):
        assert f"rows.jsonl, line {line}: " in result.output
    assert "missing.jsonl: cannot be read" in result.output
    assert "line 5" not in result.output
    assert len(asyncio.run(published(kafka_settings))) == 2


def test_no_topic(kafka_settings: Settings, tmp_path: Path) -> None:
    """Without the topic, the error says how to make it, and none is made by the way."""
    (file := tmp_path / "rows.jsonl").write_text(json.dumps(ROWS[0]))
    result = run(kafka_settings, str(file))
    assert result.exit_code == 1
    assert "there is no topic" in str(result.exception)
