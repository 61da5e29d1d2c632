"""When each feed is due, kept in memory in order: 50,000 states are too many to look through at every tick."""

from __future__ import annotations

import heapq
from collections.abc import Iterable
from datetime import UTC, datetime

__all__ = ["Agenda"]

_AT_ONCE = datetime.min.replace(tzinfo=UTC)


class Agenda:
    """Due times of feeds, by id. A feed that was taken is off the agenda until it is entered again."""

    def __init__(self) -> None:
        self._due: dict[str, datetime] = {}
        self._heap: list[tuple[datetime, str]] = []

    def __len__(self) -> int:
        return len(self._due)

    def __contains__(self, feed_id: object) -> bool:
        return feed_id in self._due

    def enter(self, feed_id: str, due: datetime | None) -> None:
        """Set when a feed is due, in place of what was set before; None: at once."""
        moment = due or _AT_ONCE
        if self._due.get(feed_id) != moment:
            self._due[feed_id] = moment
            heapq.heappush(self._heap, (moment, feed_id))

    def keep_only(self, feed_ids: Iterable[str]) -> None:
        """Take every other feed off."""
        kept = set(feed_ids)
        self._due = {feed_id: due for feed_id, due in self._due.items() if feed_id in kept}
        self._heap = [(due, feed_id) for feed_id, due in self._due.items()]
        heapq.heapify(self._heap)

    def take(self, now: datetime) -> list[str]:
        """Return the feeds that are due at ``now``, the longest overdue first, and take them off."""
        taken = []
        while self._heap and self._heap[0][0] <= now:
            due, feed_id = heapq.heappop(self._heap)
            # What was entered anew since, or taken off, stands in the heap with an old time.
            if self._due.get(feed_id) == due:
                del self._due[feed_id]
                taken.append(feed_id)
        return taken
