"""What the pollers of one worker share: the connections, the parsers, the roster, and the server that hubs call."""

from __future__ import annotations

import asyncio
import gc
import time
from collections.abc import Awaitable, Callable, Mapping
from datetime import UTC, datetime
from functools import lru_cache

import structlog

from monitor.archive.disk import room
from monitor.feeds.callback import Callback
from monitor.feeds.fetch import HttpFetcher
from monitor.feeds.poller import Poller
from monitor.feeds.pool import ParserPool
from monitor.feeds.roster import Feed, partition_of
from monitor.feeds.roster_file import load_roster
from monitor.feeds.subscriber import Subscriber
from monitor.feeds.websub import HubKeys
from monitor.settings import FeedSettings, Settings
from schemas import HubNews, PollTick

__all__ = ["Station", "close_stations", "spare_collector", "station_of"]

_log = structlog.get_logger()

LOOK_S = 1.0
"""Seconds between two looks at how much of the disk is free."""
LISTEN_AGAIN_S = 5.0
"""Seconds until a worker tries again to listen where another one does, and takes its place when it is gone."""


class Station:
    """Makes the pollers of a worker's partitions, which share politeness to a host and the requests at once.

    Raises:
        ConfigError: the roster cannot be read; with file and line.
    """

    def __init__(self, options: FeedSettings) -> None:
        self._options = options
        self._roster = load_roster(options.roster)
        self._fetcher = HttpFetcher(options)
        self._parsers = ParserPool()
        self._pollers: list[Poller] = []
        self._keys = HubKeys(options.websub_callback, options.websub_secret or "") if options.websub_callback else None
        self._callback: Callback | None = None
        self._listen_at = 0.0
        self._has_room = True
        self._look_at = 0.0

    def poller(self, store: Mapping[str, bytes]) -> Poller:
        """Return a poller of the partition whose state is in ``store``."""
        subscriber = Subscriber(self._keys, self._fetcher) if self._keys else None
        poller = Poller(self._roster, store, self._fetcher, self._options, parser=self._parsers, subscriber=subscriber)
        self._pollers.append(poller)
        return poller

    def takes_in(self, settings: Settings) -> bool:
        """Say whether the disk has room for more (``archive.min_free_mb``); log it when that changes."""
        clock = time.monotonic()
        if clock >= self._look_at:
            self._look_at = clock + LOOK_S
            found = room(settings)
            if found.is_enough != self._has_room:
                self._has_room = found.is_enough
                _log.warning("disk_full" if found.message else "disk_has_room", reason=found.message or None)
        return self._has_room

    async def listen(self, send: Callable[[PollTick], Awaitable[None]]) -> None:
        """Answer hubs, where ``feeds.websub_callback`` is set and no other worker of this machine does it already.

        One is enough: what a hub tells is sent, as a tick, to the worker that owns the feed's partition.
        """
        clock = asyncio.get_running_loop().time()
        if self._keys is None or self._callback is not None or clock < self._listen_at:
            return
        self._listen_at = clock + LISTEN_AGAIN_S

        async def forward(feed: Feed, news: HubNews) -> None:
            await send(PollTick(partition=partition_of(feed.host), sent_at=datetime.now(UTC), hub=news))

        host, _, port = self._options.websub_listen.rpartition(":")
        callback = Callback(self._keys, self._roster.get, forward)
        try:
            await callback.start(host.strip("[]"), int(port))
        except OSError as error:
            _log.debug("hubs_answered_elsewhere", address=self._options.websub_listen, reason=str(error))
            return
        self._callback = callback
        _log.info("answering_hubs", address=self._options.websub_listen, callback=self._options.websub_callback)

    async def close(self) -> None:
        """Give up what is under way, end the parsers and close the connections."""
        if self._callback is not None:
            await self._callback.close()
            self._callback = None
        for poller in self._pollers:
            await poller.close()
        self._pollers.clear()
        await self._fetcher.close()


_open: list[Station] = []


@lru_cache(maxsize=1)
def station_of(options: FeedSettings) -> Station:
    """Return the station of this worker: the same for the same settings, until it is closed."""
    _open.append(Station(options))
    spare_collector()
    return _open[-1]


def spare_collector() -> None:
    """Take what there is now out of the garbage collector's sight: modules and roster stay as long as the worker.

    A full collection over 50,000 feeds takes 0.1 s, in which no heartbeat is sent and no answer read.
    """
    gc.collect()
    gc.freeze()


async def close_stations() -> None:
    """Close what ``station_of`` has made."""
    station_of.cache_clear()
    while _open:
        await _open.pop().close()
