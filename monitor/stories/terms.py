"""Terms of an article: what its story is recognised by, whatever the language."""

from __future__ import annotations

import functools
import math
import re
import unicodedata
from collections import Counter
from collections.abc import Iterable

import justext

__all__ = ["Terms", "terms_of"]

Terms = dict[str, float]
"""Weight of each term in one text, before the inverse document frequency."""

STEM_LENGTH = 7
"""Letters of a word that count: a cheap stem that serves inflected languages."""

TITLE_WEIGHT = 2.0
NUMBER_WEIGHT = 0.5
LEAD_CHARACTERS = 1200
"""The head of the body: news tells the event first, background later."""

_WORD = re.compile(r"[^\W_]+(?:['’][^\W_]+)*")
_STOPLISTS = {"de": "German", "en": "English", "es": "Spanish", "fr": "French", "it": "Italian", "pt": "Portuguese"}
"""justext's lists that hold function words only; its Russian and Arabic ones hold names of countries."""


@functools.lru_cache(maxsize=32)
def _stop_words(language: str) -> frozenset[str]:
    name = _STOPLISTS.get(language)
    return frozenset(word.casefold() for word in justext.get_stoplist(name)) if name else frozenset()


def terms_of(title: str, body: str, language: str) -> Terms:
    """Return the weighted terms of an article: sublinear frequency, the title counted more than the body's head."""
    stop = _stop_words(language)
    counts: Counter[str] = Counter()
    for term in _terms(body[:LEAD_CHARACTERS], stop):
        counts[term] += 1
    weights: Terms = {term: 1 + math.log(count) for term, count in counts.items()}
    for term in set(_terms(title, stop)):
        weights[term] = weights.get(term, 0.0) + TITLE_WEIGHT
    return {term: weight * NUMBER_WEIGHT if term.isdecimal() else weight for term, weight in weights.items()}


def _terms(text: str, stop: frozenset[str]) -> Iterable[str]:
    for match in _WORD.finditer(unicodedata.normalize("NFKC", text)):
        word = match.group().casefold().replace("’", "'").removesuffix("'s")
        if word not in stop and (len(word) > 2 or word.isdecimal()):
            yield word[:STEM_LENGTH]
