"""Page furniture: what stands in an article's text and is not its reporting.

Mastheads, date headers, bylines, "Read more" lines, share links, credits, prompts, captions that come twice, and
lists of other headlines at the end. The rules look at a line's shape and place; the words are in ``furniture_words``.
"""

from __future__ import annotations

import re

from monitor.text.dates import date_lines
from monitor.text.furniture_words import CREDIT, DATED, HEADING, LABEL, PROMPT
from monitor.text.sentences import paragraph_spans
from schemas import Span

__all__ = ["body_of", "furniture_spans"]

HEAD_LINES = 6
"""Lines in which a masthead or a byline stands."""

BYLINE_WORDS = 5
"""A line of so few words, without a sentence's end, is a name, a place or a heading."""

HEADLINE_WORDS = 22
"""Headlines are shorter than this."""

CREDIT_CHARS = 120
"""A credit stands within so many characters of the end of its line."""

PROMPT_WORDS = 16
"""A line that asks for something is short; a longer one that speaks of newsletters is reporting."""

PROSE_WORDS = 7
"""A sentence of prose that ends in a question or exclamation mark has so many words: headlines end so too."""

SHORT_PROSE_WORDS = 4
"""A sentence with a full stop has so many."""

_TERMINAL = re.compile(r"[.!?…؟:;,—–][\"”’'»)\]“]*$")
_CLOSED = re.compile(r"[.!?…؟][\"”’'»)\]“]*$")
_FULL_STOP = re.compile(r"\.[\"”’'»)\]“]*$|[.!?]\s+\S")
"""Headlines have none; a question mark is no full stop."""
_WORDS = re.compile(r"\w+")


def furniture_spans(text: str, title: str = "") -> tuple[Span, ...]:
    """Return the spans of ``text`` that are furniture, in order, without overlap."""
    lines = paragraph_spans(text)
    dated = {span for span, _ in date_lines(text)}
    marked = {
        number: span
        for number, span in enumerate(lines)
        if span in dated or _is_labelled(text, span) or _is_prompt(text, span)
    }
    _mark_masthead(text, lines, dated, marked, title)
    _mark_bylines(text, lines, marked, title)
    _mark_repeats(text, lines, marked)
    _mark_tail(text, lines, marked)
    credited = [
        (match.start(), match.end())
        for number, (start, end) in enumerate(lines)
        if number not in marked
        for match in CREDIT.finditer(text, max(start, end - CREDIT_CHARS), end)
    ]
    return tuple(sorted([*marked.values(), *credited]))


def body_of(text: str, furniture: tuple[Span, ...]) -> str:
    """Return ``text`` with its furniture cut out."""
    kept, position = [], 0
    for start, end in furniture:
        kept.append(text[position:start])
        position = end
    kept.append(text[position:])
    return "".join(kept)


def _words(text: str, span: Span) -> int:
    return len(_WORDS.findall(text, *span))


def _is_prompt(text: str, span: Span) -> bool:
    """A line that asks the reader to subscribe, follow or share; not a paragraph that speaks of it."""
    return _words(text, span) <= PROMPT_WORDS and PROMPT.search(text, *span) is not None


def _is_labelled(text: str, span: Span) -> bool:
    """A line that begins with a label; a sentence that happens to ("Published on Monday, the report ...") is none."""
    if _words(text, span) > HEADLINE_WORDS + 8:
        return False
    return bool(LABEL.match(text, *span) or (DATED.match(text, *span) and not _is_prose(text, span)))


def _is_short_label(text: str, span: Span) -> bool:
    return _words(text, span) <= BYLINE_WORDS and not _TERMINAL.search(text[slice(*span)])


def _is_prose(text: str, span: Span) -> bool:
    words, line = _words(text, span), text[slice(*span)]
    if words > HEADLINE_WORDS:
        return True
    least = SHORT_PROSE_WORDS if _FULL_STOP.search(line) else PROSE_WORDS
    return words >= least and _CLOSED.search(line) is not None


def _same(a: str, b: str) -> bool:
    return _WORDS.findall(a.casefold()) == _WORDS.findall(b.casefold())


def _mark_masthead(text: str, lines: list[Span], dated: set[Span], marked: dict[int, Span], title: str) -> None:
    """The name of the paper: a short line above a date header, where another line follows that can be the headline."""
    first_date = next((number for number, span in enumerate(lines[:HEAD_LINES]) if span in dated), 0)
    follows = next((span for number, span in enumerate(lines) if number > first_date and number not in marked), None)
    if first_date and follows and not _is_prose(text, follows):
        for number in range(first_date):
            if _is_short_label(text, lines[number]) and not _same(text[slice(*lines[number])], title):
                marked[number] = lines[number]


def _mark_bylines(text: str, lines: list[Span], marked: dict[int, Span], title: str) -> None:
    """Names, places and headings: short lines without an end; but the first line left is the headline."""
    headline_seen = False
    for number, span in enumerate(lines):
        if number in marked:
            continue
        if not headline_seen:
            headline_seen = True
            continue
        if _is_short_label(text, span) and not _same(text[slice(*span)], title):
            marked[number] = span


def _mark_repeats(text: str, lines: list[Span], marked: dict[int, Span]) -> None:
    """The second and later times of one line: a caption under each size of a picture, a pull quote."""
    seen: set[str] = set()
    for number, (start, end) in enumerate(lines):
        if number in marked:
            continue
        key = " ".join(_WORDS.findall(CREDIT.sub("", text[start:end]).casefold()))
        if key and key in seen:
            marked[number] = (start, end)
        seen.add(key)


def _mark_tail(text: str, lines: list[Span], marked: dict[int, Span]) -> None:
    """What follows the last paragraph of prose, and the headlines listed under a heading such as "Most read"."""
    prose = [number for number, span in enumerate(lines) if number not in marked and _is_prose(text, span)]
    if not prose:
        return
    for number in range(prose[-1] + 1, len(lines)):
        marked.setdefault(number, lines[number])
    listing = False
    for number, span in enumerate(lines):
        if HEADING.match(text, *span) and number > prose[0]:
            listing, marked[number] = True, span
        elif listing and _words(text, span) <= HEADLINE_WORDS and not _FULL_STOP.search(text[slice(*span)]):
            marked[number] = span
        else:
            listing = False
