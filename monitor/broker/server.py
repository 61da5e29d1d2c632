"""Start and stop the embedded Apache Kafka: a Java process of its own, that outlives whoever started it."""

from __future__ import annotations

import contextlib
import os
import secrets
import shutil
import signal
import subprocess
import time
from base64 import urlsafe_b64encode
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from monitor.broker import jars, java, probe
from monitor.broker.config import LOOPBACK, java_flags, log4j_properties, server_properties
from monitor.broker.state import BrokerFolder, RunningBroker
from monitor.errors import BrokerError

if TYPE_CHECKING:
    from monitor.settings import Settings

__all__ = ["EmbeddedBroker", "bootstrap"]

READY_S = 60.0
"""Seconds for a start until the broker answers; recovery after a crash of a large log is the slow case."""
STOP_S = 20.0
"""Seconds for an orderly stop; what still runs then is killed."""
POLL_S = 0.05
FREE_BYTES = 200 * 2**20
"""Bytes of free disk below which the broker is not started: it would stop in the middle of a write."""
FORMAT_S = 60.0


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

    ``port`` 0 asks for any free port; another one is taken if it is free, else a free one. ``tied`` brokers stop when
    the process that started them ends, however it ends; others live on until ``stop``. ``java_path`` names the Java.
    The methods block: call them from a thread where an event loop runs.
    """

    def __init__(
        self,
        folder: Path,
        *,
        port: int = 0,
        heap_mb: int = 512,
        java_path: Path | None = None,
        tied: bool = False,
        progress: Callable[[str], None] | None = None,
    ) -> None:
        self.folder = BrokerFolder(folder.absolute())
        self._port = port
        self._heap_mb = heap_mb
        self._java = java_path
        self._tied = tied
        self._progress = progress or (lambda _: None)
        self._jars = jars.read_lock()
        self._process: subprocess.Popen[bytes] | None = None
        self._leash: subprocess.Popen[bytes] | None = None

    @classmethod
    def from_settings(cls, settings: Settings, *, progress: Callable[[str], None] | None = None) -> EmbeddedBroker:
        """Return the broker of the user's own data folder, not started."""
        options = settings.broker
        return cls(
            settings.data / "broker",
            port=options.port,
            heap_mb=options.heap_mb,
            java_path=options.java,
            progress=progress,
        )

    def status(self) -> RunningBroker | None:
        """Return where the broker listens if it runs and answers, else None."""
        running = self.folder.running()
        return running if running and probe.answers(running.bootstrap) else None

    def start(self) -> RunningBroker:
        """Start the broker unless it runs, and return when it answers.

        Raises:
            BrokerError: no Java, no jars, no disk, a port or folder in use, data of a newer version, or it died.
        """
        self.folder.make()
        with self.folder.starting():
            lock = self.folder.lock()
            if lock is None:
                return self._join()
            try:
                return self._launch(lock)
            finally:
                os.close(lock)  # ours; Java keeps its copy

    def stop(self) -> bool:
        """Stop the broker and return whether one ran."""
        if not self.folder.path.exists():
            return False
        with self.folder.starting():
            running = self.folder.read_state()
            if not self.folder.is_held():
                self._drop_leash()
                return False
            if running is None:
                raise BrokerError(
                    f"a broker runs in {self.folder.path}, but {self.folder.state_file.name} does not say which",
                    hint=f"Find the Java process with {self.folder.path} in its command line and end it.",
                )
            self._end(running.pid)
            self.folder.state_file.unlink(missing_ok=True)
        return True

    def reset(self) -> None:
        """Stop the broker and remove its data: every topic, message and committed offset."""
        self.stop()
        if self.folder.path.exists():
            with self.folder.starting():
                for path in (self.folder.data, self.folder.logs):
                    shutil.rmtree(path, ignore_errors=True)
                self.folder.version_file.unlink(missing_ok=True)

    # -- starting

    def _join(self) -> RunningBroker:
        """Return the broker that holds the folder, once it answers."""
        running = self.folder.read_state()
        until = time.monotonic() + READY_S
        while running and self.folder.is_held() and time.monotonic() < until:
            if probe.answers(running.bootstrap):
                return running
            time.sleep(POLL_S)
        raise BrokerError(
            f"a broker holds {self.folder.path} but does not answer"
            + (f" at {running.bootstrap} (process {running.pid})" if running else ""),
            hint=f"`counterclaim broker stop` ends it; its log is {self.folder.log_file}.",
        )

    def _launch(self, lock: int) -> RunningBroker:
        self._check_disk()
        version = jars.kafka_version(self._jars)
        self._check_version(version)
        program = java.find_java(self._java)
        classpath = os.pathsep.join(map(str, jars.ensure_jars(self._jars, progress=self._progress)))
        port = self._choose_port()
        properties = self._write_config(port)
        command = [str(program), *java_flags(self._heap_mb), "-Dlog4j2.configurationFile=log4j2.properties"]
        if not (self.folder.data / "meta.properties").exists():
            self._format([*command, "-cp", classpath], properties)
        self.folder.version_file.write_text(version, encoding="utf-8")
        self._progress(f"starting Apache Kafka {version} on {LOOPBACK}:{port}")
        self.folder.state_file.unlink(missing_ok=True)
        self._process = self._spawn([*command, "-cp", classpath, "kafka.Kafka", str(properties)], lock)
        running = RunningBroker(self._process.pid, port, f"{LOOPBACK}:{port}", version, str(program), time.time())
        self.folder.write_state(running)
        self._await_ready(running)
        return running

    def _choose_port(self) -> int:
        if self._port and probe.is_free(LOOPBACK, self._port):
            return self._port
        port = probe.free_port(LOOPBACK)
        if self._port:
            self._progress(f"port {self._port} is taken; using {port}")
        return port

    def _write_config(self, port: int) -> Path:
        properties = server_properties(port, probe.free_port(LOOPBACK))
        path = self.folder.path / "server.properties"
        path.write_text("".join(f"{key}={value}\n" for key, value in properties.items()), encoding="utf-8")
        (self.folder.path / "log4j2.properties").write_text(log4j_properties(), encoding="utf-8")
        return path

    def _format(self, command: list[str], properties: Path) -> None:
        cluster = urlsafe_b64encode(secrets.token_bytes(16)).rstrip(b"=").decode()
        done = subprocess.run(
            [*command, "kafka.tools.StorageTool", "format", "--cluster-id", f"{cluster}", "--config", str(properties)],
            capture_output=True,
            cwd=self.folder.path,
            text=True,
            errors="replace",
            timeout=FORMAT_S,
            check=False,
        )
        if done.returncode:
            raise BrokerError(f"cannot prepare {self.folder.data}: {(done.stderr or done.stdout).strip()[-500:]}")

    def _spawn(self, command: list[str], lock: int) -> subprocess.Popen[bytes]:
        with self.folder.console_file.open("wb") as console:
            process = subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=console,
                stderr=subprocess.STDOUT,
                pass_fds=(lock,),
                start_new_session=True,  # Ctrl-C in the terminal is for the supervisor, which stops us in its order
                cwd=self.folder.path,
            )
        if self._tied:
            self._leash = _tie(process.pid)
        return process

    def _await_ready(self, running: RunningBroker) -> None:
        assert self._process is not None
        until = time.monotonic() + READY_S
        while time.monotonic() < until:
            if self._process.poll() is not None:
                self.folder.state_file.unlink(missing_ok=True)
                raise self._died(running)
            if probe.answers(running.bootstrap):
                return
            time.sleep(POLL_S)
        self._end(running.pid)
        raise BrokerError(
            f"Apache Kafka did not answer within {READY_S:.0f} s and was ended",
            hint=f"Its log is {self.folder.log_file}.",
        )

    # -- what can be wrong

    def _check_disk(self) -> None:
        free = shutil.disk_usage(self.folder.path).free
        if free < FREE_BYTES:
            raise BrokerError(
                f"{self.folder.path}: {free // 2**20} MB free; the broker needs {FREE_BYTES // 2**20} MB to start",
                hint="Free space, or set `data` to a folder on another disk.",
            )

    def _check_version(self, ours: str) -> None:
        try:
            theirs = self.folder.version_file.read_text(encoding="utf-8").strip()
        except OSError:
            return
        if _numbers(theirs) > _numbers(ours):
            raise BrokerError(
                f"{self.folder.path} was written by Apache Kafka {theirs}; this Counterclaim has {ours}",
                hint="Upgrade Counterclaim, or give the data up with `counterclaim broker reset`.",
            )

    def _died(self, running: RunningBroker) -> BrokerError:
        text = _tail(self.folder.log_file) + _tail(self.folder.console_file)
        log = f"Its log is {self.folder.log_file}."
        if "No space left on device" in text:
            return BrokerError(f"the disk of {self.folder.path} is full", hint="Free space, or set `data` elsewhere.")
        if "Address already in use" in text:
            return BrokerError(f"port {running.port} was taken during the start", hint="Start it again.")
        last = next((line for line in reversed(text.splitlines()) if "ERROR" in line or "Exception" in line), "")
        return BrokerError(f"Apache Kafka ended during its start: {last.strip() or 'without a word'}", hint=log)

    # -- stopping

    def _end(self, pid: int) -> None:
        self._drop_leash()
        for number, wait_s in ((signal.SIGTERM, STOP_S), (signal.SIGKILL, STOP_S)):
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, number)
            until = time.monotonic() + wait_s
            while time.monotonic() < until:
                if self._process is not None and self._process.pid == pid:
                    self._process.poll()  # reap it if it is our child
                if not self.folder.is_held():
                    self._process = None
                    return
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


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in version.split(".") if part.isdecimal())


def _tail(path: Path, size: int = 20_000) -> str:
    try:
        return path.read_bytes()[-size:].decode("utf-8", "replace")
    except OSError:
        return ""
