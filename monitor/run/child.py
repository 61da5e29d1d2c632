"""One child process: forked from the nursery, its output in a rotated log, and dead when we are.

The nursery is the fork server of Python's ``multiprocessing``: it imports the heavy libraries once, and each daemon is
a fork of it. Eight daemons that import for themselves take 30 s of CPU on a two-core machine, forked ones 4 s.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import logging.handlers
import multiprocessing
import os
import signal
import sys
import threading
import time
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

from monitor.errors import CounterclaimError

__all__ = ["LOG_BYTES", "LOG_FILES", "Child", "ChildSpec", "Exit", "open_nursery", "run_command"]

LOG_BYTES = 5 * 2**20
"""Bytes of one log file; ``LOG_FILES`` older ones are kept."""
LOG_FILES = 3
LAST_LINES = 12
"""Lines of output kept to say why a process died."""
LINE_BYTES = 64 * 1024
ORPHAN_S = 8.0
"""Seconds that a process whose supervisor has died takes for an orderly end before it is killed."""

STALLED = 75
"""Exit status with which the engine's watchdog ends a worker."""

PRELOAD = ("monitor.run.warm",)

_context = multiprocessing.get_context("forkserver")


@dataclass(frozen=True, slots=True)
class ChildSpec:
    """What to run: ``target(*args)``, a function that can be pickled; ``environ`` is its whole environment."""

    name: str
    target: Callable[..., None]
    args: tuple[Any, ...] = ()
    environ: Mapping[str, str] = field(default_factory=lambda: dict(os.environ))


@dataclass(frozen=True, slots=True)
class Exit:
    """How a process ended: ``code`` is its exit status, or minus the signal that ended it."""

    code: int
    lines: tuple[str, ...] = ()

    @property
    def why(self) -> str:
        """The reason in words."""
        if self.code == STALLED:
            return "stalled: messages waited and nothing moved, so its watchdog ended it"
        if self.code >= 0:
            return f"ended with exit status {self.code}"
        with contextlib.suppress(ValueError):
            name = signal.Signals(-self.code).name
            return f"was killed by {name}" + (" (out of memory?)" if name == "SIGKILL" else "")
        return f"was killed by signal {-self.code}"


def open_nursery() -> None:
    """Start the nursery, which imports in its own process; returns at once. Children started before it is done wait.

    Raises:
        CounterclaimError: its socket cannot be made.
    """
    # Without this numpy's BLAS makes a thread a core in each daemon, and a fork with threads is what POSIX warns of.
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    from multiprocessing import forkserver

    _context.set_forkserver_preload(list(PRELOAD))
    try:
        forkserver.ensure_running()
    except OSError as error:
        raise CounterclaimError(
            f"the process that the daemons are forked from cannot be started: {error}",
            hint="Its socket lies in the folder for temporary files: TMPDIR must be a short path that can be written.",
        ) from error


def run_command(argv: tuple[str, ...]) -> None:
    """Run ``counterclaim`` with ``argv`` in this process: the target of every daemon."""
    from monitor.cli.main import main

    sys.argv = ["counterclaim", *argv]
    main(argv)


def _born(spec: ChildSpec, output: Connection) -> None:
    """Run in the child before its target: a session of its own, output to the pipe, and death with the parent."""
    os.setsid()  # Ctrl-C in the terminal reaches the supervisor alone, which stops us in its own order
    threading.Thread(target=_end_with_parent, name="end with parent", daemon=True).start()
    signal.signal(signal.SIGINT, signal.default_int_handler)
    for stream in (1, 2):
        os.dup2(output.fileno(), stream)
    output.close()
    os.environ.clear()
    os.environ.update(spec.environ)
    spec.target(*spec.args)


def _end_with_parent() -> None:
    """Wait for the death of the supervisor (its end of a pipe closes, even on SIGKILL), then end this process too."""
    parent = multiprocessing.parent_process()
    assert parent is not None
    parent.join()
    os.kill(os.getpid(), signal.SIGTERM)
    time.sleep(ORPHAN_S)
    os.killpg(0, signal.SIGKILL)


