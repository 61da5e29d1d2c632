"""The time of a window: that of the messages, not of the clock, and not moved by one message from the future."""

from __future__ import annotations

import heapq
from datetime import UTC, datetime

__all__ = ["MessageClock", "day_of"]

WITNESSES = 3
"""How many messages must carry a later time before the window's time moves there."""


def day_of(moment: datetime) -> int:
    """Return the day of ``moment`` as days since 1970-01-01 (UTC), at least 0: the bucket that a record is kept in."""
    return max(0, int(moment.astimezone(UTC).timestamp() // 86_400))


class MessageClock:
    """The third-latest time seen: old news can be replayed, and up to two messages from the future move nothing.

    The order of the messages does not matter: the same set gives the same time.
    """

    def __init__(self) -> None:
        self._latest: list[datetime] = []

    def observe(self, moment: datetime) -> None:
        """Take note of the time of one message."""
        if len(self._latest) < WITNESSES:
            heapq.heappush(self._latest, moment)
        elif moment > self._latest[0]:
            heapq.heapreplace(self._latest, moment)

    @property
    def now(self) -> datetime | None:
        """The time of the window, or None before three messages were seen."""
        return self._latest[0] if len(self._latest) == WITNESSES else None
