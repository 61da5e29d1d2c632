"""Start and stop the embedded Apache Kafka: a Java process of its own, that outlives whoever started it."""

from __future__ import annotations

import contextlib
import os
import secrets
import shutil
import signal
import subprocess
import threading
import time
from base64 import urlsafe_b64encode
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from monitor.broker import jars, java, probe, trouble
from monitor.broker.config import LOOPBACK, java_flags, log4j_properties, server_properties
from monitor.broker.state import BrokerFolder, RunningBroker
from monitor.errors import BrokerError

if TYPE_CHECKING:
    from monitor.settings import Settings

__all__ = ["EmbeddedBroker", "bootstrap"]

READY_S = 120.0
"""Seconds for a start until the broker answers; recovery after a crash of a large log is the slow case."""
FORMAT_S = 60.0
"""Seconds for Kafka's storage tool, which prepares an empty folder."""
STOP_S = 20.0
"""Seconds for an orderly stop; what still runs then is killed."""
POLL_S = 0.05


def bootstrap(settings: Settings) -> str:
    """Return ``host:port[,host:port]`` of the cluster in use: the setting, else the embedded broker that runs.

    Raises:
        BrokerError: no cluster is set, and no embedded broker runs.
    """
    if settings.kafka.broker:
        return settings.kafka.broker
    running = BrokerFolder(settings.data / "broker").running()
    if running is None:
        raise BrokerError(
            f"no broker: none is set, and none runs in {settings.data / 'broker'}",
            hint="Start one with `counterclaim broker start`, or name a cluster with the setting kafka.broker.",
        )
    return running.bootstrap


