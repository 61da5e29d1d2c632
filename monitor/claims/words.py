"""Words and stems: how a statement is cut into what can be compared. Pure, no data files."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Final

__all__ = ["STOPWORDS", "Token", "content_stems", "stem", "tokens"]

Token = tuple[str, int, int]
"""A word as written, and its offsets ``[start, end)``."""

_TOKEN: Final = re.compile(r"[^\W\d_]+(?:[-’'][^\W\d_]+)*|\d+(?:[.,]\d+)*", re.UNICODE)

_STOPWORDS: Final = """
    a an the this that these those there here it its he she they them him her his their our your my we you i who whom
    which what when where while why how as at by for from in into of off on onto out over to under up with within about
    across after against along among around before behind below beneath beside between beyond during inside near since
    through till toward towards until upon via and or but nor so yet if than then too also just only even still again
    already both either each every any all some more most other another such own same is am are was were be been being
    do does did done have has had having can could may might must shall should will would not no never none nothing
    nobody neither nowhere without cannot isn't aren't wasn't weren't don't doesn't didn't won't wouldn't can't couldn't
    hasn't haven't hadn't shouldn't say says said told tell tells according reported reportedly report reports allegedly
    claim claims claimed deny denies denied alleged allege plan plans planned planning intend intends intended intention
    s t re ve ll"""

STOPWORDS: Final = frozenset(_STOPWORDS.split())
"""Words that carry no content of a statement: function words, negations and verbs of saying (read elsewhere)."""

_KEEP_DOUBLE: Final = ("ll", "ss", "zz")
_MIN_STEM: Final = 3
"""Letters that must be left of a word for a suffix to be cut."""


def tokens(text: str) -> list[Token]:
    """Return the words and numbers of ``text`` with their offsets, in order."""
    return [(match.group(), match.start(), match.end()) for match in _TOKEN.finditer(text)]


@lru_cache(maxsize=65_536)
def stem(word: str) -> str:
    """Return the stem of an English word: inflection and the commonest nominal endings cut, final e dropped.

    Simpler than Porter's stemmer (M. F. Porter, "An algorithm for suffix stripping", 1980), whose steps 1a and 1b it
    follows: it need only map the forms of one word to one string.
    """
    word = word.lower().replace("’", "'").removesuffix("'s").removesuffix("'")
    if len(word) <= _MIN_STEM or not word.isascii():
        return word
    word = _cut_nominal(_cut_verbal(_cut_plural(word)))
    return word[:-1] if word.endswith("e") and len(word) > _MIN_STEM else word


def content_stems(text: str) -> list[str]:
    """Return the stems of the words of ``text`` that are no stopwords, in order."""
    return [stem(word) for word, _, _ in tokens(text) if word.lower().replace("’", "'") not in STOPWORDS]


def _cut_plural(word: str) -> str:
    if word.endswith("ies") and len(word) > _MIN_STEM + 1:
        return word[:-3] + "y"
    if word.endswith("sses"):
        return word[:-2]
    if word.endswith("s") and not word.endswith(("ss", "us", "is")):
        return word[:-1]
    return word


def _cut_verbal(word: str) -> str:
    if word.endswith("ied") and len(word) > _MIN_STEM + 1:
        return word[:-3] + "y"
    for suffix in ("ing", "ed"):
        root = word.removesuffix(suffix)
        if root != word and len(root) >= _MIN_STEM and re.search("[aeiouy]", root):
            doubled = len(root) > _MIN_STEM and root[-1] == root[-2] and not root.endswith(_KEEP_DOUBLE)
            return root[:-1] if doubled else root
    return word


def _cut_nominal(word: str) -> str:
    for suffix in ("ation", "ment", "ion", "ance", "ly"):
        root = word.removesuffix(suffix)
        if root != word and len(root) > _MIN_STEM:
            return root
    return word
