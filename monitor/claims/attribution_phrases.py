"""Noun phrases around a verb: its subject to the left, an inverted subject or "by whom" to the right."""

from __future__ import annotations

from monitor.claims import attribution_words as words
from monitor.claims.attribution_grammar import Phrase, is_adverb, is_finite, is_occasion
from monitor.claims.attribution_tokens import Reading, Token, Unit
from monitor.claims.cues_english import VERBS

__all__ = ["main_subject", "phrase_after", "subject_before"]

_CLAUSE_BOUNDS = words.BREAKS | words.SUBORDINATORS | words.AUXILIARIES | {"said", "("}
_SURE_TIMES = words.TIMES - {"may", "march", "this", "last", "next", "month", "week", "year"}
_APPOSED = frozenset({"a", "an", "the", "his", "her", "its", "their", "who", "whose", "which", "one"})
"""Words with which an apposition or a relative clause begins."""
_RELATIVES = frozenset({"who", "which", "whose", "whom"})
_TRAILING = frozenset({"and", "but", "on", "in", "last", "late", "early", "who", "that"})


def subject_before(reading: Reading, unit: Unit, first: int) -> Phrase | None:
    """Return the noun phrase that ends before token ``first``: the subject of the verb group that begins there."""
    tokens, low = reading.tokens, [t.low for t in reading.tokens[unit.first : first]]
    end = _strip_times(low, first - unit.first)
    if end <= 0:
        return None
    if low[end - 1] == "there":
        return None
    if low[end - 1] in words.SUBJECT_PRONOUNS:
        return unit.first + end - 1, unit.first + end
    apposed = low[end - 1] == ","
    head = _before_relative(low, end - 1) if apposed else 0
    limit = _left_limit(reading, unit, head or end - apposed)
    commas = [i for i in range(limit, end - apposed) if low[i] == ","]
    if apposed:
        start, stop = (_head_start(low, commas, limit) if commas else limit), end - 1
    else:
        start, stop = (commas[-1] + 1 if commas else limit), end
    start = _skip_openers(low, start, stop)
    if start >= stop or (low[start] in words.PREPOSITIONS - {"with"} and not _is_quantity(low, start)):
        return None
    whole = _whole_subject(tokens, low, unit, limit, start, stop) if commas else None
    return whole or (unit.first + start, unit.first + stop)


def _before_relative(low: list[str], comma: int) -> int:
    """Where the head ends of "X, whose roots are there," before the ``comma``; 0 where no relative clause stands."""
    for at in range(comma - 1, 0, -1):
        if low[at] == ",":
            return at if low[at + 1] in _RELATIVES else 0
    return 0


def _is_quantity(low: list[str], at: int) -> bool:
    """Whether "at least a dozen", "about 4 in 10", "over half" begins there, rather than a place."""
    after = low[at + 1] if at + 1 < len(low) else ""
    return low[at] in {"at", "about", "over", "under", "around"} and (
        after in {"least", "most", "half"} or after[:1].isdigit()
    )


def main_subject(reading: Reading, unit: Unit) -> Phrase | None:
    """Return the subject of the unit's first finite verb: what participles and "..., and said" go back to."""
    tokens = reading.tokens
    for at in range(unit.first + 1, unit.last):
        if is_finite(tokens, at, unit.first) and not reading.quote_at(tokens[at].start):
            found = subject_before(reading, unit, at)
            if found and tokens[found[0]].low not in _RELATIVES:
                return found
    return None


def _whole_subject(tokens: list[Token], low: list[str], unit: Unit, limit: int, start: int, stop: int) -> Phrase | None:
    """A subject with commas in it, "the Academies of Sciences, Engineering and Medicine": the clause from its start.

    Only where nothing before it can stand for itself: no verb outside a relative clause, no adverbial at the head.
    """
    begin = _skip_openers(low, limit, stop)
    head = tokens[unit.first + begin]
    if begin >= start or not (head.is_capital or head.low in words.DETERMINERS):
        return None
    if low[begin] in words.PREPOSITIONS or low[begin] in words.TIMES or low[begin].endswith("ing") or is_adverb(head):
        return None
    commas = [i for i in range(begin, start) if low[i] == ","]
    enumerates = any(low[i - 1] != "," and low[i] == "and" for i in range(start, stop)) or low[start - 1] == "and"
    if not enumerates or len(commas) > 5 or any(word in words.TIMES for word in low[begin : commas[0]]):
        return None
    return unit.first + begin, unit.first + stop


