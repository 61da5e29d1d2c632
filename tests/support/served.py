"""A desk that listens on a free port, in a thread of the test."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import uvicorn

from monitor.archive import Archive
from monitor.archive.reader import Reader
from monitor.settings import Settings
from monitor.web.app import create_app
from schemas import Alert
from tests.support import desk

PATIENCE_MS = 90_000
"""What a page may take on a slow machine before a test gives up."""
START_S = 60


@dataclass(frozen=True)
class Served:
    """A desk that listens, and what stands behind it."""

    url: str
    archive: Archive
    live: desk.MemoryLive
    publisher: desk.DirectPublisher
    alerts: dict[str, Alert]

    def alert_of(self, words: str) -> Alert:
        """Return the alert whose summary has the words."""
        (found,) = [alert for alert in self.alerts.values() if words in alert.summary]
        return found


@contextmanager
def serving(folder: Path, fill: Callable[[Archive], dict[str, Alert]]) -> Iterator[Served]:
    """Serve a desk over an archive that ``fill`` has written, in a thread, on a free port."""
    archive = Archive(f"sqlite:///{folder / 'archive.db'}")
    alerts = fill(archive)
    live = desk.MemoryLive()
    publisher = desk.DirectPublisher(archive, live)
    reader = Reader(archive)
    app = create_app(Settings(data=folder), reader, publisher, live, clock=desk.ticking())
    with socket.create_server(("127.0.0.1", 0)) as listener:
        server = uvicorn.Server(uvicorn.Config(app, log_level="warning", lifespan="off", timeout_graceful_shutdown=1))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
        thread.start()
        until(lambda: server.started, START_S)
        yield Served(f"http://127.0.0.1:{listener.getsockname()[1]}", archive, live, publisher, alerts)
        server.should_exit = True
        thread.join(START_S)
    reader.close()
    archive.close()


def until(condition: Callable[[], bool], seconds: float = PATIENCE_MS / 1000) -> None:
    """Wait until something holds.

    Raises:
        TimeoutError: it does not in time.
    """
    end = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > end:
            raise TimeoutError("it did not come about")
        time.sleep(0.05)
