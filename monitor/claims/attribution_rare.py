"""The rarer frames of English attribution: passives, "according to", nouns, seeming, hedges, colons."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from monitor.claims import attribution_words as words
from monitor.claims.attribution_context import Context
from monitor.claims.attribution_found import Found
from monitor.claims.attribution_grammar import Group, Phrase, is_finite
from monitor.claims.attribution_phrases import phrase_after, subject_before
from monitor.claims.cues import CueKind

__all__ = ["Piece", "RareFrames"]

_REPORTING_ING = frozenset({"saying", "telling", "claiming", "reporting", "stating"})
_ASKED_ABOUT = frozenset({"whether", "if", "how", "what", "who", "why", "which", "when", "where", "about", "by"})
_NAME_WORDS = frozenset({"of", "the", "and", "at", "for", "in", "on", "to", "from"})


@dataclass(slots=True)
class Piece:
    """One attribution found, with where its clause begins: what an earlier content must end before."""

    found: Found
    begins: int
    """Token at which its clause begins: the conjunction or comma before it, or its source."""
    cuts: bool
    """Whether a content that runs over it ends before it: it goes on in the main clause, not inside that content."""
    rightward: bool = True


class RareFrames(Context):
    """The frames that need no other verb."""

    def _passive(self, group: Group) -> Iterator[Piece]:
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
            yield Piece(self._found(source, group, content), group.first, cuts=False)

    def _according(self, at: int) -> Iterator[Piece]:
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
            yield Piece(found, begins, cuts=True, rightward=False)

    def _up_to_clause(self, source: Phrase) -> Phrase:
        """``According to X, the minister, C``: what is behind a comma is no apposition if it has a verb."""
        for at in range(source[0], source[1]):
            if self.tokens[at].low == ",":
                ends = next((i for i in range(at + 1, self.unit.last) if self.tokens[i].low == ","), self.unit.last)
                if ends == self.unit.last or any(is_finite(self.tokens, i, at) for i in range(at + 2, ends)):
                    return source[0], at
        return source

    def _noun(self, at: int) -> Iterator[Piece]:
        """``Moscow's denial that it had sent troops``: only with whose it is."""
        for owner in range(at - 1, max(self.unit.first, at - 4) - 1, -1):
            token = self.tokens[owner]
            if not token.low.endswith(("'s", "s'")):
                continue
            subject = subject_before(self.reading, self.unit, owner + 1)
            content = self.extent.clause_from(at + 1, self._second_verb(at + 2))
            if subject and content:
                start, end = self.extent.span(subject)
                source = (start, end - (2 if token.low.endswith("'s") else 1))
                cue = (self.extent.span((at, at + 1)),)
                kind = CueKind(words.STATEMENT_NOUNS[self.tokens[at].low])
                yield Piece(Found((source,), cue, content, kind, self.tokens[at].low), owner, cuts=False)
            return

    def _second_verb(self, at: int) -> int | None:
        """The second finite verb from ``at`` on: "the denial that it had left was repeated"."""
        seen = False
        for index in range(at, self.unit.last):
            low = self.tokens[index].low
            if low in {"and", "but", "or"} or low in words.SUBORDINATORS or low in {"who", ","}:
                seen = False
            elif is_finite(self.tokens, index, at) and not is_finite(self.tokens, index - 1, at):
                if seen:
                    return index
                seen = True
        return None

    def _when_asked(self, group: Group) -> Iterator[Piece]:
        """``Asked whether the ship sank, Smith said ...``: nobody is named who asks."""
        if self._next(group.last) not in _ASKED_ABOUT:
            return
        last = self.unit.last
        comma = next((at for at in range(group.last, last) if self._next(at) == ","), None)
        content = self.extent.clause_from(group.last, comma)
        if content:
            yield Piece(self._found(None, group, content), group.first, cuts=True)

    def _seeming(self, group: Group) -> Iterator[Piece]:
        """``The ship appeared to sink``, ``It seems that ...``: nobody is named to whom it does."""
        subject = subject_before(self.reading, self.unit, group.first)
        if subject is None or self._next(group.last) not in {"to", "that", "like"}:
            return
        content = self.extent.clause_from(group.last)
        impersonal = subject[1] - subject[0] == 1 and self.tokens[subject[0]].low == "it"
        if content:
            whole = content if impersonal else (self.extent.span(subject), *content)
            found = replace(self._found(None, group, whole), hedged=True)
            yield Piece(found, group.first, cuts=False)

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
