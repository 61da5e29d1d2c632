"""One partition as the guard sees it: what waits, what is being handled, what is being delivered."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable

from monitor.stream.changelog import ChangelogWriter
from monitor.stream.context import Keep
from monitor.stream.link import Link, Record
from monitor.stream.store import PartitionStore

__all__ = ["Entry", "Ground", "Lane", "Refused"]


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


class Ground:
    """What the lanes of one partition share where the stage keeps state: the store, and whose turn it is to write.

    With a store for each topic, one would write past what the other has under way, and the database could be marked
    as written further than it is.
    """

    __slots__ = ("keep", "store", "turn", "writer")

    def __init__(self, store: PartitionStore | None = None, writer: ChangelogWriter | None = None) -> None:
        self.store = store
        self.writer = writer
        self.keep = Keep()
        self.turn = asyncio.Lock()

    @classmethod
    def of(cls, link: Link, partition: int, fail: Callable[[BaseException], None]) -> Ground:
        """Return that of one partition, over its database."""
        store = PartitionStore(link.database(partition))
        return cls(store, ChangelogWriter(link, store, partition, fail))


class Lane:
    """One partition of one topic: what waits, what is being handled, what is being delivered."""

    def __init__(self, topic: str, partition: int, ground: Ground) -> None:
        self.topic = topic
        self.partition = partition
        self.store = ground.store
        self.writer = ground.writer
        self.keep = ground.keep
        self.turn = ground.turn
        self.waiting: deque[Record] = deque()
        self.pending: deque[Entry] = deque()
        self.busy = 0
        self.closed = False
        self.changed = asyncio.Event()
        self.task: asyncio.Task[None] | None = None

    @property
    def load(self) -> int:
        """Records taken and not yet acknowledged."""
        return len(self.waiting) + self.busy + len(self.pending)

    @property
    def idle(self) -> bool:
        """Whether nothing of the lane is under way."""
        return not self.load
