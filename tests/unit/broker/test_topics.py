from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from monitor.broker.topics import FoundTopic, plan_topics, topic_config, wanted_topics
from monitor.errors import ConfigError
from monitor.settings import KafkaSettings, Settings
from schemas import topics

DAY_MS = 24 * 3600 * 1000


def settings_with(tmp_path: Path, **kafka: object) -> Settings:
    """Settings whose section ``kafka`` is as given."""
    return Settings(data=tmp_path, kafka=KafkaSettings(**kafka))  # type: ignore[arg-type]


def found(spec: topics.TopicSpec, **changed: str) -> FoundTopic:
    """The topic as a cluster shows it when it is as it should be, but for what is ``changed``."""
    config = {**topic_config(spec), **{key.replace("_", "."): value for key, value in changed.items()}}
    return FoundTopic(spec.partitions, config, config)


def test_missing_topics_are_created_and_right_ones_left_alone() -> None:
    """Only what is not there is to be made."""
    plan = plan_topics([topics.ARTICLES, topics.ALERTS], {"alerts": found(topics.ALERTS)})
    assert plan.create == (topics.ARTICLES,)
    assert not plan.alter
    assert not plan.refused


def test_a_cluster_that_is_right_needs_nothing() -> None:
    """The plan for what it would itself create is empty."""
    assert plan_topics(topics.ALL, {spec.name: found(spec) for spec in topics.ALL}).is_empty


def test_other_retention_is_set_right() -> None:
    """Retention and sizes are altered, with what they were and will be."""
    plan = plan_topics([topics.ARTICLES], {"articles": found(topics.ARTICLES, retention_ms="1000")})
    assert plan.alter == (("articles", "retention.ms", "1000", str(14 * DAY_MS)),)
    assert not plan.refused


def test_other_cleanup_or_partitions_are_refused() -> None:
    """What would lose or move messages is never altered."""
    there = replace(found(topics.ALERTS, cleanup_policy="delete"), partitions=4)
    plan = plan_topics([topics.ALERTS], {"alerts": there})
    assert set(plan.refused) == {("alerts", "partitions", "4", "8"), ("alerts", "cleanup.policy", "delete", "compact")}
    assert not plan.alter


def test_the_order_of_two_cleanups_does_not_matter() -> None:
    """``compact,delete`` and ``delete,compact`` are the same."""
    both = replace(topics.ALERTS, cleanup="compact,delete")
    assert plan_topics([both], {"alerts": found(both, cleanup_policy="delete,compact")}).is_empty


@pytest.mark.parametrize("spec", topics.ALL, ids=lambda spec: spec.name)
def test_every_topic_can_turn_over_and_takes_its_largest_record(spec: topics.TopicSpec) -> None:
    """A batch fits into a segment, and a bounded partition has more than one segment to let go of."""
    config = {key: value for key, value in topic_config(spec).items() if key != "cleanup.policy"}
    segment, limit = int(config["segment.bytes"]), int(config["max.message.bytes"])
    assert segment > limit == spec.max_message_bytes
    assert segment >= 2**20  # Kafka's own minimum
    if spec.retention_bytes is not None:
        assert 2 * segment <= spec.retention_bytes
    assert (config["retention.ms"] == "-1") == (spec.retention is None)
    assert (config["retention.bytes"] == "-1") == (spec.retention_bytes is None)


def test_settings_give_prefix_and_retention(tmp_path: Path) -> None:
    """Prefix and retention of the settings are on the topics; those not named keep theirs."""
    settings = settings_with(tmp_path, prefix="x.", retention_days={"articles": 2}, retention_mb={"claims": 64})
    wanted = {spec.name: spec for spec in wanted_topics(settings)}
    assert set(wanted) == {f"x.{spec.name}" for spec in topics.ALL}
    assert wanted["x.articles"].retention == timedelta(days=2)
    assert wanted["x.articles"].retention_bytes == topics.ARTICLES.retention_bytes
    assert wanted["x.claims"].retention_bytes == 64 * 2**20
    assert wanted["x.stories"].retention == topics.STORIES.retention


@pytest.mark.parametrize("field", ["retention_days", "retention_mb"])
def test_retention_of_no_topic_or_of_a_compacted_one_is_refused(tmp_path: Path, field: str) -> None:
    """A misspelt topic is named with those that there are; a compacted one has no retention."""
    with pytest.raises(ConfigError, match=f"kafka.{field}: no topic 'artikles'") as caught:
        wanted_topics(settings_with(tmp_path, **{field: {"artikles": 20}}))
    assert "articles" in str(caught.value.hint)
    with pytest.raises(ConfigError, match="alerts is compacted"):
        wanted_topics(settings_with(tmp_path, **{field: {"alerts": 20}}))
