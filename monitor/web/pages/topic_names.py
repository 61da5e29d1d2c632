"""The watched topics as people read them, and the matcher behind the query tester. Read once a file."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

from monitor.subjects.matcher import TopicMatcher
from monitor.subjects.topic_file import Topic, read_topics
from monitor.text.enrich import enrich
from monitor.text.rows import UNKNOWN_TIME
from schemas import Article

__all__ = ["Match", "Tested", "label_of", "test", "topic_choices", "topics_of"]


@dataclass(frozen=True, slots=True)
class Match:
    """A topic whose query holds in a text. ``enough``: its score reaches the threshold; ``words``: what was found."""

    label: str
    query: str
    threshold: float
    score: float
    enough: bool
    words: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Tested:
    """What the topics make of a text: those that it is about, those mentioned in passing, and where (in the text)."""

    title: str
    text: str
    language: str
    about: tuple[Match, ...]
    near: tuple[Match, ...]
    spans: tuple[tuple[int, int], ...]


@cache
def topics_of(file: Path | None) -> Mapping[str, Topic]:
    """Return the topics of a file by slug; without a file the shipped ones.

    Raises:
        ConfigError: the file is wrong; the pipeline would not start with it either.
    """
    return {topic.slug: topic for topic in read_topics(file)}


def label_of(slug: str, file: Path | None) -> str:
    """Return what people read; the slug itself where the topic is no longer watched."""
    topic = topics_of(file).get(slug)
    return topic.label if topic else slug


@cache
def topic_choices(file: Path | None) -> tuple[tuple[str, str], ...]:
    """Return the choices of a list of topics, by label."""
    named = sorted((topic.label, slug) for slug, topic in topics_of(file).items())
    return (("", "all"), *((slug, label) for label, slug in named))


def test(title: str, text: str, file: Path | None) -> Tested:
    """Match a text against all topics, those included whose score is below their threshold."""
    topics = topics_of(file)
    article = Article(
        article_id="tested", content_hash="", feed_id="tested", title=title, text=text, first_seen_at=UNKNOWN_TIME
    )
    enriched = enrich(article)
    found = _matcher(file).match(title, text, enriched.language, enriched.furniture)
    matches = [
        Match(
            label=topics[match.slug].label,
            query=topics[match.slug].query.strip(),
            threshold=topics[match.slug].threshold,
            score=match.score,
            enough=match.score >= topics[match.slug].threshold,
            words=match.matches,
        )
        for match in found
    ]
    about = tuple(match for match in matches if match.enough)
    near = tuple(match for match in matches if not match.enough)
    shown = {word for match in about or near for word in match.words}
    return Tested(title, text, enriched.language, about, near, _places(text, shown))


@cache
def _matcher(file: Path | None) -> TopicMatcher:
    # Without thresholds: who tests a query wants to see how far it was missed.
    return TopicMatcher(replace(topic, threshold=0.0) for topic in topics_of(file).values())


def _places(text: str, words: set[str]) -> tuple[tuple[int, int], ...]:
    """Return where the words stand in the text as whole words, the longer first where two overlap."""
    taken: list[tuple[int, int]] = []
    for word in sorted(words, key=len, reverse=True):
        at = text.find(word) if word else -1
        while at >= 0:
            end = at + len(word)
            whole = not (text[at - 1 : at].isalnum() or text[end : end + 1].isalnum())
            if whole and all(end <= start or stop <= at for start, stop in taken):
                taken.append((at, end))
            at = text.find(word, end)
    return tuple(sorted(taken))
