from __future__ import annotations

import io
import json
import logging
import logging.config
from pathlib import Path

import pytest

from monitor.errors import ConfigError
from monitor.settings import KafkaSettings, Settings, StreamSettings
from monitor.stream import Context, Output, Stage
from monitor.stream.app import StateTable
from monitor.stream.folder import INSTANCE_VARIABLE, WorkerFolder
from monitor.stream.logs import SAME_EVERY_S, OneLine, Rarely, logging_config
from monitor.stream.options import app_options, credentials
from monitor.stream.stub import run_stage, run_stage_async
from schemas import topics
from schemas.feed import PollTick
from schemas.message import Message
from schemas.topics import TopicSpec


class Word(Message):
    """A message of these tests."""

    text: str


IN = TopicSpec("words", "text", Word, 2)
OUT = TopicSpec("answers", "text", Word, 2)


def _settings(tmp_path: Path, **kafka: object) -> Settings:
    return Settings(data=tmp_path, kafka=KafkaSettings(broker="127.0.0.1:1", **kafka))


def test_two_workers_of_a_stage_have_folders_of_their_own(tmp_path: Path) -> None:
    """Without names they take the first free numbers; a number is free again when its worker ends."""
    first, second = WorkerFolder(tmp_path, "s"), WorkerFolder(tmp_path, "s")
    assert (first.instance, second.instance) == ("0", "1")
    first.release()
    assert WorkerFolder(tmp_path, "s").instance == "0"
    assert first.path == tmp_path / "state" / "s" / "0"


def test_a_name_in_use_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Two workers of one name would share a database; the message says what to do."""
    monkeypatch.setenv(INSTANCE_VARIABLE, "a")
    held = WorkerFolder(tmp_path, "s")
    with pytest.raises(ConfigError, match="--instance"):
        WorkerFolder(tmp_path, "s")
    assert WorkerFolder(tmp_path, "s", "b").instance == "b"
    held.release()


def test_the_app_s_settings_are_the_safe_ones(tmp_path: Path) -> None:
    """At least once, every in-sync replica, small caches, nothing open to the network, no topics by itself."""
    stage = Stage("dedupe", reads=topics.ENRICHED, writes=(topics.STORIES,), state=True)
    stage.handler(lambda message, context: None)
    app = stage.app
    app.use(_settings(tmp_path, prefix="p."))
    conf = app.conf
    assert str(conf.processing_guarantee.value) == "at_least_once"
    assert conf.producer_acks == -1
    assert (conf.web_enabled, conf.web_tables_enabled, conf.web_bind) == (False, False, "127.0.0.1")
    assert conf.topic_allow_declare is False
    assert conf.table_standby_replicas == 0
    assert conf.agent_supervisor.__name__ == "CrashingSupervisor"
    [agent] = app.agents.values()
    assert agent.concurrency == 1
    table = app.tables["state"]
    assert isinstance(table, StateTable)
    assert table.options["block_cache_size"] == 32 * 2**20
    assert table.options["write_buffer_size"] == 8 * 2**20


@pytest.mark.parametrize("prefix", ["", "p."])
@pytest.mark.parametrize("name", sorted(topics.CHANGELOGS))
def test_the_changelog_is_the_one_that_faust_forms(tmp_path: Path, prefix: str, name: str) -> None:
    """schemas/topics.py names the topic, with its partitions, that the table of that stage writes."""
    spec = topics.CHANGELOGS[name].named(prefix)
    source = next(topic for topic in topics.ALL if topic.partitions == spec.partitions)
    stage = Stage(name, reads=source, state=True)
    stage.handler(lambda message, context: None)
    app = stage.app
    app.use(_settings(tmp_path, prefix=prefix))
    assert app.conf.id == prefix + name
    assert app.tables["state"].changelog_topic_name == spec.name == app.changelog
    assert app.tables["state"].partitions == spec.partitions


def test_the_session_timeout_and_the_brokers_come_from_the_settings(tmp_path: Path) -> None:
    """Several brokers, and a heartbeat well within the session."""
    settings = Settings(
        data=tmp_path, kafka=KafkaSettings(broker="a:1,b:2"), stream=StreamSettings(session_timeout_s=8)
    )
    options = app_options(settings)
    assert options["broker"] == ["kafka://a:1", "kafka://b:2"]
    assert options["broker_session_timeout"] == 8
    assert options["broker_heartbeat_interval"] <= 8 / 3
    assert options["broker_request_timeout"] > 8


def test_security_options_are_passed_on(tmp_path: Path) -> None:
    """Plain by default; SASL with its mechanism and user; TLS with a context that checks names."""
    assert credentials(KafkaSettings()) is None
    sasl = credentials(
        KafkaSettings(
            security_protocol="SASL_SSL", sasl_mechanism="SCRAM-SHA-512", sasl_username="u", sasl_password="p"
        )
    )
    assert (sasl.protocol.value, sasl.mechanism.value, sasl.username) == ("SASL_SSL", "SCRAM-SHA-512", "u")
    tls = credentials(KafkaSettings(security_protocol="SSL"))
    assert tls.protocol.value == "SSL"
    assert tls.context.check_hostname


def test_a_log_record_is_one_line() -> None:
    """Line breaks and tracebacks do not break it, except at level debug."""
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    handler.setFormatter(OneLine())
    logger = logging.Logger("unit")
    logger.addHandler(handler)
    try:
        raise ValueError("two\nlines")
    except ValueError:
        logger.exception("it failed\nbadly %s", "here")
    [line] = stream.getvalue().splitlines()
    assert "it failed" in line
    assert 'error="ValueError: two lines"' in line
    assert "Traceback" not in line


def test_the_same_message_of_a_library_comes_once_in_a_while() -> None:
    """A broker that is away does not fill the log; what our own code says is never held back."""
    now = 0.0
    rarely = Rarely(clock=lambda: now)

    def passes(name: str, text: object) -> bool:
        return rarely.filter(logging.makeLogRecord({"name": name, "msg": text}))

    assert passes("aiokafka.client", "unable to connect to %s")
    assert not passes("aiokafka.client", "unable to connect to %s")
    assert passes("aiokafka.client", "something else")
    assert passes("counterclaim.stream", "dead letter")
    assert passes("counterclaim.stream", "dead letter")
    for _ in range(2):  # a dict: what structlog makes of a warning, here of a module's own logger
        assert passes("monitor.feeds.poller", {"event": "feed_fails", "feed": "http://a.example/"})
    now = SAME_EVERY_S + 1
    assert passes("aiokafka.client", "unable to connect to %s")


def test_fausts_chatter_is_below_warning_unless_debug_is_asked_for() -> None:
    """The level of the settings is the root's; Faust, mode and aiokafka are turned down."""
    usual = logging_config("info")
    assert usual["root"]["level"] == "INFO"
    assert {"faust", "mode", "aiokafka"} <= set(usual["loggers"])
    assert logging_config("debug")["loggers"] == {}
    json.dumps(usual)


