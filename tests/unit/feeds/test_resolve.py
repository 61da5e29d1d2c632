from __future__ import annotations

from collections.abc import MutableMapping
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from monitor.feeds.articles import articles_of
from monitor.feeds.identity import canonical_url, content_hash, site_of
from monitor.feeds.items import ParsedFeed, ParsedItem, ParsedPage
from monitor.feeds.resolve import name_items, publish, sightings
from monitor.feeds.roster import Feed
from monitor.feeds.state import KEEP_UNLISTED, PollState
from schemas import Article

NOW = datetime(2026, 6, 4, 8, tzinfo=UTC)
FEED = Feed("https://ledger.example/world.xml")
OTHER = Feed("https://ledger.example/top.xml")


def item(title: str, url: str | None = None, guid: str | None = None, text: str = "It denied it.") -> ParsedItem:
    """Return an item as the parser gives it."""
    canonical = canonical_url(url)
    return ParsedItem(
        guid=guid, url=url, canonical_url=canonical, site=site_of(canonical), title=title, text=text,
        content_hash=content_hash(title, text),
    )  # fmt: skip


def poll(
    store: MutableMapping[str, bytes], *items: ParsedItem, feed: Feed = FEED, now: datetime = NOW, write: bool = True
) -> list[Article]:
    """Take in a feed with these items, and return what it gives."""
    parsed = ParsedFeed(format="rss20", link="https://ledger.example/", items=items)
    state = PollState(store)
    found, listed = [], {}
    named = name_items(parsed, feed)
    for seen in sightings(named, state):
        listed[seen.article_id] = None
        if (article := publish(seen, named, state, now)) is not None:
            found.append(article)
    state.put_listed(feed.feed_id, listed, now)
    if write:
        for key, value in state.changes.items():
            if value is None:
                store.pop(key, None)
            else:
                store[key] = value
    return found


ARMY = item(
    "Army denies strike on Aleppo market", "https://ledger.example/2026/army-denies-strike-on-market", "tag:l,2026:1"
)


def test_an_item_is_published_once() -> None:
    """The same item in a later poll gives nothing."""
    store: dict[str, bytes] = {}
    (article,) = poll(store, ARMY)
    assert (article.revision, article.title) == (1, ARMY.title)
    assert poll(store, ARMY, now=NOW + timedelta(hours=1)) == []


def test_a_poll_that_was_not_written_is_done_over() -> None:
    """A poll killed before its state was written gives the same article, under the same id, again."""
    store: dict[str, bytes] = {}
    assert [a.article_id for a in poll(store, ARMY, write=False)] == [a.article_id for a in poll(store, ARMY)]


@pytest.mark.parametrize(
    "again",
    [
        item(ARMY.title, ARMY.url, "tag:l,2026:99"),
        item(ARMY.title, ARMY.url, None),
        item(ARMY.title, "http://www.ledger.example/2026/army-denies-strike-on-market?utm_source=x", ARMY.guid),
        item(ARMY.title, "https://ledger.example/moved/here", ARMY.guid),
        item(ARMY.title, "https://news.ledger2.example/elsewhere", ARMY.guid),
        item(ARMY.title, None, ARMY.guid),
    ],
)
def test_it_is_the_same_although_it_changes_its_names(again: ParsedItem) -> None:
    """Another guid, none, another scheme, other parameters or another address make no new article."""
    store: dict[str, bytes] = {}
    poll(store, ARMY)
    assert poll(store, again) == []
    assert poll(store, again) == []


def test_names_are_learned() -> None:
    """An item that changes first its guid and then its address is still the same."""
    store: dict[str, bytes] = {}
    poll(store, ARMY)
    poll(store, item(ARMY.title, ARMY.url, "tag:l,2026:2"))
    assert poll(store, item(ARMY.title, "https://ledger.example/new/place", "tag:l,2026:2")) == []


def test_an_edit_is_the_next_revision() -> None:
    """A changed title or text is a revision of the same article; noise is none."""
    store: dict[str, bytes] = {}
    (first,) = poll(store, ARMY)
    (second,) = poll(store, item("Army confirms strike on Aleppo market", ARMY.url, ARMY.guid))
    (third,) = poll(store, item("Army confirms strike on Aleppo market", ARMY.url, ARMY.guid, "34 died."))
    assert {a.article_id for a in (first, second, third)} == {first.article_id}
    assert [a.revision for a in (first, second, third)] == [1, 2, 3]
    assert poll(store, item("Army confirms strike on Aleppo market", ARMY.url, ARMY.guid, "34 died. 7 comments")) == []


def test_title_and_guid_may_change_together() -> None:
    """An article's own address is enough to know it by."""
    store: dict[str, bytes] = {}
    (first,) = poll(store, ARMY)
    (second,) = poll(store, item("Ten killed, officials say", ARMY.url, "tag:l,2026:50"))
    assert (second.article_id, second.revision) == (first.article_id, 2)


def test_an_item_listed_twice_is_one_article() -> None:
    """Twice in one document, by guid or by address, is once."""
    store: dict[str, bytes] = {}
    assert len(poll(store, ARMY, ARMY, item(ARMY.title, ARMY.url, None), item(ARMY.title, None, ARMY.guid))) == 1


