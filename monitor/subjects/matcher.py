"""Which topics an article is about: thousands of queries over one pass through the text.

All words and phrases of all queries are one Aho-Corasick automaton, all names one gazetteer. A query is evaluated
only if a word or name without which it cannot hold was found.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TypedDict

from ahocorasick_rs import AhoCorasick

from monitor.errors import ConfigError
from monitor.subjects import gazetteer
from monitor.subjects.document import Document, Place
from monitor.subjects.evaluate import compiled
from monitor.subjects.gazetteer import Gazetteer, Kind
from monitor.subjects.query import And, Field, Lang, Near, Node, Not, Or, Ref, Term
from monitor.subjects.scoring import evidence, score_of_place, score_of_theme
from monitor.subjects.topic_file import Topic, read_topics
from monitor.subjects.words import stands_alone, word_end
from schemas import StoryAssignment, TaggedArticle, TopicMatch

__all__ = ["TopicMatcher"]

MAX_MATCHES = 20
"""Different strings that a match lists."""


class _Setting(TypedDict):
    """What the article names besides a topic; the keywords of ``evidence``."""

    first: int
    adjectives: frozenset[Place]
    countries: int


class TopicMatcher:
    """Compiled topics. Immutable and safe to share between threads."""

    def __init__(self, topics: Iterable[Topic], names: Gazetteer | None = None) -> None:
        self.topics = tuple(topics)
        self._names = names or gazetteer.default()
        self._numbers: dict[Term | Ref, int] = {}
        self._checks = [compiled(topic.node, self._number) for topic in self.topics]
        self._geographic = {n for n, topic in enumerate(self.topics) if _is_geographic(topic.node, self._names)}
        self._by_key: dict[int, list[int]] = defaultdict(list)
        for position, topic in enumerate(self.topics):
            for key in _keys(topic.node):
                self._by_key[self._numbers[key]].append(position)
        self._counts_to: dict[str, tuple[int, ...]] = {}
        by_text: dict[str, list[tuple[Term, int]]] = defaultdict(list)
        for term, number in self._numbers.items():
            if isinstance(term, Term):
                by_text[term.text].append((term, number))
        self._terms = list(by_text.values())
        self._automaton = AhoCorasick(list(by_text)) if by_text else None

    def _number(self, term: Term | Ref) -> int:
        return self._numbers.setdefault(term, len(self._numbers))

    @classmethod
    def from_file(cls, path: Path | None = None) -> TopicMatcher:
        """Compile a topics file; without a path the shipped one.

        Raises:
            ConfigError: the file is wrong; QueryError (one of them) where it is a query.
        """
        return cls(read_topics(path))

    def only(self, slug: str) -> TopicMatcher:
        """Return a matcher of that topic alone.

        Raises:
            ConfigError: there is no such topic; the message lists those that there are.
        """
        chosen = [topic for topic in self.topics if topic.slug == slug]
        if not chosen:
            known = ", ".join(sorted(topic.slug for topic in self.topics))
            raise ConfigError(f"there is no topic {slug!r}", hint=f"There are {known}.")
        return TopicMatcher(chosen, self._names)

    def names_in(self, text: str) -> bool:
        """Whether the gazetteer knows ``text`` as a name, in any case."""
        return bool(self._names.find(text.title()))

    def match(
        self, title: str, text: str, language: str | None = None, furniture: Sequence[Place] = ()
    ) -> tuple[TopicMatch, ...]:
        """Return the topics that the article is about, best first; those only mentioned in passing are not.

        ``furniture`` are spans of ``text`` that are not reporting: nothing in them counts.
        """
        document = Document(title, text, language, furniture)
        found, setting = self._find(document)
        candidates = {position for key in found for position in self._by_key.get(key, ())}
        matches = []
        for position in candidates:
            places = self._checks[position](document, found, None)
            if not places:
                continue
            if len(places) > 1:
                places = sorted(set(places))
            scored = evidence(places, document, **setting)
            points = score_of_place(scored) if position in self._geographic else score_of_theme(scored)
            topic = self.topics[position]
            if points >= topic.threshold:
                matches.append(TopicMatch(slug=topic.slug, score=round(points, 4), matches=_written(places, document)))
        return tuple(sorted(matches, key=lambda match: (-match.score, match.slug)))

    def tag(self, article: StoryAssignment) -> TaggedArticle:
        """Return the article with its topics."""
        topics = self.match(article.title, article.text, article.language, article.furniture)
        return TaggedArticle(**dict(article), topics=topics)

    def _find(self, document: Document) -> tuple[dict[int, list[Place]], _Setting]:
        """Return where each term and name of any query stands, and what the article names at all."""
        found: dict[int, list[Place]] = defaultdict(list)
        adjectives: list[Place] = []
        countries: set[str] = set()
        first = len(document.whole)
        for name in self._names.find(document.whole, document.language, folded=document.folded):
            place = (name.start, name.end)
            if document.is_furniture(place):
                continue
            if name.kind is Kind.DEMONYM:
                adjectives.append(place)
            if (country := self._names.country_of(name.slug)) is not None:
                countries.add(country)
                first = min(first, name.start)
            for number in self._refs_of(name.slug):
                found[number].append(place)
        if self._automaton is not None:
            for index, start, end in self._automaton.find_matches_as_indexes(document.folded, overlapping=True):
                self._add_terms(self._terms[index], start, end, document, found)
        setting: _Setting = {"first": first, "adjectives": frozenset(adjectives), "countries": len(countries)}
        return found, setting

    def _refs_of(self, slug: str) -> tuple[int, ...]:
        refs = self._counts_to.get(slug)
        if refs is None:
            slugs = self._names.stands_for(slug)
            numbers = (self._numbers.get(Ref(each)) for each in slugs)
            refs = self._counts_to[slug] = tuple(number for number in numbers if number is not None)
        return refs

    def _add_terms(
        self, group: list[tuple[Term, int]], start: int, end: int, document: Document, found: dict[int, list[Place]]
    ) -> None:
        text = document.folded
        # Most hits are parts of longer words: refuse those before anything else is looked at.
        begun = text[start - 1] if start else " "
        if begun.isascii() and begun.isalnum() and text[start].isascii():
            return
        for term, number in group:
            stop = word_end(text, end) if term.prefix else end
            if not stands_alone(text, start, stop) or document.is_furniture((start, stop)):
                continue
            if not term.exact or document.whole[start:end] == term.exact:
                found[number].append((start, stop))


def _written(places: Sequence[Place], document: Document) -> tuple[str, ...]:
    if len(places) == 1:
        start, end = places[0]
        return (document.whole[start:end],)
    return tuple(dict.fromkeys(document.whole[start:end] for start, end in places))[:MAX_MATCHES]


def _is_geographic(node: Node, names: Gazetteer) -> bool:
    """Whether a mention of some country or place is by itself enough for the query to hold."""
    branches = node.nodes if isinstance(node, Or) else (node,)
    entities = [names.entity(branch.slug) for branch in branches if isinstance(branch, Ref)]
    return any(entity is not None and entity.kind in (Kind.COUNTRY, Kind.PLACE) for entity in entities)


def _keys(node: Node) -> frozenset[Term | Ref]:
    """Return words and names of which one must be found for the query to hold."""
    match node:
        case Term() | Ref():
            return frozenset((node,))
        case Or(nodes):
            return frozenset().union(*map(_keys, nodes))
        case And(nodes):
            return max(filter(None, map(_keys, nodes)), key=_selectivity)
        case Near(left, right):
            return max(_keys(left), _keys(right), key=_selectivity)
        case Field(_, child):
            return _keys(child)
        case Not() | Lang():
            return frozenset()


def _selectivity(keys: frozenset[Term | Ref]) -> tuple[int, int]:
    """Long words are rare, and a name stands for hundreds of forms: prefer sets whose commonest member is rare."""
    lengths = [len(key.text) if isinstance(key, Term) else 0 for key in keys]
    return min(lengths, default=0), -len(keys)
