"""How many feeds of the roster answer, from what the poll workers tell of them. No I/O."""

from __future__ import annotations

from collections.abc import Iterable

from monitor.feeds.roster import Feed
from schemas.feed import FeedEvent, FeedHealth
from schemas.message import DecodeError

__all__ = ["Roll"]

LISTED = 8
"""Feeds that are named with their reasons; the rest is a number."""


class Roll:
    """The roster, and the last that was told of each of its feeds. Paused feeds do not count."""

    def __init__(self, feeds: Iterable[Feed]) -> None:
        self._feeds = {feed.feed_id: feed for feed in feeds if not feed.paused}
        self._told: dict[str, FeedEvent] = {}

    @property
    def is_complete(self) -> bool:
        """Whether something was told of every feed."""
        return len(self._told) == len(self._feeds)

    def take(self, raw: bytes | None) -> None:
        """Take one record of ``feed-events``, old or new; what does not decode is passed over."""
        try:
            event = FeedEvent.from_bytes(raw or b"")
        except DecodeError:
            return
        if event.feed_id in self._feeds:
            self._told[event.feed_id] = event

    def lines(self) -> list[str]:
        """Return the count, and why feeds are set aside, each on a line."""
        counted = {feed_id: event for feed_id, event in self._told.items() if event.health is not FeedHealth.PAUSED}
        aside = [event for event in counted.values() if event.health in (FeedHealth.FAILING, FeedHealth.GONE)]
        unheard = len(self._feeds) - len(self._told)
        total = len(counted) + unheard
        first = f"{len(counted) - len(aside)} of {total} feed{'s' * (total != 1)} answer{'s' * (total == 1)}"
        if aside:
            first += f"; {len(aside)} set aside, to be tried again"
        if unheard:
            first += f"; {unheard} not asked yet"
        named = [f"set aside: {event.url}: {event.reason or 'it fails'}" for event in aside[:LISTED]]
        if len(aside) > LISTED:
            named.append(f"set aside: {len(aside) - LISTED} more (counterclaim feeds check names them all)")
        return [first, *named]
