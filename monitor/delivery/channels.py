"""Where alerts go: terminal and file here, webhooks and Apprise's services beside. Each sends, or says why not."""

from __future__ import annotations

import asyncio
import json
import os
from pathlib import Path
from typing import IO, Protocol

from monitor.delivery.bulletin import Bulletin
from monitor.delivery.words import bulletin_text
from schemas.alert import Alert

__all__ = ["Channel", "ChannelError", "FileChannel", "TerminalChannel"]

TAIL_BYTES = 2**20
"""Bytes at the end of an alerts file that are looked through for an alert that a crash left in doubt."""


class ChannelError(Exception):
    """A bulletin was not sent. ``transient``: trying again may help, ``retry_after_s`` (seconds) not before then."""

    def __init__(self, reason: str, *, transient: bool, retry_after_s: float | None = None) -> None:
        super().__init__(reason)
        self.reason = reason
        self.transient = transient
        self.retry_after_s = retry_after_s


class Channel(Protocol):
    """One place that alerts go to.

    ``name`` tells it apart in the record of what was sent. ``pages``: it calls for attention, so an alert whose date is
    uncertain is kept from it. ``send`` returns when the bulletin is there.

    Raises (``send``):
        ChannelError: it is not there, or may not be.
    """

    @property
    def name(self) -> str:
        """The name, which stays the same over restarts."""

    @property
    def pages(self) -> bool:
        """Whether it calls for somebody's attention now."""

    async def send(self, bulletin: Bulletin) -> None:
        """Send one bulletin."""


class TerminalChannel:
    """Writes the alert in words. At least once: after a crash in between it may be written again."""

    name = "terminal"
    pages = False

    def __init__(self, out: IO[str]) -> None:
        self._out = out

    async def send(self, bulletin: Bulletin) -> None:
        """Write the alert and an empty line."""
        try:
            print(bulletin_text(bulletin), end="\n\n", file=self._out, flush=True)
        except OSError as error:
            raise ChannelError(f"the terminal: {error.strerror}", transient=False) from error


class FileChannel:
    """Appends the alert as one line of JSON, flushed to the disk.

    A line is written once for each alert and revision: what a crash left in doubt is looked for in the file's last
    mebibyte first. A line that a crash cut short is ended, so that the next one stands alone.
    """

    pages = False

    def __init__(self, path: Path) -> None:
        self._path = path
        self._written: set[tuple[str, int]] | None = None

    @property
    def name(self) -> str:
        """``file:`` and the path as set."""
        return f"file:{self._path}"

    async def send(self, bulletin: Bulletin) -> None:
        """Append each alert unless this revision of it is there."""
        try:
            for entry in bulletin.entries:
                await asyncio.to_thread(self._append, entry.alert)
        except OSError as error:
            raise ChannelError(f"{self._path}: {error.strerror}", transient=True) from error

    def _append(self, alert: Alert) -> None:
        self._path.parent.mkdir(parents=True, exist_ok=True)
        with self._path.open("ab+") as file:
            size = file.seek(0, os.SEEK_END)
            file.seek(max(0, size - TAIL_BYTES))
            tail = file.read()
            if self._written is None:
                self._written = set(_alerts_in(tail))
            if (alert.alert_id, alert.revision) in self._written:
                return
            start = b"\n" if tail and not tail.endswith(b"\n") else b""
            file.write(start + alert.to_bytes() + b"\n")
            file.flush()
            os.fsync(file.fileno())
        self._written.add((alert.alert_id, alert.revision))


def _alerts_in(tail: bytes) -> list[tuple[str, int]]:
    found = []
    for line in tail.splitlines():
        try:
            row = json.loads(line)
            found.append((str(row["alert_id"]), int(row["revision"])))
        except (ValueError, KeyError, TypeError):
            continue  # cut short by a crash or by where we began to read, or not ours
    return found
