from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import threading
import time
from asyncio import to_thread
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer

from monitor.broker import EmbeddedBroker, RunningBroker, bootstrap, ensure_topics
from monitor.broker.java import java_version, wheel_java
from monitor.errors import BrokerError
from monitor.settings import KafkaSettings, Settings
from schemas import topics

pytestmark = pytest.mark.kafka


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """Settings with the embedded broker and a data folder whose name has a space and a comma."""
    return Settings(data=tmp_path / "data, mine")


@pytest.fixture
def make_broker(kafka: str, settings: Settings) -> Iterator[Callable[..., EmbeddedBroker]]:
    """Return a function that makes a broker in the data folder; all of them are stopped in the end.

    It asks for the session's broker, so that a machine where Kafka cannot run skips these tests too.
    """
    made: list[EmbeddedBroker] = []

    def make(**options: object) -> EmbeddedBroker:
        made.append(EmbeddedBroker(settings.data / "broker", tied=True, **options))  # type: ignore[arg-type]
        return made[-1]

    yield make
    for broker in made:
        broker.stop()


async def write(address: str, topic: str, *values: bytes) -> None:
    """Write values to partition 0 and wait until all are acknowledged."""
    async with AIOKafkaProducer(bootstrap_servers=address, acks="all") as producer:
        for value in values:
            await producer.send_and_wait(topic, value, partition=0)


async def read(address: str, topic: str, count: int) -> list[bytes]:
    """Read the first ``count`` values of a topic."""
    consumer = AIOKafkaConsumer(topic, bootstrap_servers=address, auto_offset_reset="earliest")
    async with consumer:
        return [(await consumer.getone()).value for _ in range(count)]


def end_with(broker: EmbeddedBroker, number: signal.Signals) -> None:
    """Send a signal to the broker's process and wait until it has gone."""
    running = broker.status()
    assert running is not None
    os.kill(running.pid, number)
    while broker.is_alive():
        time.sleep(0.02)


async def test_messages_survive_kill_9_and_the_address_stays(
    make_broker: Callable[..., EmbeddedBroker], settings: Settings
) -> None:
    """After SIGKILL a start gives back every acknowledged message, at the same address."""
    broker = make_broker()
    first = await to_thread(broker.start)
    await to_thread(ensure_topics, settings, (topics.ARTICLES,))
    await write(first.bootstrap, "articles", b"one", b"two")
    await to_thread(end_with, broker, signal.SIGKILL)
    assert await to_thread(broker.status) is None
    with pytest.raises(BrokerError, match="none runs"):
        bootstrap(settings)
    second = await to_thread(broker.start)
    assert second.bootstrap == first.bootstrap == bootstrap(settings)
    assert second.pid != first.pid
    await write(second.bootstrap, "articles", b"three")
    assert await read(second.bootstrap, "articles", 3) == [b"one", b"two", b"three"]


