"""Sentences: where each begins and ends, in English, Russian, French, German, Spanish and Arabic.

Punctuation, abbreviations, initials and quotes decide; a sentence never crosses a line break. A quotation of several
sentences is several sentences here: who reads quotations joins them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from schemas import Span

__all__ = ["paragraph_spans", "sentence_spans"]

_LINE = re.compile(r"[^\n]+")
_END = re.compile(r"[.!?…؟۔。！？]+[\"”’'»)\]“]*(?=\s)")

_TITLES = "mr mrs ms dr prof rev hon st sr jr gen lt col maj capt cmdr sgt adm brig gov sen rep pres sec amb supt insp"
_MONTHS = "jan feb mar apr jun jul aug sep sept oct nov dec"
_FIRMS = "no vs etc inc ltd co corp bros dept est approx fig vol art"
_DATELINE_STATES = (
    "ala ariz ark calif colo conn del fla ga ill ind kan ky la md mass mich minn miss mo mont neb nev okla ore pa tenn "
    "tex va vt wash wis wyo"
)
_FRENCH_SPANISH_GERMAN = (
    "mme mlle mm sra srta sres ud uds dra gral núm pág bzw ca evtl ggf inkl usw vgl hr fr dipl str bspw sog max min"
)
_RUSSIAN = "г гг им ул тыс млн млрд руб стр т п д с см др пр ген кв"

_ABBREVIATIONS = frozenset(
    f"{_TITLES} {_MONTHS} {_FIRMS} {_DATELINE_STATES} {_FRENCH_SPANISH_GERMAN} {_RUSSIAN}".split()
)
_ALSO_WORDS = frozenset({"no", "art", "miss", "mass", "co", "est", "min", "max", "wash", "mar", "del", "la", "sec"})
"""Abbreviations that are words too: "No. 5", but "He said no. Then"."""

_LETTER_DOTS = re.compile(r"(?:[^\W\d_]\.)+[^\W\d_]$")
_LAST_WORD = re.compile(r"[\w.]+\Z")
_NEXT_START = re.compile(r"\s+[\"“‘«„'(\[—–-]*\s*(\S)")


def paragraph_spans(text: str) -> list[Span]:
    """Return the spans of the lines of ``text`` that hold more than blanks, without the blanks around them."""
    spans = []
    for match in _LINE.finditer(text):
        line = match.group()
        stripped = line.strip()
        if stripped:
            start = match.start() + line.index(stripped[0])
            spans.append((start, start + len(stripped)))
    return spans


def sentence_spans(text: str) -> list[Span]:
    """Return the spans of the sentences of ``text``, in order, with their closing quotes, without blanks around."""
    return [span for start, end in paragraph_spans(text) for span in _in_paragraph(text, start, end)]


def _in_paragraph(text: str, start: int, end: int) -> Iterator[Span]:
    begin = start
    for match in _END.finditer(text, start, end):
        if _ends_sentence(text, begin, match, end):
            yield begin, match.end()
            begin = match.end()
            while begin < end and text[begin].isspace():
                begin += 1
    if begin < end:
        yield begin, end


def _ends_sentence(text: str, begin: int, match: re.Match[str], end: int) -> bool:
    follows = _NEXT_START.match(text, match.end(), end)
    if follows is None:
        return False
    first = follows.group(1)
    if first.islower():
        return False  # “Stop!” he said
    mark = match.group()
    if mark != ".":
        return True  # "?", "!", "...", or a full stop with a closing quote behind it
    before = _LAST_WORD.search(text, begin, match.start())
    return before is None or not _is_abbreviation(before.group(), first)


def _is_abbreviation(before: str, first: str) -> bool:
    lowered = before.lower()
    if lowered in _ABBREVIATIONS:
        return lowered not in _ALSO_WORDS or first.isdigit()
    if len(before) == 1 and before.isupper():
        return before != "I"  # an initial: "J. Smith"
    # "U.S. Senate", "a.m. Monday": whether a sentence ends there cannot be told from the dots, and mostly it does not.
    return _LETTER_DOTS.match(lowered) is not None
