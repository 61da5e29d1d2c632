import importlib
import os
from pathlib import Path

import pytest

from monitor.cli.demo import demo_plan
from monitor.errors import ConfigError, InputError
from monitor.run.daemons import DAEMONS, find_daemon
from monitor.run.lock import hold
from monitor.run.session import Plan
from monitor.settings import BrokerSettings, DeliverySettings, KafkaSettings, Settings, TopicSettings, load
from monitor.stream.stage import Stage


def test_each_daemon_is_an_agent_that_reads_what_is_said_here() -> None:
    """The table that the view's lags rest on agrees with the agents themselves, and no agent is left out."""
    for daemon in DAEMONS:
        stage = importlib.import_module(daemon.module).stage
        assert isinstance(stage, Stage)
        assert (stage.name, stage.reads) == (daemon.name, daemon.reads)
    agents = Path(__file__).parents[3] / "agents"
    assert {path.stem for path in agents.glob("*.py")} - {"__init__"} == {daemon.name for daemon in DAEMONS}


def test_an_unknown_daemon_is_told_with_those_there_are() -> None:
    """A wrong name lists the right ones."""
    assert find_daemon("dedupe").module == "agents.dedupe"
    with pytest.raises(InputError, match="poll, enrich, dedupe"):
        find_daemon("dedup")


def test_a_plan_starts_one_process_a_daemon_and_more_where_asked(tmp_path: Path) -> None:
    """Each has a name of its own, which is also that of its log, and an instance of its own."""
    plan = Plan(Settings(data=tmp_path), {}, workers={"enrich": 3})
    specs = {spec.name: spec.args[0] for spec in plan.specs()}
    assert len(specs) == len(DAEMONS) + 2
    assert specs["poll"] == ("worker", "poll", "--instance", "1")
    assert specs["enrich-3"] == ("worker", "enrich", "--instance", "3")


def test_the_demo_keeps_away_from_the_users_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever the settings say, no sample goes to the user's cluster, topics, webhook or data folder."""
    monkeypatch.setenv("COUNTERCLAIM_KAFKA__BROKER", "production:9092")
    monkeypatch.setenv("COUNTERCLAIM_DELIVERY__WEBHOOK", "https://hooks.example/x")
    own = Settings(
        data=tmp_path,
        log_level="error",
        kafka=KafkaSettings(broker="production:9092", prefix="live."),
        broker=BrokerSettings(heap_mb=300),
        topics=TopicSettings(watch=("nothing",)),
        delivery=DeliverySettings(webhook="https://hooks.example/x"),
    )
    plan = demo_plan(own, 5)
    assert plan.settings.kafka == KafkaSettings()
    assert plan.settings.delivery == DeliverySettings()
    assert plan.settings.topics == TopicSettings()
    assert plan.settings.data == tmp_path / "demo"
    assert plan.settings.broker.heap_mb == 300
    assert plan.any_port
    assert plan.fresh

    for name in list(os.environ):
        if name.startswith("COUNTERCLAIM_"):
            monkeypatch.delenv(name)
    for name, value in plan.environ.items():
        monkeypatch.setenv(name, value)
    theirs = load()  # what the daemons will read
    assert theirs == plan.settings.model_copy(update={"broker": BrokerSettings()})


def test_one_pipeline_a_folder(tmp_path: Path) -> None:
    """A folder that is held is refused with the holder's process; once let go it can be held again."""
    folder = tmp_path / "new"
    with (
        hold(folder),
        pytest.raises(ConfigError, match=f"already runs in {folder} .process {os.getpid()}"),
        hold(folder),
    ):
        pass
    with hold(folder):
        pass


def test_a_folder_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    """A file where the folder should be: the message names it, and the setting to change."""
    (tmp_path / "file").write_text("")
    with pytest.raises(ConfigError, match="cannot be written"), hold(tmp_path / "file"):
        pass
