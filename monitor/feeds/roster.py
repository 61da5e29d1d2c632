"""The roster: which feeds are polled, and what is known of each. TOML and OPML are read by the modules beside it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Literal
from urllib.parse import urlsplit

from monitor.errors import ConfigError
from monitor.feeds.identity import canonical_url, is_url
from monitor.ids import stable_id
from schemas import PublisherKind
from schemas.topics import POLL_TICKS

__all__ = ["Feed", "FullText", "Roster", "feed_id_of", "host_of", "partition_of"]

FullText = Literal["auto", "always", "never"]


def feed_id_of(url: str) -> str:
    """Return the id of the feed at ``url``; the scheme and a ``www.`` make no other feed of it."""
    if not is_url(url):
        return stable_id("feed", url)
    parts = urlsplit(url)
    # No more is folded than that: ?feed=rss and ?feed=atom are what tells some feeds apart.
    return stable_id("feed", host_of(url) + (parts.path or "/") + (f"?{parts.query}" if parts.query else ""))


def host_of(url: str) -> str:
    """Return the host (and port, where it is not the default) of a feed, by which it is put into a partition."""
    folded = canonical_url(url)
    return folded.split("://", 1)[1].split("/", 1)[0] if folded else url


def partition_of(host: str, partitions: int = POLL_TICKS.partitions) -> int:
    """Return the partition of the poll ticks that a host belongs to: a stable hash of it, modulo ``partitions``."""
    return int(stable_id("host", host)[1:9], 16) % partitions


@dataclass(frozen=True, slots=True)
class Feed:
    """One feed as the user listed it.

    ``interval_s`` is where its interval starts, ``min_interval_s`` and ``max_interval_s`` (seconds) bound it; ``zone``
    (IANA name) is the one of dates without a zone; ``headers`` go with each request; ``folder`` is its place in an
    OPML outline.
    """

    url: str
    title: str = ""
    publisher: str = ""
    kind: PublisherKind = PublisherKind.UNREVIEWED
    country: str | None = None
    language: str | None = None
    folder: tuple[str, ...] = ()
    paused: bool = False
    full_text: FullText | None = None
    interval_s: float | None = None
    min_interval_s: float | None = None
    max_interval_s: float | None = None
    zone: str | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    site: str | None = None
    feed_id: str = ""

    def __post_init__(self) -> None:
        if not self.feed_id:
            object.__setattr__(self, "feed_id", feed_id_of(self.url))

    @property
    def host(self) -> str:
        """The host that the feed is polled at."""
        return host_of(self.url)

    @property
    def name(self) -> str:
        """What people call it."""
        return self.title or self.publisher or self.url


class Roster:
    """The feeds, each once, in the order of the file. ``duplicates`` lists those that were listed again."""

    def __init__(self, feeds: Iterable[Feed]) -> None:
        self.version = 0
        self.replace(feeds)

    def replace(self, feeds: Iterable[Feed]) -> None:
        """Take other feeds in place of those that there are; ``version`` counts up."""
        self._feeds: dict[str, Feed] = {}
        self.duplicates: list[Feed] = []
        for feed in feeds:
            if feed.feed_id in self._feeds:
                self.duplicates.append(feed)
            else:
                self._feeds[feed.feed_id] = feed
        self._by_partition: dict[tuple[int, int], tuple[Feed, ...]] = {}
        self.version += 1

    def __iter__(self) -> Iterator[Feed]:
        return iter(self._feeds.values())

    def __len__(self) -> int:
        return len(self._feeds)

    def get(self, feed_id: str) -> Feed | None:
        """Return the feed of that id, None where there is none."""
        return self._feeds.get(feed_id)

    def find(self, name: str) -> Feed:
        """Return the feed that ``name`` means: its id, its address, or its title or publisher where only one has it.

        Raises:
            ConfigError: none or several feeds go by it.
        """
        exact = self._feeds.get(name) or self._feeds.get(feed_id_of(name))
        if exact:
            return exact
        wanted = name.casefold()
        found = [feed for feed in self if wanted in (feed.title.casefold(), feed.publisher.casefold())]
        found = found or [feed for feed in self if wanted in f"{feed.name} {feed.url}".casefold()]
        if len(found) == 1:
            return found[0]
        if not found:
            raise ConfigError(f"no feed is called {name!r}", hint="`counterclaim feeds list` shows all of them")
        listed = ", ".join(feed.url for feed in found[:5])
        raise ConfigError(f"{len(found)} feeds go by {name!r}: {listed}", hint="give the address of the one you mean")

    def of_partition(self, partition: int, partitions: int = POLL_TICKS.partitions) -> tuple[Feed, ...]:
        """Return the feeds whose hosts belong to a partition of the poll ticks."""
        key = (partition, partitions)
        if key not in self._by_partition:
            self._by_partition[key] = tuple(f for f in self if partition_of(f.host, partitions) == partition)
        return self._by_partition[key]
