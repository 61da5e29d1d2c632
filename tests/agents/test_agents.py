"""Each agent through its stage, without Kafka: what it sends, to which topic, under which key."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

import agents.archive
import agents.contradict
import agents.dedupe
import agents.deliver
import agents.enrich
import agents.extract
import agents.poll
import agents.topics
from monitor.archive import Archive, archive_url
from monitor.demo.corpus import Corpus, load
from monitor.demo.server import DemoServer
from monitor.feeds.playback import Item, Playback
from monitor.feeds.roster import host_of, partition_of
from monitor.run.daemons import DAEMONS
from monitor.settings import DeliverySettings, FeedSettings, Settings, TopicSettings
from monitor.stream.context import Output
from monitor.stream.stage import Stage
from monitor.stream.stub import run_stage, run_stage_async
from schemas import Alert, Claim, Notification, PollTick, TaggedArticle, topics

SEED = next(article for article in load().articles if article.scenario == "seed-tartus").as_article()

MODULES = {
    "poll": agents.poll, "enrich": agents.enrich, "dedupe": agents.dedupe, "topics": agents.topics,
    "extract": agents.extract, "contradict": agents.contradict, "deliver": agents.deliver, "archive": agents.archive,
}  # fmt: skip


def through(*stages: Stage, settings: Settings) -> list[Output]:
    """The outputs of the last of the stages for the seed."""
    outputs = [Output(topics.ARTICLES, SEED.article_id, SEED)]
    for stage in stages:
        outputs = run_stage(stage, [output.message for output in outputs], settings)
    return outputs


CHAIN = tuple(MODULES[name].stage for name in ("enrich", "dedupe", "topics", "extract", "contradict"))


@pytest.mark.parametrize("daemon", DAEMONS, ids=lambda daemon: daemon.name)
def test_a_stage_is_what_the_table_of_daemons_says(daemon: object) -> None:
    """The supervisor and the views know the topics of each daemon without importing it."""
    stage = MODULES[daemon.name].stage
    assert (stage.name, stage.reads) == (daemon.name, daemon.reads)
    assert MODULES[daemon.name].app.stage is stage


@pytest.mark.parametrize("name", sorted(set(MODULES) - {"archive"}))
def test_an_agent_is_short(name: str) -> None:
    """What decides is in ``monitor``; an agent reads, calls and sends."""
    assert len(Path(MODULES[name].__file__).read_text(encoding="utf-8").splitlines()) < 60


def test_every_output_has_the_key_that_the_topic_names(settings: Settings) -> None:
    """The key decides who sees the message: it is the field that the list of topics names."""
    for count in range(1, len(CHAIN) + 1):
        outputs = through(*CHAIN[:count], settings=settings)
        assert outputs
        for output in outputs:
            assert output.topic in CHAIN[count - 1].writes
            assert output.key == getattr(output.message, output.topic.key)
            assert isinstance(output.message, output.topic.model)


def test_the_seed_becomes_one_alert(settings: Settings) -> None:
    """Five stages turn the article into one denial in its own text."""
    alerts = [output.message for output in through(*CHAIN, settings=settings)]
    assert all(isinstance(alert, Alert) for alert in alerts)
    assert len({alert.alert_id for alert in alerts}) == 1
    assert (alerts[-1].kind, alerts[-1].same_article, alerts[-1].scope) == ("denial", True, "partial")


def test_extract_sends_a_claim_for_each_watched_topic_only(settings: Settings) -> None:
    """A claim goes to the partition of each topic that is watched; an article on none makes no claim."""
    watching = settings.model_copy(update={"topics": TopicSettings(watch=("syria",))})
    claims = [output.message for output in through(*CHAIN[:4], settings=watching)]
    assert {claim.topic for claim in claims} == {"syria"}
    (tagged,) = (output.message for output in through(*CHAIN[:3], settings=settings))
    assert isinstance(tagged, TaggedArticle)
    assert run_stage(agents.extract.stage, [tagged.model_copy(update={"topics": ()})], settings) == []
    assert all(isinstance(claim, Claim) for claim in claims)


def test_deliver_tells_once_whatever_comes_again(settings: Settings, tmp_path: Path) -> None:
    """An alert is an errand for each channel; however often it comes, it is recorded and sent once."""
    told = tmp_path / "told.jsonl"
    chosen = settings.model_copy(update={"delivery": DeliverySettings(file=told)})
    alert = through(*CHAIN, settings=settings)[-1].message
    errands = run_stage(agents.deliver.stage, [alert, alert], chosen)
    assert [(output.topic, output.key) for output in errands] == [(topics.ERRANDS, f"file:{told}")] * 2
    outputs = run_stage(agents.deliver.stage, [output.message for output in errands], chosen)
    assert [output.message.state for output in outputs] == ["sending", "sent"]
    assert all(isinstance(output.message, Notification) for output in outputs)
    assert [json.loads(line)["alert_id"] for line in told.read_text(encoding="utf-8").splitlines()] == [alert.alert_id]


async def test_poll_sends_what_is_new_once(settings: Settings, tmp_path: Path) -> None:
    """A tick polls the feeds of its partition; the next one finds nothing new. State is kept beside the articles."""
    roster = tmp_path / "roster.toml"
    corpus = load()
    # Outlets whose feeds hold whole texts: what must fetch pages may be late for the poll.
    outlets = tuple(outlet for outlet in corpus.outlets if outlet.content == "full")
    articles = tuple(article for article in corpus.articles if article.outlet in outlets)
    async with DemoServer(Corpus(outlets, corpus.scenarios, articles, corpus.expected)) as server:
        roster.write_text(server.roster(), encoding="utf-8")
        # A poll waits a tick for its feeds: as long as the slowest machine may take.
        options = FeedSettings(roster=roster, allow_private=True, tick_s=60, host_gap_s=0, per_host=16)
        chosen = settings.model_copy(update={"feeds": options})
        store: dict[str, bytes] = {}
        partition = partition_of(host_of(server.base_url))
        ticks = [PollTick(partition=partition, sent_at=datetime.now(UTC))] * 3
        outputs = await run_stage_async(agents.poll.stage, ticks, chosen, partition=partition, store=store)
        await agents.poll.close()
    sent = [output for output in outputs if output.topic is topics.ARTICLES]
    told = [output for output in outputs if output.topic is topics.FEED_EVENTS]
    assert len(sent) + len(told) == len(outputs)
    assert (
        len(sent) == len({output.message.article_id for output in sent}) == len({article.guid for article in articles})
    )
    assert all(output.key == output.message.article_id for output in sent)
    assert all(output.key == output.message.feed_id for output in told)
    assert sorted(output.message.change for output in told) == ["answers"] * len(outlets)


async def test_poll_takes_nothing_in_while_the_disk_is_full(settings: Settings, tmp_path: Path) -> None:
    """With less room than archive.min_free_mb no feed is asked; what it has is taken in once there is room."""
    async with Playback() as server:
        server.feed("/feed.xml").put(Item("first", "Two freighters collide"))
        (roster := tmp_path / "roster.toml").write_text(f'[[feed]]\nurl = "{server.url("/feed.xml")}"\n')
        options = FeedSettings(roster=roster, allow_private=True, tick_s=60, full_text="never")
        partition = partition_of(host_of(server.url("/feed.xml")))
        sent: list[list[Output]] = []
        for needed in (10**12, 0):
            archive = settings.archive.model_copy(update={"min_free_mb": needed})
            chosen = settings.model_copy(update={"feeds": options, "archive": archive})
            tick = PollTick(partition=partition, sent_at=datetime.now(UTC))
            sent.append(await run_stage_async(agents.poll.stage, [tick], chosen, partition=partition))
            await agents.poll.close()
    assert sent[0] == []
    assert [output.topic for output in sent[1]] == [topics.ARTICLES, topics.FEED_EVENTS]
    assert server.count("/feed.xml") == 1


def test_archive_keeps_what_passes(settings: Settings) -> None:
    """Articles, claims and alerts stand in the read model by their ids."""
    archive = Archive(archive_url(settings.data))
    try:
        for count, (spec, stage) in enumerate(
            zip((topics.ENRICHED, topics.STORIES, topics.TAGGED), CHAIN, strict=False)
        ):
            assert stage.writes == (spec,)
            archive.write([(spec, output.message) for output in through(*CHAIN[: count + 1], settings=settings)])
        alert = through(*CHAIN, settings=settings)[-1].message
        archive.write([(topics.ALERTS, alert), (topics.ARTICLES, SEED)])
        assert archive.alert(alert.alert_id) == alert
        assert archive.article(SEED.article_id)["title"] == SEED.title
    finally:
        archive.close()
