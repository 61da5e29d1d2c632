"""How hard one host is leaned on: few requests at once, a gap between them, and rest when it asks for it."""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

__all__ = ["HostGate", "retry_after_s"]

_KEEP = 10_000
"""Hosts remembered; idle ones are forgotten beyond it."""


def retry_after_s(value: str | None, now: datetime) -> float | None:
    """Return the seconds of a Retry-After header, a number or a date (RFC 9110, 10.2.3); None where it is neither."""
    if not value:
        return None
    value = value.strip()
    if value.isdigit():
        return float(value[:12])
    try:
        when = parsedate_to_datetime(value)
    except (TypeError, ValueError, IndexError):
        return None
    when = when.astimezone(UTC) if when.tzinfo else when.replace(tzinfo=UTC)
    return max(0.0, (when - now).total_seconds())


class _Host:
    __slots__ = ("free_at", "slots", "waiting")

    def __init__(self, at_once: int) -> None:
        self.slots = asyncio.Semaphore(at_once)
        self.free_at = 0.0
        self.waiting = 0


class HostGate:
    """Lets at most ``at_once`` requests to one host run together, ``gap_s`` seconds between their starts.

    ``total`` bounds the requests to all hosts. A request waits for its host first, so that a crowd at one host takes no
    room from the others.
    """

    def __init__(self, *, at_once: int, gap_s: float, total: int) -> None:
        self._at_once = at_once
        self._gap_s = gap_s
        self._total = asyncio.Semaphore(total)
        self._hosts: dict[str, _Host] = {}

    @asynccontextmanager
    async def turn(self, host: str) -> AsyncIterator[None]:
        """Hold a place at ``host`` for the time of the block."""
        entry = self._hosts.get(host)
        if entry is None:
            self._forget_idle()
            entry = self._hosts[host] = _Host(self._at_once)
        entry.waiting += 1
        try:
            async with entry.slots:
                await self._gap(entry)
                async with self._total:
                    yield
        finally:
            entry.waiting -= 1

    async def _gap(self, entry: _Host) -> None:
        if self._gap_s <= 0:
            return
        clock = asyncio.get_running_loop().time()
        start = max(clock, entry.free_at)
        # A little uneven, so that several workers do not fall into step at one host.
        entry.free_at = start + self._gap_s * random.uniform(1.0, 1.25)
        if start > clock:
            await asyncio.sleep(start - clock)

    def _forget_idle(self) -> None:
        if len(self._hosts) < _KEEP:
            return
        for host in [name for name, entry in self._hosts.items() if not entry.waiting]:
            del self._hosts[host]
