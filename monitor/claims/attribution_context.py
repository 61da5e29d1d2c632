"""What stands around a cue: quotations, clauses and marks that tell which frame it is in."""

from __future__ import annotations

from monitor.claims import attribution_words as words
from monitor.claims.attribution_extent import Extent
from monitor.claims.attribution_found import Found
from monitor.claims.attribution_grammar import Group, Phrase, is_finite, starts_phrase
from monitor.claims.attribution_tokens import Reading
from monitor.claims.cues import CueKind, Form
from schemas import Span

__all__ = ["Context"]

_NESTED_KINDS = frozenset({CueKind.SAY, CueKind.DENY, CueKind.ACCUSE})
_CONTRASTS = frozenset({"and", "but", "while", "although", "though", "whereas", ";"})


class Context:
    """One unit of a text, with what the frames ask of it. ``last_subject``: whom "and said" goes back to."""

    def __init__(self, reading: Reading, number: int) -> None:
        self.reading, self.unit = reading, reading.units[number]
        self.tokens = reading.tokens
        self.extent = Extent(reading, number)
        self.last_subject: Phrase | None = None

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

    def _behind(self, group: Group) -> int:
        """Behind the cue and the person addressed."""
        addressed = "o" in group.cue.takes and self._next(group.last) not in {"", ",", "."}
        return self.extent.skip_addressee(group.last) if addressed else group.last

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
        if begins < at and self.tokens[begins].low == "and" and self._next(begins - 1) != ",":
            return at  # "he said she and her friends called": one subject
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
