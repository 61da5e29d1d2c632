"""Sends the state changes of one partition to its changelog topic, whole messages at a time.

Kafka appends a batch of records as one: all of it or nothing. So the changes of a message go in one batch, together
with those of other messages that came up while the last batch was under way; a worker that is killed leaves no half
message.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable

from monitor.stream.link import Link
from monitor.stream.store import Changes, PartitionStore

__all__ = ["GROUP_BYTES", "ChangelogWriter"]

GROUP_BYTES = 512 * 1024
"""Bytes of changes from which a batch takes no further message."""


class ChangelogWriter:
    """Writes the changes of one partition in order, one batch under way at a time."""

    def __init__(
        self, link: Link, store: PartitionStore, partition: int, fail: Callable[[BaseException], None]
    ) -> None:
        self._link = link
        self._store = store
        self._partition = partition
        self._fail = fail
        self._waiting: deque[tuple[Changes, Callable[[], None]]] = deque()
        self._task: asyncio.Task[None] | None = None

    def write(self, changes: Changes, done: Callable[[], None]) -> None:
        """Send changes; ``done`` is called when the changelog and then the database have them."""
        self._waiting.append((changes, done))
        if self._task is None:
            self._task = asyncio.get_running_loop().create_task(self._run())

    def close(self) -> None:
        """Send nothing more."""
        self._waiting.clear()
        if self._task is not None:
            self._task.cancel()

    async def _run(self) -> None:
        try:
            while self._waiting:
                group = self._next_group()
                changes = [item[0] for item in group]
                entries = [entry for change in changes for entry in change.entries]
                self._store.land(changes, await self._link.send_changes(self._partition, entries))
                for _, done in group:
                    done()
        except Exception as error:
            self._fail(error)
        finally:
            self._task = None

    def _next_group(self) -> list[tuple[Changes, Callable[[], None]]]:
        group = [self._waiting.popleft()]
        size = group[0][0].size
        while self._waiting and size + self._waiting[0][0].size <= GROUP_BYTES:
            size += self._waiting[0][0].size
            group.append(self._waiting.popleft())
        return group
