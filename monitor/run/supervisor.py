"""Keep child processes alive: start them together, restart what dies with back-off, stop them all in order."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from monitor.run.child import Child, ChildSpec, Exit
from monitor.run.events import Died, Event, Started, Stopped

__all__ = ["Backoff", "Supervisor"]

STOP_S = 6.0
"""Seconds that children have for an orderly end before they are killed; with the broker's it stays below ten."""


@dataclass(frozen=True, slots=True)
class Backoff:
    """Seconds before a restart: ``first_s``, doubled by each quick death in a row, at most ``most_s``.

    A process that lived ``steady_s`` seconds starts the count anew. It is never given up, but from ``worrying`` quick
    deaths on it is said to keep failing.
    """

    first_s: float = 0.5
    most_s: float = 30.0
    steady_s: float = 60.0
    worrying: int = 5

    def delay_s(self, failures: int) -> float:
        """Return the seconds to wait after ``failures`` (from 1) quick deaths in a row."""
        return float(min(self.first_s * 2 ** min(failures - 1, 32), self.most_s))


class Supervisor:
    """Run one process for each spec until ``stop``; ``report`` is told of each start, death and stop, in order.

    ``logs`` is the folder of their logs. ``on_line`` gets each line of output with the name of its process.
    """

    def __init__(
        self,
        logs: Path,
        report: Callable[[Event], None],
        *,
        backoff: Backoff | None = None,
        on_line: Callable[[str, str], None] | None = None,
    ) -> None:
        self._logs = logs
        self._report = report
        self._backoff = backoff or Backoff()
        self._on_line = on_line
        self._stopping = asyncio.Event()
        self._children: dict[str, Child] = {}
        self._keepers: dict[str, asyncio.Task[None]] = {}
        self._killed: set[str] = set()

    @property
    def pids(self) -> dict[str, int]:
        """The processes that run now, by name."""
        return {name: child.pid for name, child in self._children.items() if child.pid is not None}

    def start(self, specs: Iterable[ChildSpec]) -> None:
        """Start one process for each spec, side by side, and keep them alive. Their names differ."""
        for spec in specs:
            if spec.name in self._keepers:
                raise ValueError(f"two processes are called {spec.name!r}")
            self._keepers[spec.name] = asyncio.create_task(self._keep(spec), name=f"keep {spec.name}")

    async def stop(self, within_s: float = STOP_S) -> None:
        """Ask all to end, kill what has not after ``within_s`` seconds, and return when none is left."""
        self._stopping.set()
        for child in self._children.values():
            child.terminate()
        if not self._keepers:
            return
        _, late = await asyncio.wait(self._keepers.values(), timeout=within_s)
        if late:
            for name, child in list(self._children.items()):
                self._killed.add(name)
                child.kill()
        await asyncio.gather(*self._keepers.values())

    async def _keep(self, spec: ChildSpec) -> None:
        failures = restarts = 0
        while not self._stopping.is_set():
            began = time.monotonic()
            pid, ended = await self._run_once(spec, restarts)
            if self._stopping.is_set():
                self._report(Stopped(_now(), spec.name, killed=spec.name in self._killed))
                return
            failures = 1 if time.monotonic() - began >= self._backoff.steady_s else failures + 1
            restarts += 1
            delay_s = self._backoff.delay_s(failures)
            worrying = failures >= self._backoff.worrying
            self._report(Died(_now(), spec.name, pid, ended.why, ended.lines, delay_s, failures, worrying))
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._stopping.wait(), delay_s)

    async def _run_once(self, spec: ChildSpec, restarts: int) -> tuple[int, Exit]:
        """Start the process once and wait for its end."""
        on_line = self._on_line
        child = Child(
            spec,
            self._logs / f"{spec.name}.log",
            None if on_line is None else lambda line: on_line(spec.name, line),
        )
        try:
            await child.start()
        except OSError as error:
            return 0, Exit(1, (f"cannot be started: {error}",))
        pid = child.pid or 0
        self._children[spec.name] = child
        self._report(Started(_now(), spec.name, pid, restarts))
        if self._stopping.is_set():  # asked to stop while it was being started
            child.terminate()
        try:
            return pid, await child.wait()
        finally:
            del self._children[spec.name]


def _now() -> datetime:
    return datetime.now(UTC)
