"""A small English grammar for attribution: verb groups, and the noun phrases around them. No parser, no model.

Closed word classes and punctuation decide; indices are those of the tokens of a ``Reading``.
"""

from __future__ import annotations

from dataclasses import dataclass

from monitor.claims import attribution_words as words
from monitor.claims.attribution_tokens import Reading, Token, Unit
from monitor.claims.cues import Cue, Form
from monitor.claims.cues_english import VERBS

__all__ = ["Group", "Phrase", "is_adverb", "is_occasion", "phrase_after", "subject_before", "verb_group"]

APPOSED = frozenset({"a", "an", "the", "his", "her", "its", "their", "who", "whose", "which", "one"})
"""Words with which an apposition or a relative clause begins."""

GERUND_PREPOSITIONS = frozenset({"to", "by", "in", "of", "for", "with", "from", "about", "without", "on"})
"""Prepositions that a verb may follow: "by saying", "with Peskov saying"."""

Phrase = tuple[int, int]
"""Token indices ``[first, last)``."""


@dataclass(frozen=True, slots=True)
class Group:
    """A verb group: token indices ``[first, last)`` with auxiliaries and adverbs, and the index of its main verb."""

    first: int
    verb: int
    last: int
    cue: Cue
    form: Form
    passive: bool = False
    negated: bool = False
    infinitive: bool = False


def is_adverb(token: Token) -> bool:
    """Whether it can stand between a subject and its verb, or behind it, and says nothing of who or what."""
    return token.low in words.ADVERBS or (
        token.low.endswith("ly") and len(token.low) > 4 and token.low not in words.NOT_ADVERBS
    )


def verb_group(reading: Reading, unit: Unit, at: int) -> Group | None:
    """Return the group whose main verb is token ``at``, or None where it is no verb of a cue."""
    tokens = reading.tokens
    entry = VERBS.get(tokens[at].low)
    if entry is None:
        return None
    first, negated, infinitive = at, False, False
    while first > unit.first:
        before = tokens[first - 1]
        if before.low in words.AUXILIARIES or is_adverb(before):
            first -= 1
            negated = negated or before.low in words.NEGATED
        elif before.low == "to":
            first -= 1
            infinitive = True
            break
        else:
            break
    while first < at and is_adverb(tokens[first]) and tokens[first].low not in words.NEGATED | {"also"}:
        first += 1  # an adverb before the first auxiliary belongs to what is before
    helpers = {token.low for token in tokens[first:at]}
    passive = Form.PARTICIPLE in entry.forms and bool(helpers & words.BE) and Form.ING not in entry.forms
    form = _form_of(entry.forms, helpers, infinitive, passive)
    cue, last = _with_particle(tokens, unit, at, entry.cues)
    if cue is None or not _can_be_verb(reading, unit, first, at, last, form, bool(helpers)):
        return None
    return Group(first, at, last, cue, form, passive, negated, infinitive)


def _form_of(forms: frozenset[Form], helpers: set[str], infinitive: bool, passive: bool) -> Form:
    if passive:
        return Form.PARTICIPLE
    if Form.ING in forms:
        return Form.ING
    if Form.BASE in forms and (infinitive or helpers & (words.MODALS | words.DO | words.NEGATED)):
        return Form.BASE
    if Form.PARTICIPLE in forms and helpers & words.HAVE:
        return Form.PARTICIPLE
    if Form.PAST in forms:
        return Form.PAST
    return Form.THIRD if Form.THIRD in forms else Form.BASE


def _with_particle(tokens: list[Token], unit: Unit, at: int, cues: tuple[Cue, ...]) -> tuple[Cue | None, int]:
    for cue in cues:
        if not cue.particle:
            return cue, at + 1
        if at + 1 < unit.last and tokens[at + 1].low == cue.particle:
            last = at + 2
            return cue, last + (
                cue.particle == "out" and last < unit.last and tokens[last].low in {"to", "of"} and False
            )
    return None, at + 1


def _can_be_verb(reading: Reading, unit: Unit, first: int, at: int, last: int, form: Form, helped: bool) -> bool:
    tokens = reading.tokens
    before = tokens[at - 1].low if at > unit.first else ""
    if before in words.DETERMINERS - {"all", "both", "that"} or before in words.PREPOSITIONS - GERUND_PREPOSITIONS:
        return False
    if before.endswith(("'s", "s'")):
        return False
    if form is Form.ING:
        return before not in words.DETERMINERS
    if form in (Form.BASE, Form.THIRD) and not helped:
        if at == unit.first or before in words.PREPOSITIONS - {"to"}:
            return False
        after = tokens[last].low if last < unit.last else ""
        if form is Form.BASE and not (
            before in words.PRONOUNS or before.endswith("s") or before in words.PLURALS or before == "to"
        ):
            return False
        if after in words.BE | words.HAVE | words.MODALS | {"of"} or (
            after in words.PREPOSITIONS and before not in words.PRONOUNS | {"to"}
        ):
            return False
    return True