def test_two_feeds_of_a_site_give_one_article() -> None:
    """The same item in another feed of the site gives nothing, and its other wording is no edit."""
    store: dict[str, bytes] = {}
    poll(store, ARMY)
    short = item(ARMY.title, ARMY.url, ARMY.guid, "Denied.")
    for _ in range(3):
        assert poll(store, short, feed=OTHER) == []
        assert poll(store, ARMY) == []


def test_an_edit_in_two_feeds_is_one_revision() -> None:
    """An edit that both feeds of a site carry comes once."""
    store: dict[str, bytes] = {}
    poll(store, ARMY)
    poll(store, ARMY, feed=OTHER)
    edited = item("Army confirms strike on Aleppo market", ARMY.url, ARMY.guid)
    assert [a.revision for a in poll(store, edited, feed=OTHER)] == [2]
    assert poll(store, edited) == []


def test_one_link_for_all_items() -> None:
    """Items that share one address, as of a live page, are told apart by their guids, also one by one."""
    live = "https://ledger.example/live"
    items = [item(f"Update {word}", live, f"live-update-{n}") for n, word in enumerate(("strike", "denial", "talks"))]
    store: dict[str, bytes] = {}
    assert len(poll(store, *items)) == 3
    assert poll(store, *items) == []
    alone: dict[str, bytes] = {}
    assert [len(poll(alone, one)) for one in items] == [1, 1, 1]
    assert len({key for key in alone if key.startswith("i|")}) == 3


def test_one_guid_for_all_items() -> None:
    """Items that share one guid are told apart by their addresses."""
    items = [item(f"Story {n}", f"https://ledger.example/story-{n}000", "feed") for n in range(3)]
    store: dict[str, bytes] = {}
    assert len(poll(store, *items)) == 3
    assert poll(store, *items) == []


def test_counted_guids_of_two_feeds() -> None:
    """Feeds that count their items from 1 do not take each other's for their own."""
    first = item("Army denies strike", "https://ledger.example/a-1000", "1")
    second = item("Fares rise", "https://ledger.example/b-2000", "1")
    store: dict[str, bytes] = {}
    assert len(poll(store, first)) == 1
    assert len(poll(store, second, feed=OTHER)) == 1


def test_a_counted_guid_given_anew() -> None:
    """A feed that numbers its items by place gives a new article under an old number."""
    store: dict[str, bytes] = {}
    poll(store, item("Army denies strike", "https://ledger.example/army-1000", "1"))
    assert len(poll(store, item("Fares rise in autumn", "https://ledger.example/fares-2000", "1"))) == 1


def test_items_without_names() -> None:
    """Items with a title alone are known by it."""
    store: dict[str, bytes] = {}
    assert len(poll(store, item("Army denies strike"), item("Fares rise"))) == 2
    assert poll(store, item("Fares rise"), item("Army denies strike")) == []


def test_the_ids_of_a_one_shot_parse_are_those_of_the_poller() -> None:
    """What `parse` writes for a feed and what the poller publishes at first sight have the same ids."""
    items = (ARMY, item("Fares rise", "https://ledger.example/2"), item("No link", None, "guid-of-no-link"))
    parsed = ParsedFeed(format="rss20", link="https://ledger.example/", items=items)
    shot = articles_of(parsed, Feed("https://ledger.example/"), NOW)
    assert [a.article_id for a in shot] == [a.article_id for a in poll({}, *items)]


def test_a_dropped_item_is_remembered_for_a_month() -> None:
    """An item that leaves the feed and comes back is known; long after it is forgotten, and its names with it."""
    store: dict[str, bytes] = {}
    other = item("Fares rise", "https://ledger.example/fares-2000")
    poll(store, ARMY)
    poll(store, other, now=NOW + timedelta(days=1))
    assert poll(store, ARMY, other, now=NOW + timedelta(days=20)) == []
    poll(store, other, now=NOW + timedelta(days=21))
    poll(store, other, item("x", "https://ledger.example/x-3000"), now=NOW + timedelta(days=22) + KEEP_UNLISTED)
    assert len([key for key in store if key.startswith("i|")]) == 2
    assert len(poll(store, ARMY, other, now=NOW + timedelta(days=23) + KEEP_UNLISTED)) == 1


def test_a_feed_that_stood_still_forgets_nothing() -> None:
    """Items that a feed listed for months without a change are not new when it changes."""
    store: dict[str, bytes] = {}
    poll(store, ARMY)
    fresh = item("Fares rise", "https://ledger.example/fares-2000")
    assert [a.title for a in poll(store, fresh, ARMY, now=NOW + timedelta(days=100))] == ["Fares rise"]
    assert poll(store, fresh, ARMY, now=NOW + timedelta(days=101)) == []


