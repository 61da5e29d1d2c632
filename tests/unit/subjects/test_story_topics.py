"""Topics that an article has from its story."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from monitor.settings import DedupeSettings
from monitor.subjects.story_topics import StoryTopics
from schemas import TaggedArticle, TopicMatch

START = datetime(2026, 3, 2, 8, tzinfo=UTC)


def tagged(article_id: str, lineage: str, *slugs: str, days: float = 0) -> TaggedArticle:
    """An article of one story, in a lineage, that names some topics."""
    at = START + timedelta(days=days)
    return TaggedArticle(
        article_id=article_id, content_hash=article_id, feed_id="f", published_at=at, first_seen_at=at, language="en",
        story_id="s", lineage_id=lineage, topics=tuple(TopicMatch(slug=slug, score=0.9) for slug in slugs),
    )  # fmt: skip


def slugs(article: TaggedArticle) -> list[str]:
    """The topics of an article in order."""
    return [match.slug for match in article.topics]


def test_a_copy_has_the_topics_of_its_origin() -> None:
    """A wire text cut short is about what the whole text is about."""
    topics = StoryTopics({}, DedupeSettings())
    topics.unite(tagged("a", "l1", "russia", "ukraine"))
    assert slugs(topics.unite(tagged("b", "l1", "ukraine"))) == ["ukraine", "russia"]


def test_one_text_alone_gives_its_topics_to_no_other_text() -> None:
    """What one outlet adds is its own matter; what two independent texts name is the story's."""
    topics = StoryTopics({}, DedupeSettings())
    topics.unite(tagged("a", "l1", "syria", "jordan"))
    assert slugs(topics.unite(tagged("b", "l2", "syria"))) == ["syria"]
    assert slugs(topics.unite(tagged("c", "l3"))) == ["syria"]


def test_an_article_gets_the_same_topics_a_second_time() -> None:
    """A redelivery repeats the decision, whatever the story has gained since."""
    topics = StoryTopics({}, DedupeSettings())
    first = topics.unite(tagged("a", "l1"))
    topics.unite(tagged("b", "l2", "syria"))
    topics.unite(tagged("c", "l3", "syria"))
    assert topics.unite(tagged("a", "l1")) == first


def test_rebuilt_from_its_store_it_decides_alike() -> None:
    """Another worker goes on where this one stopped."""
    store: dict[str, bytes] = {}
    before = StoryTopics(store, DedupeSettings())
    before.unite(tagged("a", "l1", "syria"))
    before.unite(tagged("b", "l2", "syria"))
    after = StoryTopics(dict(store), DedupeSettings())
    assert after.unite(tagged("c", "l3")) == before.unite(tagged("c", "l3"))


def test_old_articles_are_forgotten() -> None:
    """A story's topics leave the window with the articles that named them."""
    store: dict[str, bytes] = {}
    topics = StoryTopics(store, DedupeSettings(window_days=2))
    topics.unite(tagged("a", "l1", "syria"))
    topics.unite(tagged("b", "l2", "syria"))
    for number in range(3):
        topics.unite(tagged(f"n{number}", f"m{number}", days=10))
    assert slugs(topics.unite(tagged("c", "l3", days=10))) == []
    assert len(store) == 4
