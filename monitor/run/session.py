"""One run of the whole pipeline: broker, topics, daemons and view, in order up and in order down."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import logging.handlers
import shutil
import signal
import threading
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import TypeVar

from monitor.broker.server import EmbeddedBroker
from monitor.broker.topics import create_topics
from monitor.errors import BrokerError, CounterclaimError
from monitor.run.child import LOG_BYTES, LOG_FILES, ChildSpec, open_nursery, run_command
from monitor.run.daemons import DAEMONS
from monitor.run.events import AlertSeen, Counts, Died, Event, Note
from monitor.run.lines import View
from monitor.run.lock import LOCK_NAME, hold
from monitor.run.supervisor import Backoff, Supervisor
from monitor.run.watch import Watch
from monitor.settings import Settings
from schemas.alert import Alert

__all__ = ["Plan", "Session"]

T = TypeVar("T")

FEEDS_STOP_S = 1.0
FEEDS_S = 60.0
"""Seconds for the server of the sample feeds to be ready."""
LOOK_S = 2.0
"""Seconds between two looks at the embedded broker."""
LET_START_S = 4.0
"""Seconds that a start of the broker is waited for when it is interrupted; the daemons have not been started then."""


@dataclass(frozen=True, slots=True)
class Plan:
    """What to run. ``environ`` is the whole environment of the daemons, which must give them the same ``settings``.

    ``workers``: processes of a daemon, where not one. ``feeds``: a server of feeds that starts before the daemons, and
    is ready when it prints its address. ``once``: stop at the first new alert. ``fresh``: remove first what earlier
    runs left in the data folder. ``any_port``: let the embedded broker take any free port.
    """

    settings: Settings
    environ: Mapping[str, str]
    workers: Mapping[str, int] = field(default_factory=dict)
    feeds: ChildSpec | None = None
    once: bool = False
    fresh: bool = False
    any_port: bool = False

    def specs(self) -> list[ChildSpec]:
        """Return one process for each daemon and worker of it: ``poll``, ``enrich``, ``enrich-2``..."""
        specs = []
        for daemon in DAEMONS:
            for number in range(1, self.workers.get(daemon.name, 1) + 1):
                name = daemon.name if number == 1 else f"{daemon.name}-{number}"
                argv = ("worker", daemon.name, "--instance", str(number))
                specs.append(ChildSpec(name, run_command, (argv,), self.environ))
        return specs


class Session:
    """Runs a ``Plan`` until a signal, or the first alert where it runs once; ``view`` is shown what happens."""

    def __init__(self, plan: Plan, view: View) -> None:
        self._plan = plan
        self._view = view
        self._stop = asyncio.Event()
        self._signal: signal.Signals | None = None
        self._first: Alert | None = None
        self._owns_broker = False
        self._feeds_ready = asyncio.Event()

    @property
    def first_alert(self) -> Alert | None:
        """The first alert of this run."""
        return self._first

    async def run(self) -> signal.Signals | None:
        """Run, and return the signal that ended it; None where it ended by itself.

        Raises:
            CounterclaimError: the folder is in use, the broker does not start, or the topics are not as they should be.
        """
        loop = asyncio.get_running_loop()
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            loop.add_signal_handler(number, self._interrupt, number)
        with hold(self._plan.settings.data):
            # Imports in a process of its own, while Java starts in another.
            open_nursery()
            broker = self._broker()
            if self._plan.fresh:
                await _in_thread(lambda: _wipe(self._plan.settings.data, broker))
            with _own_log(self._plan.settings.data / "logs" / "up.log"):
                await self._run_all(broker)
        return self._signal

    async def _run_all(self, broker: EmbeddedBroker | None) -> None:
        try:
            if broker is None or await self._start_broker(broker):
                await self._run_daemons(broker)
        finally:
            if broker is not None and self._owns_broker:
                self._note("stopping the broker")
                await _in_thread(broker.stop)
            self._note("stopped")

    def _interrupt(self, number: signal.Signals) -> None:
        if not self._stop.is_set():
            self._signal = number
            self._note("stopping")
            self._stop.set()

    # -- the broker

    def _broker(self) -> EmbeddedBroker | None:
        settings = self._plan.settings
        if settings.kafka.broker:
            return None
        return EmbeddedBroker(
            settings.data / "broker",
            port=0 if self._plan.any_port else settings.broker.port,
            heap_mb=settings.broker.heap_mb,
            java_path=settings.broker.java,
            tied=True,
            progress=self._note_from_thread(),
        )

    async def _start_broker(self, broker: EmbeddedBroker) -> bool:
        """Start it unless it runs; return False where a signal came before it did."""
        found = await _in_thread(broker.status)
        self._owns_broker = found is None
        if found is not None:
            self._note(f"using the broker that runs at {found.bootstrap}")
            return not self._stop.is_set()
        self._note("starting the embedded broker")
        start = asyncio.ensure_future(_in_thread(broker.start))
        stop = asyncio.ensure_future(self._stop.wait())
        await asyncio.wait({start, stop}, return_when=asyncio.FIRST_COMPLETED)
        if not start.done():
            # It may be fetching jars, which nothing interrupts; a Java that it starts later ends with this process.
            await asyncio.wait({start}, timeout=LET_START_S)
            self._owns_broker = start.done() and start.exception() is None
            return False
        stop.cancel()
        running = start.result()
        self._note(f"broker ready at {running.bootstrap} (Apache Kafka {running.kafka})")
        return not self._stop.is_set()

    async def _keep_broker(self, broker: EmbeddedBroker) -> None:
        """Start the embedded broker again when it dies; the daemons find it by its folder."""
        backoff, failures = Backoff(), 0
        while True:
            await asyncio.sleep(LOOK_S)
            running = broker.folder.running()
            if running is not None:
                failures = 0
                continue
            failures += 1
            delay_s = backoff.delay_s(failures)
            self._show(
                Died(datetime.now(UTC), "broker", 0, "ended", (), delay_s, failures, failures >= backoff.worrying)
            )
            await asyncio.sleep(delay_s)
            try:
                again = await _in_thread(broker.start)
            except BrokerError as error:
                self._note(f"the broker does not start: {error}")
            else:
                self._owns_broker = True
                self._note(f"broker started again at {again.bootstrap}")

    # -- the daemons

    async def _run_daemons(self, broker: EmbeddedBroker | None) -> None:
        settings = self._plan.settings
        await create_topics(settings)
        watch = Watch(settings, self._on_alert, self._on_counts)
        await watch.mark()
        supervisor = Supervisor(settings.data / "logs", self._show)
        feeds = Supervisor(settings.data / "logs", self._show, on_line=self._on_line)
        tasks = [asyncio.create_task(watch.run(), name="watch")]
        if broker is not None:
            tasks.append(asyncio.create_task(self._keep_broker(broker), name="keep the broker"))
        try:
            if self._plan.feeds is not None:
                feeds.start([self._plan.feeds])
                await self._until_ready()
            if not self._stop.is_set():
                supervisor.start(self._plan.specs())
            await self._until_stopped(tasks)
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
            await supervisor.stop()
            await feeds.stop(FEEDS_STOP_S)  # last, so that no poll fails on the way down

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
        if self._plan.feeds is not None and name == self._plan.feeds.name and line.startswith("http"):
            self._note(f"sample feeds at {line.strip()}")
            self._feeds_ready.set()

    async def _until_stopped(self, tasks: list[asyncio.Task[None]]) -> None:
        """Wait for the stop; a task of ours that fails is raised, not lost."""
        stop = asyncio.create_task(self._stop.wait())
        done, _ = await asyncio.wait({stop, *tasks}, return_when=asyncio.FIRST_COMPLETED)
        stop.cancel()
        for task in done - {stop}:
            error = task.exception()
            if error is not None:
                raise error if isinstance(error, CounterclaimError) else RuntimeError(f"{task.get_name()}: {error!r}")

    # -- what is shown

    def _show(self, event: Event) -> None:
        self._view.show(event)

    def _note(self, text: str) -> None:
        self._view.show(Note(datetime.now(UTC), text))

    def _note_from_thread(self) -> Callable[[str], None]:
        loop = asyncio.get_running_loop()

        def note(text: str) -> None:
            loop.call_soon_threadsafe(self._note, text)

        return note

    def _on_alert(self, seen: AlertSeen) -> None:
        self._view.show(seen)
        if seen.old:
            return
        self._first = self._first or seen.alert
        if self._plan.once:
            self._stop.set()

    def _on_counts(self, counts: Counts) -> None:
        self._view.figures(counts)


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


def _wipe(folder: Path, broker: EmbeddedBroker | None) -> None:
    """Remove what earlier runs left in a folder that we hold; a broker that still runs there is stopped first."""
    if broker is not None:
        broker.stop()
    for path in folder.iterdir():
        if path.name == LOCK_NAME:
            continue
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path)
        else:
            path.unlink()


async def _in_thread(call: Callable[[], T]) -> T:
    """Run a blocking call in a daemon thread: unlike the executor's, one that hangs does not hold up our exit."""
    loop = asyncio.get_running_loop()
    future: asyncio.Future[T] = loop.create_future()

    def finish(result: T | None, error: BaseException | None) -> None:
        if future.cancelled():
            return
        if error is not None:
            future.set_exception(error)
        else:
            future.set_result(result)  # type: ignore[arg-type]

    def work() -> None:
        try:
            outcome: tuple[T | None, BaseException | None] = (call(), None)
        except BaseException as error:  # handed to the waiting coroutine
            outcome = (None, error)
        with contextlib.suppress(RuntimeError):  # the loop has closed: nobody waits
            loop.call_soon_threadsafe(finish, *outcome)

    threading.Thread(target=work, name=f"{getattr(call, '__qualname__', 'call')}", daemon=True).start()
    return await future
