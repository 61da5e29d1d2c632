from __future__ import annotations

import os
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from monitor.broker.server import EmbeddedBroker, bootstrap
from monitor.broker.state import BrokerFolder, RunningBroker
from monitor.errors import BrokerError
from monitor.settings import KafkaSettings, Settings

RUNNING = RunningBroker(pid=1, port=9092, bootstrap="127.0.0.1:9092", kafka="4.3.1", java="java", started_at=0.0)


@pytest.fixture
def folder(tmp_path: Path) -> BrokerFolder:
    """An empty broker folder."""
    made = BrokerFolder(tmp_path / "broker")
    made.make()
    return made


def test_lock_is_held_until_the_process_that_inherited_it_ends(folder: BrokerFolder) -> None:
    """A child that inherits the lock keeps it after we close it; killed, it gives it back."""
    lock = folder.lock()
    assert lock is not None
    child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"], pass_fds=(lock,), cwd=folder.path)
    os.close(lock)
    try:
        assert folder.is_held()
        assert folder.lock() is None
        assert folder.holder() == child.pid
    finally:
        child.kill()
        child.wait()
    assert not folder.is_held()
    assert folder.holder() is None


def test_looking_does_not_look_like_holding(folder: BrokerFolder) -> None:
    """Many that look at a free lock at once all find it free, and one that takes it gets it."""
    os.close(folder.lock() or 0)
    seen: list[bool] = []
    done = threading.Event()

    def look() -> None:
        while not done.is_set():
            seen.append(folder.is_held())

    threads = [threading.Thread(target=look) for _ in range(3)]
    for thread in threads:
        thread.start()
    until = time.monotonic() + 0.2
    while time.monotonic() < until:
        folder.is_held()
    done.set()
    for thread in threads:
        thread.join()
    assert seen
    assert not any(seen)


def test_a_second_start_waits_for_the_first_then_gives_up(folder: BrokerFolder) -> None:
    """Two starts exclude each other, and the one that waits says which folder it is about."""
    with (
        folder.starting(),
        pytest.raises(BrokerError, match="another start or stop") as caught,
        folder.starting(wait_s=0.1),
    ):
        pytest.fail("both hold it")
    assert str(folder.path) in str(caught.value)
    with folder.starting(wait_s=0.1):
        pass


def test_state_of_a_dead_broker_is_not_taken_for_a_running_one(folder: BrokerFolder) -> None:
    """What was recorded counts only while the lock is held."""
    folder.write_state(RUNNING)
    assert folder.running() is None
    lock = folder.lock()
    assert lock is not None
    assert folder.running() == RUNNING
    os.close(lock)


@pytest.mark.parametrize("text", ["", "{", "[]", '{"pid": 1}', '{"pid": 1, "new": 2}'])
def test_an_unreadable_state_is_none(folder: BrokerFolder, text: str) -> None:
    """A state file that is cut off or of another version is no state."""
    folder.state_file.write_text(text)
    assert folder.read_state() is None


def test_bootstrap_is_the_setting_else_the_running_broker_else_an_error(tmp_path: Path) -> None:
    """A cluster that is set wins; without one the embedded broker must run."""
    settings = Settings(data=tmp_path)
    assert bootstrap(Settings(data=tmp_path, kafka=KafkaSettings(broker="kafka.example:9092"))) == "kafka.example:9092"
    with pytest.raises(BrokerError, match="no broker") as caught:
        bootstrap(settings)
    assert "counterclaim broker start" in str(caught.value.hint)
    folder = BrokerFolder(tmp_path / "broker")
    folder.make()
    folder.write_state(RUNNING)
    lock = folder.lock()
    assert lock is not None
    assert bootstrap(settings) == "127.0.0.1:9092"
    os.close(lock)


def test_stop_and_reset_of_what_never_ran_leave_nothing(tmp_path: Path) -> None:
    """Stopping or resetting a broker that was never started makes no folder."""
    broker = EmbeddedBroker(tmp_path / "none")
    assert broker.stop() is False
    broker.reset()
    assert broker.status() is None
    assert not (tmp_path / "none").exists()


def test_a_folder_that_cannot_be_made_is_told(tmp_path: Path) -> None:
    """A file where the folder should be is an error that names the path."""
    (tmp_path / "file").write_text("")
    with pytest.raises(BrokerError, match="cannot make") as caught:
        EmbeddedBroker(tmp_path / "file" / "broker").start()
    assert "data" in str(caught.value.hint)
