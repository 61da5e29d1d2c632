"""Running it as a user does: the command line, real Kafka, real processes, real signals."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.request import urlopen

import psutil
import pytest

from monitor.run.daemons import DAEMONS
from schemas import Alert

pytestmark = [pytest.mark.kafka, pytest.mark.slow, pytest.mark.timeout(600)]

COMMAND = [sys.executable, "-m", "monitor.cli.main"]
PATIENCE_S = 240
"""Seconds after which something will not happen any more, on a machine that does much else."""
NAMES = {daemon.name for daemon in DAEMONS}


class Home:
    """A user's home with a space in its path; every process started from it can be told by its environment."""

    def __init__(self, folder: Path) -> None:
        self.data = folder / "the data"
        self.data.mkdir()
        self.environ = {name: value for name, value in os.environ.items() if not name.startswith("COUNTERCLAIM_")}
        self.environ |= {
            "XDG_DATA_HOME": str(self.data),
            "XDG_CONFIG_HOME": str(folder),
            "COUNTERCLAIM_CONFIG": os.devnull,
        }

    def start(self, *args: str, **environ: str) -> "Running":
        """Start the command in the background."""
        process = subprocess.Popen(
            [*COMMAND, *args],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env=self.environ | environ,
            start_new_session=True,
        )
        return Running(process)

    def processes(self) -> list[psutil.Process]:
        """Return the processes of this home that still run, zombies included."""
        found = []
        for process in psutil.process_iter():
            try:
                if process.environ().get("XDG_DATA_HOME") == str(self.data):
                    found.append(process)
            except psutil.Error:
                continue
        return found

    def emptied(self) -> bool:
        """Wait until no process is left, and say whether that came to pass."""
        return _wait_until(lambda: not self.processes())


