"""The folder of the embedded broker: where things lie, who holds it, and where the running broker listens.

Java inherits the open lock file, so the kernel keeps the lock exactly as long as the broker lives: a lock that is held
is never stale, and one whose broker was killed is free.
"""

from __future__ import annotations

import fcntl
import json
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from pathlib import Path

from monitor.broker.config import DATA_FOLDER, LOG4J_FILE, LOG_FILE
from monitor.errors import BrokerError

__all__ = ["BrokerFolder", "RunningBroker"]

POLL_S = 0.05
PROBE_S = 0.5
"""Seconds for which a held lock may be somebody's look at it."""
START_WAIT_S = 180.0
"""Seconds to wait for another start on the same folder: it may be fetching the jars."""


@dataclass(frozen=True, slots=True)
class RunningBroker:
    """Where a broker listens. ``started_at`` is seconds since 1970."""

    pid: int
    port: int
    bootstrap: str
    kafka: str
    java: str
    started_at: float


@dataclass(frozen=True, slots=True)
class BrokerFolder:
    """``<data>/broker``: Kafka's own data in ``kafka/``, logs in ``logs/``, generated configuration beside them."""

    path: Path

    @property
    def data(self) -> Path:
        """Kafka's log.dirs."""
        return self.path / DATA_FOLDER

    @property
    def logs(self) -> Path:
        """The folder of the log files."""
        return self.path / "logs"

    @property
    def log_file(self) -> Path:
        """Kafka's own log, rotated."""
        return self.path / LOG_FILE

    @property
    def console_file(self) -> Path:
        """What Java wrote to stdout and stderr since the last start."""
        return self.logs / "console.log"

    @property
    def state_file(self) -> Path:
        """The JSON of a ``RunningBroker``."""
        return self.path / "state.json"

    @property
    def port_file(self) -> Path:
        """The port of the last start."""
        return self.path / "port"

    @property
    def properties_file(self) -> Path:
        """Kafka's configuration, written anew at each start."""
        return self.path / "server.properties"

    @property
    def log4j_file(self) -> Path:
        """Log4j's configuration, written anew at each start."""
        return self.path / LOG4J_FILE

    @property
    def lock_file(self) -> Path:
        """The file that Java holds locked."""
        return self.path / "broker.lock"

    @property
    def version_file(self) -> Path:
        """The newest version of Kafka that has written here."""
        return self.path / "kafka.version"

    def make(self) -> None:
        """Make the folders, for this user alone.

        Raises:
            BrokerError: they cannot be made.
        """
        try:
            for folder in (self.path, self.data, self.logs):
                folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        except OSError as error:
            raise BrokerError(
                f"cannot make {self.path}: {error.strerror}", hint="Set `data` to a folder that you can write to."
            ) from error

    def lock(self) -> int | None:
        """Take the lock that Java will hold; return its file descriptor, or None where a broker holds it."""
        until = time.monotonic() + PROBE_S
        while (descriptor := _try_lock(self.lock_file)) is None:
            if time.monotonic() > until:  # not just somebody's look at it
                return None
            time.sleep(POLL_S)
        return descriptor

    def is_held(self) -> bool:
        """Return whether a broker lives on this folder. Looking takes a shared lock: many may look at once."""
        if not self.lock_file.exists():
            return False
        descriptor = _try_lock(self.lock_file, fcntl.LOCK_SH)
        if descriptor is None:
            return True
        os.close(descriptor)
        return False

    def holder(self) -> int | None:
        """Return the process that keeps the lock, or None where Linux's /proc is absent or does not show it.

        It has the lock file open, and works in this folder: others may have the file open to look at the lock.
        """
        for process in Path("/proc").glob("[0-9]*"):
            with suppress(OSError):
                if (process / "cwd").samefile(self.path) and any(
                    _is_same_file(descriptor, self.lock_file) for descriptor in (process / "fd").iterdir()
                ):
                    return int(process.name)
        return None

    def last_port(self) -> int | None:
        """Return the port of the last start, or None."""
        try:
            return int(self.port_file.read_text(encoding="ascii"))
        except (OSError, ValueError):
            return None

    @contextmanager
    def starting(self, wait_s: float = START_WAIT_S) -> Iterator[None]:
        """Keep other starts, stops and resets of this folder out; wait for one that is under way.

        Raises:
            BrokerError: the other one takes longer than ``wait_s`` seconds.
        """
        until = time.monotonic() + wait_s
        while (descriptor := _try_lock(self.path / "start.lock")) is None:
            if time.monotonic() > until:
                raise BrokerError(
                    f"another start or stop of the broker in {self.path} has been under way for {wait_s:.0f} s",
                    hint="See `counterclaim broker status`; end that process if it hangs.",
                )
            time.sleep(POLL_S)
        try:
            yield
        finally:
            os.close(descriptor)

    def log_size(self) -> int:
        """Return the bytes of Kafka's log."""
        return self.log_file.stat().st_size if self.log_file.exists() else 0

    def write_state(self, running: RunningBroker) -> None:
        """Record where the broker listens, in one step."""
        new = self.state_file.with_suffix(".new")
        new.write_text(json.dumps(asdict(running)), encoding="utf-8")
        new.replace(self.state_file)

    def read_state(self) -> RunningBroker | None:
        """Return what was recorded last, whether or not that broker still lives; None where nothing readable is."""
        try:
            return RunningBroker(**json.loads(self.state_file.read_text(encoding="utf-8")))
        except (OSError, ValueError, TypeError):
            return None

    def running(self) -> RunningBroker | None:
        """Return the broker that lives on this folder and is ready, or None."""
        return self.read_state() if self.is_held() else None


def _is_same_file(one: Path, other: Path) -> bool:
    try:
        return one.samefile(other)
    except OSError:
        return False


def _try_lock(path: Path, kind: int = fcntl.LOCK_EX) -> int | None:
    try:
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    except OSError as error:
        raise BrokerError(
            f"cannot open {path}: {error.strerror}", hint="Is the folder yours, and the disk not full?"
        ) from error
    try:
        fcntl.flock(descriptor, kind | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(descriptor)
        return None
    except OSError as error:
        os.close(descriptor)
        raise BrokerError(
            f"cannot lock {path}: {error.strerror}", hint="This file system has no locks: set `data` to a local disk."
        ) from error
    return descriptor