class Child:
    """One process of a ``ChildSpec``: ``start`` it, ``wait`` for its end, ``terminate`` or ``kill`` it. Used once."""

    def __init__(self, spec: ChildSpec, log: Path, on_line: Callable[[str], None] | None = None) -> None:
        self.spec = spec
        self._log = log
        self._on_line = on_line
        self._lines: deque[str] = deque(maxlen=LAST_LINES)
        self._process: multiprocessing.process.BaseProcess | None = None
        self._pump: asyncio.Task[None] | None = None

    @property
    def pid(self) -> int | None:
        """The process id once started."""
        return self._process.pid if self._process else None

    async def start(self) -> None:
        """Fork it from the nursery; returns when it runs.

        Raises:
            OSError: the machine has no process or file descriptor to spare.
        """
        reader, writer = _context.Pipe(duplex=False)
        process = _context.Process(target=_born, args=(self.spec, writer), name=self.spec.name)
        try:
            await asyncio.to_thread(process.start)  # waits for the nursery's imports the first time
        except BaseException:
            reader.close()
            raise
        finally:
            writer.close()
        self._process = process
        self._pump = asyncio.create_task(self._pump_output(reader), name=f"output of {self.spec.name}")

    async def wait(self) -> Exit:
        """Wait until it has ended, reap it and what it left of its session, and say how it ended."""
        assert self._process is not None
        assert self._pump is not None
        loop = asyncio.get_running_loop()
        ended = asyncio.Event()
        loop.add_reader(self._process.sentinel, ended.set)
        try:
            await ended.wait()
        finally:
            loop.remove_reader(self._process.sentinel)
        self._process.join()
        code = self._process.exitcode or 0
        self._signal_group(signal.SIGKILL)  # its own workers, if it was killed before it could end them
        await self._pump
        self._process.close()
        self._process = None
        return Exit(code, tuple(self._lines))

    def terminate(self) -> None:
        """Ask it to end in order (SIGTERM)."""
        if self.pid is not None:
            with contextlib.suppress(ProcessLookupError):
                os.kill(self.pid, signal.SIGTERM)

    def kill(self) -> None:
        """End it, and whatever it started, at once (SIGKILL)."""
        self._signal_group(signal.SIGKILL)

    def _signal_group(self, number: signal.Signals) -> None:
        # The group bears the id of the process, which made a session of its own.
        if self.pid is not None:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(self.pid, number)

    async def _pump_output(self, reader: Connection) -> None:
        """Copy its output, line by line, to the log, until all that hold the pipe have ended."""
        self._log.parent.mkdir(parents=True, exist_ok=True)
        handler = logging.handlers.RotatingFileHandler(
            self._log, maxBytes=LOG_BYTES, backupCount=LOG_FILES, encoding="utf-8", errors="replace"
        )
        stream = asyncio.StreamReader(limit=LINE_BYTES)
        pipe = os.fdopen(os.dup(reader.fileno()), "rb", buffering=0)
        reader.close()
        transport, _ = await asyncio.get_running_loop().connect_read_pipe(
            lambda: asyncio.StreamReaderProtocol(stream), pipe
        )
        try:
            while line := await _read_line(stream):
                text = line.decode("utf-8", "replace").rstrip("\n")
                self._lines.append(text)
                handler.emit(logging.LogRecord(self.spec.name, logging.INFO, "", 0, text, None, None))
                if self._on_line is not None:
                    self._on_line(text)
        finally:
            transport.close()
            handler.close()


async def _read_line(stream: asyncio.StreamReader) -> bytes:
    """Return the next line, or a piece of one that is too long, or nothing at the end."""
    try:
        return await stream.readuntil(b"\n")
    except asyncio.IncompleteReadError as error:
        return error.partial
    except asyncio.LimitOverrunError as error:
        return await stream.readexactly(error.consumed)
