"""One run of the whole pipeline: broker, topics, daemons and view, in order up and in order down."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import logging.handlers
import signal
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from monitor.archive.disk import room
from monitor.broker.topics import create_topics
from monitor.errors import CounterclaimError
from monitor.feeds.roster_file import load_roster
from monitor.run.child import LOG_BYTES, LOG_FILES, ChildSpec, open_nursery, run_command
from monitor.run.daemons import DAEMONS
from monitor.run.events import AlertSeen, Counts, DeskReady, Event, Note
from monitor.run.keeper import BrokerKeeper, wipe
from monitor.run.lines import View
from monitor.run.lock import hold
from monitor.run.roll import Roll
from monitor.run.supervisor import Supervisor
from monitor.run.threads import in_thread
from monitor.run.watch import Watch
from monitor.settings import Settings
from schemas.alert import Alert

__all__ = ["Plan", "Session"]

DESK = "desk"
DESK_READY = "desk at "
"""Before its address, on the line with which the desk says that it answers."""
ROLL_S = 90.0
"""Seconds after which it is said how many feeds answer, though not all have been asked."""
FEEDS_STOP_S = 1.0
FEEDS_S = 60.0
"""Seconds for the server of the sample feeds to be ready."""


@dataclass(frozen=True, slots=True)
class Plan:
    """What to run. ``environ`` is the whole environment of the daemons, which must give them the same ``settings``.

    ``workers``: processes of a daemon, where not one. ``feeds``: a server of feeds that starts before the daemons, and
    is ready when it prints its address. ``alert_within_s``: stop at the first new alert, or say after so many seconds
    that there was none; None: run on. ``desk``: serve the desk beside the daemons. ``fresh``: remove first what
    earlier runs left in the data folder. ``any_port``: let the embedded broker take any free port.
    """

    settings: Settings
    environ: Mapping[str, str]
    workers: Mapping[str, int] = field(default_factory=dict)
    feeds: ChildSpec | None = None
    alert_within_s: float | None = None
    desk: bool = False
    fresh: bool = False
    any_port: bool = False

    def specs(self) -> list[ChildSpec]:
        """Return a process for each daemon and worker of it: ``poll``, ``enrich``, ``enrich-2``..., and the desk's."""
        specs = []
        for daemon in DAEMONS:
            for number in range(1, self.workers.get(daemon.name, 1) + 1):
                name = daemon.name if number == 1 else f"{daemon.name}-{number}"
                argv = ("worker", daemon.name, "--instance", str(number))
                specs.append(ChildSpec(name, run_command, (argv,), self.environ))
        if self.desk:
            specs.append(ChildSpec(DESK, run_command, (("desk",),), self.environ))
        return specs


