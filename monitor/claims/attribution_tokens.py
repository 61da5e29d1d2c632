"""Tokens, quotations and units: the text as the rules of attribution see it.

A unit is a sentence, except that a quotation is never cut: “We left. We came back,” he said. is one unit.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

from monitor.text.sentences import paragraph_spans, sentence_spans
from schemas import Span

__all__ = ["Quote", "Reading", "Token", "Unit", "quotations"]

_TOKEN = re.compile(
    r"[^\W\d_]+\.(?:[^\W\d_]+\.)+|"  # U.S., a.m.
    r"[A-Z]\.(?=\s+[A-Z])|"  # an initial
    r"(?:Mr|Mrs|Ms|Dr|Sen|Rep|Gov|Gen|Col|Lt|Sgt|Capt|Maj|Adm|Prof|Rev|St|Jr|Sr|Inc|Ltd|Co|Corp|No)\.|"
    r"@?\w+(?:[-’'‑.&/]\w+)*[’']?(?!\w)|"
    r"\.{2,}|…|--|''|``|[^\w\s]"
)
_OPENERS = {"“": "”", "«": "»", "„": "“”", "‘": "’"}
_DATELINE = re.compile(
    r"(?:[A-ZÀ-Þ][A-ZÀ-Þ.'’/ -]{2,30}(?:, [\w. ]{2,25}){0,2}(?:\s*\([^()\n]{2,40}\))?|"
    r"[A-ZÀ-Þ][\w.'’ -]{2,30}(?:, [\w. ]{2,25}){0,2}\s*\([^()\n]{2,40}\))\s*(?:—|–|--|-)\s+"
)


@dataclass(frozen=True, slots=True)
class Token:
    """A word, number or mark: its offsets, as written and in lower case with straight apostrophes."""

    start: int
    end: int
    text: str
    low: str

    @property
    def is_word(self) -> bool:
        """Whether it is a word or a number, not a mark."""
        return self.text[0].isalnum() or self.text[0] == "@"

    @property
    def is_capital(self) -> bool:
        """Whether it begins with a capital letter."""
        return self.text[0].isupper()


@dataclass(frozen=True, slots=True)
class Quote:
    """A quotation with its marks. ``open_ended``: its paragraph ends without a closing mark, so that it may go on."""

    start: int
    end: int
    open_ended: bool = False


@dataclass(frozen=True, slots=True)
class Unit:
    """Sentences of one paragraph, no quotation cut: offsets, and the indices of its tokens, ``[first, last)``."""

    start: int
    end: int
    first: int
    last: int
    paragraph: int


class Reading:
    """A text cut into paragraphs, quotations, units and tokens; what lies in ``skip`` is not there.

    Offsets are those of ``text``. Paragraphs that are furniture as a whole are left out, so that a quotation goes on
    across a "Read more" line.
    """

    def __init__(self, text: str, skip: Sequence[Span] = ()) -> None:
        self.text = text
        parts = [part for span in paragraph_spans(text) for part in _without(span, skip)]
        self.paragraphs = [(_behind_dateline(text, start, end), end) for start, end in parts]
        self.quotes = [quote for start, end in self.paragraphs for quote in quotations(text, start, end)]
        self.tokens = [token for start, end in self.paragraphs for token in _tokens(text, start, end)]
        self._starts = [token.start for token in self.tokens]
        self._quote_starts = [quote.start for quote in self.quotes]

    @cached_property
    def units(self) -> list[Unit]:
        """The units of the text, in order."""
        return list(self._units())

    def _units(self) -> Iterator[Unit]:
        for number, (start, end) in enumerate(self.paragraphs):
            begin = start
            sentences = [(a + start, b + start) for a, b in sentence_spans(self.text[start:end])]
            for index, (_, stop) in enumerate(sentences):
                following = sentences[index + 1] if index + 1 < len(sentences) else None
                if following and (self.quote_at(stop) or self._asks_and_goes_on(stop, following)):
                    continue
                yield Unit(begin, stop, self.index(begin), self.index(stop), number)
                begin = following[0] if following else stop

    def _asks_and_goes_on(self, stop: int, following: Span) -> bool:
        """“Who knows?” Smith said: the mark inside the quotation ends no sentence."""
        if not re.search(r"[?!](?:[\"”’»]|'')\Z", self.text[max(0, stop - 3) : stop]):
            return False
        return (
            re.match(r"[\w.'’ -]{2,40}\b(?:said|asked|says|asks|told|wrote|added)\b", self.text[slice(*following)])
            is not None
        )

    def index(self, offset: int) -> int:
        """Return the index of the first token that starts at or after ``offset``."""
        return bisect_left(self._starts, offset)

    def quote_at(self, offset: int) -> Quote | None:
        """Return the quotation that ``offset`` lies inside of, between its marks."""
        number = bisect_left(self._quote_starts, offset) - 1
        return self.quotes[number] if number >= 0 and offset < self.quotes[number].end else None

    def quote_starting(self, offset: int) -> Quote | None:
        """Return the quotation whose opening mark is at ``offset``."""
        number = bisect_left(self._quote_starts, offset)
        if number < len(self.quotes) and self.quotes[number].start == offset:
            return self.quotes[number]
        return None

    def quote_ending(self, offset: int) -> Quote | None:
        """Return the quotation that ends at ``offset``."""
        number = bisect_left(self._quote_starts, offset) - 1
        return self.quotes[number] if number >= 0 and self.quotes[number].end == offset else None


def _behind_dateline(text: str, start: int, end: int) -> int:
    """Return where a paragraph begins behind "DAMASCUS, Sept. 3 (Reuters) - ": who reports is not who speaks."""
    found = _DATELINE.match(text, start, end)
    return found.end() if found else start


def _without(span: Span, skip: Sequence[Span]) -> Iterator[Span]:
    """Yield what of ``span`` is left outside ``skip``."""
    start, end = span
    for cut_start, cut_end in skip:
        if cut_start < end and cut_end > start:
            if cut_start > start:
                yield start, cut_start
            start = max(start, cut_end)
    if start < end:
        yield start, end


def _tokens(text: str, start: int, end: int) -> Iterator[Token]:
    for match in _TOKEN.finditer(text, start, end):
        word = match.group()
        yield Token(match.start(), match.end(), word, word.lower().replace("’", "'"))


def quotations(text: str, start: int, end: int) -> list[Quote]:
    """Return the outermost quotations of the paragraph ``text[start:end]``, marks included.

    A straight mark opens where a blank or a bracket is before it, and closes else. A quotation left open ends with the
    paragraph (the convention of newspapers for quotations of several paragraphs).
    """
    found: list[Quote] = []
    position = start
    while position < end:
        mark = text[position]
        closing = _closing_of(text, position, start, end)
        if closing is None:
            position += 1
            continue
        if closing < 0:
            if (
                mark in "‘'" and text[position : position + 2] != "''"
            ):  # an apostrophe, more likely than a quotation left open
                position += 1
                continue
            found.append(Quote(position, end, open_ended=True))
            break
        found.append(Quote(position, closing))
        position = closing
    return found


def _closing_of(text: str, position: int, start: int, end: int) -> int | None:
    """Return where the quotation that opens at ``position`` ends; -1: nowhere; None: none opens there."""
    mark = text[position]
    if mark in _OPENERS:
        return _curly_end(text, position, end)
    if text.startswith(("''", "``"), position):
        if not _opens(text, position, start, end, 2):
            return None
        closing = text.find("''", position + 2, end)
        return closing + 2 if closing >= 0 else -1
    if mark in "\"'" and _opens(text, position, start, end):
        closers = '["”]' if mark == '"' else "'"
        for match in re.finditer(closers, text[position + 1 : end]):
            at = position + 1 + match.start()
            if _closes(text, at, end):
                return at + 1
        return -1
    return None


def _curly_end(text: str, position: int, end: int) -> int:
    opener = text[position]
    closers, depth = _OPENERS[opener], 1
    for at in range(position + 1, end):
        if text[at] in closers and not (text[at] == "’" and at + 1 < end and text[at + 1].isalnum()):
            depth -= 1
            if not depth:
                return at + 1
        elif text[at] == opener:
            depth += 1
    # A mark missing inside: the last closing mark there is.
    last = max(text.rfind(closer, position + 1, end) for closer in closers)
    return last + 1 if last > position and opener not in "‘" else -1


def _opens(text: str, position: int, start: int, end: int, width: int = 1) -> bool:
    before = text[position - 1] if position > start else " "
    after = text[position + width] if position + width < end else " "
    return (before.isspace() or before in "([—–-:“") and not after.isspace()


def _closes(text: str, position: int, end: int) -> bool:
    after = text[position + 1] if position + 1 < end else " "
    return not text[position - 1].isspace() and not after.isalnum()