def test_a_stage_has_one_handler_and_offloads_only_a_plain_one() -> None:
    """A second handler, and an async one for the pool, are refused at import."""
    stage = Stage("s", reads=IN)
    stage.handler(lambda message, context: None)
    with pytest.raises(ValueError, match="already"):
        stage.handler(lambda message, context: None)

    async def handle(message: Word, context: Context) -> None: ...

    with pytest.raises(ValueError, match="plain"):
        Stage("s", reads=IN, offload=True).handler(handle)


def test_topics_that_feed_one_table_need_equal_partition_counts() -> None:
    """Faust would find out at the first message only."""
    with pytest.raises(ValueError, match="partition"):
        Stage("s", reads=(IN, TopicSpec("more", "text", Word, 3)), state=True)


def test_the_stub_runs_a_stage_over_its_log() -> None:
    """State goes from message to message, and each sees what the ones before wrote."""
    stage = Stage("s", reads=IN, writes=(OUT,), state=True)

    @stage.handler
    def handle(word: Word, context: Context) -> list[Output]:
        count = int(context.store.get("n", b"0")) + 1
        context.store["n"] = str(count).encode()
        return [Output(OUT, word.text, Word(text=f"{word.text}{count}@{context.offset}"))]

    store: dict[str, bytes] = {}
    outputs = run_stage(stage, [Word(text="a"), Word(text="b")], Settings(), store=store)
    assert [output.message for output in outputs] == [Word(text="a1@0"), Word(text="b2@1")]
    assert store == {"n": b"2"}


async def test_the_stub_runs_an_async_stage_with_delivered_outputs_in_order() -> None:
    """What is awaited with `deliver` comes before what is returned."""
    stage = Stage("s", reads=IN, writes=(OUT,))

    @stage.handler
    async def handle(word: Word, context: Context) -> list[Output]:
        await context.deliver([Output(OUT, "k", Word(text="first"))])
        return [Output(OUT, "k", word)]

    outputs = await run_stage_async(stage, [Word(text="then")], Settings())
    assert [output.message for output in outputs] == [Word(text="first"), Word(text="then")]


def test_a_stage_without_state_has_no_store() -> None:
    """Asking for it says how to declare it."""
    stage = Stage("s", reads=IN)
    stage.handler(lambda message, context: context.store)
    with pytest.raises(RuntimeError, match="state=True"):
        run_stage(stage, [Word(text="a")], Settings())


def test_a_timer_takes_its_seconds_from_the_settings() -> None:
    """A number, or a function of the settings."""
    stage = Stage("s", reads=topics.POLL_TICKS)

    @stage.every(lambda settings: settings.feeds.tick_s)
    def tick(partition: int, now: object) -> PollTick:
        return PollTick(partition=partition, sent_at=now)

    [timer] = stage.timers
    assert timer.interval(Settings()) == Settings().feeds.tick_s
