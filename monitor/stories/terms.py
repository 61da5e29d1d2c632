"""Terms of an article: what its story is recognised by, whatever the language."""

from __future__ import annotations

import functools
import math
import re
import sys
import unicodedata
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import justext

__all__ = ["Terms", "Words", "head_terms", "words_of"]

Terms = dict[str, float]
"""Weight of each term in one text, before the inverse document frequency."""

STEM_LENGTH = 7
"""Letters of a word that count: a cheap stem that serves inflected languages."""

TITLE_WEIGHT = 2.0
NUMBER_WEIGHT = 0.5
LEAD_CHARACTERS = 1200
"""The head of the body: news tells the event first, background later."""

TITLE_CASE_SHARE = 0.6
"""Share of capitals among a headline's longer words from which it is in title case, where a capital says nothing."""
LONGER_WORD = 4

_WORD = re.compile(r"[^\W_]+(?:['’][^\W_]+)*")
_LONGER = re.compile(rf"[^\W\d_]{{{LONGER_WORD},}}")
# A word inside a sentence: behind a letter, a digit or a comma, and a blank.
_INSIDE = re.compile(r"(?<=[\w,;] )[^\W\d_]\w*")
_STOPLISTS = {"de": "German", "en": "English", "es": "Spanish", "fr": "French", "it": "Italian", "pt": "Portuguese"}
"""justext's lists that hold function words only; its Russian and Arabic ones hold names of countries."""


@dataclass(frozen=True, slots=True)
class Words:
    """The weighted terms of an article, which of them stand in its title, and which are written as names."""

    terms: Terms
    title: frozenset[str]
    names: frozenset[str]


@functools.lru_cache(maxsize=32)
def _stop_words(language: str) -> frozenset[str]:
    name = _STOPLISTS.get(language)
    return frozenset(word.casefold() for word in justext.get_stoplist(name)) if name else frozenset()


def words_of(title: str, body: str, language: str) -> Words:
    """Return the words of an article: sublinear frequency, the title counted more than the body's head.

    Names are words with a capital inside a sentence; a headline in title case has none.
    """
    stop = _stop_words(language)
    lead = body[:LEAD_CHARACTERS]
    counts: Counter[str] = Counter(_terms(lead, stop))
    in_title = frozenset(_terms(title, stop))
    weights: Terms = {term: 1 + math.log(count) for term, count in counts.items()}
    for term in in_title:
        weights[term] = weights.get(term, 0.0) + TITLE_WEIGHT
    weighted = {term: weight * NUMBER_WEIGHT if term.isdecimal() else weight for term, weight in weights.items()}
    capitals = [word for word in _INSIDE.findall(lead) if word[0].isupper()]
    longer = _LONGER.findall(title)
    if sum(word[0].isupper() for word in longer) < TITLE_CASE_SHARE * len(longer):
        capitals += [word for word in _WORD.findall(title) if word[0].isupper()]
    names = frozenset(_terms(" ".join(capitals), stop))
    return Words(weighted, in_title, names & weighted.keys())


def head_terms(title: str, body: str, language: str) -> frozenset[str]:
    """Return the terms of the title and the body's head, each once: what document frequencies count."""
    return frozenset(_terms(f"{title} {body[:LEAD_CHARACTERS]}", _stop_words(language)))


def _terms(text: str, stop: frozenset[str]) -> Iterator[str]:
    return _stems(_WORD.findall(unicodedata.normalize("NFKC", text).casefold().replace("’", "'")), stop)


def _stems(words: Iterable[str], stop: frozenset[str]) -> Iterator[str]:
    for found in words:
        word = found.removesuffix("'s")
        if word not in stop and (len(word) > 2 or word.isdecimal()):
            # One string for all articles that have the term: a window holds it in thousands of tables.
            yield sys.intern(word[:STEM_LENGTH])
