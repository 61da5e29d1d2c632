"""What the guard needs of the world: sending, acknowledging, the partition's database, and a way to end the worker."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from typing import Any, Protocol

from monitor.errors import CounterclaimError

__all__ = ["Link", "OutputTooLargeError", "Record"]


class OutputTooLargeError(CounterclaimError):
    """An output is larger than its topic takes; its input goes to the dead letters."""

    def __init__(self, topic: str, size: int, limit: int) -> None:
        super().__init__(f"an output of {size} bytes for {topic}, which takes {limit}")
        self.topic = topic
        self.size = size
        self.limit = limit


class Record(Protocol):
    """A record as Kafka has it (Faust's ``Message`` is one)."""

    topic: str
    partition: int
    offset: int
    key: bytes | None
    value: bytes | None


class Link(Protocol):
    """Kafka and the app, as the guard sees them. Called on the event loop only."""

    async def send_record(self, topic: str, key: bytes | None, value: bytes | None) -> asyncio.Future[Any]:
        """Hand a record to the producer, waiting for room in its buffer.

        The future is done when every in-sync replica has it.
        """

    async def send_changes(self, partition: int, entries: Sequence[tuple[bytes, bytes | None]]) -> int:
        """Append entries to the partition's changelog as one batch; return the offset of the last of them."""

    def acknowledge(self, record: Record) -> None:
        """Let the committed offset move past the record, which comes after all acknowledged before it."""

    def database(self, partition: int) -> Callable[[], Any]:
        """Return a function that returns the partition's RocksDB (rocksdict's ``Rdict`` in raw mode)."""

    def warn(self, event: str, record: Record, error: BaseException) -> None:
        """Log what happened to a record."""

    def fail(self, error: BaseException) -> None:
        """End the worker with a non-zero status, and no further commit of what is unacknowledged."""
