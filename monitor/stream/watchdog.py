"""Ends a worker that has work and does none: a consumer can die silently after a rebalance.

The rule: records are waiting, no handler is running, and nothing has come or gone for ``stall_s`` seconds. A handler
that runs is left alone, however long it takes; so is a table that is being recovered, as long as records of it come
in.
"""

from __future__ import annotations

import asyncio
import os
import sys
import time
from dataclasses import dataclass
from typing import Any

import structlog

__all__ = ["EXIT_STALLED", "Look", "Watchdog", "stalled"]

EXIT_STALLED = 75
"""Exit status of a worker that stood still: EX_TEMPFAIL of sysexits.h, "try again"."""

LOOKS_A_STALL = 6
"""How often the watchdog looks within ``stall_s``."""

log = structlog.get_logger("counterclaim.watchdog")


@dataclass(frozen=True, slots=True)
class Look:
    """What the watchdog sees. ``lag``: records not committed, None where it could not be asked."""

    lag: int | None
    handling: bool
    idle_s: float
    """Seconds since a record was read, handled or acknowledged."""


def stalled(look: Look, stall_s: float) -> bool:
    """Return whether the worker stands still."""
    if look.handling or look.idle_s < stall_s:
        return False
    return look.lag is None or look.lag > 0


class Watchdog:
    """Looks at one app, again and again, and ends the process when it stands still."""

    def __init__(self, app: Any, stall_s: float) -> None:
        self._app = app
        self._stall_s = stall_s
        self._marks: object = None
        self._since = time.monotonic()

    async def run(self) -> None:
        """Look until the app stops."""
        while not self._app.should_stop:
            await self._app.sleep(self._stall_s / LOOKS_A_STALL)
            look = await self.look()
            if look.lag is not None:
                self._app.metrics.lag.set(look.lag)
            if not self._app.should_stop and stalled(look, self._stall_s):
                self._end(look)

    async def look(self) -> Look:
        """See how the app stands."""
        guard, consumer = self._app.guard, self._app.consumer
        positions = consumer.source_positions()
        marks = (
            guard.progress,
            tuple(
                sorted(
                    (tp, position.expected, position.committable or -1) for tp, position in consumer._positions.items()
                )
            ),
        )
        now = time.monotonic()
        if marks != self._marks or guard.handling:
            self._marks, self._since = marks, now
        lag: int | None = None
        try:
            ends = await asyncio.wait_for(consumer.highwaters(*positions), self._stall_s / 2) if positions else {}
            lag = consumer.uncommitted(ends)
        except Exception as error:  # no answer: the broker is away, or the consumer's thread is dead
            log.warning("end offsets not known", error=f"{type(error).__name__}: {error}")
        return Look(lag, guard.handling, now - self._since)

    def _end(self, look: Look) -> None:
        log.critical("stalled", lag=look.lag, idle_s=round(look.idle_s, 1), stall_s=self._stall_s)
        sys.stderr.flush()
        # Not a clean stop: what stands still may never stop. The ledger is left open, nothing is being handled.
        os._exit(EXIT_STALLED)
