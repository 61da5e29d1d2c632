"""Terms that the articles of a topic share and its query lacks."""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import pairwise

from monitor.subjects.folding import fold
from monitor.subjects.matcher import TopicMatcher
from monitor.subjects.query import Term, terms
from monitor.text.language import detect

__all__ = ["Suggestion", "suggest"]

MIN_ARTICLES = 3
"""Articles of a topic that must share a term: fewer is chance."""
MAX_TERMS = 10
"""Terms suggested for one topic."""
MIN_GAIN = 10.83
"""Least log-likelihood ratio: chance gives this once in a thousand (chi-squared, one degree of freedom)."""
MIN_LETTERS = 4

_WORD = re.compile(r"[^\W\d_]{2,}(?:['-][^\W\d_]+)*")


@dataclass(frozen=True, slots=True)
class Suggestion:
    """``term`` is in ``inside`` of the ``matched`` articles of the topic ``slug``, and in ``outside`` others."""

    slug: str
    term: str
    inside: int
    matched: int
    outside: int
    gain: float


def suggest(matcher: TopicMatcher, articles: Iterable[tuple[str, str]]) -> list[Suggestion]:
    """Return, for each topic, the words and word pairs that tell its articles (title, text) from the rest.

    Ranked by Dunning's log-likelihood ratio (1993) of the numbers of articles that hold the term.
    """
    everywhere: Counter[str] = Counter()
    by_topic: dict[str, Counter[str]] = {}
    matched: Counter[str] = Counter()
    total = 0
    for title, text in articles:
        total += 1
        found = set(_terms_of(title, text))
        everywhere.update(found)
        for match in matcher.match(title, text, detect(text, title).code):
            matched[match.slug] += 1
            by_topic.setdefault(match.slug, Counter()).update(found)
    suggestions = []
    for topic in matcher.topics:
        known = {term.text for term in terms(topic.node) if isinstance(term, Term)}
        ranked = _ranked(topic.slug, by_topic.get(topic.slug, Counter()), everywhere, matched[topic.slug], total)
        new = [item for item in ranked if not _is_known(item.term, known) and not matcher.names_in(item.term)]
        suggestions += new[:MAX_TERMS]
    return suggestions


def _ranked(slug: str, inside: Counter[str], everywhere: Counter[str], matched: int, total: int) -> list[Suggestion]:
    items = []
    for term, count in inside.items():
        outside = everywhere[term] - count
        if count < MIN_ARTICLES or count * (total - matched) <= outside * matched:
            continue
        gain = _log_likelihood(count, matched, outside, total - matched)
        if gain >= MIN_GAIN:
            items.append(Suggestion(slug, term, count, matched, outside, round(gain, 1)))
    return sorted(items, key=lambda item: (-item.gain, item.term))


def _log_likelihood(inside: int, matched: int, outside: int, others: int) -> float:
    share = (inside + outside) / (matched + others)

    def part(seen: int, size: int) -> float:
        expected = size * share
        return seen * math.log(seen / expected) if seen and expected else 0.0

    def missing(seen: int, size: int) -> float:
        expected = size * (1 - share)
        return (size - seen) * math.log((size - seen) / expected) if size - seen and expected else 0.0

    return 2 * (part(inside, matched) + part(outside, others) + missing(inside, matched) + missing(outside, others))


def _is_known(term: str, known: set[str]) -> bool:
    return any(word in known or any(word.startswith(stem) for stem in known) for word in (term, *term.split()))


def _terms_of(title: str, text: str) -> Iterator[str]:
    for line in f"{title}\n{text}".splitlines():
        words = [fold(word) for word in _WORD.findall(line)]
        yield from (word for word in words if len(word) >= MIN_LETTERS)
        for first, second in pairwise(words):
            if len(first) >= MIN_LETTERS and len(second) >= MIN_LETTERS:
                yield f"{first} {second}"
