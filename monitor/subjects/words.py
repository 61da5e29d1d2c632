"""Where a word begins and ends, in each script: decides whether a string found in a text stands there as a word."""

from __future__ import annotations

import re

from monitor.subjects.folding import is_word, script_of

__all__ = ["PLAIN_SCRIPTS", "stands_alone", "word_end"]

MAX_ENDING = 4
"""Letters that may follow a stem: Russian -скими, German -ischen."""

PLAIN_SCRIPTS = frozenset({"LATIN", "CYRILLIC", "GREEK", "ARMENIAN", "GEORGIAN"})
"""Scripts in which a word ends where its letters end."""
_NO_SPACES = frozenset({"CJK", "HIRAGANA", "KATAKANA", "THAI", "LAO", "KHMER", "MYANMAR"})
_PARTICLES_FOLLOW = frozenset({"HANGUL"})
# Proclitics that are written together with the word: "and", "so", "in", "to", "as", and the article.
_PROCLITICS = {
    "ARABIC": re.compile(r"[وف]?(?:[بكل]?ال|[بكل]|لل|س)?"),
    "HEBREW": re.compile(r"ו?(?:כש|מה|של|[בכלמהש])?ה?"),
}
_LONGEST_PROCLITIC = 4


def stands_alone(text: str, start: int, end: int, *, stem: bool = False) -> bool:
    """Whether ``text[start:end]`` is bounded as a word of its script is; a ``stem`` may go on for a short ending.

    Chinese, Japanese and Thai have no spaces, so anything goes; Arabic and Hebrew write "and", "in", "the" together
    with the word before which they stand, Korean its particles after it.
    """
    script = script_of(text[start])
    if script in _NO_SPACES:
        return True
    return _begins(text, start, script) and (script in _PARTICLES_FOLLOW or _ends(text, end, stem))


def _begins(text: str, start: int, script: str) -> bool:
    if start == 0 or not is_word(text[start - 1]):
        return True
    proclitics = _PROCLITICS.get(script)
    if proclitics is None:
        # Latin inside Chinese or Japanese: "在Syria".
        return script_of(text[start - 1]) in _NO_SPACES
    head = start - 1
    while head > 0 and is_word(text[head - 1]) and start - head <= _LONGEST_PROCLITIC:
        head -= 1
    return proclitics.fullmatch(text, head, start) is not None


def word_end(text: str, position: int) -> int:
    """Return where the word that goes on at ``position`` ends."""
    while position < len(text) and is_word(text[position]):
        position += 1
    return position


def _ends(text: str, end: int, stem: bool) -> bool:
    if end == len(text) or not is_word(text[end]):
        return True
    if script_of(text[end]) in _NO_SPACES:
        return True
    return stem and word_end(text, end) - end <= MAX_ENDING
