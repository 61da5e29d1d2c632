"""The dedupe stage's decision, its state and its window."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from monitor.settings import DedupeSettings
from monitor.stories.index import StoryIndex
from schemas import EnrichedArticle

START = datetime(2026, 3, 2, 8, tzinfo=UTC)

QUAKE = "Rescuers searched collapsed homes near Kerman after an earthquake of magnitude 6.1 struck before dawn."
QUAKE_2 = "The earthquake near Kerman killed eleven people, and rescuers were still searching collapsed homes."
FERRY = "The ferry operator announced that fares between the islands will rise by four per cent in autumn."


def article(article_id: str, title: str, text: str, hours: float = 0, revision: int = 1) -> EnrichedArticle:
    """An English article published some hours after the start."""
    at = START + timedelta(hours=hours)
    return EnrichedArticle(
        article_id=article_id, revision=revision, content_hash=article_id, feed_id="f", title=title, text=text,
        published_at=at, first_seen_at=at, language="en",
    )  # fmt: skip


def test_two_reports_of_one_event_share_a_story_but_not_a_lineage() -> None:
    """One event told twice in own words is one story and two origins."""
    index = StoryIndex({}, DedupeSettings())
    first = index.assign(article("a", "Earthquake strikes near Kerman", QUAKE))
    second = index.assign(article("b", "Kerman earthquake kills eleven", QUAKE_2, hours=2))
    other = index.assign(article("c", "Ferry fares to rise", FERRY, hours=3))
    assert first.story_id == second.story_id != other.story_id
    assert first.lineage_id != second.lineage_id
    assert (first.copy_of, second.copy_of) == (None, None)


def test_a_copy_of_a_copy_names_the_origin() -> None:
    """``copy_of`` is the lineage's origin, not the nearest copy."""
    index = StoryIndex({}, DedupeSettings())
    origin = index.assign(article("a", "Quake near Kerman", QUAKE))
    index.assign(article("b", "Homes collapse", QUAKE, hours=1))
    third = index.assign(article("c", "Rescuers search", QUAKE, hours=2))
    assert third.copy_of == "a"
    assert third.lineage_id == origin.lineage_id
    assert third.containment == 1.0


def test_the_same_message_again_gives_the_same_decision_and_writes_it_again() -> None:
    """A redelivery rewrites its key: the process may have died before the table's changelog had it."""
    store: dict[str, bytes] = {}
    index = StoryIndex(store, DedupeSettings())
    first = index.assign(article("a", "Quake near Kerman", QUAKE))
    written = dict(store)
    store.clear()
    assert index.assign(article("a", "Quake near Kerman", QUAKE)) == first
    assert store == written


def test_a_revision_keeps_story_and_lineage() -> None:
    """An edited article does not move."""
    index = StoryIndex({}, DedupeSettings())
    first = index.assign(article("a", "Quake near Kerman", QUAKE))
    edited = index.assign(article("a", "Ferry fares", FERRY, revision=2))
    assert (edited.story_id, edited.lineage_id, edited.revision) == (first.story_id, first.lineage_id, 2)


def test_an_index_rebuilt_from_its_store_decides_alike() -> None:
    """Another worker that takes the partition over goes on where this one stopped."""
    store: dict[str, bytes] = {}
    before = StoryIndex(store, DedupeSettings())
    for number in range(20):
        before.assign(article(f"n{number}", f"Notice {number}", f"{FERRY} Notice number {number}.", hours=number / 4))
    before.assign(article("a", "Earthquake strikes near Kerman", QUAKE, hours=5))
    after = StoryIndex(dict(store), DedupeSettings())
    new = article("b", "Kerman earthquake kills eleven", QUAKE_2, hours=6)
    assert after.assign(new) == before.assign(new)


def test_old_articles_leave_the_window_and_the_store() -> None:
    """The window is bounded by days of the messages' time."""
    store: dict[str, bytes] = {}
    index = StoryIndex(store, DedupeSettings(window_days=2))
    index.assign(article("old", "Quake near Kerman", QUAKE))
    for number in range(3):
        index.assign(article(f"n{number}", f"Ferry {number}", FERRY, hours=24 * 10))
    assert len(index) == 3
    assert index.assign(article("again", "Homes collapse", QUAKE, hours=24 * 10)).copy_of is None
    assert not any("old" in key for key in store)


def test_one_article_from_the_future_empties_nothing() -> None:
    """A wrong date of one feed does not move the window."""
    index = StoryIndex({}, DedupeSettings(window_days=2))
    for number in range(5):
        index.assign(article(f"n{number}", f"Ferry {number}", f"{FERRY} {number}", hours=number))
    index.assign(article("future", "Quake near Kerman", QUAKE, hours=24 * 3650))
    assert len(index) == 6


def test_the_window_is_bounded_by_count() -> None:
    """Above ``max_articles`` the oldest go first."""
    index = StoryIndex({}, DedupeSettings(max_articles=1000))
    for number in range(1005):
        index.assign(
            article(f"n{number:04d}", f"Notice {number}", f"Notice number {number} of the port.", hours=number / 60)
        )
    assert len(index) == 1000
