"""One partition as the guard sees it: what waits, what is being handled, what is being delivered."""

from __future__ import annotations

import asyncio
from collections import deque

from monitor.stream.changelog import ChangelogWriter
from monitor.stream.context import Keep
from monitor.stream.link import Record
from monitor.stream.store import PartitionStore

__all__ = ["Entry", "Lane", "Refused"]


class Refused(Exception):  # noqa: N818 - carries the error, is none by itself
    """A record that goes to the dead letters: the error, and how often the handler was tried."""

    def __init__(self, error: BaseException, attempts: int) -> None:
        super().__init__(str(error))
        self.error = error
        self.attempts = attempts


class Entry:
    """A handled record whose deliveries are under way."""

    __slots__ = ("left", "record")

    def __init__(self, record: Record, left: int) -> None:
        self.record = record
        self.left = left


class Lane:
    """One partition of one topic: what waits, what is being handled, what is being delivered."""

    def __init__(self, topic: str, partition: int, store: PartitionStore | None) -> None:
        self.topic = topic
        self.partition = partition
        self.store = store
        self.keep = Keep()
        self.waiting: deque[Record] = deque()
        self.pending: deque[Entry] = deque()
        self.busy = 0
        self.closed = False
        self.changed = asyncio.Event()
        self.writer: ChangelogWriter | None = None
        self.task: asyncio.Task[None] | None = None

    @property
    def load(self) -> int:
        """Records taken and not yet acknowledged."""
        return len(self.waiting) + self.busy + len(self.pending)

    @property
    def idle(self) -> bool:
        """Whether nothing of the lane is under way."""
        return not self.load
