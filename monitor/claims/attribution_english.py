"""English attribution: who says what, from cues and clause shapes.

The frames, with S source, V cue, C content: S V C ("Moscow denied plans"), C S V and C V S ("..., officials said",
"...," said Smith), C1 S V C2 ("The ship, Smith said, sank"), V S C ("According to Smith, ..."), passive with and
without "by", participles ("..., adding that"), hedges ("reportedly"), and quotations that go on in later sentences.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from monitor.claims import attribution_words as words
from monitor.claims.attribution_found import Found
from monitor.claims.attribution_grammar import Group, Phrase, is_adverb, verb_group
from monitor.claims.attribution_phrases import main_subject, phrase_after, subject_before
from monitor.claims.attribution_rare import Piece, RareFrames
from monitor.claims.attribution_tokens import Reading
from monitor.claims.cues import CueKind, Form
from monitor.claims.cues_english import HEDGES
from schemas import Span

__all__ = ["find_english"]

_LEFT_KINDS = frozenset({CueKind.SAY, CueKind.ASK, CueKind.THINK, CueKind.SHOW})
_NESTED_KINDS = frozenset({CueKind.SAY, CueKind.DENY, CueKind.ACCUSE})
_LEFT_FOLLOWERS = words.PREPOSITIONS | words.SUBORDINATORS - {"that", "whether"} | {"and", ".", ",", ";", "?", "!", ")"}
_WHEN = frozenset({"", "when", "while", "if", "and", "—", ";"})
_CONJUNCTIONS = frozenset({"and", "but", "or", "nor", "then"})


def find_english(reading: Reading) -> list[Found]:
    """Return the attributions of an English text, in order of their cues."""
    return [found for number in range(len(reading.units)) for found in _Clause(reading, number).find()]


def _is_part(one: Found, found: list[Found]) -> bool:
    """Whether it is part of what somebody says, and no statement of its own: "He said that he hoped ...".

    Sayings and denials inside others are kept. Of the rest PolNeAR's annotators marked one in five.
    """
    cue = one.cue[0][0]
    inside = any(start <= cue < end for other in found if other is not one for start, end in other.content)
    return inside and one.kind not in _NESTED_KINDS


class _Clause(RareFrames):
    """The rules for one unit."""

    def find(self) -> Iterator[Found]:
        """Yield the attributions of the unit."""
        pieces = list(self._pieces())
        found = [self._cut(piece, pieces[index + 1 :]) for index, piece in enumerate(pieces)]
        colon = self._speaker_colon()
        if colon:
            found.insert(0, colon)
        yield from (one for one in found if not _is_part(one, found))

    def _pieces(self) -> Iterator[Piece]:
        at, first, last = self.unit.first, self.unit.first, self.unit.last
        while at < last:
            token = self.tokens[at]
            if self.reading.quote_at(token.start) is not None:
                at += 1
                continue
            if token.low == "according" and at + 1 < last and self.tokens[at + 1].low == "to":
                yield from self._according(at)
                at += 2
            elif token.low in words.STATEMENT_NOUNS and self._next(at + 1) == "that":
                yield from self._noun(at)
                at += 1
            elif token.low in HEDGES:
                yield Piece(self._hedge(at), first, cuts=False, rightward=False)
                at += 1
            else:
                group = verb_group(self.reading, self.unit, at)
                found = list(self._verb(group)) if group else []
                yield from found
                # Past the whole cue: "cited ... as saying" has two verbs.
                ends = [self.reading.index(piece.found.cue[-1][1]) for piece in found]
                at = max([group.last if group else at + 1, *ends])

    def _cut(self, piece: Piece, later: list[Piece]) -> Found:
        """End a content before the next attribution of the main clause that it runs over."""
        found = piece.found
        if not piece.rightward or not found.content:
            return found
        start, end = found.content[-1]
        for other in later:
            begins = self.tokens[other.begins].start
            if other.cuts and start < begins < end:
                cut = self.extent.trim(start, begins)
                return replace(found, content=(*found.content[:-1], *cut)) if cut else found
        return found

    # -- frames

    def _verb(self, group: Group) -> Iterator[Piece]:
        if self._is_weak(group):
            return
        if group.cue.lemma == "ask" and group.form is Form.PAST and self._next(group.first - 1) in _WHEN:
            yield from self._when_asked(group)
            return
        if group.cue.lemma in {"seem", "appear"}:
            yield from self._seeming(group)
            return
        if group.passive:
            yield from self._passive(group)
            return
        if group.form is Form.ING:
            yield from self._participle(group)
            return
        before = group.first - 1
        low = self.tokens[before].low if before >= self.unit.first else ""
        if group.form is Form.PAST and self._is_reduced_passive(group):
            yield from self._passive(group)
            return
        if low in _CONJUNCTIONS or (low == "," and self._next(before - 1) in _CONJUNCTIONS):
            yield from self._coordinated(group, before)
            return
        if self._ends_content(before) and group.form in (Form.PAST, Form.THIRD):
            yield from self._inverted(group)
            return
        subject = subject_before(self.reading, self.unit, group.first)
        if subject is None or self._is_predicate(group, subject):
            return
        if group.cue.kind is CueKind.THINK and self.tokens[subject[0]].low in {"i", "we", "you"}:
            return  # the writer's own thoughts
        yield from self._plain(group, subject)

    def _is_reduced_passive(self, group: Group) -> bool:
        """``A plan backed by X``; but ``responded by saying`` and ``he said by telephone`` are none."""
        if self._next(group.last) != "by" or group.cue.lemma == "say":
            return False
        return not any(self._next(at).endswith("ing") for at in (group.last + 1, group.last + 2))

    def _plain(self, group: Group, subject: Phrase) -> Iterator[Piece]:
        """S V C, and C S V."""
        relative = self.tokens[subject[0]].low in {"who", "which", "that"}
        if not relative:
            self.last_subject = subject
        if group.cue.lemma in {"cite", "quote"} and (cited := self._cited(group, subject)):
            yield Piece(cited, subject[0], cuts=False)
            return
        begins = self._begins(subject[0])
        cuts = begins < subject[0]
        if self._quote_before(subject[0]) and group.cue.kind in _LEFT_KINDS:
            content = self.extent.left(subject[0], self._after_circumstances(group.last))
            if content and not self._quote_follows(group.last):
                yield Piece(self._found(subject, group, content), begins, cuts=False, rightward=False)
                return
        content = self.extent.right(group.last, group.cue, self._stop(group, subject, relative))
        if content:
            yield Piece(self._found(subject, group, content), begins, cuts)
        elif (
            group.cue.kind in _LEFT_KINDS and not relative and self._next(self._behind(group)) in {"", *_LEFT_FOLLOWERS}
        ):
            subject = self._narrowed(subject)
            if self._next(self._behind(group)) == "," and (inserted := self._inserted(group, subject)):
                yield Piece(self._found(subject, group, inserted), begins, cuts)
                return
            content = self.extent.left(subject[0], self._after_circumstances(group.last))
            if content and (len(content) > 1 or self._is_statement(content[0])):
                yield Piece(self._found(subject, group, content), begins, cuts=False, rightward=False)

    def _narrowed(self, subject: Phrase) -> Phrase:
        """Where no mark parts a statement from the source behind it, the source is the last short noun phrase."""
        before = self.tokens[subject[0] - 1] if subject[0] > self.unit.first else None
        if subject[1] - subject[0] <= 3 or before is None or not before.is_word:
            return subject
        articles = [at for at in range(*subject) if self.tokens[at].low in {"a", "an", "the"} and at > subject[0]]
        return (articles[-1], subject[1]) if articles else subject

    def _inserted(self, group: Group, subject: Phrase) -> tuple[Span, ...]:
        """``In 1990, Smith said, the ship sank``: what is before is an adverbial, and the statement is behind."""
        first = self.tokens[self.unit.first]
        comma = subject[0] - 1
        if comma <= self.unit.first or self._next(comma) != "," or comma - self.unit.first > 8:
            return ()
        if not (first.low in words.PREPOSITIONS or first.low in words.OPENERS or is_adverb(first)):
            return ()
        rest = self.extent.clause_from(self._behind(group) + 1)
        head = self.extent.trim(self.unit.start, self.tokens[comma].start)
        return (*head, *rest) if rest and first.low in words.PREPOSITIONS else rest

    def _coordinated(self, group: Group, before: int) -> Iterator[Piece]:
        """``Smith left and said that ...``: the subject is that of the verb before the conjunction."""
        subject = self.last_subject or main_subject(self.reading, self.unit)
        if subject is None or subject[1] > group.first:
            return
        content = self.extent.right(group.last, group.cue)
        if content:
            begins = before - 1 if before > self.unit.first and self.tokens[before - 1].low == "," else before
            yield Piece(self._found(subject, group, content), begins, cuts=True)

    def _inverted(self, group: Group) -> Iterator[Piece]:
        """``"...," said Smith``: the source stands behind the verb."""
        if group.last >= self.unit.last or not self._can_be_source(group.last):
            return
        source = phrase_after(self.reading, self.unit, group.last)
        content = self.extent.left(group.first, source[1]) if source else ()
        if source and content:
            self.last_subject = source
            yield Piece(self._found(source, group, content), group.first, cuts=False, rightward=False)

    def _participle(self, group: Group) -> Iterator[Piece]:
        before = self.tokens[group.first - 1].low if group.first > self.unit.first else ""
        helpers = {token.low for token in self.tokens[group.first : group.verb]}
        subject, cuts = self.last_subject, True
        if helpers & words.BE:
            subject, cuts = subject_before(self.reading, self.unit, group.first), False
        elif before not in {
            ",",
            "and",
            "but",
            "by",
            "in",
            "while",
            "",
            "”",
            '"',
            "''",
            "after",
            "before",
            "without",
            "for",
        }:
            near = subject_before(self.reading, self.unit, group.first)
            if near and self.tokens[near[0]].low == "with":
                near = (near[0] + 1, near[1])
            if near and self.tokens[near[1] - 1].low not in words.DOCUMENTS:
                subject = near
        if subject is None:
            subject = main_subject(self.reading, self.unit)
        content = self.extent.right(group.last, group.cue)
        if not content or subject is None or subject[0] <= group.verb < subject[1]:
            return
        begins = max(self.unit.first, group.first - 1)
        if subject[0] > self.unit.first and subject[1] == group.first and self.tokens[subject[0] - 1].low == "with":
            begins = subject[0] - 1
        yield Piece(self._found(subject, group, content), begins, cuts)
