"""How far a content reaches: to the right of its cue, to the left of its source, and on into later quotations."""

from __future__ import annotations

from monitor.claims import attribution_words as words
from monitor.claims.attribution_grammar import Phrase, is_adverb, is_finite, is_occasion, opens_clause, starts_phrase
from monitor.claims.attribution_tokens import Quote, Reading
from monitor.claims.cues import Cue, CueKind
from schemas import Span

__all__ = ["Extent"]

_QUESTION_WORDS = frozenset({"whether", "if", "how", "why", "what", "who", "when", "where", "which"})
_ADDRESS_ENDS = frozenset({"that", ":", ",", "to", "about", *_QUESTION_WORDS})
_LONG_QUOTE = 60
"""Characters from which a quotation is a statement of its own, whatever mark it ends with."""
_MAX_ADDRESSEE = 16
_MAX_OCCASION = 14


class Extent:
    """The rules of extent for one unit of a text."""

    def __init__(self, reading: Reading, number: int) -> None:
        self.reading, self.number, self.unit = reading, number, reading.units[number]
        self.tokens = reading.tokens

    def right(self, at: int, cue: Cue, stop: int | None = None, *, addressed: bool = True) -> tuple[Span, ...]:
        """The content from token ``at``, past adverbs, occasions and the person addressed; nothing where none fits.

        ``stop``: the token that it must end before.
        """
        tokens, last = self.tokens, self.unit.last
        at = self._skip_circumstances(at)
        if at >= last:
            return self.quote_below() if tokens[last - 1].low == ":" else ()
        if tokens[at].low == "as" and cue.kind is CueKind.DENY:
            at = self._past_verdict(at)
        if addressed and "o" in cue.takes and tokens[at].low not in {"that", ":", ","}:
            at = self.skip_addressee(at)
            if at >= last or tokens[at].low in {".", "?", "!", ";"}:
                return ()
        if tokens[at].low in {":", ","}:
            quoted = at + 1 < last and self._quote_at(at + 1) is not None
            if tokens[at].low == "," and not quoted:
                return ()
            at += 1
            if at >= last:
                return self.quote_below()
            return self.clause_from(at, stop)
        return self.clause_from(at, stop) if self._fits(at, cue) else ()

    def _past_verdict(self, at: int) -> int:
        """Past the verdict in "dismissed as nonsense reports that ...": to what was said."""
        for index in range(at + 2, min(at + 8, self.unit.last)):
            if self.tokens[index].low in _REPORTS:
                return index
        return at

    def _fits(self, at: int, cue: Cue) -> bool:
        """Whether what begins at ``at`` is something that the cue takes as its content."""
        token, takes = self.tokens[at], cue.takes
        if cue.particle:
            return token.low not in {".", ";", ")", "?", "!"}
        if token.low in {".", "?", "!", ";", ")", "—", "–", "--", "and", "or", "by"}:
            return False
        if self._quote_at(at) is not None:
            return True
        if token.low == "that" and at + 1 < self.unit.last:
            return "c" in takes or "q" in takes or "n" in takes
        if token.low in _QUESTION_WORDS:
            return "w" in takes or "c" in takes
        if token.low == "to":
            return "i" in takes or "o" in takes
        if cue.kind is CueKind.PLAN:
            return False
        if token.low in words.PREPOSITIONS or token.low in words.SUBORDINATORS:
            return False
        if "n" in takes or "s" in takes or "o" in takes:
            return starts_phrase(token) or not is_adverb(token)
        return ("c" in takes or "q" in takes) and opens_clause(self.tokens, at, self.unit.last)

    def clause_from(self, at: int, stop: int | None = None) -> tuple[Span, ...]:
        """From token ``at`` to the end of its quotation or of the unit, or before ``stop``; less the full stop."""
        if at >= self.unit.last or (stop is not None and at >= stop):
            return ()
        start = self.tokens[at].start
        quote = self._quote_at(at)
        if quote and quote.end <= self.unit.end and self._stands_alone(quote.start, quote.end):
            return self.with_following(((quote.start, quote.end),), quote.open_ended)
        end = self.unit.end if stop is None else self.tokens[stop - 1].end
        found = self.trim(start, end)
        return self.with_following(found, False) if found and stop is None else found

    def _stands_alone(self, start: int, end: int) -> bool:
        """A quotation that ends as a sentence does stands for itself; a quoted word is part of its clause."""
        text = self.reading.text[start:end].rstrip("\"”’'»")
        return text[-1:] in ".,?!…;" or end - start > _LONG_QUOTE or end >= self.unit.end

    def left(self, source: int, after: int) -> tuple[Span, ...]:
        """What stands before the source at token ``source``; and behind it, from token ``after``, what goes on."""
        last = source - 1
        while last > self.unit.first and self.tokens[last].low in {",", "—", "–", "--"}:
            last -= 1
        if last < self.unit.first:
            return ()
        end = self.tokens[last].end
        if end - self.unit.start < 3:
            return ()
        quoted = self.reading.quote_ending(end) is not None
        found = ((self.unit.start, end),) if quoted else self.trim(self.unit.start, end)
        rest = self._goes_on(after, quoted)
        if rest:
            return (*found, *rest)
        return self.with_following(found, False) if quoted else found

    def _goes_on(self, after: int, quoted: bool) -> tuple[Span, ...]:
        """“The ship,” Smith said, “sank.” and The ship, Smith said, sank: what is behind the comma."""
        if after + 1 >= self.unit.last or self.tokens[after].low not in {",", ":"}:
            return ()
        quote = self._quote_at(after + 1)
        if quote:
            return self.with_following(((quote.start, quote.end),), quote.open_ended)
        following = self.tokens[after + 1]
        is_new = following.low in words.SUBORDINATORS | {"and", "or", "according"} or following.low.endswith("ing")
        if quoted or is_new or starts_phrase(following) or following.low in words.PREPOSITIONS:
            return ()
        if is_finite(self.tokens, after + 1, self.unit.first) or following.low in {"be", "been", "not"}:
            return self.trim(following.start, self.unit.end)
        return ()

    def with_following(self, content: tuple[Span, ...], open_ended: bool) -> tuple[Span, ...]:
        """Add quotations that go on: in later sentences of the paragraph, in later paragraphs after an open end."""
        reading, number = self.reading, self.number + 1
        while number < len(reading.units):
            unit = reading.units[number]
            quote = reading.quote_starting(unit.start)
            same = unit.paragraph == self.unit.paragraph
            whole = quote is not None and quote.end >= unit.end - 1
            if quote is None or not whole or not (same or open_ended or self._is_whole_paragraph(number)):
                break
            content = (*content, (quote.start, quote.end))
            open_ended = quote.open_ended
            number += 1
        return content

    def _is_whole_paragraph(self, number: int) -> bool:
        """Whether the unit is a paragraph of its own, so that a quotation there has no other source."""
        units, paragraph = self.reading.units, self.reading.units[number].paragraph
        around = [units[at].paragraph for at in (number - 1, number + 1) if 0 <= at < len(units)]
        return paragraph not in around

    def quote_below(self) -> tuple[Span, ...]:
        """The quotation in the next paragraph, after a colon at the end of this one."""
        if self.number + 1 >= len(self.reading.units):
            return ()
        below = self.reading.units[self.number + 1]
        quote = self.reading.quote_starting(below.start)
        if quote is None:
            return ()
        further = Extent(self.reading, self.number + 1)
        return further.with_following(((quote.start, quote.end),), quote.open_ended)

    def span(self, phrase: Phrase) -> Span:
        """Return the offsets of a phrase."""
        return self.tokens[phrase[0]].start, self.tokens[phrase[1] - 1].end

    def trim(self, start: int, end: int) -> tuple[Span, ...]:
        """Return the span without blanks and marks around it, nothing where nothing is left."""
        text = self.reading.text
        while end > start and (text[end - 1].isspace() or text[end - 1] in ".,;:—–"):
            end -= 1
        while start < end and (text[start].isspace() or text[start] in ",;:—–"):
            start += 1
        return ((start, end),) if end > start else ()

    def _quote_at(self, at: int) -> Quote | None:
        return self.reading.quote_starting(self.tokens[at].start)

    def _skip_circumstances(self, at: int) -> int:
        tokens, last = self.tokens, self.unit.last
        while at < last:
            token = tokens[at]
            if is_adverb(token) or token.low in words.TIMES - {"this", "may", "last", "next", "march"}:
                at += 1
            elif token.low in {"on", "in", "during", "at", "to", "after", "last", "this"} and (
                end := self._occasion(at)
            ):
                at = end
            else:
                break
        return at

    def _occasion(self, at: int) -> int:
        """Where "in a statement", "on Monday", "to reporters", "in an interview with CNN" ends; 0: it is none."""
        tokens, last = self.tokens, self.unit.last
        addressed = (
            tokens[at].low == "to"
            and at + 1 < last
            and (tokens[at + 1].low in _HEARERS or tokens[at + 1].low in words.DETERMINERS)
        )
        if not addressed and (tokens[at].low == "to" or not is_occasion(tokens, at, last)):
            return 0
        stop = at + 1
        while stop < last and stop - at < _MAX_OCCASION:
            token = tokens[stop]
            if token.low in {"that", ",", ":", ".", "whether"} or self.reading.quote_starting(token.start):
                return stop
            if token.low in words.SUBJECT_PRONOUNS:
                return stop
            if token.low in words.AUXILIARIES:
                return 0
            stop += 1
        return stop if stop == last else 0

    def skip_addressee(self, at: int) -> int:
        """Past "reporters", "The UK Times": up to "that", a mark, a pronoun, the beginning of a clause."""
        tokens, last, start = self.tokens, self.unit.last, at
        while at < last and at - start < _MAX_ADDRESSEE:
            token = tokens[at]
            if token.low in _ADDRESS_ENDS and at > start:
                return at
            if self.reading.quote_starting(token.start) or token.low in {".", "?", "!", ";"}:
                return at
            if at > start and token.low in words.SUBJECT_PRONOUNS | {"the", "there", "his", "their", "a", "her", "its"}:
                return at
            if at > start and not token.is_capital and tokens[at - 1].is_capital and self._clause_at(start, at):
                return at
            at += 1
        return at if at == last or (at == last - 1 and tokens[at].low == ".") else start

    def _clause_at(self, start: int, at: int) -> bool:
        """After a name, "told CNN troops had left": a plain noun with a verb behind it begins the statement."""
        return at - start <= 4 and self.tokens[at].is_word and opens_clause(self.tokens, at, self.unit.last)


_REPORTS = frozenset(
    {"reports", "report", "claims", "claim", "allegations", "accusations", "rumours", "rumors", "suggestions"}
)
_HEARERS = frozenset({"reporters", "journalists", "parliament", "congress", "lawmakers", "mps", "media", "supporters"})
