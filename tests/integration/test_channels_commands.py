"""What people do from the command line, on real Kafka: feeds paused and polled, alerts followed and acknowledged."""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import AsyncIterator, Callable

import pytest

from monitor.feeds.playback import Item, Playback, PlayedFeed
from monitor.feeds.roster import Feed
from monitor.settings import FeedSettings, Settings, StreamSettings
from monitor.web.publisher import KafkaPublisher
from schemas import Alert, Command, CommandAction, Feedback, FeedChange, FeedEvent, topics
from tests.support.alerts import some_alert
from tests.support.fleet import Fleet, environment_of, publish, read_all
from tests.support.live import until

pytestmark = [pytest.mark.kafka, pytest.mark.slow, pytest.mark.timeout(900)]

PATIENCE_S = 240.0


@pytest.fixture
async def feed() -> AsyncIterator[tuple[Playback, PlayedFeed]]:
    """A server with one feed of one item."""
    async with Playback() as server:
        played = server.feed("/f")
        played.put(Item("tag:l,2026:army", "Army denies strike on Aleppo market", "It denied it.", "/2026/army"))
        yield server, played


def order(action: str, feed: Feed, number: int) -> Command:
    """Return a command."""
    at = some_alert("x").created_at
    return Command(command_id=f"c{number}", action=CommandAction(action), feed_id=feed.feed_id, actor="editor", at=at)


async def test_a_feed_is_paused_resumed_and_polled_now(
    kafka_settings: Settings, make_topics: Callable[..., None], feed: tuple[Playback, PlayedFeed]
) -> None:
    """Commands reach the worker that polls the feed; each is told on feed-events, and only then is it polled again."""
    make_topics()
    server, played = feed
    listed = Feed(server.url("/f"))
    roster = kafka_settings.data / "feeds.toml"
    roster.parent.mkdir(parents=True, exist_ok=True)
    roster.write_text(f'[[feed]]\nurl = "{listed.url}"\n', encoding="utf-8")
    options = FeedSettings(
        roster=roster, allow_private=True, interval_s=86_400, host_gap_s=0, tick_s=0.5, full_text="never"
    )
    stream = StreamSettings(session_timeout_s=6)
    settings = kafka_settings.model_copy(update={"feeds": options, "stream": stream})

    async def changes() -> list[FeedChange]:
        records = (await read_all(settings, topics.FEED_EVENTS)).values()
        return [FeedEvent.from_bytes(record.value).change for part in records for record in part]

    async def articles() -> int:
        return sum(map(len, (await read_all(settings, topics.ARTICLES)).values()))

    async with Fleet(settings, {"poll": 1}), KafkaPublisher(settings).running() as publisher:
        await until(lambda: _at_least(articles, 1), PATIENCE_S)
        asked = server.count("/f")
        await publisher.command(order("pause", listed, 1), listed.host)
        await until(lambda: _has(changes, FeedChange.PAUSED), PATIENCE_S)
        played.put(Item("tag:l,2026:fares", "Ferry fares to rise in autumn", "They will rise.", "/2026/fares"))
        await publisher.command(order("poll_now", listed, 2), listed.host)
        await publisher.command(order("resume", listed, 3), listed.host)
        await until(lambda: _at_least(articles, 2), PATIENCE_S)
        assert server.count("/f") == asked + 1
        played.put(Item("tag:l,2026:rain", "Rain expected in Vell", "It will rain.", "/2026/rain"))
        await publisher.command(order("poll_now", listed, 4), listed.host)
        await until(lambda: _at_least(articles, 3), PATIENCE_S)
        found = await changes()
    assert found.index(FeedChange.PAUSED) < found.index(FeedChange.RESUMED)


async def _at_least(count: Callable[[], object], least: int) -> bool:
    return int(await count()) >= least  # type: ignore[misc]


async def _has(changes: Callable[[], object], change: FeedChange) -> bool:
    return change in await changes()  # type: ignore[misc]


async def test_alerts_are_followed_and_acknowledged_from_the_command_line(
    kafka_settings: Settings, make_topics: Callable[..., None]
) -> None:
    """`tail` shows what is there and what comes; `ack` puts an act on the topic, keyed by the alert."""
    make_topics(topics.ALERTS, topics.FEEDBACK)

    async def send(alert: Alert) -> None:
        await publish(kafka_settings, topics.ALERTS, [(alert.alert_id.encode(), alert.to_bytes())])

    await send(some_alert("a1"))
    environment = environment_of(kafka_settings) | {"COUNTERCLAIM_CONFIG": "/dev/null"}
    command = [sys.executable, "-m", "monitor.cli.main", "alerts"]
    tail = await asyncio.create_subprocess_exec(
        *command, "tail", "--all", "--json", "--count", "2", env=environment, stdout=asyncio.subprocess.PIPE
    )
    assert tail.stdout is not None
    async with asyncio.timeout(PATIENCE_S):
        assert json.loads(await tail.stdout.readline())["alert_id"] == "a1"
        await send(some_alert("a2"))
        assert json.loads(await tail.stdout.readline())["alert_id"] == "a2"
        assert await tail.wait() == 0
        ack = await asyncio.create_subprocess_exec(
            *command, "ack", "a2", "--revision", "1", "--as", "ed", env=environment, stdout=asyncio.subprocess.PIPE
        )
        shown, _ = await ack.communicate()
    assert b"ack by ed" in shown
    records = [record for part in (await read_all(kafka_settings, topics.FEEDBACK)).values() for record in part]
    (act,) = (Feedback.from_bytes(record.value) for record in records)
    assert (act.alert_id, act.actor, records[0].key) == ("a2", "ed", b"a2")
