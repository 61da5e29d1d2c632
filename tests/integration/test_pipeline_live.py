"""The whole pipeline as its users meet it: a feed changes, an alert comes out. Real Kafka, all eight daemons."""

from __future__ import annotations

import asyncio
import json
import shutil
import time
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest

from monitor.demo.corpus import SampleArticle, load
from monitor.demo.server import DemoServer
from monitor.run.daemons import DAEMONS
from monitor.settings import Settings
from schemas import Alert, DeadLetter, topics
from tests.support.fleet import Fleet, publish, read_all
from tests.support.live import ALL_STAGES, Live, by_id, commit, empty_corpus, live_settings, until

CORPUS = load()
SEED = next(article for article in CORPUS.articles if article.scenario == "seed-tartus")
SHARED = Path(__file__).parents[2].parent / "shared" / "data" / "text" / "seed_article.txt"

ONE_OF_EACH = dict.fromkeys(ALL_STAGES, 1)
START_S = 180.0
"""Longest wait for eight daemons to start and for what they have to do first."""


def seeds() -> list[SampleArticle]:
    """The seed of our own, and the one of the shared data where it is there."""
    found = [SEED]
    if SHARED.exists():
        text = "\n\n".join(line.strip() for line in SHARED.read_text(encoding="utf-8").splitlines() if line.strip())
        title = "Russian troops allegedly fighting alongside Assad's forces in Syria"
        found.append(
            SampleArticle(
                id="shared-seed",
                guid="shared-seed",
                outlet=SEED.outlet,
                title=title,
                text=text,
                published_at=SEED.published_at,
                scenario="seed-tartus",
            )
        )
    return found


@pytest.fixture
async def live(kafka_settings: Settings, make_topics: Callable[..., None], tmp_path: Path) -> AsyncIterator[Live]:
    """Topics, settings and a feed server without articles; the test starts the workers."""
    make_topics()
    async with DemoServer(empty_corpus(CORPUS)) as server:
        roster = tmp_path / "roster.toml"
        roster.write_text(server.roster(), encoding="utf-8")
        delivered = tmp_path / "delivered.jsonl"
        yield Live(live_settings(kafka_settings, roster, delivered), server, delivered)


def notified(live: Live) -> list[str]:
    """The ids of the alerts that were delivered to the file, in order."""
    if not live.delivered.exists():
        return []
    return [json.loads(line)["alert_id"] for line in live.delivered.read_text(encoding="utf-8").splitlines()]


@pytest.mark.kafka
@pytest.mark.slow
@pytest.mark.timeout(900)
@pytest.mark.parametrize("number", [0, 1], ids=["our own", "shared data"])
async def test_the_seed_in_a_feed_comes_out_as_one_denial_and_only_once(
    number: int, live: Live, capsys: pytest.CaptureFixture[str]
) -> None:
    """An item put into a feed is an alert in Kafka soon after; later polls with nothing new send nothing."""
    if number >= len(seeds()):
        pytest.skip("the shared data are not beside the project")
    seed = seeds()[number]
    async with Fleet(live.settings, ONE_OF_EACH):
        started = time.monotonic()
        live.server.publish(seed)
        await until(lambda: live.at_least(topics.ALERTS), START_S)
        with capsys.disabled():
            print(f"\n{seed.id}: {time.monotonic() - started:.1f} s from the start of the daemons to the alert")
        await live.idle()
        found = by_id(await live.messages(topics.ALERTS), "alert_id")
        before = {spec.name: len(await live.messages(spec)) for spec in (topics.ARTICLES, topics.CLAIMS, topics.ALERTS)}
        polled = live.server.requests
        await until(lambda: _polled_again(live, polled + 3 * len(CORPUS.outlets)), 60)
        await live.idle()
        after = {spec.name: len(await live.messages(spec)) for spec in (topics.ARTICLES, topics.CLAIMS, topics.ALERTS)}
    (alert,) = found.values()
    assert isinstance(alert, Alert)
    assert (alert.kind, alert.scope, alert.same_article) == ("denial", "partial", True)
    assert alert.severity == "low"
    assert {"russia", "syria"} <= set(alert.topics)
    assert "chemical" not in json.dumps(alert.to_json()["sides"])
    assert before == after
    assert before["articles"] == 1


async def _polled_again(live: Live, requests: int) -> bool:
    return live.server.requests >= requests


