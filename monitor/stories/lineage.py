"""Lineage: whose text an article carries. Near-duplicates by MinHash and locality-sensitive hashing.

Source of the method: Broder, "On the resemblance and containment of documents" (1997); the fingerprints are rensa's.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from hashlib import blake2b
from typing import TypeVar

__all__ = ["LineageIndex", "Match", "Text", "exact_key"]

_K = TypeVar("_K")

BANDS = 32
ROWS = 4
"""32 bands of 4 values of the fingerprint: two texts that share 0.5 of their shingles meet with a chance of 0.87,
0.4 of 0.56, 0.2 of 0.05 (1 - (1 - j^ROWS)^BANDS)."""

MIN_RESEMBLANCE = 0.45
"""Share of common shingles (Jaccard) from which one text is a copy of the other."""

MIN_CONTAINMENT = 0.75
PARTIAL_RESEMBLANCE = 0.22
"""A text cut short is a copy when this share of it stands in the origin, whatever the resemblance above the floor."""

MIN_EXACT_WORDS = 8
"""Shorter bodies are compared together with their title: two outlets may both write "More follows."."""


@dataclass(frozen=True, slots=True)
class Text:
    """What the lineage of an article is decided on: MinHash values, a hash of the normalised text, its words."""

    fingerprint: tuple[int, ...]
    exact: str
    words: int


@dataclass(frozen=True, slots=True)
class Match:
    """The article whose text this is, and how much of this text stands in it (0 to 1)."""

    article_id: str
    containment: float


def exact_key(title: str, body: str) -> str:
    """Return a hash of the text's words alone: punctuation, case and spacing differ from outlet to outlet."""
    text = body if len(body.split()) >= MIN_EXACT_WORDS else f"{title} {body}"
    normal = unicodedata.normalize("NFKC", text).casefold()
    words = "".join(c if c.isalnum() else " " for c in normal).split()
    return blake2b(" ".join(words).encode(), digest_size=12).hexdigest()


class LineageIndex:
    """The texts of the window, found by what they share. Memory grows with the texts kept, not with the days run."""

    def __init__(self) -> None:
        self._texts: dict[str, Text] = {}
        self._exact: dict[str, list[str]] = {}
        self._bands: dict[tuple[int, ...], list[str]] = {}

    def add(self, article_id: str, text: Text) -> None:
        """Keep the text under its article id; a text kept before is replaced."""
        self.remove(article_id)
        self._texts[article_id] = text
        self._exact.setdefault(text.exact, []).append(article_id)
        for band in _bands(text.fingerprint):
            self._bands.setdefault(band, []).append(article_id)

    def remove(self, article_id: str) -> None:
        """Forget the text of an article; nothing happens where there is none."""
        text = self._texts.pop(article_id, None)
        if text is None:
            return
        _drop(self._exact, text.exact, article_id)
        for band in _bands(text.fingerprint):
            _drop(self._bands, band, article_id)

    def find(self, text: Text) -> Match | None:
        """Return the closest text that this one is a copy of, the first added on a tie; None where it is original."""
        same = self._exact.get(text.exact)
        if same:
            return Match(same[0], 1.0)
        best: tuple[float, Match] | None = None
        for article_id in self._candidates(text):
            resemblance, containment = _compare(text, self._texts[article_id])
            copy = resemblance >= MIN_RESEMBLANCE or (
                resemblance >= PARTIAL_RESEMBLANCE and containment >= MIN_CONTAINMENT
            )
            if copy and (best is None or resemblance > best[0]):
                best = (resemblance, Match(article_id, containment))
        return best[1] if best else None

    def _candidates(self, text: Text) -> Iterator[str]:
        seen: set[str] = set()
        for band in _bands(text.fingerprint):
            for article_id in self._bands.get(band, ()):
                if article_id not in seen:
                    seen.add(article_id)
                    yield article_id


def _compare(text: Text, origin: Text) -> tuple[float, float]:
    """Return resemblance, and the share of ``text`` that stands in ``origin`` as the two lengths imply it."""
    shared = sum(a == b for a, b in zip(text.fingerprint, origin.fingerprint, strict=True))
    resemblance = shared / len(text.fingerprint)
    common = resemblance * (text.words + origin.words) / (1 + resemblance)
    return resemblance, min(1.0, common / max(1, text.words))


def _bands(fingerprint: Sequence[int]) -> Iterator[tuple[int, ...]]:
    if fingerprint:
        for number in range(BANDS):
            yield (number, *fingerprint[number * ROWS : (number + 1) * ROWS])


def _drop(index: dict[_K, list[str]], key: _K, article_id: str) -> None:
    kept = index[key]
    kept.remove(article_id)
    if not kept:
        del index[key]
