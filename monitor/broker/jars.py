"""The jars of Apache Kafka: named, with their SHA-256, in ``jars.lock.toml``; fetched once with jgo, checked at starts.

The lock file has jgo's own format (jgo.lock.toml) and is written by ``python -m monitor.broker.relock``.
"""

from __future__ import annotations

import hashlib
import logging
import os
import tomllib
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from threading import Event
from typing import Any

from monitor.errors import BrokerError

__all__ = ["LOCK_FILE", "Jar", "cache_home", "ensure_jars", "kafka_version", "read_lock"]

LOCK_FILE = Path(__file__).with_name("jars.lock.toml")
KAFKA = ("org.apache.kafka", "kafka_2.13")

DOWNLOAD_TIMEOUT_S = 30
"""Seconds without an answer from the repository after which a download is given up."""

DOWNLOADS_AT_ONCE = 6

NO_NETWORK_HINT = (
    "The first start fetches Apache Kafka (about 45 MB). Connect this machine to the network, name a mirror under "
    "[repositories] in jgo.conf, or copy the folder {cache} from a machine where `counterclaim broker start` has run."
)


def cache_home() -> Path:
    """Return the folder of the jars: ``$XDG_CACHE_HOME/counterclaim/jars``, laid out like a Maven repository."""
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "counterclaim" / "jars"


@dataclass(frozen=True, slots=True)
class Jar:
    """One locked artifact. ``sha256`` is in lower-case hexadecimal."""

    group: str
    artifact: str
    version: str
    sha256: str

    @property
    def path(self) -> Path:
        """Where it lies within a Maven repository."""
        return Path(*self.group.split("."), self.artifact, self.version, f"{self.artifact}-{self.version}.jar")

    def __str__(self) -> str:
        return f"{self.group}:{self.artifact}:{self.version}"


def read_lock(path: Path = LOCK_FILE) -> tuple[Jar, ...]:
    """Return the locked jars.

    Raises:
        BrokerError: the lock file is damaged, or names a jar without its SHA-256.
    """
    try:
        rows = tomllib.loads(path.read_text(encoding="utf-8"))["dependencies"]
        return tuple(Jar(row["groupId"], row["artifactId"], row["version"], row["sha256"]) for row in rows)
    except (OSError, KeyError, tomllib.TOMLDecodeError) as error:
        raise BrokerError(f"{path}: not a usable lock file: {error}", hint="Install Counterclaim again.") from error


def kafka_version(jars: tuple[Jar, ...]) -> str:
    """Return the version of Apache Kafka among the jars."""
    return next(jar.version for jar in jars if (jar.group, jar.artifact) == KAFKA)


def ensure_jars(
    jars: tuple[Jar, ...],
    cache: Path | None = None,
    progress: Callable[[str], None] | None = None,
    cancelled: Event | None = None,
) -> list[Path]:
    """Return the paths of all jars, those that were missing fetched, each checked against its SHA-256.

    A file that is there but does not match is fetched again: a download may have been cut off.

    Raises:
        BrokerError: one could not be fetched, or is not what the lock file says, or ``cancelled`` was set.
    """
    folder = cache or cache_home()
    missing = [jar for jar in jars if not _matches(folder / jar.path, jar.sha256)]
    if missing:
        if progress:
            progress(f"fetching {len(missing)} jars of Apache Kafka {kafka_version(jars)}, once")
        _fetch_all(missing, folder, cancelled or Event())
    return [folder / jar.path for jar in jars]


def _matches(path: Path, sha256: str) -> bool:
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest() == sha256
    except OSError:
        return False


def _fetch_all(missing: list[Jar], folder: Path, cancelled: Event) -> None:
    context = _maven(folder)
    with ThreadPoolExecutor(DOWNLOADS_AT_ONCE) as pool:
        try:
            for _ in pool.map(lambda jar: None if cancelled.is_set() else _fetch(jar, folder, context), missing):
                pass
        except BrokerError:
            cancelled.set()  # the others would fail for the same reason, each after its time limit
            raise
    if cancelled.is_set():
        raise BrokerError("the download of Apache Kafka was cancelled")


def _fetch(jar: Jar, folder: Path, context: Any) -> None:
    target = folder / jar.path
    try:
        target.unlink(missing_ok=True)
        context.project(jar.group, jar.artifact).at_version(jar.version).artifact().resolve()
    except (OSError, RuntimeError) as error:  # the first also from requests, the second is jgo's "not found"
        raise _failed(jar, folder, error) from error
    if not _matches(target, jar.sha256):
        target.unlink(missing_ok=True)
        raise BrokerError(
            f"{jar} as downloaded does not have the SHA-256 of the lock file; it was removed, nothing was started",
            hint="A mirror or proxy may have changed it. Try again, or from another network.",
        )


def _failed(jar: Jar, folder: Path, error: Exception) -> BrokerError:
    (folder / jar.path).unlink(missing_ok=True)  # half a file must not be taken for the whole
    if isinstance(error, OSError) and error.errno is not None and not isinstance(error, ConnectionError):
        return BrokerError(
            f"cannot write {folder / jar.path}: {error.strerror}", hint="Free space or change XDG_CACHE_HOME."
        )
    return BrokerError(f"cannot fetch {jar}: {_reason(error)}", hint=NO_NETWORK_HINT.format(cache=folder))


def _reason(error: BaseException) -> str:
    """Return what was at the bottom of it: the layers of an HTTP client above add pages."""
    while error.__context__ is not None:
        error = error.__context__
    return str(error) or type(error).__name__


def _maven(folder: Path) -> Any:
    """Return jgo's Maven context: jars from the user's own Maven folder, else from the repositories of jgo.conf."""
    from jgo.config import GlobalSettings
    from jgo.constants import MAVEN_CENTRAL_URL
    from jgo.maven import MavenContext

    logging.getLogger("jgo").setLevel(logging.ERROR)
    remote = {**GlobalSettings.load().repositories, "central": MAVEN_CENTRAL_URL}
    return MavenContext(repo_cache=folder, local_repos=[], remote_repos=remote, timeout=DOWNLOAD_TIMEOUT_S)
