import asyncio
import os
import runpy
import signal
import subprocess
import sys
import textwrap
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import psutil
import pytest

from monitor.run.child import ChildSpec, Exit
from monitor.run.events import Died, Event, Started, Stopped
from monitor.run.supervisor import Backoff, Supervisor

QUICK = Backoff(first_s=0.01, most_s=0.05, worrying=3)
PATIENCE_S = 30.0

SLEEPER = "import signal; print('here', flush=True); signal.pause()"
STUBBORN = (
    "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('here', flush=True); time.sleep(600)"
)
FAILING = "import sys; print('the disk is on fire', file=sys.stderr); sys.exit(3)"
PARENT = """
import signal, subprocess, sys
print(subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"]).pid, flush=True)
signal.pause()
"""


class Run:
    """A supervisor with what it reported and what its processes said."""

    def __init__(self, folder: Path, backoff: Backoff = QUICK) -> None:
        self.events: list[Event] = []
        self.lines: list[tuple[str, str]] = []
        self.folder = folder
        self.supervisor = Supervisor(
            folder / "logs", self.events.append, backoff=backoff, on_line=lambda *said: self.lines.append(said)
        )

    def script(self, name: str, text: str) -> ChildSpec:
        """Return a process that runs ``text``."""
        path = self.folder / f"{name}.py"
        path.write_text(textwrap.dedent(text))
        return ChildSpec(name, runpy.run_path, (str(path),))

    async def until(self, true: Callable[[], object]) -> None:
        """Wait until something is true."""
        async with asyncio.timeout(PATIENCE_S):
            while not true():  # noqa: ASYNC110 - what is waited for happens in other processes
                await asyncio.sleep(0.01)

    def of(self, kind: type[Event]) -> list[Event]:
        """Return the events of one kind."""
        return [event for event in self.events if isinstance(event, kind)]


@asynccontextmanager
async def running(folder: Path, backoff: Backoff = QUICK) -> AsyncIterator[Run]:
    """Give a run whose processes are gone afterwards, whatever the test did."""
    run = Run(folder, backoff)
    try:
        yield run
    finally:
        await run.supervisor.stop(within_s=0.5)


async def test_starts_side_by_side_and_stops_in_order(tmp_path: Path) -> None:
    """Each process is started once, runs, and is gone after the stop, which it was asked for and not killed."""
    async with running(tmp_path) as run:
        run.supervisor.start([run.script(name, SLEEPER) for name in ("one", "two")])
        await run.until(lambda: len(run.lines) == 2)
        pids = run.supervisor.pids
        assert set(pids) == {"one", "two"}
        assert all(psutil.pid_exists(pid) for pid in pids.values())
        await run.supervisor.stop(within_s=PATIENCE_S)
    assert not any(psutil.pid_exists(pid) for pid in pids.values())
    assert {(event.name, event.killed) for event in run.of(Stopped)} == {("one", False), ("two", False)}
    assert len(run.of(Started)) == 2
    assert not run.of(Died)


async def test_says_what_died_and_why_and_starts_it_again(tmp_path: Path) -> None:
    """A process that ends is started again; its exit status and last words are told."""
    async with running(tmp_path) as run:
        run.supervisor.start([run.script("fails", FAILING)])
        await run.until(lambda: len(run.of(Started)) >= 2)
    died = run.of(Died)[0]
    assert isinstance(died, Died)
    assert (died.name, died.why, died.lines[-1]) == ("fails", "ended with exit status 3", "the disk is on fire")
    assert [event.restarts for event in run.of(Started)[:2]] == [0, 1]


async def test_says_that_one_keeps_failing_and_does_not_give_up(tmp_path: Path) -> None:
    """From the set number of quick deaths on it is said to keep failing, and it is started again all the same."""
    async with running(tmp_path) as run:
        run.supervisor.start([run.script("fails", FAILING)])
        await run.until(lambda: len(run.of(Died)) >= 5)
    assert [event.keeps_failing for event in run.of(Died)[:5]] == [False, False, True, True, True]
    assert [event.failures for event in run.of(Died)[:5]] == [1, 2, 3, 4, 5]


async def test_a_killed_process_comes_back_and_the_others_are_left_alone(tmp_path: Path) -> None:
    """SIGKILL of one process restarts that one, says by which signal it ended, and touches no other."""
    async with running(tmp_path) as run:
        run.supervisor.start([run.script(name, SLEEPER) for name in ("one", "two")])
        await run.until(lambda: len(run.lines) == 2)
        before = run.supervisor.pids
        os.kill(before["one"], signal.SIGKILL)
        await run.until(lambda: len(run.of(Started)) == 3)
        after = run.supervisor.pids
        assert after["one"] != before["one"]
        assert after["two"] == before["two"]
    (died,) = run.of(Died)
    assert isinstance(died, Died)
    assert (died.pid, died.why) == (before["one"], "was killed by SIGKILL (out of memory?)")