@pytest.mark.kafka
@pytest.mark.slow
@pytest.mark.timeout(900)
async def test_poison_in_every_topic_goes_to_the_dead_letters_and_the_rest_goes_on(live: Live) -> None:
    """Each stage refuses what it cannot read, with the bytes kept, and the next good article still gets through."""
    poison = {"binary": b"\x00\xff\xfe", "shape": b'{"schema_version":1}', "future": b'{"schema_version":99}'}
    wanted = {(daemon.name, spec.name, kind) for daemon in DAEMONS for spec in daemon.reads for kind in poison}
    for spec in {spec for daemon in DAEMONS for spec in daemon.reads}:
        await publish(live.settings, spec, [(f"poison-{kind}".encode(), value) for kind, value in poison.items()])
    async with Fleet(live.settings, ONE_OF_EACH) as fleet:
        live.server.publish(SEED)

        async def letters() -> list[DeadLetter]:
            found = await live.messages(topics.DEAD_LETTERS)
            return found if len({letter.dead_letter_id for letter in found}) >= len(wanted) else []

        found = await until(letters, START_S)
        alerts = await until(lambda: live.at_least(topics.ALERTS), START_S)
        ends = [end for worker in fleet.workers for end in worker.ends]
    prefix = live.settings.kafka.prefix
    got = {(x.stage, x.topic.removeprefix(prefix), (x.key or b"").decode().removeprefix("poison-")) for x in found}
    assert wanted <= got
    assert all(letter.value == poison[(letter.key or b"").decode().removeprefix("poison-")] for letter in found)
    assert {letter.error for letter in found} >= {"DecodeError", "SchemaVersionError"}
    assert [alert.kind for alert in alerts] == ["denial"]
    assert ends == []


@pytest.mark.kafka
@pytest.mark.slow
@pytest.mark.timeout(900)
async def test_the_log_replayed_from_its_start_gives_the_same_ids_and_tells_nobody_twice(live: Live) -> None:
    """With every offset set back to zero, and with the state lost too, ids stay and no notification goes out again."""
    for article in (SEED, *CORPUS.of_scenario("denial-inside-dohuk"), *CORPUS.of_scenario("wire-izmail")):
        live.server.publish(article)
    async with Fleet(live.settings, ONE_OF_EACH):
        await until(lambda: live.at_least(topics.ALERTS, 3), START_S)
        await live.idle()
    specs = (topics.ENRICHED, topics.STORIES, topics.TAGGED, topics.CLAIMS, topics.ALERTS)
    before = {spec.name: _ids(await live.messages(spec)) for spec in specs}
    told = notified(live)

    for stage in ALL_STAGES:
        await commit(live.settings, stage, 0)
    shutil.rmtree(live.settings.data / "state")
    async with Fleet(live.settings, ONE_OF_EACH):
        await asyncio.sleep(5)
        await live.idle()
    after = {spec.name: _ids(await live.messages(spec)) for spec in specs}
    assert after == before
    assert len(told) == len(set(told)) == len(before["alerts"])
    assert notified(live) == told


def _ids(messages: list[object]) -> set[tuple[str, ...]]:
    """What tells each message from another: ids, never times."""
    names = ("article_id", "revision", "story_id", "lineage_id", "claim_id", "topic", "alert_id")
    kept = [name for name in names if name != "revision" or not any(isinstance(m, Alert) for m in messages)]
    return {tuple(str(getattr(message, name, "")) for name in kept) for message in messages}


@pytest.mark.kafka
@pytest.mark.slow
@pytest.mark.timeout(900)
async def test_records_of_every_topic_stay_readable_by_the_archive(live: Live) -> None:
    """What went through Kafka stands in the read model: articles with story and topics, claims and the alert."""
    from monitor.archive import Archive, archive_url

    live.server.publish(SEED)
    async with Fleet(live.settings, ONE_OF_EACH):
        (alert,) = await until(lambda: live.at_least(topics.ALERTS), START_S)
        await live.idle()
        records = await read_all(live.settings, topics.CLAIMS)
    archive = Archive(archive_url(live.settings.data))
    try:
        assert archive.alert(alert.alert_id) is not None
        article = archive.article(alert.sides[0].claims[0].article_id)
        assert article is not None
        assert {"russia", "syria"} <= set(article["topics"])
        assert archive.sizes()["claims"] > 0 < sum(map(len, records.values()))
    finally:
        archive.close()
