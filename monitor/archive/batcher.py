"""Messages of many partitions written together: one transaction for what has arrived while the last one was written."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable

import structlog
from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError

from monitor.archive.archive import Archive
from monitor.errors import CounterclaimError
from schemas import Message
from schemas.topics import TopicSpec

__all__ = ["Batcher"]

FIRST_WAIT_S = 0.5
LONGEST_WAIT_S = 10.0
"""Seconds before a database that cannot be reached is tried again; they double from the first to the longest."""

Item = tuple[TopicSpec, Message]
log = structlog.get_logger("counterclaim.archive")


class Batcher:
    """Writes to an archive for one event loop. ``write`` returns when the message is committed.

    While the database cannot be opened, reached or written to, everything waits and nothing is refused: the engine's
    watchdog then ends the worker, and the next one reads the same messages again. So it is too while its tables are of
    another version, until they are built anew. A message that the database does not take fails alone.
    """

    def __init__(self, opener: Callable[[], Archive], size: int) -> None:
        self.archive: Archive | None = None
        self._opener = opener
        self._size = size
        self._waiting: deque[tuple[Item, asyncio.Future[None]]] = deque()
        self._task: asyncio.Task[None] | None = None

    async def write(self, spec: TopicSpec, message: Message) -> None:
        """Write a message together with what else has arrived.

        Raises:
            Exception: what the database said of this message.
        """
        done: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.append(((spec, message), done))
        if self._task is None or self._task.done():
            self._task = asyncio.get_running_loop().create_task(self._run())
        await done

    async def close(self) -> None:
        """Let the batch under way end, write no more, and close the archive."""
        self._waiting.clear()
        if self._task is not None:
            if self.archive is None:
                self._task.cancel()  # it waits for a database that does not open
            await asyncio.gather(self._task, return_exceptions=True)
        if self.archive is not None:
            self.archive.close()

    async def _run(self) -> None:
        await asyncio.sleep(0)  # the lanes that are ready now put theirs in first
        while self._waiting:
            batch = [self._waiting.popleft() for _ in range(min(self._size, len(self._waiting)))]
            batch = [(item, done) for item, done in batch if not done.cancelled()]
            error = await self._try([item for item, _ in batch])
            for item, done in batch:
                if error is not None and len(batch) > 1:
                    _settle(done, await self._try([item]))  # which of them it was
                else:
                    _settle(done, error)

    async def _try(self, items: list[Item]) -> Exception | None:
        """Write; return why the database does not take it."""
        wait = FIRST_WAIT_S
        while True:
            try:
                if self.archive is None:
                    self.archive = await asyncio.to_thread(self._opener)
                await asyncio.to_thread(self.archive.write, items)
                return None
            except Exception as error:
                if not _is_away(error):
                    return error
                reason = " ".join(str(error).split())[:300]
                log.warning("the archive cannot be written to; trying again", seconds=wait, error=reason)
            await asyncio.sleep(wait)
            wait = min(2 * wait, LONGEST_WAIT_S)


def _is_away(error: Exception) -> bool:
    """Whether the database is out of reach, locked, full or of another version: the same write may succeed later."""
    broken = isinstance(error, DBAPIError) and error.connection_invalidated
    return broken or isinstance(error, OperationalError | InterfaceError | OSError | CounterclaimError)


def _settle(done: asyncio.Future[None], error: Exception | None) -> None:
    if done.done():
        return  # the partition was taken away meanwhile
    if error is None:
        done.set_result(None)
    else:
        done.set_exception(error)