async def test_a_process_that_does_not_stop_is_killed(tmp_path: Path) -> None:
    """One that takes no notice of SIGTERM is killed at the end of the time it had, and this is said."""
    async with running(tmp_path) as run:
        run.supervisor.start([run.script("stubborn", STUBBORN)])
        await run.until(lambda: run.lines)
        (pid,) = run.supervisor.pids.values()
        await run.supervisor.stop(within_s=0.1)
        assert not psutil.pid_exists(pid)
    assert [(event.name, event.killed) for event in run.of(Stopped)] == [("stubborn", True)]


async def test_what_a_killed_process_had_started_ends_with_it(tmp_path: Path) -> None:
    """The worker processes of a daemon that was killed do not live on."""
    async with running(tmp_path) as run:
        run.supervisor.start([run.script("parent", PARENT)])
        await run.until(lambda: run.lines)
        grandchild = int(run.lines[0][1])
        os.kill(run.supervisor.pids["parent"], signal.SIGKILL)
        await run.until(lambda: not _lives(grandchild))


async def test_a_process_has_a_session_of_its_own(tmp_path: Path) -> None:
    """Ctrl-C in the terminal, which goes to the foreground group, does not reach the daemons."""
    async with running(tmp_path) as run:
        run.supervisor.start([run.script("one", SLEEPER)])
        await run.until(lambda: run.lines)
        pid = run.supervisor.pids["one"]
        assert os.getsid(pid) == pid != os.getsid(0)


async def test_a_process_gets_exactly_the_environment_of_its_spec(tmp_path: Path) -> None:
    """Nothing of ours leaks into a process whose environment is given."""
    async with running(tmp_path) as run:
        script = run.script("env", "import os, signal; print(sorted(os.environ), flush=True); signal.pause()")
        run.supervisor.start([ChildSpec("env", script.target, script.args, {"ONLY": "this"})])
        await run.until(lambda: run.lines)
    assert run.lines == [("env", "['ONLY']")]


async def test_output_goes_to_a_log_line_by_line(tmp_path: Path) -> None:
    """Both streams go to the log; bytes that are no UTF-8, an endless line and a last one without end are kept."""
    async with running(tmp_path) as run:
        script = """
            import os, signal
            os.write(1, b"first\\n\\xff\\n" + b"x" * 100_000 + b"\\n")
            os.write(2, b"no end")
            """
        run.supervisor.start([run.script("talker", script)])
        await run.until(lambda: run.of(Died))
    log = (tmp_path / "logs" / "talker.log").read_text()
    assert log.startswith("first\n\ufffd\nx")
    assert log.count("x") % 100_000 == 0
    assert "no end" in log


async def test_two_of_one_name_are_refused(tmp_path: Path) -> None:
    """Names tell processes apart, so two of one name are an error of the caller."""
    async with running(tmp_path) as run:
        spec = run.script("one", SLEEPER)
        with pytest.raises(ValueError, match="one"):
            run.supervisor.start([spec, spec])


def test_processes_end_when_the_supervisor_is_killed(tmp_path: Path) -> None:
    """SIGKILL of the supervisor itself leaves none of its processes behind."""
    sleeper = tmp_path / "sleeper.py"
    sleeper.write_text(SLEEPER)
    program = tmp_path / "supervisor.py"
    program.write_text(
        textwrap.dedent(
            f"""
            import asyncio, pathlib, runpy
            from monitor.run.child import ChildSpec
            from monitor.run.supervisor import Supervisor

            async def main():
                said = asyncio.Event()
                supervisor = Supervisor(pathlib.Path({str(tmp_path)!r}), lambda _: None, on_line=lambda *_: said.set())
                supervisor.start([ChildSpec("one", runpy.run_path, ({str(sleeper)!r},))])
                await said.wait()
                print(supervisor.pids["one"], flush=True)
                await asyncio.Event().wait()

            if __name__ == "__main__":
                asyncio.run(main())
            """
        )
    )
    with subprocess.Popen([sys.executable, str(program)], stdout=subprocess.PIPE, text=True) as supervisor:
        assert supervisor.stdout is not None
        pid = int(supervisor.stdout.readline())
        assert _lives(pid)
        supervisor.kill()
    until = time.monotonic() + PATIENCE_S
    while _lives(pid) and time.monotonic() < until:
        time.sleep(0.02)
    assert not _lives(pid)


@pytest.mark.parametrize(
    ("code", "why"),
    [
        (0, "ended with exit status 0"),
        (75, "stalled: messages waited and nothing moved, so its watchdog ended it"),
        (-15, "was killed by SIGTERM"),
        (-9, "was killed by SIGKILL (out of memory?)"),
        (-99, "was killed by signal 99"),
    ],
)
def test_an_exit_is_told_in_words(code: int, why: str) -> None:
    """Exit statuses and signals are named as an operator knows them."""
    assert Exit(code).why == why


def test_back_off_doubles_up_to_its_most() -> None:
    """The wait doubles with each quick death in a row and never passes the most."""
    backoff = Backoff(first_s=0.5, most_s=3)
    assert [backoff.delay_s(failures) for failures in (1, 2, 3, 4, 5, 5000)] == [0.5, 1, 2, 3, 3, 3]


def _lives(pid: int) -> bool:
    try:
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False
