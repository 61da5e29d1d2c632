"""The embedded broker of a run: started, kept alive, and stopped if it was ours to start."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

from monitor.broker.server import EmbeddedBroker
from monitor.errors import BrokerError
from monitor.run.events import Died, Event, Note
from monitor.run.lock import LOCK_NAME
from monitor.run.supervisor import Backoff
from monitor.run.threads import in_thread
from monitor.settings import Settings

__all__ = ["BrokerKeeper", "wipe"]

LOOK_S = 2.0
"""Seconds between two looks at the broker."""
LET_START_S = 4.0
"""Seconds that a start is waited for when it is interrupted; nothing else runs then."""


class BrokerKeeper:
    """Starts the embedded broker of ``settings`` and keeps it alive; ``report`` is told. ``any_port``: a free one.

    A broker that runs in the folder already is used, and left running at the end.
    """

    def __init__(self, settings: Settings, report: Callable[[Event], None], *, any_port: bool = False) -> None:
        self._report = report
        self._ours = False
        self._loop = asyncio.get_running_loop()
        self._broker = EmbeddedBroker(
            settings.data / "broker",
            port=0 if any_port else settings.broker.port,
            heap_mb=settings.broker.heap_mb,
            java_path=settings.broker.java,
            tied=True,
            progress=self._note_from_thread,
        )

    async def start(self, stop: asyncio.Event) -> bool:
        """Start the broker unless it runs; return False where ``stop`` came before it was ready.

        Raises:
            BrokerError: it does not start; the message says why and what to do.
        """
        found = await in_thread(self._broker.status)
        if found is not None:
            self._note(f"using the broker that runs at {found.bootstrap}")
            return not stop.is_set()
        self._note("starting the embedded broker")
        start = asyncio.ensure_future(in_thread(self._broker.start))
        stopped = asyncio.ensure_future(stop.wait())
        await asyncio.wait({start, stopped}, return_when=asyncio.FIRST_COMPLETED)
        if not start.done():
            # It may be fetching jars, which nothing interrupts; a Java that it starts later ends with this process.
            await asyncio.wait({start}, timeout=LET_START_S)
            self._ours = start.done() and start.exception() is None
            return False
        stopped.cancel()
        running = start.result()
        self._ours = True
        self._note(f"broker ready at {running.bootstrap} (Apache Kafka {running.kafka})")
        return not stop.is_set()

    async def keep(self) -> None:
        """Start the broker again when it dies, until cancelled; the daemons find it by its folder."""
        backoff, failures = Backoff(), 0
        while True:
            await asyncio.sleep(LOOK_S)
            if self._broker.folder.running() is not None:
                failures = 0
                continue
            failures += 1
            delay_s, worrying = backoff.delay_s(failures), failures >= backoff.worrying
            self._report(Died(datetime.now(UTC), "broker", 0, "ended", (), delay_s, failures, worrying))
            await asyncio.sleep(delay_s)
            try:
                again = await in_thread(self._broker.start)
            except BrokerError as error:
                self._note(f"the broker does not start: {error}")
            else:
                self._ours = True
                self._note(f"broker started again at {again.bootstrap}")

    async def stop(self) -> None:
        """Stop the broker if this run started it."""
        if self._ours:
            self._note("stopping the broker")
            await in_thread(self._broker.stop)

    async def end_any(self) -> None:
        """Stop whatever broker runs in the folder."""
        await in_thread(self._broker.stop)

    def _note(self, text: str) -> None:
        self._report(Note(datetime.now(UTC), text))

    def _note_from_thread(self, text: str) -> None:
        self._loop.call_soon_threadsafe(self._note, text)


def wipe(folder: Path) -> None:
    """Remove what earlier runs left in a folder that we hold, all but the lock."""
    for path in folder.iterdir():
        if path.name == LOCK_NAME:
            continue
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path)
        else:
            path.unlink()
