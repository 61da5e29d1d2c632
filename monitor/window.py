"""The time of a window: that of the messages, not of the clock, and not moved by one message from the future."""

from __future__ import annotations

import heapq
from datetime import UTC, datetime, timedelta

__all__ = ["MessageClock", "Window", "day_of"]

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


class Window:
    """The keys of a window of ``days``, each in the day of its message, the oldest let go first above ``most`` keys."""

    def __init__(self, days: float, most: int | None = None) -> None:
        self._length = timedelta(days=days)
        self._most = most
        self._clock = MessageClock()
        self._days: dict[int, dict[str, None]] = {}
        self._count = 0

    def add(self, key: str, at: datetime) -> None:
        """Take in a key; one that is there already changes nothing, the time included."""
        keys = self._days.setdefault(day_of(at), {})
        if key not in keys:
            keys[key] = None
            self._count += 1
            self._clock.observe(at)

    def expired(self) -> list[str]:
        """Return the keys that have left the window, and let them go."""
        now = self._clock.now
        oldest = day_of(now - self._length) if now else 0
        gone = [key for day in sorted(self._days) if day < oldest for key in self._days.pop(day)]
        self._count -= len(gone)
        while self._most is not None and self._count > self._most:
            day = min(self._days)
            key = next(iter(self._days[day]))
            del self._days[day][key]
            if not self._days[day]:
                del self._days[day]
            self._count -= 1
            gone.append(key)
        return gone
