"""English attribution: who says what, from cues and clause shapes.

The frames, with S source, V cue, C content: S V C ("Moscow denied plans"), C S V and C V S ("..., officials said",
"...," said Smith), C1 S V C2 ("The ship, Smith said, sank"), V S C ("According to Smith, ..."), passive with and
without "by", participles ("..., adding that"), hedges ("reportedly"), and quotations that go on in later sentences.
"""

from __future__ import annotations

from collections.abc import Iterator

from monitor.claims import attribution_words as words
from monitor.claims.attribution_found import Found
from monitor.claims.attribution_grammar import (
    Group,
    Phrase,
    is_adverb,
    is_occasion,
    phrase_after,
    subject_before,
    verb_group,
)
from monitor.claims.attribution_tokens import Reading
from monitor.claims.cues import Cue, CueKind, Form
from monitor.claims.cues_english import HEDGES
from schemas import Span

__all__ = ["find_english"]


def find_english(reading: Reading) -> list[Found]:
    """Return the attributions of an English text, in order of their cues."""
    return [found for number in range(len(reading.units)) for found in _Clause(reading, number).find()]


class _Clause:
    """The rules for one unit."""

    def __init__(self, reading: Reading, number: int) -> None:
        self.reading, self.number, self.unit = reading, number, reading.units[number]
        self.tokens = reading.tokens

    def find(self) -> Iterator[Found]:
        last_subject: Phrase | None = None
        at = self.unit.first
        while at < self.unit.last:
            token = self.tokens[at]
            quoted = self.reading.quote_at(token.start) is not None
            if not quoted and token.low == "according" and at + 1 < self.unit.last and self.tokens[at + 1].low == "to":
                found = self._according(at)
                if found:
                    yield found
                at += 2
                continue
            if not quoted and token.low in HEDGES:
                yield self._hedge(at)
                at += 1
                continue
            group = verb_group(self.reading, self.unit, at) if not quoted else None
            if group:
                found, subject = self._verb(group, last_subject)
                last_subject = subject or last_subject
                if found:
                    yield found
                at = group.last
                continue
            at += 1
        colon = self._speaker_colon()
        if colon:
            yield colon

    # -- frames

    def _verb(self, group: Group, last_subject: Phrase | None) -> tuple[Found | None, Phrase | None]:
        if group.passive:
            return self._passive(group), None
        if group.form is Form.ING:
            return self._participle(group, last_subject), None
        left = group.first - 1
        subject = None
        if not (left >= self.unit.first and self._is_content_end(left)):
            subject = subject_before(self.reading, self.unit, group.first)
        elif group.form in (Form.PAST, Form.THIRD):
            source = phrase_after(self.reading, self.unit, group.last)
            if source:
                content = self._content_left(group.first, source[1])
                return (self._found(source, group, content) if content else None), source
        if subject is None:
            return None, None
        if group.cue.lemma in {"cite", "quote"} and (cited := self._cited(group, subject)):
            return cited, subject
        content = self._content_right(group)
        if not content and group.cue.kind in (CueKind.SAY, CueKind.ASK, CueKind.THINK, CueKind.SHOW):
            content = self._content_left(subject[0], group.last)
        if not content:
            return None, subject
        if group.infinitive and subject is not None:
            return self._found(subject, group, content), subject
        return self._found(subject, group, content), subject

    def _cited(self, group: Group, subject: Phrase) -> Found | None:
        """``The sites cited diplomats as saying that ...``: the diplomats say it, the sites pass it on."""
        tokens = self.tokens
        for at in range(group.last + 1, min(group.last + 16, self.unit.last - 1)):
            if tokens[at].low == "as" and tokens[at + 1].low in {
                "saying",
                "telling",
                "claiming",
                "reporting",
                "stating",
            }:
                content = self._content_from(at + 2, group.cue)
                if not content:
                    return None
                return Found(
                    source=(self._span((group.last, at)),),
                    cue=(self._span((group.first, group.last)), self._span((at, at + 2))),
                    content=content,
                    kind=group.cue.kind,
                    lemma=group.cue.lemma,
                    via=(self._span(subject),),
                )
        return None

    def _participle(self, group: Group, last_subject: Phrase | None) -> Found | None:
        before = self.tokens[group.first - 1].low if group.first > self.unit.first else ""
        subject = last_subject
        helpers = {token.low for token in self.tokens[group.first : group.verb]}
        if helpers & words.BE:
            subject = subject_before(self.reading, self.unit, group.first)
        elif before not in {",", "and", "by", "in", "while", "", "”", '"', "after", "before"}:
            near = subject_before(self.reading, self.unit, group.first)
            if near and self.tokens[near[0]].low == "with":
                near = (near[0] + 1, near[1])
            subject = near
        content = self._content_right(group)
        if not content or subject is None:
            return None
        return self._found(subject, group, content)

    def _passive(self, group: Group) -> Found | None:
        subject = subject_before(self.reading, self.unit, group.first)
        after = self.tokens[group.last].low if group.last < self.unit.last else ""
        source: Phrase | None = None
        rest = group.last
        if after == "by":
            source = phrase_after(self.reading, self.unit, group.last + 1)
            rest = source[1] if source else rest
        if "o" in group.cue.takes:
            content = self._content_from(rest, group.cue)
        else:
            if group.cue.kind is CueKind.ACCUSE and after == "of":
                rest += 1
            right = self._content_from(rest, group.cue, bare=True)
            impersonal = subject is None or (subject[1] - subject[0] == 1 and self.tokens[subject[0]].low == "it")
            content = right if impersonal or subject is None else (self._span(subject), *right)
        return self._found(source, group, content) if content else None

    def _according(self, at: int) -> Found | None:
        source = phrase_after(self.reading, self.unit, at + 2)
        if source is None:
            return None
        cue = (self._span((at, at + 2)),)
        after = source[1]
        content: tuple[Span, ...]
        if at == self.unit.first or self.tokens[at - 1].low in {"but", "and", "—", ";"}:
            start = after + (after < self.unit.last and self.tokens[after].low == ",")
            content = self._clause_to_end(start)
        else:
            content = self._content_left(at, after)
        if not content:
            return None
        return Found((self._span(source),), cue, content, CueKind.SAY, "according to")

    def _hedge(self, at: int) -> Found:
        first = self.unit.start
        content = self._trim(first, self.unit.end)
        return Found((), (self._span((at, at + 1)),), content, CueKind.SAY, self.tokens[at].low, hedged=True)

    def _speaker_colon(self) -> Found | None:
        """``Peskov: "There are no troops"`` and headlines of the form ``Kremlin: No troops in Syria``."""
        tokens = self.tokens
        for at in range(self.unit.first + 1, min(self.unit.first + 8, self.unit.last - 1)):
            if tokens[at].low != ":":
                if not (tokens[at].is_capital or tokens[at].low in {"of", "the", "and"}):
                    return None
                continue
            if not tokens[self.unit.first].is_capital or tokens[at + 1].start == tokens[at].end:
                return None
            content = self._clause_to_end(at + 1)
            if content and content[0][1] - content[0][0] > 15:
                return Found(
                    (self._span((self.unit.first, at)),), (self._span((at, at + 1)),), content, CueKind.SAY, ":"
                )
        return None

    # -- content

    def _content_right(self, group: Group) -> tuple[Span, ...]:
        return self._content_from(group.last, group.cue)

    def _content_from(self, at: int, cue: Cue, bare: bool = False) -> tuple[Span, ...]:
        """The content that begins after token ``at - 1``, past adverbs, times, occasions and the person addressed."""
        at = self._skip_circumstances(at)
        tokens, last = self.tokens, self.unit.last
        if at >= last or tokens[at].low in {".", "?", "!", ";"}:
            return self._quote_below() if at >= last and tokens[last - 1].low == ":" else ()
        if "o" in cue.takes and tokens[at].low not in {"that", ":", ","}:
            at = self._skip_addressee(at)
            if at >= last:
                return ()
        if tokens[at].low in {":", ","}:
            quoted = at + 1 < last and self.reading.quote_starting(tokens[at + 1].start) is not None
            if tokens[at].low == "," and not quoted:
                return ()
            at += 1
            if at >= last:
                return self._quote_below()
        return self._clause_to_end(at)

    def _skip_circumstances(self, at: int) -> int:
        tokens, last = self.tokens, self.unit.last
        while at < last:
            token = tokens[at]
            if is_adverb(token) or token.low in words.TIMES - {"this", "may", "last"}:
                at += 1
            elif token.low in {"on", "in", "during", "at", "to", "after", "last", "this"} and (
                end := self._occasion_end(at)
            ):
                at = end
            else:
                break
        return at

    def _occasion_end(self, at: int) -> int:
        """Where "in a statement", "on Monday", "to reporters", "in an interview with CNN" ends; 0: it is none."""
        tokens, last = self.tokens, self.unit.last
        if not is_occasion(tokens, at, last) and tokens[at].low not in {"to"}:
            return 0
        stop = at + 1
        while stop < last and stop - at < 14:
            token = tokens[stop]
            if token.low in {"that", ",", ":", ".", "whether"} or self.reading.quote_starting(token.start):
                return stop
            if token.low in words.SUBJECT_PRONOUNS or token.low in words.AUXILIARIES:
                return stop if token.low in words.SUBJECT_PRONOUNS else 0
            stop += 1
        return stop if stop == last else 0

    def _skip_addressee(self, at: int) -> int:
        """Past "reporters", "The UK Times": up to "that", a mark, a pronoun, the beginning of a clause."""
        tokens, last, start = self.tokens, self.unit.last, at
        while at < last and at - start < 16:
            token = tokens[at]
            if token.low in {"that", ":", ",", "to", "whether", "if", "how", "what", "why", "about", "of"}:
                return at
            if self.reading.quote_starting(token.start):
                return at
            if at > start and token.low in words.SUBJECT_PRONOUNS | {"the", "there", "his", "their", "a"}:
                return at
            at += 1
        return at if at == last else start

    def _clause_to_end(self, at: int) -> tuple[Span, ...]:
        """From token ``at`` to the end of its quotation or of the unit, less the full stop."""
        if at >= self.unit.last:
            return ()
        start = self.tokens[at].start
        quote = self.reading.quote_starting(start)
        if quote and quote.end <= self.unit.end and self._ends_quotation(quote.start, quote.end):
            return self._with_following(((quote.start, quote.end),), quote.open_ended)
        return self._trim(start, self.unit.end)

    def _ends_quotation(self, start: int, end: int) -> bool:
        """A quotation of some length that closes with a mark stands for itself; a quoted word is part of its clause."""
        return self.reading.text[end - 2] in ".,?!…;" or end - start > 60 or end >= self.unit.end

    def _content_left(self, source: int, after: int) -> tuple[Span, ...]:
        """What stands before the source at token ``source``; and behind it, after a comma, what goes on."""
        last = source - 1
        while last > self.unit.first and self.tokens[last].low in {",", "—", "–"}:
            last -= 1
        if last < self.unit.first:
            return ()
        end = self.tokens[last].end
        start = self.unit.start
        if end - start < 3:
            return ()
        found = ((start, end),) if self.reading.quote_ending(end) else self._trim(start, end)
        if after < self.unit.last and self.tokens[after].low in {",", ":"} and after + 1 < self.unit.last:
            quote = self.reading.quote_starting(self.tokens[after + 1].start)
            if quote:
                return self._with_following((*found, (quote.start, quote.end)), quote.open_ended)
            return found
        return self._with_following(found, False) if self.reading.quote_ending(end) else found

    def _with_following(self, content: tuple[Span, ...], open_ended: bool) -> tuple[Span, ...]:
        """Add quotations that go on: in later sentences of the paragraph, in later paragraphs after an open end."""
        reading, number = self.reading, self.number + 1
        while number < len(reading.units):
            unit = reading.units[number]
            quote = reading.quote_starting(unit.start)
            same = unit.paragraph == self.unit.paragraph
            if not quote or quote.end < unit.end - 1 or not (same or open_ended):
                break
            content = (*content, (quote.start, quote.end))
            open_ended = quote.open_ended
            number += 1
        return content

    def _quote_below(self) -> tuple[Span, ...]:
        """The quotation in the next paragraph, after a colon at the end of this one."""
        if self.number + 1 >= len(self.reading.units):
            return ()
        below = self.reading.units[self.number + 1]
        quote = self.reading.quote_starting(below.start)
        return ((quote.start, quote.end),) if quote else ()

    def _is_content_end(self, at: int) -> bool:
        token = self.tokens[at]
        if token.low == ",":
            return at > self.unit.first and self._left_is_clause(at)
        return token.text in words.CLOSE_MARKS and self.reading.quote_ending(token.end) is not None

    def _left_is_clause(self, comma: int) -> bool:
        """Whether what stands before the comma can be a statement rather than a name: it holds a verb."""
        before = [token.low for token in self.tokens[self.unit.first : comma]]
        return "," not in before and len(before) > 5

    # -- spans

    def _found(self, source: Phrase | None, group: Group, content: tuple[Span, ...]) -> Found:
        return Found(
            source=(self._span(source),) if source else (),
            cue=(self._span((group.first, group.last)),),
            content=content,
            kind=group.cue.kind,
            lemma=group.cue.lemma,
            negated=group.negated,
            passive=group.passive,
        )

    def _span(self, phrase: Phrase) -> Span:
        return self.tokens[phrase[0]].start, self.tokens[phrase[1] - 1].end

    def _trim(self, start: int, end: int) -> tuple[Span, ...]:
        text = self.reading.text
        while end > start and (text[end - 1].isspace() or text[end - 1] in ".,;:"):
            end -= 1
        while start < end and (text[start].isspace() or text[start] in ",;:"):
            start += 1
        return ((start, end),) if end > start else ()