class Session:
    """Runs a ``Plan`` until a signal, or the first alert where it runs once; ``view`` is shown what happens."""

    def __init__(self, plan: Plan, view: View) -> None:
        self._plan = plan
        self._view = view
        self._stop = asyncio.Event()
        self._signal: signal.Signals | None = None
        self._first: Alert | None = None
        self._feeds_ready = asyncio.Event()
        self._reader_gone = False
        self._roll: Roll | None = None
        self._all_asked = asyncio.Event()
        self._feeds_told: list[bytes | None] = []
        self._room = True

    @property
    def first_alert(self) -> Alert | None:
        """The first alert of this run."""
        return self._first

    async def run(self) -> signal.Signals | None:
        """Run, and return the signal that ended it; None where it ended by itself.

        Raises:
            CounterclaimError: the folder is in use, the broker does not start, or the topics are not as they should be.
            BrokenPipeError: whoever read the view's output has gone; all was stopped.
        """
        loop = asyncio.get_running_loop()
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            loop.add_signal_handler(number, self._interrupt, number)
        with hold(self._plan.settings.data):
            # Imports in a process of its own, while Java starts in another.
            open_nursery()
            keeper = None
            if not self._plan.settings.kafka.broker:
                keeper = BrokerKeeper(self._plan.settings, self._show, any_port=self._plan.any_port)
            if self._plan.fresh:
                if keeper is not None:
                    await keeper.end_any()
                await in_thread(lambda: wipe(self._plan.settings.data))
            with _own_log(self._plan.settings.data / "logs" / "up.log"):
                await self._run_all(keeper)
        if self._reader_gone:
            raise BrokenPipeError
        return self._signal

    async def _run_all(self, keeper: BrokerKeeper | None) -> None:
        feeds = Supervisor(self._plan.settings.data / "logs", self._show, on_line=self._on_line)
        try:
            if self._plan.feeds is not None:
                feeds.start([self._plan.feeds])  # while the broker starts
            if keeper is None or await keeper.start(self._stop):
                await self._run_daemons(keeper)
        finally:
            await feeds.stop(FEEDS_STOP_S)  # after the daemons, so that no poll fails on the way down
            if keeper is not None:
                await keeper.stop()
            self._note("stopped")

    def _interrupt(self, number: signal.Signals) -> None:
        if not self._stop.is_set():
            self._signal = number
            self._note("stopping")
            self._stop.set()

    # -- the daemons

    async def _run_daemons(self, keeper: BrokerKeeper | None) -> None:
        settings = self._plan.settings
        await create_topics(settings)
        watch = Watch(settings, self._on_alert, self._on_counts, self._on_feed)
        await watch.mark()
        supervisor = Supervisor(settings.data / "logs", self._show, on_line=self._on_line)
        tasks = [asyncio.create_task(watch.run(), name="watch")]
        roll = asyncio.create_task(self._call_roll(), name="call the roll of feeds")
        if keeper is not None:
            tasks.append(asyncio.create_task(keeper.keep(), name="keep the broker"))
        try:
            if self._plan.feeds is not None:
                await self._until_ready()
            if not self._stop.is_set():
                supervisor.start(self._plan.specs())
            await self._until_stopped(tasks)
        finally:
            for task in (*tasks, roll):
                task.cancel()
            await asyncio.gather(*tasks, roll, return_exceptions=True)
            await supervisor.stop()

    async def _call_roll(self) -> None:
        """Say once how many feeds answer: when all have been asked, or as far as it is known after a while."""
        if self._plan.feeds is not None:
            await self._feeds_ready.wait()  # their roster is not there before them
        try:
            self._roll = Roll(await in_thread(lambda: load_roster(self._plan.settings.feeds.roster)))
        except CounterclaimError:
            self._roll = Roll(())  # the poll worker, which cannot start, says why
            return
        for raw in self._feeds_told:
            self._on_feed(raw)
        self._feeds_told.clear()
        if self._roll.is_complete:  # of no feeds
            self._all_asked.set()
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._all_asked.wait(), ROLL_S)
        for line in self._roll.lines():
            self._note(line)

    def _on_feed(self, raw: bytes | None) -> None:
        if self._roll is not None:
            self._roll.take(raw)
            if self._roll.is_complete:
                self._all_asked.set()
        else:
            self._feeds_told.append(raw)

    async def _until_ready(self) -> None:
        """Wait until the feeds are served, or the stop."""
        waits = [asyncio.create_task(event.wait()) for event in (self._feeds_ready, self._stop)]
        done, _ = await asyncio.wait(waits, timeout=FEEDS_S, return_when=asyncio.FIRST_COMPLETED)
        for task in waits:
            task.cancel()
        if not done:
            raise CounterclaimError(
                f"the sample feeds were not served within {FEEDS_S:.0f} s",
                hint=f"Their log is in {self._plan.settings.data / 'logs'}.",
            )

    def _on_line(self, name: str, line: str) -> None:
        if name == DESK and line.startswith(DESK_READY):
            self._show(DeskReady(datetime.now(UTC), line.removeprefix(DESK_READY).strip()))
        if self._plan.feeds is not None and name == self._plan.feeds.name and line.startswith("http"):
            self._note(f"sample feeds at {line.strip()}")
            self._feeds_ready.set()

    async def _until_stopped(self, tasks: list[asyncio.Task[None]]) -> None:
        """Wait for the stop; a task of ours that fails is raised, not lost."""
        stop = asyncio.create_task(self._stop.wait())
        within_s = self._plan.alert_within_s
        done, _ = await asyncio.wait({stop, *tasks}, timeout=within_s, return_when=asyncio.FIRST_COMPLETED)
        stop.cancel()
        if not done:
            raise CounterclaimError(
                f"there was no alert within {within_s:g} s",
                hint=f"The logs are in {self._plan.settings.data / 'logs'}.",
            )
        for task in done - {stop}:
            error = task.exception()
            if error is not None:
                raise error if isinstance(error, CounterclaimError) else RuntimeError(f"{task.get_name()}: {error!r}")

    # -- what is shown

    def _show(self, event: Event) -> None:
        try:
            self._view.show(event)
        except BrokenPipeError:  # `counterclaim up | head`: nobody reads, so the run is over
            self._reader_gone = True
            self._stop.set()

    def _note(self, text: str) -> None:
        self._show(Note(datetime.now(UTC), text))

    def _on_alert(self, seen: AlertSeen) -> None:
        self._show(seen)
        if seen.old:
            return
        self._first = self._first or seen.alert
        if self._plan.alert_within_s is not None:
            self._stop.set()

    def _on_counts(self, counts: Counts) -> None:
        found = room(self._plan.settings)
        if found.is_enough != self._room:
            self._room = found.is_enough
            self._note(found.message or "there is room on the disk again: feeds are polled")
        try:
            self._view.figures(counts)
        except BrokenPipeError:
            self._reader_gone = True
            self._stop.set()


@contextlib.contextmanager
def _own_log(path: Path) -> Iterator[None]:
    """Send what libraries log in this process to a file: on the terminal it would be in the view's way."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handler = logging.handlers.RotatingFileHandler(path, maxBytes=LOG_BYTES, backupCount=LOG_FILES, encoding="utf-8")
    handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(name)s: %(message)s"))
    root = logging.getLogger()
    root.addHandler(handler)
    try:
        yield
    finally:
        root.removeHandler(handler)
        handler.close()
