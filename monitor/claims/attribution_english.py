"""English attribution: who says what, from cues and clause shapes.

The frames, with S source, V cue, C content: S V C ("Moscow denied plans"), C S V and C V S ("..., officials said",
"...," said Smith), C1 S V C2 ("The ship, Smith said, sank"), V S C ("According to Smith, ..."), passive with and
without "by", participles ("..., adding that"), hedges ("reportedly"), and quotations that go on in later sentences.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from monitor.claims import attribution_words as words
from monitor.claims.attribution_extent import Extent
from monitor.claims.attribution_found import Found
from monitor.claims.attribution_grammar import Group, Phrase, is_adverb, is_finite, starts_phrase, verb_group
from monitor.claims.attribution_phrases import main_subject, phrase_after, subject_before
from monitor.claims.attribution_tokens import Reading
from monitor.claims.cues import CueKind, Form
from monitor.claims.cues_english import HEDGES
from schemas import Span

__all__ = ["find_english"]

_REPORTING_ING = frozenset({"saying", "telling", "claiming", "reporting", "stating"})
_LEFT_KINDS = frozenset({CueKind.SAY, CueKind.ASK, CueKind.THINK, CueKind.SHOW})
"""Kinds of cues whose content may stand before the source: "The ship sank, officials believe"."""
_NESTED_KINDS = frozenset({CueKind.SAY, CueKind.DENY, CueKind.ACCUSE})
_LEFT_FOLLOWERS = words.PREPOSITIONS | words.SUBORDINATORS - {"that", "whether"} | {"and", ".", ",", ";", "?", "!", ")"}
_NAME_WORDS = frozenset({"of", "the", "and", "at", "for", "in", "on", "to", "from"})
_CONTRASTS = frozenset({"and", "but", "while", "although", "though", "whereas", ";"})
_CONJUNCTIONS = frozenset({"and", "but", "or", "then"})


@dataclass(slots=True)
class _Piece:
    """One attribution found, with where its clause begins: what an earlier content must end before."""

    found: Found
    begins: int
    """Token at which its clause begins: the conjunction or comma before it, or its source."""
    cuts: bool
    """Whether a content that runs over it ends before it: it goes on in the main clause, not inside that content."""
    rightward: bool = True


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


class _Clause:
    """The rules for one unit."""

    def __init__(self, reading: Reading, number: int) -> None:
        self.reading, self.unit = reading, reading.units[number]
        self.tokens = reading.tokens
        self.extent = Extent(reading, number)
        self.last_subject: Phrase | None = None

    def find(self) -> Iterator[Found]:
        """Yield the attributions of the unit."""
        pieces = list(self._pieces())
        found = [self._cut(piece, pieces[index + 1 :]) for index, piece in enumerate(pieces)]
        colon = self._speaker_colon()
        if colon:
            found.insert(0, colon)
        yield from (one for one in found if not _is_part(one, found))

    def _pieces(self) -> Iterator[_Piece]:
        at, first, last = self.unit.first, self.unit.first, self.unit.last
        while at < last:
            token = self.tokens[at]
            if self.reading.quote_at(token.start) is not None:
                at += 1
                continue
            if token.low == "according" and at + 1 < last and self.tokens[at + 1].low == "to":
                yield from self._according(at)
                at += 2
            elif token.low in HEDGES:
                yield _Piece(self._hedge(at), first, cuts=False, rightward=False)
                at += 1
            else:
                group = verb_group(self.reading, self.unit, at)
                found = list(self._verb(group)) if group else []
                yield from found
                # Past the whole cue: "cited ... as saying" has two verbs.
                ends = [self.reading.index(piece.found.cue[-1][1]) for piece in found]
                at = max([group.last if group else at + 1, *ends])

    def _cut(self, piece: _Piece, later: list[_Piece]) -> Found:
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

    def _verb(self, group: Group) -> Iterator[_Piece]:
        if self._is_weak(group):
            return
        if group.passive:
            yield from self._passive(group)
            return
        if group.form is Form.ING:
            yield from self._participle(group)
            return
        before = group.first - 1
        low = self.tokens[before].low if before >= self.unit.first else ""
        if group.form is Form.PAST and self._next(group.last) == "by":
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

    def _plain(self, group: Group, subject: Phrase) -> Iterator[_Piece]:
        """S V C, and C S V."""
        relative = self.tokens[subject[0]].low in {"who", "which", "that"}
        if not relative:
            self.last_subject = subject
        if group.cue.lemma in {"cite", "quote"} and (cited := self._cited(group, subject)):
            yield _Piece(cited, subject[0], cuts=False)
            return
        begins = self._begins(subject[0])
        cuts = begins < subject[0]
        if self._quote_before(subject[0]) and group.cue.kind in _LEFT_KINDS:
            content = self.extent.left(subject[0], self._after_circumstances(group.last))
            if content and not self._quote_follows(group.last):
                yield _Piece(self._found(subject, group, content), begins, cuts=False, rightward=False)
                return
        content = self.extent.right(group.last, group.cue, self._stop(group, subject, relative))
        if content:
            yield _Piece(self._found(subject, group, content), begins, cuts)
        elif group.cue.kind in _LEFT_KINDS and not relative and self._next(group.last) in {"", *_LEFT_FOLLOWERS}:
            if self._next(group.last) == "," and (inserted := self._inserted(group, subject)):
                yield _Piece(self._found(subject, group, inserted), begins, cuts)
                return
            content = self.extent.left(subject[0], self._after_circumstances(group.last))
            if content and (len(content) > 1 or self._is_statement(content[0])):
                yield _Piece(self._found(subject, group, content), begins, cuts=False, rightward=False)

    def _inserted(self, group: Group, subject: Phrase) -> tuple[Span, ...]:
        """``In 1990, Smith said, the ship sank``: what is before is an adverbial, and the statement is behind."""
        first = self.tokens[self.unit.first]
        comma = subject[0] - 1
        if comma <= self.unit.first or self._next(comma) != "," or comma - self.unit.first > 8:
            return ()
        if not (first.low in words.PREPOSITIONS or first.low in words.OPENERS or is_adverb(first)):
            return ()
        rest = self.extent.clause_from(group.last + 1)
        head = self.extent.trim(self.unit.start, self.tokens[comma].start)
        return (*head, *rest) if rest and first.low in words.PREPOSITIONS else rest

    def _coordinated(self, group: Group, before: int) -> Iterator[_Piece]:
        """``Smith left and said that ...``: the subject is that of the verb before the conjunction."""
        subject = self.last_subject or main_subject(self.reading, self.unit)
        if subject is None or subject[1] > group.first:
            return
        content = self.extent.right(group.last, group.cue)
        if content:
            begins = before - 1 if before > self.unit.first and self.tokens[before - 1].low == "," else before
            yield _Piece(self._found(subject, group, content), begins, cuts=True)

    def _inverted(self, group: Group) -> Iterator[_Piece]:
        """``"...," said Smith``: the source stands behind the verb."""
        if group.last >= self.unit.last or not self._can_be_source(group.last):
            return
        source = phrase_after(self.reading, self.unit, group.last)
        content = self.extent.left(group.first, source[1]) if source else ()
        if source and content:
            self.last_subject = source
            yield _Piece(self._found(source, group, content), group.first, cuts=False, rightward=False)

    def _participle(self, group: Group) -> Iterator[_Piece]:
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
            subject = subject_before(self.reading, self.unit, group.first)
            if subject and self.tokens[subject[0]].low == "with":
                subject = (subject[0] + 1, subject[1])
        if subject is None:
            subject = main_subject(self.reading, self.unit)
        content = self.extent.right(group.last, group.cue)
        if not content or subject is None or subject[0] <= group.verb < subject[1]:
            return
        begins = max(self.unit.first, group.first - 1)
        if subject[0] > self.unit.first and subject[1] == group.first and self.tokens[subject[0] - 1].low == "with":
            begins = subject[0] - 1
        yield _Piece(self._found(subject, group, content), begins, cuts)

    def _passive(self, group: Group) -> Iterator[_Piece]:
        """``is said to``, ``was told that``, ``was accused by X of``, ``a plan backed by X``."""
        subject = subject_before(self.reading, self.unit, group.first)
        source: Phrase | None = None
        rest = group.last
        if self._next(rest) == "by":
            source = phrase_after(self.reading, self.unit, rest + 1)
            rest = source[1] if source else rest
        if group.cue.kind is CueKind.ACCUSE and self._next(rest) in {"of", "for", "with"}:
            rest += 1
        if "o" in group.cue.takes:
            content = self.extent.right(rest, group.cue, addressed=False)
        else:
            right = self.extent.clause_from(rest) if self._next(rest) not in {"", ".", ",", ";", ")"} else ()
            if source and self._next(source[1]) not in {"of", "to", "for", "as"}:
                right = ()
            impersonal = subject is None or (subject[1] - subject[0] == 1 and self.tokens[subject[0]].low == "it")
            content = right if impersonal or subject is None else (self.extent.span(subject), *right)
        if content:
            yield _Piece(self._found(source, group, content), group.first, cuts=False)

    def _according(self, at: int) -> Iterator[_Piece]:
        source = phrase_after(self.reading, self.unit, at + 2)
        if source is None:
            return
        leads = at == self.unit.first or self.tokens[at - 1].low in {"but", "and", "—", ";", "while"}
        if leads:
            source = self._up_to_clause(source)
        after = source[1]
        start = after + (self._next(after) == ",")
        content = self.extent.clause_from(start) if leads else self.extent.left(at, after)
        if content:
            begins = at - 1 if at > self.unit.first and self.tokens[at - 1].low == "," else at
            cue = (self.extent.span((at, at + 2)),)
            found = Found((self.extent.span(source),), cue, content, CueKind.SAY, "according to")
            yield _Piece(found, begins, cuts=True, rightward=False)

    def _up_to_clause(self, source: Phrase) -> Phrase:
        """``According to X, the minister, C``: what is behind a comma is no apposition if it has a verb."""
        for at in range(source[0], source[1]):
            if self.tokens[at].low == ",":
                ends = next((i for i in range(at + 1, self.unit.last) if self.tokens[i].low == ","), self.unit.last)
                if ends == self.unit.last or any(is_finite(self.tokens, i, at) for i in range(at + 2, ends)):
                    return source[0], at
        return source

    def _cited(self, group: Group, subject: Phrase) -> Found | None:
        """``The sites cited diplomats as saying that ...``: the diplomats say it, the sites pass it on."""
        tokens = self.tokens
        for at in range(group.last + 1, min(group.last + 16, self.unit.last - 1)):
            if tokens[at].low == "as" and tokens[at + 1].low in _REPORTING_ING:
                content = self.extent.clause_from(at + 2)
                cue = (self.extent.span((group.first, group.last)), self.extent.span((at, at + 2)))
                if not content:
                    return None
                found = self._found((group.last, at), group, content)
                return replace(found, cue=cue, via=(self.extent.span(subject),))
        return None

    def _hedge(self, at: int) -> Found:
        content = self.extent.trim(self.unit.start, self.unit.end)
        return Found((), (self.extent.span((at, at + 1)),), content, CueKind.SAY, self.tokens[at].low, hedged=True)

    def _speaker_colon(self) -> Found | None:
        """``Peskov: "There are no troops"`` and headlines of the form ``Kremlin: No troops in Syria``."""
        tokens, first = self.tokens, self.unit.first
        for at in range(first + 1, min(first + 8, self.unit.last - 1)):
            if tokens[at].low != ":":
                if not (tokens[at].is_capital or tokens[at].low in _NAME_WORDS):
                    return None
                continue
            if not tokens[first].is_capital or tokens[at + 1].start == tokens[at].end:
                return None
            content = self.extent.clause_from(at + 1)
            if content and content[0][1] - content[0][0] > 15:
                source, cue = self.extent.span((first, at)), self.extent.span((at, at + 1))
                return Found((source,), (cue,), content, CueKind.SAY, ":")
        return None

    # -- what stands around

    def _is_weak(self, group: Group) -> bool:
        """Whether it stands so that it seldom attributes: intents and values that are only possible or a purpose."""
        if group.cue.kind in _NESTED_KINDS:
            return False
        first = self.tokens[group.first].low
        helpers = {token.low for token in self.tokens[group.first : group.verb]}
        return first == "to" or bool(helpers & words.MODALS) or (group.negated and group.cue.kind is CueKind.PLAN)

    def _is_predicate(self, group: Group, subject: Phrase) -> bool:
        """Whether the "subject" is what something is called, "as nonsense reports": then the verb is a noun."""
        bare = subject[1] - subject[0] == 1 and not starts_phrase(self.tokens[subject[0]])
        return bare and group.form in (Form.THIRD, Form.BASE) and self._next(subject[0] - 1) == "as"

    def _next(self, at: int) -> str:
        return self.tokens[at].low if self.unit.first <= at < self.unit.last else ""

    def _ends_content(self, at: int) -> bool:
        """Whether a content ends with the token: a closing quotation mark, or a comma behind a clause."""
        if at < self.unit.first:
            return False
        token = self.tokens[at]
        if token.low == ",":
            return self._is_clause_before(at)
        return token.text in words.CLOSE_MARKS and self.reading.quote_ending(token.end) is not None

    def _is_clause_before(self, comma: int) -> bool:
        """Whether what stands before the comma can be a statement: it has a verb, outside "X, who lives here,"."""
        start = comma - 1
        while start > self.unit.first and self.tokens[start - 1].low != ",":
            start -= 1
        if self.tokens[start].low in {"who", "which", "whose"}:
            return False
        return any(is_finite(self.tokens, at, self.unit.first) for at in range(start + 1, comma))

    def _is_statement(self, span: Span) -> bool:
        """Whether a content before its source is one: a quotation, or words with a verb."""
        first, last = self.reading.index(span[0]), self.reading.index(span[1])
        if self.reading.quote_ending(span[1]) is not None:
            return True
        return any(is_finite(self.tokens, at, self.unit.first) for at in range(first + 1, last)) or last - first > 7

    def _can_be_source(self, at: int) -> bool:
        token = self.tokens[at]
        return starts_phrase(token) or (token.is_word and token.low not in words.PREPOSITIONS | words.SUBORDINATORS)

    def _quote_before(self, at: int) -> bool:
        """Whether a quotation that reads on with "he said" ends right before token ``at``."""
        if at <= self.unit.first or self.tokens[at - 1].text not in words.CLOSE_MARKS:
            return False
        end = self.tokens[at - 1].end
        inside = self.reading.text[:end].rstrip("\"”’'»")
        return self.reading.quote_ending(end) is not None and inside[-1:] in ",?!…—."

    def _quote_follows(self, at: int) -> bool:
        """Whether a quotation or "that" follows the cue: then what stands before is another's."""
        return self._next(at) == "that" or (self._next(at) == ":")

    def _after_circumstances(self, at: int) -> int:
        """Past "in a statement", "the crowd", "on Monday": to the comma behind which the content may go on."""
        for index in range(at, min(at + 12, self.unit.last)):
            token = self.tokens[index]
            if token.low == ",":
                return index
            if token.low in words.BREAKS or self.reading.quote_starting(token.start):
                break
        return at

    def _begins(self, at: int) -> int:
        """Where the clause of a subject at ``at`` begins: the conjunction before it and the comma before that."""
        begins = at
        while begins > self.unit.first and self.tokens[begins - 1].low in _CONTRASTS:
            begins -= 1
        if begins < at and begins > self.unit.first and self.tokens[begins - 1].low == ",":
            begins -= 1
        return begins

    def _stop(self, group: Group, subject: Phrase, relative: bool) -> int | None:
        """Before which token a content inside another clause ends: "X, who said so, left"; "While X said so, Y"."""
        opened = subject[0] > self.unit.first and self.tokens[subject[0] - 1].low in words.BEFORE_MAIN
        if not relative and not opened:
            return None
        for at in range(group.last + 2, self.unit.last - 1):
            if self.tokens[at].low != "," or self.reading.quote_at(self.tokens[at].start):
                continue
            following = self.tokens[at + 1]
            if relative and (following.low not in {"and", "or", "but"} and not following.low.endswith("ing")):
                return at
            if opened and starts_phrase(following):
                return at
        return None

    def _found(self, source: Phrase | None, group: Group, content: tuple[Span, ...]) -> Found:
        return Found(
            source=(self.extent.span(source),) if source else (),
            cue=(self.extent.span((group.first, group.last)),),
            content=content,
            kind=group.cue.kind,
            lemma=group.cue.lemma,
            negated=group.negated,
            passive=group.passive,
        )
