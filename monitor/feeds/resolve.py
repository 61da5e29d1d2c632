"""Which items of a fetched feed are new, which are edits, and which are known: decisions over the state, no I/O."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from monitor.feeds import identity
from monitor.feeds.articles import article_from, site_for
from monitor.feeds.items import ParsedFeed, ParsedItem, ParsedPage
from monitor.feeds.roster import Feed
from monitor.feeds.state import PollState
from schemas import Article, ItemState

__all__ = ["NamedFeed", "Sighting", "name_items", "publish", "sightings"]

HOLD = timedelta(days=1)
"""How long an edit waits for its page to answer again before it is published with the feed's summary."""
_TOUCH = timedelta(days=1)
"""How stale ``last_seen_at`` may be: writing it at each poll would write every item each time."""


@dataclass(frozen=True, slots=True)
class Sighting:
    """One item of a feed as it stands to what is known: ``known`` is None for a new one."""

    item: ParsedItem
    article_id: str
    site: str
    names: tuple[str, ...]
    known: ItemState | None
    is_edit: bool

    def must_wait(self, page: ParsedPage | None, now: datetime) -> bool:
        """Whether this edit of an article with its whole text waits, because its page does not answer just now."""
        if not self.is_edit or page is not None or self.known is None or not self.known.is_whole:
            return False
        return self.known.held_since is None or now - self.known.held_since < HOLD

    @property
    def is_news(self) -> bool:
        """Whether it is to be published: it is new or edited."""
        return self.known is None or self.is_edit


@dataclass(frozen=True, slots=True)
class NamedFeed:
    """A fetched feed whose items have been given their names.

    ``items``: each with its site and the names by which it is known. Names that several different items of this
    document share (one link for all of them, one guid) are ``shared``, and name nothing.
    """

    parsed: ParsedFeed
    feed: Feed
    items: tuple[tuple[ParsedItem, str, tuple[str, ...]], ...]
    shared: frozenset[str]


def name_items(parsed: ParsedFeed, feed: Feed) -> NamedFeed:
    """Return the feed with the names of its items."""
    named = []
    owners: dict[str, list[ParsedItem]] = {}
    for item in parsed.items:
        site = site_for(item, feed, parsed)
        names = identity.names_of(feed.feed_id, site, item.guid, item.canonical_url)
        for name in names:
            owners.setdefault(name, []).append(item)
        named.append((item, site, names))
    shared = frozenset(name for name, items in owners.items() if len(items) > 1 and _are_several(items))
    if shared:
        named = [(item, site, tuple(name for name in names if name not in shared)) for item, site, names in named]
    return NamedFeed(parsed, feed, tuple(named), shared)


def sightings(named: NamedFeed, state: PollState) -> list[Sighting]:
    """Return the items of a feed as they stand to ``state``, each article once: the first of its items."""
    feed, shared = named.feed, named.shared
    found: dict[str, Sighting] = {}
    taken: set[str] = set()
    for item, site, names in named.items:
        if taken.intersection(names):
            continue
        known = _known(item, feed, names, state)
        article = known.article_id if known else _new_id(item, feed, site, names, shared)
        if article in found:
            continue
        if known is None:
            known = state.item(article)  # without any name: the same title of the same feed
        taken.update(names)
        found[article] = Sighting(item, article, site, names, known, known is not None and _is_edit(item, feed, known))
    return list(found.values())