class Running:
    """A command that runs with ``--json``: its events as they come."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self.process = process
        self.events: list[dict[str, Any]] = []

    def until(self, wanted: Callable[[dict[str, Any]], bool]) -> dict[str, Any]:
        """Read events until one is as wanted, and return it."""
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self.events.append(json.loads(line))
            if wanted(self.events[-1]):
                return self.events[-1]
        raise AssertionError(f"it ended before: {self.process.communicate()[1]}")

    def said(self, text: str) -> bool:
        """Read events until a note holds ``text``, unless one did before."""

        def is_it(event: dict[str, Any]) -> bool:
            return event["event"] == "note" and text in event["text"]

        return any(map(is_it, self.events)) or bool(self.until(is_it))

    def until_all_run(self) -> dict[str, int]:
        """Read events until every daemon has started, and return their processes."""
        pids: dict[str, int] = {}
        while not pids.keys() >= NAMES:
            event = self.until(lambda event: event["event"] == "started")
            pids[event["name"]] = event["pid"]
        return pids

    def end(self, number: signal.Signals) -> tuple[int, str]:
        """Send a signal to the command alone, and return its exit status and what it wrote to stderr."""
        self.process.send_signal(number)
        out, err = self.process.communicate(timeout=PATIENCE_S)
        self.events += [json.loads(line) for line in out.splitlines()]
        return self.process.returncode, err


@pytest.fixture
def home(tmp_path: Path) -> Iterator[Home]:
    """A home; what is left of its processes in the end is killed."""
    home = Home(tmp_path)
    yield home
    for process in home.processes():
        process.kill()


def test_demo_once_prints_the_first_alert_and_leaves_nothing_running(home: Home) -> None:
    """Standard output is one alert as JSON and nothing else, the exit status 0, and no process is left; twice over."""
    for _ in range(2):
        done = home.start("demo", "--once", "--json", "--pace", "5")
        out, err = done.process.communicate(timeout=PATIENCE_S)
        assert done.process.returncode == 0, err
        assert "Traceback" not in err
        alert = Alert.from_bytes(out.encode())
        assert alert.sides[0].claims
        assert alert.sides[1].claims
        assert home.emptied()


def test_a_killed_daemon_comes_back_and_ctrl_c_ends_it_all(home: Home) -> None:
    """SIGKILL of one daemon is said and mended; Ctrl-C then stops everything: status 130, no traceback, no process."""
    demo = home.start("demo", "--json", "--pace", "5")
    pids = demo.until_all_run()
    demo.until(lambda event: event["event"] == "counts" and event["articles"] > 0)
    os.kill(pids["enrich"], signal.SIGKILL)
    died = demo.until(lambda event: event["event"] == "died" and event["name"] == "enrich")
    assert died["pid"] == pids["enrich"]
    assert "SIGKILL" in died["why"]
    again = demo.until(lambda event: event["event"] == "started" and event["name"] == "enrich")
    assert again["restarts"] == 1
    demo.until(lambda event: event["event"] == "counts" and event["stories"] > 0)
    said = [event for event in demo.events if event["event"] == "deskready"]
    desk = said[0] if said else demo.until(lambda event: event["event"] == "deskready")
    with urlopen(f"{desk['url']}/api/v1/health", timeout=PATIENCE_S) as answer:
        assert json.load(answer)["archive"]
    status, err = demo.end(signal.SIGINT)
    assert status == 130
    assert err == ""
    stopped = {event["name"]: event["killed"] for event in demo.events if event["event"] == "stopped"}
    assert stopped.keys() >= NAMES
    # The one that had only just come back may still be in its start when it is told to stop.
    assert not any(killed for name, killed in stopped.items() if name != "enrich"), f"had to be killed: {stopped}"
    assert home.emptied()
    logs = home.data / "counterclaim" / "demo" / "logs"
    assert {path.stem for path in logs.glob("*.log")} <= NAMES | {"desk", "feeds", "up"}
    assert not [path for path in logs.glob("*.log") if "Traceback" in path.read_text()]


def test_a_killed_broker_comes_back_and_the_alerts_still_come(home: Home) -> None:
    """SIGKILL of Kafka before the first alert is said and mended; the daemons find it again, and the alert comes."""
    demo = home.start("demo", "--json", "--pace", "5")
    demo.until_all_run()
    (broker,) = [process for process in home.processes() if "kafka.Kafka" in process.cmdline()]
    broker.kill()
    died = demo.until(lambda event: event["event"] == "died" and event["name"] == "broker")
    assert not died["keeps_failing"]
    demo.until(lambda event: event["event"] == "note" and event["text"].startswith("broker started again"))
    demo.until(lambda event: event["event"] == "alert")
    status, err = demo.end(signal.SIGINT)
    assert (status, err) == (130, "")
    assert home.emptied()


def test_ctrl_c_during_the_start_leaves_nothing(home: Home) -> None:
    """Interrupted before Kafka is ready, the start ends with status 130, without a traceback or a Java left behind."""
    demo = home.start("demo", "--json")
    demo.until(lambda event: "starting" in event.get("text", ""))
    status, err = demo.end(signal.SIGINT)
    assert (status, err) == (130, "")
    assert home.emptied()


def test_it_stops_when_nobody_reads_any_more(home: Home) -> None:
    """`counterclaim up --json | head -1` ends with status 1, without a traceback or a process left behind."""
    demo = home.start("demo", "--json")
    demo.until(lambda event: True)
    assert demo.process.stdout is not None
    demo.process.stdout.close()
    assert demo.process.wait(PATIENCE_S) == 1
    assert demo.process.stderr is not None
    assert demo.process.stderr.read() == ""
    assert home.emptied()


def test_up_is_one_a_folder_dies_whole_and_starts_again(home: Home, tmp_path: Path, unused_tcp_port: int) -> None:
    """A second `up` is refused; SIGKILL of the first, which named the feed that fails, ends it all; a third goes on."""
    roster = tmp_path / "feeds.toml"
    roster.write_text(f'[[feed]]\nurl = "http://127.0.0.1:{unused_tcp_port}/feed.xml"\n')
    own = {"COUNTERCLAIM_FEEDS__ROSTER": str(roster), "COUNTERCLAIM_FEEDS__ALLOW_PRIVATE": "true"}
    first = home.start("up", "--json", **own)
    first.until_all_run()
    second = home.start("up", "--json", **own)
    _, err = second.process.communicate(timeout=PATIENCE_S)
    assert second.process.returncode == 1
    assert f"already runs in {home.data / 'counterclaim'} (process {first.process.pid})" in err
    assert first.said("0 of 1 feed answers; 1 set aside")
    assert first.said("set aside: http://127.0.0.1")
    first.end(signal.SIGKILL)
    assert home.emptied()
    third = home.start("up", "--json", **own)
    third.until_all_run()
    third.until(lambda event: event["event"] == "counts")
    status, err = third.end(signal.SIGTERM)
    assert (status, err) == (0, "")
    assert home.emptied()


def _wait_until(true: Callable[[], bool]) -> bool:
    until = time.monotonic() + PATIENCE_S
    while not true():
        if time.monotonic() > until:
            return False
        time.sleep(0.1)
    return True
