"""What the archive daemon holds: the open archive, its batches, and the tick on which old texts are forgotten."""

from __future__ import annotations

import asyncio

import structlog

from monitor.archive import disk
from monitor.archive.archive import Archive, url_of
from monitor.archive.batcher import Batcher
from monitor.archive.prune import prune
from monitor.settings import Settings
from schemas import Message
from schemas.topics import TopicSpec

__all__ = ["Keeper"]

log = structlog.get_logger("counterclaim.archive")


class Keeper:
    """Writes for one event loop, and forgets every ``archive.prune_s`` seconds, from the first message on."""

    def __init__(self, settings: Settings) -> None:
        self._settings, self._options = settings, settings.archive
        self._batcher = Batcher(lambda: Archive(url_of(settings)), self._options.batch)
        self._pruning: asyncio.Task[None] | None = None

    async def write(self, spec: TopicSpec, message: Message) -> None:
        """Write a message; return when it is committed."""
        if self._pruning is None:
            self._pruning = asyncio.get_running_loop().create_task(self._prune())
        await self._batcher.write(spec, message)

    async def close(self) -> None:
        """End the batch under way and close the database."""
        if self._pruning is not None:
            self._pruning.cancel()
            await asyncio.gather(self._pruning, return_exceptions=True)
        await self._batcher.close()

    async def _prune(self) -> None:
        while True:
            await asyncio.sleep(self._options.prune_s)
            archive = self._batcher.archive
            if archive is None:
                continue  # it could not be opened yet
            try:
                pruned = await asyncio.to_thread(prune, archive, self._options.keep_text_days)
            except Exception as error:  # the next tick tries again; what came in goes on
                log.warning("old texts could not be forgotten", error=str(error)[:300])
            else:
                log.info("old texts forgotten", texts=pruned.texts, revisions=pruned.revisions)
            await asyncio.to_thread(_measure, self._settings)


def _measure(settings: Settings) -> None:
    """Write down what the data takes, for `counterclaim disk`."""
    try:
        disk.sample(settings, sum(part.size for part in disk.usage(settings)))
    except OSError as error:
        log.warning("the disk could not be measured", error=str(error)[:300])