def publish(
    sighting: Sighting, named: NamedFeed, state: PollState, now: datetime, page: ParsedPage | None = None
) -> Article | None:
    """Remember a sighting in ``state`` and return the article or revision that it gives, None where it gives none."""
    feed, parsed = named.feed, named.parsed
    known, item = sighting.known, sighting.item
    if known is not None and sighting.must_wait(page, now):
        if known.held_since is None:
            state.put_item(known.model_copy(update={"held_since": now}))
        return None
    names = (*sighting.names, *_canonical_name(page, sighting.site))
    sources = {**(known.sources if known else {}), feed.feed_id: item.content_hash}
    article = None
    if sighting.is_news:
        article = article_from(
            item,
            feed,
            parsed,
            now=now,
            article_id=sighting.article_id,
            revision=known.revision + 1 if known else 1,
            page=page,
        )
        if known is not None and known.content_hash == article.content_hash:
            article = None  # another feed of the site brought this edit before
    after = ItemState(
        article_id=sighting.article_id,
        site=sighting.site,
        aliases=tuple(dict.fromkeys((*(known.aliases if known else ()), *names)))[-_MAX_NAMES:],
        content_hash=article.content_hash if article else (known.content_hash if known else item.content_hash),
        revision=article.revision if article else (known.revision if known else 1),
        title=item.title if article or not known else known.title,
        feed_id=known.feed_id if known else feed.feed_id,
        sources=sources,
        is_whole=page is not None if article or not known else known.is_whole,
        first_seen_at=known.first_seen_at if known else now,
        last_seen_at=now,
    )
    if known is None or _differs(known, after):
        state.put_item(after)
    return article


_MAX_NAMES = 12
"""Names kept of one item; an item whose guid changes at each fetch would gather them without end."""


def _canonical_name(page: ParsedPage | None, site: str) -> tuple[str, ...]:
    """Return the name that a page's own canonical link gives, where it can be one: an article's address of the site."""
    url = identity.canonical_url(page.canonical_url) if page else None
    if url is None or identity.site_of(url) != site or not identity.is_article_url(url):
        return ()
    return identity.names_of("", site, None, url)


def _differs(before: ItemState, after: ItemState) -> bool:
    if after.last_seen_at - before.last_seen_at >= _TOUCH:
        return True
    return before != after.model_copy(update={"last_seen_at": before.last_seen_at})


def _are_several(items: list[ParsedItem]) -> bool:
    """Say whether the items that share a name are not one item listed twice."""
    if len({identity.normalise(item.title) for item in items}) == 1:
        return False
    addresses = {item.canonical_url for item in items if item.canonical_url}
    guids = {item.guid for item in items if item.guid}
    # An item listed again after an edit keeps both; where there is but one of them, it must do.
    return len(addresses) > 1 or len(guids) > 1 or (not addresses or not guids)


def _known(item: ParsedItem, feed: Feed, names: tuple[str, ...], state: PollState) -> ItemState | None:
    for name in names:
        known = state.named(name)
        if known is not None and _is_same(item, feed, name, known, names):
            return known
    return None


def _is_same(item: ParsedItem, feed: Feed, name: str, known: ItemState, names: tuple[str, ...]) -> bool:
    """Say whether an item is the one that goes by ``name``; a name that proves little needs a second sign."""
    if any(other != name and other in known.aliases for other in names):
        return True
    if name.startswith("f:"):
        proof = not identity.is_common(item.guid or "")
    elif name.startswith("u:"):
        own = f"f:{feed.feed_id}:"
        other_guid = bool(item.guid) and any(alias.startswith(own) for alias in known.aliases)
        proof = not other_guid or identity.is_article_url(name)
    else:
        proof = True
    return proof or identity.similar(item.title, known.title)


def _new_id(item: ParsedItem, feed: Feed, site: str, names: tuple[str, ...], shared: frozenset[str]) -> str:
    guid, url = item.guid, item.canonical_url
    if shared and guid and any(n in shared for n in identity.names_of(feed.feed_id, site, guid, None)):
        guid = None
    if shared and url and "u:" + url.split("://", 1)[1] in shared:
        url = None
    return identity.article_id(feed.feed_id, site, guid, url, item.title)


def _is_edit(item: ParsedItem, feed: Feed, known: ItemState) -> bool:
    before = known.sources.get(feed.feed_id)
    if before is None or before == item.content_hash:
        return False
    # Feeds of one site word the same item differently; without this they would edit each other at every poll.
    owner = known.feed_id in ("", feed.feed_id)
    return owner or identity.normalise(item.title) != identity.normalise(known.title)
