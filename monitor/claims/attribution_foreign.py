"""Attribution in Russian, French, German, Spanish and Arabic: few rules, and an abstention where none fits.

The frames, with S source, V cue, C content: S V that C; V S that C (Arabic); “C”, V S; C, V S; S: “C”; according
to S, C. A source of many words is a sign that the clause was not understood, and gives none.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from monitor.claims.attribution_extent import Extent
from monitor.claims.attribution_found import Found
from monitor.claims.attribution_tokens import Reading
from monitor.claims.cues import CueKind
from monitor.claims.cues_other import ForeignCues
from schemas import Span

__all__ = ["find_foreign"]

MAX_SOURCE_WORDS = 12
"""Words of the longest source that is believed."""

_BOUND = re.compile(r"[,:;.!?—–«»“”„\"()،؛؟]")
_WORD = re.compile(r"\w+")
_NEGATION = re.compile(r"(?:\b(?:не|nicht|no|لم|لا|ne|n['’])\s*)$", re.IGNORECASE)
_PARTED = re.compile(r"(?:wies|wiesen|weist|weisen)\b", re.IGNORECASE)
_REFUSED = re.compile(r"\b(?:se|s['’])\s*$", re.IGNORECASE)
"""“se negó a ...”: refused, not denied."""


def find_foreign(reading: Reading, cues: ForeignCues) -> list[Found]:
    """Return the attributions of a text in one of the languages with ``cues``, in order."""
    return [found for number in range(len(reading.units)) for found in _Sentence(reading, number, cues).find()]


class _Sentence:
    """The rules for one unit."""

    def __init__(self, reading: Reading, number: int, cues: ForeignCues) -> None:
        self.reading, self.unit, self.cues = reading, reading.units[number], cues
        self.text, self.extent = reading.text, Extent(reading, number)

    def find(self) -> Iterator[Found]:
        """Yield the attributions of the unit: its denial, else its first verb of saying, else its "according to"."""
        for pattern, kind in ((self.cues.deny, CueKind.DENY), (self.cues.say, CueKind.SAY)):
            for match in pattern.finditer(self.text, self.unit.start, self.unit.end):
                if self.reading.quote_at(match.start()) is None and (found := self._verb(match.span(), kind)):
                    yield found
                    return
        match_by = self.cues.by.search(self.text, self.unit.start, self.unit.end)
        if match_by and self.reading.quote_at(match_by.start()) is None and (found := self._by(match_by.span())):
            yield found

    def _verb(self, cue: Span, kind: CueKind) -> Found | None:
        before = self.text[self.unit.start : cue[0]]
        if kind is CueKind.DENY and (_REFUSED.search(before) or self._is_refusal(cue[1])):
            return None
        end = self.unit.end
        if _PARTED.match(self.text, cue[0]):
            # German parts "wies ... zurück": without its second half the verb means something else.
            second = self.text.rfind(" zurück", cue[1], end)
            if second < 0:
                return None
            end = second
        negated = kind is CueKind.DENY and _NEGATION.search(before) is not None
        source = self._source_before(cue[0])
        content: tuple[Span, ...] = ()
        if source and self.cues.before:
            content = self._content_after(cue[1], kind, end)
        if not content and self.cues.after:
            source = self._source_after(cue[1])
            content = self._inverted(cue, source, kind) if source else ()
        if not source or not content:
            return None
        return Found((source,), (cue,), content, kind, self.text[slice(*cue)].lower(), negated=negated)

    def _is_refusal(self, at: int) -> bool:
        return self.cues.denied_objects.match(self.text[at : self.unit.end].lstrip()) is not None

    def _inverted(self, cue: Span, source: Span, kind: CueKind) -> tuple[Span, ...]:
        """``“C”, V S`` and ``C, V S``; and where the verb comes first, ``V S that C``."""
        left = self._trim(self.unit.start, cue[0])
        if left and (self.reading.quote_ending(left[1]) or self.text[left[1] : cue[0]].strip(" —–") == ","):
            return (left,) if len(_WORD.findall(self.text, *left)) > 1 else ()
        return self._content_after(source[1], kind, self.unit.end)

    def _content_after(self, at: int, kind: CueKind, end: int) -> tuple[Span, ...]:
        """What follows: a clause with "that", a quotation behind a colon; of a denial any noun phrase."""
        rest = self.text[at : self.unit.end]
        start = at + len(rest) - len(rest.lstrip(" ,،"))
        if that := self.cues.that.match(self.text, start, self.unit.end):
            return self._spans(that.end(), end)
        opened = re.match(r"\s*[:：,]?\s*", rest)
        quote = self.reading.quote_starting(at + (opened.end() if opened else 0))
        if quote:
            return ((quote.start, min(quote.end, self.unit.end)),)
        if ":" in rest[:3]:
            return self._spans(at + rest.index(":") + 1, self.unit.end)
        if that := self.cues.that.search(self.text, start, min(start + 60, self.unit.end)):
            between = self.text[start : that.start()]
            if not re.search(r"[.;:]", between) and kind is CueKind.SAY:
                return self._spans(that.end(), self.unit.end)
        return self._spans(start, end) if kind is CueKind.DENY else ()

    def _by(self, cue: Span) -> Found | None:
        source = self._source_after(cue[1])
        if source is None:
            return None
        head = self._trim(self.unit.start, cue[0])
        if head and len(_WORD.findall(self.text, *head)) > 2:
            content: tuple[Span, ...] = (head,)
        else:
            content = self._spans(source[1], self.unit.end)
        return Found((source,), (cue,), content, CueKind.SAY, self.text[slice(*cue)].lower()) if content else None

    def _source_before(self, end: int) -> Span | None:
        """The words between the last mark and the verb; where a comma stands in between, what is behind it."""
        segment = self.text[self.unit.start : end]
        marks = list(_BOUND.finditer(segment))
        return self._as_source(self.unit.start + (marks[-1].end() if marks else 0), end)

    def _source_after(self, start: int) -> Span | None:
        """The words from the verb to the next mark or to "that"."""
        mark = _BOUND.search(self.text, start, self.unit.end)
        end = mark.start() if mark else self.unit.end
        that = self.cues.that.search(self.text, start, end)
        return self._as_source(start, that.start() if that else end)

    def _as_source(self, start: int, end: int) -> Span | None:
        for time in self.cues.times.finditer(self.text, start, end):
            if not self.text[start : time.start()].strip():
                start = time.end()
            elif not self.text[time.end() : end].strip():
                end = time.start()
        found = self._trim(start, end)
        if not found:
            return None
        words = len(_WORD.findall(self.text, *found))
        return found if 1 <= words <= MAX_SOURCE_WORDS else None

    def _spans(self, start: int, end: int) -> tuple[Span, ...]:
        found = self._trim(start, end)
        return (found,) if found and len(_WORD.findall(self.text, *found)) > 1 else ()

    def _trim(self, start: int, end: int) -> Span | None:
        found = self.extent.trim(start, end)
        if not found:
            return None
        first, last = found[0]
        while last > first and self.text[last - 1] in " .،؛-":
            last -= 1
        while first < last and self.text[first] in " ،-":
            first += 1
        return (first, last) if last > first else None