def test_two_starts_at_once_give_one_broker(make_broker: Callable[..., EmbeddedBroker]) -> None:
    """Starts from two sides do not fight: both return the same process."""
    found: list[RunningBroker] = []

    def start(broker: EmbeddedBroker) -> None:
        found.append(broker.start())

    threads = [threading.Thread(target=start, args=(make_broker(),)) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 2
    assert found[0] == found[1]


def test_a_taken_port_gives_another_that_everybody_finds(
    make_broker: Callable[..., EmbeddedBroker], settings: Settings
) -> None:
    """Where the port is taken the broker listens on a free one, says so, and is found by the settings."""
    said: list[str] = []
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        running = make_broker(port=port, progress=said.append).start()
    assert running.port != port
    assert any(f"port {port} is taken; using {running.port}" in line for line in said)
    assert bootstrap(settings) == running.bootstrap


def test_listens_on_loopback_alone(make_broker: Callable[..., EmbeddedBroker]) -> None:
    """The process has no listening socket that another machine can reach."""
    running = make_broker().start()
    listening = [c for c in psutil.Process(running.pid).net_connections("inet") if c.status == psutil.CONN_LISTEN]
    assert running.port in {connection.laddr.port for connection in listening}
    assert {connection.laddr.ip.removeprefix("::ffff:") for connection in listening} == {"127.0.0.1"}


def test_runs_on_the_java_of_the_wheel(make_broker: Callable[..., EmbeddedBroker]) -> None:
    """The Java that comes as a wheel runs the broker, whichever Java the machine has."""
    java = wheel_java()
    assert java is not None
    assert (java_version(java) or 0) >= 17
    broker = make_broker(java_path=java)
    running = broker.start()
    assert Path(running.java) == java
    assert psutil.Process(running.pid).exe() == str(java.resolve())
    assert broker.status() == running


def test_reset_forgets_everything(make_broker: Callable[..., EmbeddedBroker], settings: Settings) -> None:
    """After a reset the broker starts without the topics that there were."""
    broker = make_broker()
    broker.start()
    assert len(ensure_topics(settings, (topics.ARTICLES,)).create) == 1
    assert ensure_topics(settings, (topics.ARTICLES,)).is_empty
    broker.reset()
    assert not broker.is_alive()
    broker.start()
    assert len(ensure_topics(settings, (topics.ARTICLES,)).create) == 1


def test_a_broken_off_start_is_cleared_away(make_broker: Callable[..., EmbeddedBroker]) -> None:
    """A broker whose starter was killed before it was ready does not block the next start."""
    broker = make_broker()
    first = broker.start()
    broker.folder.state_file.unlink()  # as when the starter was killed before it could write it
    second = make_broker().start()
    assert second.pid != first.pid
    assert not psutil.pid_exists(first.pid) or psutil.Process(first.pid).status() == psutil.STATUS_ZOMBIE


def test_stop_ends_a_start_under_way(make_broker: Callable[..., EmbeddedBroker]) -> None:
    """A stop from another thread ends the start with an error, and leaves no process."""
    starting = threading.Event()
    broker = make_broker(progress=lambda text: starting.set() if "starting" in text else None)
    errors: list[BrokerError] = []

    def start() -> None:
        try:
            broker.start()
        except BrokerError as error:
            errors.append(error)

    thread = threading.Thread(target=start)
    thread.start()
    assert starting.wait(60)
    broker.stop()
    thread.join()
    assert [error.message for error in errors] == ["the start of the broker was cancelled"]
    assert not broker.is_alive()


def test_a_tied_broker_ends_with_its_starter(kafka: str, tmp_path: Path) -> None:
    """Where the process that started a tied broker is killed, the broker ends too."""
    program = (
        "import sys, time; from pathlib import Path; from monitor.broker import EmbeddedBroker\n"
        "print(EmbeddedBroker(Path(sys.argv[1]), tied=True).start().pid, flush=True); time.sleep(60)"
    )
    starter = subprocess.Popen([sys.executable, "-c", program, str(tmp_path / "b")], stdout=subprocess.PIPE, text=True)
    assert starter.stdout is not None
    broker = psutil.Process(int(starter.stdout.readline()))
    starter.kill()
    starter.wait()
    starter.stdout.close()
    broker.wait(30)
    assert not EmbeddedBroker(tmp_path / "b").is_alive()


def test_a_dead_broker_is_told_with_its_reason(make_broker: Callable[..., EmbeddedBroker]) -> None:
    """A Kafka that cannot use its data ends the start with an error that names the log, not a time-out."""
    broker = make_broker()
    broker.start()
    broker.stop()
    (broker.folder.data / "meta.properties").write_text("version=1\nnode.id=7\ncluster.id=another\n")
    with pytest.raises(BrokerError, match="ended during its start") as caught:
        broker.start()
    assert str(broker.folder.log_file) in str(caught.value.hint)
    assert not broker.is_alive()


def call(command: str, env: dict[str, str]) -> subprocess.CompletedProcess[str]:
    """Run ``counterclaim broker <command>``."""
    program = [sys.executable, "-m", "monitor.cli.main", "broker", command]
    return subprocess.run(program, env={**os.environ, **env}, capture_output=True, text=True, check=False)


@pytest.mark.parametrize("command", ["start", "status", "stop", "reset"])
def test_commands_leave_another_cluster_alone(command: str, tmp_path: Path) -> None:
    """With kafka.broker set, the commands of the embedded broker refuse and name that cluster."""
    done = call(command, {"COUNTERCLAIM_KAFKA__BROKER": "kafka.example:9092", "COUNTERCLAIM_DATA": str(tmp_path)})
    assert done.returncode == 1
    assert "kafka.example:9092" in done.stderr
    assert list(tmp_path.iterdir()) == []


def test_commands_start_show_and_stop(kafka: str, tmp_path: Path) -> None:
    """start, status, stop: exit status and words; the broker outlives the command that started it."""
    env = {"COUNTERCLAIM_DATA": str(tmp_path / "d"), "COUNTERCLAIM_BROKER__HEAP_MB": "256"}
    try:
        absent = call("status", env)
        assert (absent.returncode, absent.stdout) == (1, "not running\n")
        started = call("start", env)
        assert started.returncode == 0, started.stderr
        there = call("status", env)
        assert there.returncode == 0
        assert there.stdout == started.stdout
        assert there.stdout.startswith("running at 127.0.0.1:")
    finally:
        stopped = call("stop", env)
    assert (stopped.returncode, stopped.stdout) == (0, "stopped\n")
    again = call("stop", env)
    assert (again.returncode, again.stdout) == (0, "it was not running\n")


def test_settings_name_the_cluster(tmp_path: Path) -> None:
    """A cluster in the settings is used even where no embedded broker has ever run."""
    assert bootstrap(Settings(data=tmp_path, kafka=KafkaSettings(broker="a:1,b:2"))) == "a:1,b:2"
