"""What the poller remembers, over any mapping of bytes: feeds, items, and the names of items. Writes are handed out.

Keys: ``f|<feed id>`` a :class:`FeedState`; ``i|<article id>`` an :class:`ItemState`; ``n|<hash of a name>`` the article
that goes by it; ``l|<feed id>`` the articles remembered for a feed, which bounds the state to what feeds list.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime, timedelta

from monitor.ids import stable_id
from schemas import DecodeError, FeedState, ItemState

__all__ = ["KEEP_UNLISTED", "PollState"]

KEEP_UNLISTED = timedelta(days=30)
"""How long an item is remembered after the feed has dropped it: some come back."""

_FEED, _ITEM, _NAME, _LISTED = "f|", "i|", "n|", "l|"


class PollState:
    """A view of the store with changes on top, which the caller writes after the articles are delivered.

    Reading the same store again without writing ``changes`` gives what was there before: a poll that failed is done
    over.
    """

    def __init__(self, store: Mapping[str, bytes]) -> None:
        self._store = store
        self.changes: dict[str, bytes | None] = {}

    def feed(self, feed_id: str) -> FeedState | None:
        """Return the state of a feed; None where it is new, or was written in a way that cannot be read any more."""
        raw = self._get(_FEED + feed_id)
        if raw is None:
            return None
        try:
            return FeedState.from_bytes(raw)
        except DecodeError:
            return None

    def holds(self, state: FeedState) -> bool:
        """Say whether this is the state of its feed in the store."""
        return self._get(_FEED + state.feed_id) == state.to_bytes()

    def put_feed(self, state: FeedState) -> None:
        """Remember the state of a feed."""
        self.changes[_FEED + state.feed_id] = state.to_bytes()

    def item(self, article_id: str) -> ItemState | None:
        """Return what is known of an article."""
        raw = self._get(_ITEM + article_id)
        if raw is None:
            return None
        try:
            return ItemState.from_bytes(raw)
        except DecodeError:
            return None

    def named(self, name: str) -> ItemState | None:
        """Return the article that goes by a name."""
        raw = self._get(_NAME + stable_id("name", name))
        return self.item(raw.decode("ascii", "replace")) if raw is not None else None

    def put_item(self, state: ItemState) -> None:
        """Remember an article, and all its names."""
        self.changes[_ITEM + state.article_id] = state.to_bytes()
        article = state.article_id.encode("ascii")
        for name in state.aliases:
            key = _NAME + stable_id("name", name)
            if self._get(key) != article:
                self.changes[key] = article

    def listed(self, feed_id: str) -> dict[str, str]:
        """Return the articles remembered for a feed, each with the day (ISO) on which the feed last listed it."""
        raw = self._get(_LISTED + feed_id)
        try:
            found = json.loads(raw) if raw else {}
        except ValueError:
            return {}
        return found if isinstance(found, dict) else {}

    def put_listed(self, feed_id: str, listed: Mapping[str, None], now: datetime) -> None:
        """Remember that a feed lists these articles now, and forget those it dropped more than 30 days ago."""
        before = self.listed(feed_id)
        today = now.date().isoformat()
        oldest = (now - KEEP_UNLISTED).date().isoformat()
        # What the last listing held was listed until now, however long the feed has not changed; once it is dropped,
        # its day is another than that of the listing, and it ages.
        last, dropped = max(before.values(), default=today), (now - timedelta(days=1)).date().isoformat()
        kept = {
            article: dropped if day == last else day for article, day in before.items() if last == day or day >= oldest
        }
        after = kept | dict.fromkeys(listed, today)
        for article in before.keys() - after.keys():
            self._forget(article, now)
        if after != before:
            self.changes[_LISTED + feed_id] = json.dumps(after, separators=(",", ":")).encode("ascii")

    def add_listed(self, feed_id: str, listed: Iterable[str], now: datetime) -> None:
        """Remember that a feed listed these articles as well as what it listed last: a hub sends a part of a feed."""
        before = self.listed(feed_id)
        last = max(before.values(), default=now.date().isoformat())
        after = before | dict.fromkeys(listed, last)
        if after != before:
            self.changes[_LISTED + feed_id] = json.dumps(after, separators=(",", ":")).encode("ascii")

    def forget_feed(self, feed_id: str, now: datetime) -> None:
        """Forget a feed that has left the roster, and the articles that nobody lists any more."""
        for article in self.listed(feed_id):
            self._forget(article, now)
        for key in (_FEED + feed_id, _LISTED + feed_id):
            if self._get(key) is not None:
                self.changes[key] = None

    def feed_ids(self) -> Iterator[str]:
        """Yield the id of every feed in the store."""
        prefixed = getattr(self._store, "prefixed", None)  # PartitionStore finds them without reading every item
        keys = (
            [key for key, _ in prefixed(_FEED)] if prefixed else [key for key in self._store if key.startswith(_FEED)]
        )
        for key in keys:
            yield key.removeprefix(_FEED)

    def _forget(self, article_id: str, now: datetime) -> None:
        state = self.item(article_id)
        if state is None or now - state.last_seen_at < KEEP_UNLISTED:
            return  # another feed of the site still lists it
        self.changes[_ITEM + article_id] = None
        for name in state.aliases:
            key = _NAME + stable_id("name", name)
            if self._get(key) == article_id.encode("ascii"):
                self.changes[key] = None

    def _get(self, key: str) -> bytes | None:
        return self.changes[key] if key in self.changes else self._store.get(key)
