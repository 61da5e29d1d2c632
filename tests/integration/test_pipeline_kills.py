"""The whole pipeline under SIGKILL, on real Kafka."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path

import pytest

from monitor.demo.corpus import load
from monitor.demo.server import DemoServer
from monitor.settings import FeedSettings, Settings, TopicSettings
from schemas import Article, topics
from tests.support.fleet import publish, read_all
from tests.support.generated import articles
from tests.support.kills import differences, run_kills

KILLS = int(os.environ.get("COUNTERCLAIM_TEST_KILLS", "6"))
ARTICLES = max(2000, 250 * KILLS)
"""Enough that there is lag at each kill."""
SEED = int(os.environ.get("COUNTERCLAIM_TEST_SEED", "20260302"))
PACE_S = 60.0


@pytest.mark.kafka
@pytest.mark.slow
@pytest.mark.timeout(3600)
async def test_no_kill_loses_changes_or_stalls_anything(
    kafka_settings: Settings, make_topics: Callable[..., None], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """After kills at random and a lost data folder every stage has all its outputs, and no partition lags."""
    make_topics()
    async with DemoServer(load(), pace_s=PACE_S) as server:
        roster = tmp_path / "roster.toml"
        roster.write_text(server.roster(), encoding="utf-8")
        feeds = FeedSettings(roster=roster, allow_private=True, tick_s=0.5, interval_s=1, host_gap_s=0, per_host=16)
        # Every article is on several topics; two are watched, so that each stage has its share of the work.
        watched = TopicSettings(watch=("syria", "ukraine"))
        settings = kafka_settings.model_copy(update={"feeds": feeds, "topics": watched})
        await publish(
            settings, topics.ARTICLES, ((a.article_id.encode(), a.to_bytes()) for a in articles(ARTICLES, SEED))
        )
        outcome = await run_kills(
            settings, KILLS, SEED, server, least_s=PACE_S + 60, limit_s=600 + 40 * KILLS, between_s=(3.0, 9.0)
        )
        served = {f"{item.outlet.id}/{item.slug}" for item in server.visible()}

    records = [record for part in (await read_all(settings, topics.ARTICLES)).values() for record in part]
    # By the page's path: in RDF an item's identity is its address, not the guid of the corpus.
    polled = {"/".join((Article.from_bytes(record.value).url or "").split("/")[-2:]) for record in records}
    found = await differences(settings)
    dead = await read_all(settings, topics.DEAD_LETTERS)
    with capsys.disabled():
        print(f"\nseed {SEED}, {ARTICLES} articles and {len(served)} feed items, {outcome.seconds:.0f} s")
        print(f"killed: {', '.join(outcome.kills)}; data folder deleted: {', '.join(outcome.folders)}")
        print(f"ended by the watchdog and started again: {', '.join(outcome.stalled) or 'none'}")
        print(f"differences: {json.dumps({stage: len(keys) for stage, keys in found.items()})}")

    assert len(outcome.kills) == KILLS
    assert outcome.folders
    assert outcome.lag == dict.fromkeys(outcome.lag, 0)
    assert outcome.ended == []
    assert served <= polled
    assert [f"{stage}: {key}" for stage, keys in found.items() for key in keys[:5]] == []
    assert [record.value for records in dead.values() for record in records] == []
