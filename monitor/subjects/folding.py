"""Folding of text for look-up that keeps every character's place: one character in, one character out."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

__all__ = ["fold", "is_word", "script_of"]

_SAME = {
    "‘": "'", "’": "'", "ʼ": "'", "`": "'", "´": "'", "“": '"', "”": '"', "«": '"', "»": '"',
    "‐": "-", "‑": "-", "‒": "-", "–": "-", "ё": "е", "Ё": "е", "ı": "i", "İ": "i",
    "ø": "o", "Ø": "o", "ł": "l", "Ł": "l",
    # Arabic spelling varies in alef, yeh, teh marbuta, and between Arabic and Persian code points.
    "أ": "ا", "إ": "ا", "آ": "ا", "ٱ": "ا", "ى": "ي", "ی": "ي", "ة": "ه", "ک": "ك", "ؤ": "و", "ئ": "ي",
}  # fmt: skip


class _FoldTable(dict[int, str]):
    """Made as characters are met: the whole of Unicode would be a table of a million entries."""

    def __missing__(self, code: int) -> str:
        folded = self[code] = _fold_character(chr(code))
        return folded


def _fold_character(character: str) -> str:
    if character in _SAME:
        return _SAME[character]
    if character.isspace():
        return " "
    lower = character.lower()
    if len(lower) != 1:
        return character
    base = unicodedata.normalize("NFD", lower)
    if len(base) > 1 and base[0].isascii():
        return base[0]
    return lower


_TABLE = _FoldTable()


def fold(text: str) -> str:
    """Return ``text`` in lower case, without Latin accents, with quotes, dashes and spaces made alike.

    The result has the length of ``text``, so offsets into one are offsets into the other.
    """
    # Most text is mostly ASCII: lower-case that at C speed and look at the rest only.
    lower = text.replace("İ", "i").lower()
    if len(lower) != len(text):
        return text.translate(_TABLE)
    return _SPECIAL.sub(_folded_run, lower)


_SPECIAL = re.compile(r"[^\x20-\x7e]+|`")


def _folded_run(found: re.Match[str]) -> str:
    return found[0].translate(_TABLE)


@lru_cache(maxsize=4096)
def is_word(character: str) -> bool:
    """Whether the character is part of a word: a letter, a digit or a combining mark."""
    return character.isalnum() or unicodedata.category(character).startswith("M")


@lru_cache(maxsize=8192)
def script_of(character: str) -> str:
    """Return the script of a letter in the words of its Unicode name: LATIN, CYRILLIC, ARABIC, CJK, HANGUL..."""
    return unicodedata.name(character, "").split(" ", 1)[0]