def subject_before(reading: Reading, unit: Unit, first: int) -> Phrase | None:
    """Return the noun phrase that ends before token ``first``: the subject of the verb group that begins there."""
    tokens, low = reading.tokens, [t.low for t in reading.tokens[unit.first : first]]
    end = first - unit.first
    end = _strip_times(low, end)
    if end <= 0:
        return None
    if low[end - 1] in words.SUBJECT_PRONOUNS:
        return unit.first + end - 1, unit.first + end
    apposed = low[end - 1] == ","
    limit = _left_limit(reading, unit, end - apposed)
    commas = [i for i in range(limit, end - apposed) if low[i] == ","]
    if apposed:
        start = _head_start(low, commas, limit) if commas else limit
        stop = end - 1
    else:
        start, stop = (commas[-1] + 1 if commas else limit), end
    start = _skip_openers(tokens, low, unit, start, stop)
    if start >= stop:
        return None
    return unit.first + start, unit.first + stop


def _head_start(low: list[str], commas: list[int], limit: int) -> int:
    """Where the phrase begins whose apposition stands after the last comma: "John Smith, 45, a farmer," has two."""
    start = commas[-2] + 1 if len(commas) > 1 else limit
    if len(commas) > 1 and commas[-1] - start <= 1 and low[start].isdigit():
        start = commas[-3] + 1 if len(commas) > 2 else limit
    return start


def _strip_times(low: list[str], end: int) -> int:
    """Cut "on Monday", "yesterday", "late Tuesday" from between subject and verb."""
    while end > 0 and (low[end - 1] in words.TIMES - {"may", "this", "march"} or low[end - 1] in words.ADVERBS):
        end -= 1
        if end > 0 and low[end - 1] == "on":
            end -= 1
    return end


def _left_limit(reading: Reading, unit: Unit, end: int) -> int:
    """Return the index in the unit from which on no clause boundary stands before ``end``."""
    tokens = reading.tokens
    at = end
    while at > 0:
        token = tokens[unit.first + at - 1]
        if (
            token.low in words.BREAKS
            or token.low in words.SUBORDINATORS
            or token.low in words.AUXILIARIES
            or token.low == "said"
        ):
            break
        if token.text in words.CLOSE_MARKS and reading.quote_ending(token.end):
            break
        if token.low in {"and", "or"} and not _joins_names(tokens, unit, at - 1):
            break
        at -= 1
    return at


def _joins_names(tokens: list[Token], unit: Unit, at: int) -> bool:
    """Whether the "and" at ``at`` joins nouns: what is before it, to the comma or the beginning, holds no verb."""
    before = at
    while before > 0 and at - before < 8 and tokens[unit.first + before - 1].low != ",":
        token = tokens[unit.first + before - 1]
        if (
            token.low in words.AUXILIARIES
            or token.low in words.SUBORDINATORS
            or token.low in VERBS
            or token.low in words.PRONOUNS
        ):
            return False
        before -= 1
    return before < at and at - before < 8


def _skip_openers(tokens: list[Token], low: list[str], unit: Unit, start: int, stop: int) -> int:
    while start < stop and (low[start] in words.OPENERS or low[start] == ","):
        start += 1
    # "On Monday Smith said", "In 2015 Smith said"
    if (
        start + 2 < stop
        and low[start] in {"on", "in", "at"}
        and (low[start + 1] in words.TIMES or low[start + 1].isdigit())
    ):
        start += 2
        while start < stop and (low[start] in words.TIMES or low[start].isdigit()):
            start += 1
    return start


def phrase_after(reading: Reading, unit: Unit, at: int) -> Phrase | None:
    """Return the noun phrase that begins at token ``at``: the subject of an inverted verb, or who comes after "by"."""
    tokens, stop = reading.tokens, at
    while stop < unit.last:
        token = tokens[stop]
        if token.low in words.BREAKS or token.low in {".", "?", "!"} or token.low in words.SUBORDINATORS - {"that"}:
            break
        if token.low in words.OPEN_MARKS and reading.quote_starting(token.start) and stop > at:
            break
        if token.low == "," and not _is_apposition(reading, unit, stop):
            break
        if stop > at and (
            token.low in words.AUXILIARIES or (token.low in words.TIMES - {"may", "this", "march", "last"})
        ):
            if tokens[stop - 1].low == "on":
                stop -= 1
            break
        if stop > at and token.low in {"in", "on", "during", "at"} and is_occasion(tokens, stop, unit.last):
            break
        stop += 1
    while stop > at and (
        tokens[stop - 1].low == "," or tokens[stop - 1].low in _TRAILING or is_adverb(tokens[stop - 1])
    ):
        stop -= 1
    return (at, stop) if stop > at else None


_TRAILING = frozenset({"and", "but", "on", "in", "last", "late", "early", "who", "that"})


def is_occasion(tokens: list[Token], at: int, last: int) -> bool:
    """Whether the preposition at ``at`` begins an occasion or a time: "in a statement", "on Monday"."""
    return any(
        token.low in words.OCCASIONS or token.low in words.TIMES or token.low.isdigit()
        for token in tokens[at + 1 : min(at + 5, last)]
    )


def _is_apposition(reading: Reading, unit: Unit, comma: int) -> bool:
    """Whether "X, the minister of war" goes on behind the comma with who X is."""
    tokens = reading.tokens
    if comma + 1 >= unit.last:
        return False
    after = tokens[comma + 1]
    return after.low in APPOSED or after.low in words.OFFICES or after.low.isdigit()