class EmbeddedBroker:
    """One Apache Kafka on 127.0.0.1 with its data in ``folder``.

    The port is the one of the last start if it is free, else ``port`` (0: any), else a free one. A ``tied`` broker
    stops when the process that started it ends, however it ends; others live on until ``stop``. ``java_path`` names
    the Java to use, ``overrides`` are settings of Kafka that go before ours. The methods block: call them from a
    thread where an event loop runs.
    """

    def __init__(
        self,
        folder: Path,
        *,
        port: int = 0,
        heap_mb: int = 512,
        java_path: Path | None = None,
        tied: bool = False,
        overrides: Mapping[str, str] | None = None,
        progress: Callable[[str], None] | None = None,
    ) -> None:
        self.folder = BrokerFolder(folder.absolute())
        self._port = port
        self._heap_mb = heap_mb
        self._java = java_path
        self._tied = tied
        self._overrides = dict(overrides or {})
        self._progress = progress or (lambda _: None)
        self._jars = jars.read_lock()
        self._process: subprocess.Popen[bytes] | None = None
        self._leash: subprocess.Popen[bytes] | None = None
        self._cancelled = threading.Event()

    @classmethod
    def from_settings(
        cls, settings: Settings, *, tied: bool = False, progress: Callable[[str], None] | None = None
    ) -> EmbeddedBroker:
        """Return the broker of the settings' own data folder, not started."""
        options = settings.broker
        return cls(
            settings.data / "broker",
            port=options.port,
            heap_mb=options.heap_mb,
            java_path=options.java,
            tied=tied,
            progress=progress,
        )

    def is_alive(self) -> bool:
        """Return whether the process runs; says nothing of whether it answers. Cheap."""
        if self._process is not None:
            self._process.poll()  # so that a dead child is no zombie
        return self.folder.is_held()

    def status(self) -> RunningBroker | None:
        """Return where the broker listens if it runs and answers a metadata request, else None."""
        running = self.folder.running()
        return running if running and probe.answers(running.bootstrap) else None

    def start(self) -> RunningBroker:
        """Start the broker unless it runs, and return when it answers.

        Raises:
            BrokerError: no Java, no jars, no disk, a folder in use, data of a newer version, it died, or ``stop`` was
                called from another thread meanwhile.
        """
        self._cancelled.clear()
        self.folder.make()
        with self.folder.starting():
            lock = self.folder.lock()
            if lock is None and self.folder.read_state() is None:
                # Nobody else starts it (we have that lock) and it never was ready: its start was broken off.
                self._progress("ending a broker whose start was broken off")
                self._end()
                lock = self.folder.lock()
            if lock is None:
                return self._join()
            try:
                return self._launch(lock)
            finally:
                os.close(lock)  # ours; Java keeps its copy

    def stop(self) -> bool:
        """Stop the broker, or its start that is under way in another thread; return whether one ran."""
        self._cancelled.set()
        if not self.folder.path.exists():
            return False
        with self.folder.starting():
            return self._end()

    def reset(self) -> None:
        """Stop the broker and remove its data: every topic, message and committed offset."""
        if not self.folder.path.exists():
            return
        with self.folder.starting():
            self._end()
            for path in (self.folder.data, self.folder.logs):
                if path.exists():
                    shutil.rmtree(path)
            self.folder.version_file.unlink(missing_ok=True)

    def _join(self) -> RunningBroker:
        """Return the broker that holds the folder, once it answers."""
        until = time.monotonic() + READY_S
        running = self.folder.read_state()
        while running and self.folder.is_held() and time.monotonic() < until:
            if probe.answers(running.bootstrap):
                return running
            self._pause()
        holder = self.folder.holder()
        raise BrokerError(
            f"{self.folder.path} is in use by {f'process {holder}' if holder else 'a process'}, which does not answer"
            + (f" at {running.bootstrap}" if running else ""),
            hint=f"`counterclaim broker stop` ends it; its log is {self.folder.log_file}.",
        )

    def _launch(self, lock: int) -> RunningBroker:
        self.folder.state_file.unlink(missing_ok=True)
        trouble.check_disk(self.folder.path)
        version = jars.kafka_version(self._jars)
        trouble.check_version(self.folder, version)
        program = java.find_java(self._java)
        paths = jars.ensure_jars(self._jars, progress=self._progress, cancelled=self._cancelled)
        port = self._choose_port()
        self._write_config(port)
        command = [str(program), *java_flags(self._heap_mb), "-cp", os.pathsep.join(map(str, paths))]
        if not (self.folder.data / "meta.properties").exists():
            self._format(command)
        self.folder.version_file.write_text(version, encoding="utf-8")
        self._pause(0)
        self._progress(f"starting Apache Kafka {version} on {LOOPBACK}:{port}")
        log_size = self.folder.log_size()
        process = self._spawn([*command, "kafka.Kafka", self.folder.properties_file.name], lock)
        running = RunningBroker(process.pid, port, f"{LOOPBACK}:{port}", version, str(program), time.time())
        try:
            self._await_ready(process, running, log_size)
        except BaseException:
            process.kill()
            process.wait()
            self._drop_leash()
            raise
        self.folder.write_state(running)
        return running

    def _choose_port(self) -> int:
        """Clients that are connected know one address: the port stays the same for as long as it can."""
        last = self.folder.last_port()
        for port in (last, self._port):
            if port and probe.is_free(LOOPBACK, port):
                break
        else:
            port = probe.free_port(LOOPBACK)
            if self._port:
                self._progress(f"port {self._port} is taken; using {port}")
        self.folder.port_file.write_text(str(port), encoding="ascii")
        return port

    def _write_config(self, port: int) -> None:
        properties = {**server_properties(port, probe.free_port(LOOPBACK)), **self._overrides}
        lines = "".join(f"{key}={value}\n" for key, value in properties.items())
        self.folder.properties_file.write_text(lines, encoding="ascii")
        self.folder.log4j_file.write_text(log4j_properties(), encoding="ascii")

    def _format(self, command: list[str]) -> None:
        cluster_id = urlsafe_b64encode(secrets.token_bytes(16)).rstrip(b"=").decode("ascii")
        tool = ["kafka.tools.StorageTool", "format", f"--cluster-id={cluster_id}", "--config"]
        try:
            with self.folder.console_file.open("wb") as console:
                subprocess.run(
                    [*command, *tool, self.folder.properties_file.name],
                    stdin=subprocess.DEVNULL,
                    stdout=console,
                    stderr=subprocess.STDOUT,
                    cwd=self.folder.path,
                    timeout=FORMAT_S,
                    check=True,
                )
        except (OSError, subprocess.SubprocessError) as error:
            raise trouble.explain_death(self.folder, self._port) from error

    def _spawn(self, command: list[str], lock: int) -> subprocess.Popen[bytes]:
        with self.folder.console_file.open("wb") as console:
            self._process = subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=console,
                stderr=subprocess.STDOUT,
                pass_fds=(lock,),
                start_new_session=True,  # Ctrl-C in the terminal is for the supervisor, which stops us in its order
                cwd=self.folder.path,
            )
        if self._tied:
            self._leash = _tie(self._process.pid)
        return self._process

    def _await_ready(self, process: subprocess.Popen[bytes], running: RunningBroker, log_size: int) -> None:
        until = time.monotonic() + READY_S
        while not probe.answers(running.bootstrap):
            if process.poll() is not None:
                raise trouble.explain_death(self.folder, running.port, log_size)
            if time.monotonic() > until:
                raise BrokerError(
                    f"Apache Kafka did not answer within {READY_S:.0f} s and was ended",
                    hint=f"Its log is {self.folder.log_file}.",
                )
            self._pause()

    def _pause(self, seconds: float = POLL_S) -> None:
        if self._cancelled.wait(seconds):
            raise BrokerError("the start of the broker was cancelled")

    def _end(self) -> bool:
        """End the process that holds the folder; return whether there was one."""
        self._drop_leash()
        if not self.is_alive():
            return False
        state = self.folder.read_state()
        pid = self.folder.holder() or (state.pid if state else None)
        if pid is None:
            raise BrokerError(
                f"{self.folder.path} is in use by a process that cannot be found out",
                hint=f"End the Java process whose working folder is {self.folder.path}.",
            )
        for number in (signal.SIGTERM, signal.SIGKILL):
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, number)
            until = time.monotonic() + STOP_S
            while time.monotonic() < until:
                if not self.is_alive():
                    self.folder.state_file.unlink(missing_ok=True)
                    return True
                time.sleep(POLL_S / 2)
        raise BrokerError(f"process {pid} in {self.folder.path} does not end", hint="End it by hand, then try again.")

    def _drop_leash(self) -> None:
        if self._leash is not None:
            self._leash.kill()
            self._leash.wait()
            if self._leash.stdin:
                self._leash.stdin.close()
            self._leash = None


def _tie(pid: int) -> subprocess.Popen[bytes]:
    """Start a shell that ends ``pid`` when this process does: its end of a pipe then closes, whatever the reason."""
    return subprocess.Popen(
        ["/bin/sh", "-c", 'read _; kill "$1"', "sh", str(pid)],
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