def _head_start(low: list[str], commas: list[int], limit: int) -> int:
    """Where the phrase begins whose apposition stands after the last comma: "John Smith, 45, a farmer," has two."""
    at = len(commas) - 1
    while at > 0:
        segment = low[commas[at - 1] + 1 : commas[at]]
        if not (segment and (segment[0].isdigit() or segment[0] in _APPOSED or segment[0] in {"r-n", "d-n"})):
            break
        at -= 1
    return commas[at - 1] + 1 if at > 0 else limit


def _strip_times(low: list[str], end: int) -> int:
    """Cut "on Monday", "yesterday", "late Tuesday" from between subject and verb."""
    while end > 0 and (low[end - 1] in _SURE_TIMES or low[end - 1] in words.ADVERBS or low[end - 1].endswith("ly")):
        if low[end - 1] in words.NOT_ADVERBS:
            break
        end -= 1
        if end > 0 and low[end - 1] == "on":
            end -= 1
    return end


def _left_limit(reading: Reading, unit: Unit, end: int) -> int:
    """Return the index in the unit from which on no clause boundary stands before ``end``."""
    tokens, at = reading.tokens, end
    while at > 0:
        token = tokens[unit.first + at - 1]
        if token.low == ")" and (opened := _opened(tokens, unit.first + at - 1, unit.first)):
            at = opened - unit.first  # "Ryan (R-Wis.) said"
            continue
        if token.low in _CLAUSE_BOUNDS:
            break
        if (
            token.text in words.CLOSE_MARKS
            and (quote := reading.quote_ending(token.end))
            and quote.end - quote.start > 30
        ):
            break
        if token.low in {"and", "or"} and not _joins_names(tokens, unit, at - 1):
            break
        if (token.low in VERBS or token.low in words.IRREGULAR_PAST) and is_finite(
            tokens, unit.first + at - 1, unit.first
        ):
            break
        at -= 1
    return at


def _opened(tokens: list[Token], close: int, first: int) -> int | None:
    """Where the bracket opens that closes at token ``close``, if near."""
    return next((at for at in range(close - 1, max(first, close - 8), -1) if tokens[at].low == "("), None)


def _joins_names(tokens: list[Token], unit: Unit, at: int) -> bool:
    """Whether the "and" at ``at`` joins nouns: what is before it, to the comma or the beginning, holds no verb."""
    before = at
    while before > 0 and at - before < 8 and tokens[unit.first + before - 1].low != ",":
        token = tokens[unit.first + before - 1]
        if (
            token.low in _CLAUSE_BOUNDS
            or token.low in words.PRONOUNS
            or is_finite(tokens, unit.first + before - 1, unit.first)
        ):
            return False
        before -= 1
    return before < at and at - before < 8


def _is_time(low: str) -> bool:
    return low in words.TIMES or low.isdigit()


def _skip_openers(low: list[str], start: int, stop: int) -> int:
    while start < stop and (low[start] in words.OPENERS or low[start] in {",", '"', "”", "''"}):
        start += 1
    # "On Monday Smith said", "In 2015 Smith said"
    if start + 2 < stop and low[start] in {"on", "in", "at"} and _is_time(low[start + 1]):
        start += 2
        while start < stop and _is_time(low[start]):
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
        if stop > at and (token.low in words.AUXILIARIES - {"'s"} or token.low in _SURE_TIMES):
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


def _is_apposition(reading: Reading, unit: Unit, comma: int) -> bool:
    """Whether "X, the minister of war" goes on behind the comma with who X is."""
    if comma + 1 >= unit.last:
        return False
    after = reading.tokens[comma + 1]
    return after.low in _APPOSED or after.low in words.OFFICES or after.low.isdigit()