def test_the_canonical_link_of_a_page_is_a_name() -> None:
    """An item at the address that an article's page calls its own is that article; a home page there names nothing."""
    store: dict[str, bytes] = {}
    for canonical in ("https://ledger.example/", "https://ledger.example/2026/the-true-place-of-it-1000"):
        named = name_items(ParsedFeed(format="rss20", items=(ARMY,)), FEED)
        state = PollState(store)
        page = ParsedPage(text="It denied it on Monday.", canonical_url=canonical)
        for seen in sightings(named, state):
            publish(seen, named, state, NOW, page)
        store.update({key: value for key, value in state.changes.items() if value is not None})
    other = item("Home", "https://ledger.example/", "another-guid")
    assert len(poll(store, other)) == 1
    assert poll(store, item(ARMY.title, "https://ledger.example/2026/the-true-place-of-it-1000"), feed=OTHER) == []


def test_steady_state_writes_nothing() -> None:
    """A poll that finds what is known writes no item."""
    store: dict[str, bytes] = {}
    poll(store, ARMY)
    state = PollState(store)
    parsed = ParsedFeed(format="rss20", link="https://ledger.example/", items=(ARMY,))
    named = name_items(parsed, FEED)
    for seen in sightings(named, state):
        publish(seen, named, state, NOW + timedelta(minutes=15))
    assert state.changes == {}


def test_state_of_an_unknown_version_is_no_crash() -> None:
    """Records that this program cannot read are taken for missing."""
    store: dict[str, bytes] = {}
    poll(store, ARMY)
    broken = {
        key: b'{"schema_version": 99}' if key[:2] in ("i|", "f|", "l|") else value for key, value in store.items()
    }
    assert len(poll(broken, ARMY)) == 1


names = st.integers(0, 5)


class Feeds(RuleBasedStateMachine):
    """A feed that adds, edits, renames, drops and repeats items; the poller must tell them apart as the feed does."""

    def __init__(self) -> None:
        super().__init__()
        self.store: dict[str, bytes] = {}
        self.now = NOW
        self.shown: dict[int, ParsedItem] = {}
        self.revisions: dict[int, int] = {}
        self.ids: dict[int, str] = {}
        self.pending: set[int] = set()

    @rule(number=names)
    def add(self, number: int) -> None:
        """Add an item, or bring it back as it was."""
        if number not in self.shown and number not in self.ids:
            url = f"https://ledger.example/2026/story-number-{number}-{number}000"
            self.shown[number] = item(f"Story of {'abcdef'[number] * 5} {number}", url, f"tag:l,2026:{number}")
            self.pending.add(number)

    @precondition(lambda self: self.shown)
    @rule(data=st.data())
    def rename(self, data: st.DataObject) -> None:
        """Change the guid, or the scheme and parameters of the address."""
        number = data.draw(st.sampled_from(sorted(self.shown)))
        if number in self.ids and number not in self.revisions:
            return  # it was delivered and nothing is known of it: under other names it would be another article
        before = self.shown[number]
        if data.draw(st.booleans()):
            self.shown[number] = before.model_copy(
                update={"guid": data.draw(st.none() | st.just(f"new-guid-of-{number}"))}
            )
        else:
            url = (before.url or "").replace("https:", "http:").partition("?")[0] + "?utm_source=y"
            self.shown[number] = before.model_copy(update={"url": url, "canonical_url": canonical_url(url)})

    @precondition(lambda self: self.shown)
    @rule(data=st.data(), text=st.text(st.characters(whitelist_categories=["Ll"]), min_size=3, max_size=8))
    def edit(self, data: st.DataObject, text: str) -> None:
        """Change the text."""
        number = data.draw(st.sampled_from(sorted(self.shown)))
        before = self.shown[number]
        changed = content_hash(before.title, text)
        if changed != before.content_hash:
            self.shown[number] = before.model_copy(update={"text": text, "content_hash": changed})
            self.pending.add(number)

    @precondition(lambda self: self.shown)
    @rule(data=st.data(), killed=st.booleans(), twice=st.booleans())
    def ask(self, data: st.DataObject, killed: bool, twice: bool) -> None:
        """Poll, in any order of the items, some listed twice; the state may be lost before it is written."""
        self.now += timedelta(minutes=15)
        order = data.draw(st.permutations(sorted(self.shown)))
        items = [self.shown[number] for number in order] * (2 if twice else 1)
        found = poll(self.store, *items, now=self.now, write=not killed)
        by_title = {self.shown[number].title: number for number in self.shown}
        got = {by_title[article.title]: article for article in found}
        assert len(got) == len(found)
        # An edit that was undone before the poll gives nothing.
        assert set(got) <= self.pending
        for number, article in got.items():
            assert self.ids.setdefault(number, article.article_id) == article.article_id
            assert article.revision == self.revisions.get(number, 0) + 1
            assert article.text == self.shown[number].text
        missing = self.pending - set(got)
        assert all(number in self.revisions for number in missing)
        if not killed:
            for number, article in got.items():
                self.revisions[number] = article.revision
            self.pending.clear()

    @invariant()
    def ids_differ(self) -> None:
        """Different items have different ids."""
        assert len(set(self.ids.values())) == len(self.ids)


TestFeeds = Feeds.TestCase
TestFeeds.settings = settings(max_examples=25, stateful_step_count=15, deadline=None)
