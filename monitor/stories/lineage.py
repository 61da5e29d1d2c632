"""Lineage: whose text an article carries, whole or in part, by the runs of words that two texts share.

Source of the method: Manber, "Finding similar files in a large file system" (1994) and Broder, "On the resemblance and
containment of documents" (1997): runs of words are hashed, and of a long text those are kept whose hash is a multiple
of a number. The share of a text's own runs that are among the kept ones estimates how much of it stands in the other.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from hashlib import blake2b
from zlib import crc32

from monitor.stories.postings import Postings

__all__ = ["LineageIndex", "Match", "Text", "exact_key", "text_of"]

SHINGLE_WORDS = 3
"""Words in a run: at one word in ten changed 0.73 of a text's runs are left, of runs of four only 0.66."""

KEEP_ALL_RUNS = 120
"""Runs up to which a text is kept whole."""
KEEP_ONE_IN = 4
"""Of a longer text the runs whose hash is a multiple of this are kept: a standard error of 0.05 at 300 words."""

MIN_CONTAINMENT = 0.38
"""Share of an article's runs of words that stand in another text from which it is a copy of it."""
MIN_WHOLE, MIN_PARTIAL = 0.6, 0.2
"""A text that holds so much of a shorter one, and consists of it by so much, carries it: the shorter one was cut."""

MIN_SHARED = 4
"""Runs that must be shared whatever the shares."""
MOST_COMPARED = 8
"""Texts that are looked at, those that share the most."""

MIN_EXACT_WORDS = 8
"""Shorter bodies are compared together with their title: two outlets may both write "More follows."."""

_WORD = re.compile(r"\w+")
_LETTERS = re.compile(r"[^\W_]+")


@dataclass(frozen=True, slots=True)
class Text:
    """What the lineage of an article is decided on: hashes of its runs of words, and of all its words."""

    runs: tuple[int, ...]
    exact: str

    @property
    def kept(self) -> tuple[int, ...]:
        """The runs by which a later text finds this one."""
        return self.runs if self.one_in == 1 else tuple(run for run in self.runs if run % KEEP_ONE_IN == 0)

    @property
    def one_in(self) -> int:
        """One in how many runs is kept."""
        return 1 if len(self.runs) <= KEEP_ALL_RUNS else KEEP_ONE_IN


@dataclass(frozen=True, slots=True)
class Match:
    """The article whose text this is, and how much of this text stands in it (0 to 1)."""

    article_id: str
    containment: float


@dataclass(frozen=True, slots=True)
class _Kept:
    number: int
    exact: str
    count: int
    one_in: int


def text_of(title: str, body: str) -> Text:
    """Return what the lineage of an article is decided on."""
    words = _WORD.findall(body.replace("'", "").replace("’", "").casefold())
    runs = {
        crc32(" ".join(words[at : at + SHINGLE_WORDS]).encode("utf-8", "surrogatepass"))
        for at in range(len(words) - SHINGLE_WORDS + 1)
    }
    return Text(tuple(sorted(runs)), exact_key(title, body))


def exact_key(title: str, body: str) -> str:
    """Return a hash of the text's words alone: punctuation, case and spacing differ from outlet to outlet."""
    text = body if len(body.split()) >= MIN_EXACT_WORDS else f"{title} {body}"
    normal = unicodedata.normalize("NFKC", text).casefold()
    return blake2b(" ".join(_LETTERS.findall(normal)).encode("utf-8", "surrogatepass"), digest_size=12).hexdigest()


class LineageIndex:
    """The texts of the window, found by what they share. Memory grows with the texts kept, not with the days run."""

    def __init__(self) -> None:
        self._texts: dict[str, _Kept] = {}
        self._ids: dict[int, str] = {}
        self._exact: dict[str, list[str]] = {}
        self._postings = Postings()
        self._next = 0

    def add(self, article_id: str, exact: str, kept: tuple[int, ...], one_in: int) -> None:
        """Keep a text under its article id by ``Text.kept`` and ``one_in``; a text kept before is replaced."""
        self.remove(article_id)
        self._texts[article_id] = _Kept(self._next, exact, len(kept), one_in)
        self._ids[self._next] = article_id
        self._exact.setdefault(exact, []).append(article_id)
        self._postings.add(self._next, kept)
        self._next += 1

    def remove(self, article_id: str) -> None:
        """Forget the text of an article; nothing happens where there is none."""
        text = self._texts.pop(article_id, None)
        if text is None:
            return
        del self._ids[text.number]
        self._postings.remove(text.number)
        same = self._exact[text.exact]
        same.remove(article_id)
        if not same:
            del self._exact[text.exact]

    def find(self, text: Text) -> Match | None:
        """Return the text that this one has the most of, the first added on a tie; None where it is original."""
        same = self._exact.get(text.exact)
        if same:
            return Match(same[0], 1.0)
        shared, common = self._postings.find(text.runs)
        own = len(text.runs) - common
        best: Match | None = None
        for number in sorted(shared, key=lambda each: (-shared[each], each))[:MOST_COMPARED]:
            if shared[number] < MIN_SHARED:
                break
            article_id = self._ids[number]
            kept = self._texts[article_id]
            here = min(1.0, shared[number] * kept.one_in / own)
            there = min(1.0, shared[number] / kept.count)
            copy = here >= MIN_CONTAINMENT or (there >= MIN_WHOLE and here >= MIN_PARTIAL)
            if copy and (best is None or here > best.containment):
                best = Match(article_id, here)
        return best
