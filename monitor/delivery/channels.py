"""Where alerts go: terminal, file, webhook. Each sends one alert once, or says why it could not."""

from __future__ import annotations

import asyncio
import json
import os
from pathlib import Path
from typing import IO, Protocol
from urllib.parse import urlsplit

from monitor.delivery.words import alert_text
from monitor.settings import DeliverySettings
from schemas.alert import Alert

__all__ = ["Channel", "ChannelError", "FileChannel", "TerminalChannel", "WebhookChannel", "channels_from"]

TAIL_BYTES = 2**20
"""Bytes at the end of an alerts file that are looked through for an alert that a crash left in doubt."""
RETRIED_STATUS = frozenset({408, 425, 429, 500, 502, 503, 504})
"""HTTP statuses after which the same request may succeed later (RFC 9110, section 15; RFC 6585; RFC 8470)."""


class ChannelError(Exception):
    """An alert was not sent. ``transient``: trying again later may help."""

    def __init__(self, reason: str, *, transient: bool) -> None:
        super().__init__(reason)
        self.reason = reason
        self.transient = transient


class Channel(Protocol):
    """One place that alerts go to.

    ``name`` tells it apart in the record of what was sent. ``pages``: it calls for attention, so an alert whose date is
    uncertain is kept from it. ``send`` returns when the alert is there.

    Raises (``send``):
        ChannelError: it is not there, or may not be.
    """

    @property
    def name(self) -> str:
        """The name, which stays the same over restarts."""

    @property
    def pages(self) -> bool:
        """Whether it calls for somebody's attention now."""

    async def send(self, alert: Alert) -> None:
        """Send one alert."""


def channels_from(settings: DeliverySettings, terminal: IO[str]) -> list[Channel]:
    """Return the channels that the settings name; the terminal's goes to ``terminal``."""
    channels: list[Channel] = []
    if settings.terminal:
        channels.append(TerminalChannel(terminal))
    if settings.file is not None:
        channels.append(FileChannel(settings.file))
    if settings.webhook is not None:
        channels.append(WebhookChannel(settings.webhook, settings.timeout_s))
    return channels


class TerminalChannel:
    """Writes the alert in words. At least once: after a crash in between it may be written again."""

    name = "terminal"
    pages = False

    def __init__(self, out: IO[str]) -> None:
        self._out = out

    async def send(self, alert: Alert) -> None:
        """Write the alert and an empty line."""
        try:
            print(alert_text(alert), end="\n\n", file=self._out, flush=True)
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

    async def send(self, alert: Alert) -> None:
        """Append the alert unless this revision of it is there."""
        try:
            await asyncio.to_thread(self._append, alert)
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


class WebhookChannel:
    """POSTs the alert as JSON; any 2xx answer is a receipt. Redirects are not followed.

    At least once: the header ``Idempotency-Key`` holds alert id and revision, so that the receiver can drop a repeat.
    """

    pages = True

    def __init__(self, url: str, timeout_s: float) -> None:
        self._url = url
        self._timeout_s = timeout_s

    @property
    def name(self) -> str:
        """``webhook:`` and the host: the path may hold a token."""
        return f"webhook:{urlsplit(self._url).netloc.rpartition('@')[2]}"

    async def send(self, alert: Alert) -> None:
        """Send the alert in one request."""
        import aiohttp  # 0.3 s, which those that only print an alert need not wait for

        headers = {
            "Content-Type": "application/json",
            "Idempotency-Key": f"{alert.alert_id}-{alert.revision}",
            "User-Agent": "Counterclaim",
        }
        try:
            async with (
                aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=self._timeout_s)) as session,
                session.post(self._url, data=alert.to_bytes(), headers=headers, allow_redirects=False) as answer,
            ):
                status = answer.status
        except TimeoutError as error:
            raise ChannelError(f"no answer within {self._timeout_s:g} s", transient=True) from error
        except aiohttp.InvalidURL as error:
            raise ChannelError("the webhook is no URL", transient=False) from error
        except aiohttp.ClientError as error:
            raise ChannelError(f"{type(error).__name__}: {error}", transient=True) from error
        if not 200 <= status < 300:
            raise ChannelError(f"answered with HTTP status {status}", transient=status in RETRIED_STATUS)
