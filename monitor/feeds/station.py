"""What the pollers of one worker share: the connections, the parsers and the roster."""

from __future__ import annotations

from collections.abc import Mapping

from monitor.feeds.fetch import HttpFetcher
from monitor.feeds.poller import Poller
from monitor.feeds.pool import ParserPool
from monitor.feeds.roster_file import load_roster
from monitor.settings import FeedSettings

__all__ = ["Station"]


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

    def poller(self, store: Mapping[str, bytes]) -> Poller:
        """Return a poller of the partition whose state is in ``store``."""
        poller = Poller(self._roster, store, self._fetcher, self._options, parser=self._parsers)
        self._pollers.append(poller)
        return poller

    async def close(self) -> None:
        """Give up what is under way, end the parsers and close the connections."""
        for poller in self._pollers:
            await poller.close()
        self._pollers.clear()
        await self._fetcher.close()
