"""Letters as a search compares them: lower case, Latin ones without accents, as SQLite's FTS5 has them. No I/O."""

from __future__ import annotations

import unicodedata

__all__ = ["FOLDED", "PARTING", "fold"]

_LATIN = (*range(0xC0, 0x250), *range(0x1E00, 0x1F00))


def _base(character: str) -> str:
    first = unicodedata.normalize("NFD", character)[0]
    return first if first.isascii() else character


_PAIRS = {chr(code): _base(chr(code)) for code in _LATIN if chr(code) == chr(code).lower()}
_PAIRS = {letter: base for letter, base in _PAIRS.items() if letter != base}
FOLDED = ("".join(_PAIRS), "".join(_PAIRS.values()))
"""Lower-case Latin letters with accents, and at the same places those without."""

PARTING = "".join(chr(code) for code in (*range(0x21, 0x80), *range(0xA1, 0xC0), *range(0x2010, 0x2060), 0x20AC)
                  if not chr(code).isalnum())  # fmt: skip
"""Punctuation and signs: what parts words."""

_TABLE = str.maketrans(*FOLDED)


def fold(text: str) -> str:
    """Return a text as it is compared. It has as many characters as before, each at its place."""
    lowered = text.lower()
    if len(lowered) != len(text):  # a few capitals have no lower case of one character
        lowered = "".join(low if len(low := character.lower()) == 1 else character for character in text)
    return lowered.translate(_TABLE)
