"""What can be wrong with a start, looked at before it and read out of the logs after it; each says what to do."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

from monitor.broker.state import BrokerFolder
from monitor.errors import BrokerError

__all__ = ["check_disk", "check_version", "explain_death"]

MIB = 1024 * 1024
FREE_BYTES = 200 * MIB
"""Bytes of free disk below which the broker is not started: it would stop in the middle of a write."""

TAIL_BYTES = 20_000

_CAUSES: tuple[tuple[str, str, str], ...] = (
    # what the log says, what we say, what to do
    ("No space left on device", "the disk of {folder} is full", "Free space, or set `data` to another disk."),
    ("Disk quota exceeded", "the disk quota for {folder} is used up", "Free space, or set `data` to another disk."),
    ("Read-only file system", "{folder} is on a read-only file system", "Set `data` to another disk."),
    ("Permission denied", "files in {folder} belong to another user", "Give them to this user, or set `data`."),
    ("Address already in use", "port {port} was taken during the start", "Start it again."),
    (
        "Failed to acquire lock on file",
        "another Kafka, that we did not start, uses {folder}/kafka",
        "End that process, or set `data` to another folder.",
    ),
    ("OutOfMemoryError", "Java ran out of memory", "Raise broker.heap_mb."),
    ("Could not reserve enough space", "this machine has no memory for broker.heap_mb", "Lower broker.heap_mb."),
    ("UnsupportedClassVersionError", "the Java in use is too old", "Remove broker.java, or name Java 17 or newer."),
)

_ERROR_LINE = re.compile(r"\b(ERROR|FATAL|Exception|Error:)")


def check_disk(folder: Path, needed: int = FREE_BYTES) -> None:
    """Refuse a disk with less than ``needed`` bytes free.

    Raises:
        BrokerError: it has less.
    """
    free = shutil.disk_usage(folder).free
    if free < needed:
        raise BrokerError(
            f"{folder}: {free // MIB} MiB free; the broker needs {needed // MIB} MiB to start",
            hint="Free space, or set `data` to a folder on another disk.",
        )


def check_version(folder: BrokerFolder, ours: str) -> None:
    """Refuse data that a newer Kafka has written: an older one may not read its metadata.

    Raises:
        BrokerError: the data is newer.
    """
    try:
        theirs = folder.version_file.read_text(encoding="utf-8").strip()
    except OSError:
        return
    if _numbers(theirs) > _numbers(ours):
        raise BrokerError(
            f"{folder.path} was written by Apache Kafka {theirs}; this Counterclaim has {ours}",
            hint="Upgrade Counterclaim, or give the data up with `counterclaim broker reset`.",
        )


def explain_death(folder: BrokerFolder, port: int, log_size: int = 0) -> BrokerError:
    """Return the error for a Kafka that ended during its start, from what it wrote.

    ``log_size``: bytes of the log before this start, which earlier ones wrote.
    """
    text = _tail(folder.log_file, log_size) + _tail(folder.console_file)
    for sign, what, hint in _CAUSES:
        if sign in text:
            return BrokerError(what.format(folder=folder.path, port=port), hint=hint)
    last = next((line for line in reversed(text.splitlines()) if _ERROR_LINE.search(line)), "no word of why")
    return BrokerError(f"Apache Kafka ended during its start: {last.strip()}", hint=f"Its log is {folder.log_file}.")


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in version.split(".") if part.isdecimal())


def _tail(path: Path, before: int = 0) -> str:
    try:
        written = path.read_bytes()
        new = written[before:] if len(written) >= before else written  # shorter: it was turned over
        return new[-TAIL_BYTES:].decode("utf-8", "replace")
    except OSError:
        return ""
