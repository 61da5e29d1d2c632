"""Where a consumer stands in one partition: what must come next, what was handed out, what may be committed. No I/O.

Kafka gives the records of one fetch in order and leaves none out but those that compaction or retention removed.
Between two fetches Faust may lose or repeat some (a seek while records are under way, a fetch whose caller was
cancelled). So a hole *inside* a fetch is the broker's own; a hole *before* the first record of a fetch is doubted
once: the consumer seeks back, and only what the broker then answers again is believed.
"""

from __future__ import annotations

from collections import deque
from enum import Enum

__all__ = ["Position", "Ruling"]


class Ruling(Enum):
    """What to do with a fetched record."""

    DELIVER = "deliver"
    EARLIER = "earlier"
    """It was handed out before: drop it."""
    SEEK_BACK = "seek back"
    """Records between the expected one and this one are missing: drop it and fetch again from the expected one."""
    GAP = "gap"
    """Deliver it: the broker itself has nothing in between (compaction, retention, transaction markers)."""


class Position:
    """One partition since its last seek. Offsets are Kafka's; ``expected`` is the next one to hand out."""

    def __init__(self, expected: int) -> None:
        self.expected = expected
        self.committable: int | None = None
        self._doubted: int | None = None
        self._unsettled: deque[int] = deque()
        self._settled: set[int] = set()

    @property
    def in_flight(self) -> int:
        """How many records were handed out and not yet acknowledged."""
        return len(self._unsettled)

    def rule(self, offset: int, previous: int | None) -> Ruling:
        """Say what to do with the record at ``offset``; ``previous``: the one before it in the same fetch, if any."""
        if offset < self.expected:
            return Ruling.EARLIER
        if offset == self.expected:
            return Ruling.DELIVER
        if previous is not None or self._doubted == offset:
            return Ruling.GAP
        self._doubted = offset
        return Ruling.SEEK_BACK

    def hand_out(self, offset: int) -> None:
        """Note that the record at ``offset`` goes to the stream; it holds back the commit until it is acknowledged."""
        if not self._unsettled or self._unsettled[-1] != offset:  # once only, though it may be handed out again
            self._unsettled.append(offset)
        self._doubted = None

    def advance(self, offset: int) -> None:
        """Note that the stream has the record at ``offset``: the next one is expected now."""
        self.expected = offset + 1

    def acknowledge(self, offset: int) -> bool:
        """Mark a record as done; return whether the offset to commit moved.

        Only what was handed out in an unbroken run from the first record on becomes ``committable``: before that first
        one is acknowledged there is nothing to commit, whatever came after it.
        """
        self._settled.add(offset)
        moved = False
        while self._unsettled and self._unsettled[0] in self._settled:
            done = self._unsettled.popleft()
            self._settled.discard(done)
            self.committable = done + 1
            moved = True
        return moved
