"""A small English grammar for attribution: which words are verbs, and the groups that they stand in. No model.

Closed word classes, the forms of known verbs and punctuation decide; indices are those of the tokens of a ``Reading``.
"""

from __future__ import annotations

from dataclasses import dataclass

from monitor.claims import attribution_words as words
from monitor.claims.attribution_tokens import Reading, Token, Unit
from monitor.claims.cues import Cue, CueKind, Form
from monitor.claims.cues_english import VERBS

__all__ = ["Group", "Phrase", "is_adverb", "is_finite", "is_occasion", "opens_clause", "starts_phrase", "verb_group"]

Phrase = tuple[int, int]
"""Token indices ``[first, last)``."""

_GERUND_PREPOSITIONS = frozenset(
    {"to", "by", "in", "of", "for", "with", "from", "about", "without", "on", "after", "before"}
)
"""Prepositions that a verb may follow: "by saying", "with Peskov saying"."""

_OBJECTS = frozenset({"him", "her", "them", "me", "us", "it", "you", "himself", "herself", "themselves"})
_ARTICLES = words.DETERMINERS - {"all", "both", "that", "each", "most", "many", "some", "few", "several"}
_CLAUSE_OPENERS = words.SUBORDINATORS - {"than", "but", "yet"} | {"there"}
_ADJECTIVE_ENDINGS = ("ical", "ional", "ious", "eous", "ive", "ful", "able", "ible", "less", "ary", "ish", "est")
_MIN_ED = 5
"""Letters of the shortest word in -ed that is taken for a verb: not "red", "need"."""


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
    low = token.low
    return low in words.ADVERBS or (low.endswith("ly") and len(low) > 4 and low not in words.NOT_ADVERBS)


def is_finite(tokens: list[Token], at: int, first: int) -> bool:
    """Whether the token is a finite verb (or an auxiliary), as far as its form and the word before it tell."""
    low = tokens[at].low
    before = tokens[at - 1].low if at > first else ""
    if low in words.AUXILIARIES:
        return low not in {"be", "been", "being", "having"} and not (low in {"'s"} and before != "it")
    if before in _ARTICLES or before in words.PREPOSITIONS or before in words.BE | words.HAVE:
        return False
    if low in words.IRREGULAR_PAST or low in words.THIRD_PERSON:
        return True
    if before.endswith("ly") and at - 2 >= first and _is_determining(tokens[at - 2]):
        return False  # "Yemen's internationally recognised government"
    if low.endswith("ed") and len(low) >= _MIN_ED and not tokens[at].is_capital:
        after = tokens[at + 1].low if at + 1 < len(tokens) else ""
        return after not in {"by", "with", "from", "to", "in", "on", "at"} and before not in {",", ""}
    entry = VERBS.get(low)
    return entry is not None and Form.THIRD in entry.forms and bool(before) and tokens[at - 1].is_capital


def _is_determining(token: Token) -> bool:
    return token.low in _ARTICLES or token.low.endswith(("'s", "s'"))


def starts_phrase(token: Token) -> bool:
    """Whether a noun phrase can begin with it: an article, a name, a number, a pronoun."""
    return token.low in words.DETERMINERS or token.low in words.PRONOUNS or token.is_capital or token.text[0].isdigit()


def verb_group(reading: Reading, unit: Unit, at: int) -> Group | None:
    """Return the group whose main verb is token ``at``, or None where it is no verb of a cue."""
    tokens = reading.tokens
    entry = VERBS.get(tokens[at].low)
    if entry is None:
        return None
    first, infinitive = _group_start(tokens, unit, at)
    helpers = {token.low for token in tokens[first:at]}
    passive = Form.PARTICIPLE in entry.forms and bool(helpers & words.BE) and not infinitive
    form = _form_of(entry.forms, helpers, infinitive, passive)
    cue, last = _with_particle(tokens, unit, at, entry.cues)
    if cue is not None and cue.lemma == "state" and form in (Form.THIRD, Form.BASE) and not helpers:
        return None  # "the United States", "two states": as a verb it is hardly written in the present
    if cue is None or not _can_be_verb(tokens, unit, at, last, form, cue, bool(helpers)):
        return None
    negated = bool(helpers & words.NEGATED) or (first > unit.first and tokens[first - 1].low == "nor")
    return Group(first, at, last, cue, form, passive, negated, infinitive)


def _group_start(tokens: list[Token], unit: Unit, at: int) -> tuple[int, bool]:
    """Return where the group of the verb at ``at`` begins, and whether it is an infinitive ("went on to say")."""
    first, infinitive = at, False
    while first > unit.first:
        before = tokens[first - 1]
        if before.low == "to" and not infinitive:
            infinitive = True
        elif not (
            before.low in words.AUXILIARIES or is_adverb(before) or (infinitive and before.low in words.CATENATIVES)
        ):
            break
        first -= 1
    while first < at and is_adverb(tokens[first]) and tokens[first].low not in words.NEGATED | {"also"}:
        first += 1  # an adverb before the first auxiliary belongs to what is before
    return first, infinitive


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
    after = tokens[at + 1].low if at + 1 < unit.last else ""
    for cue in cues:
        if not cue.particle:
            return cue, at + 1
        timed = at + 2 < unit.last and tokens[at + 2].low in words.TIMES  # "reported on Monday"
        if after == cue.particle and not timed:
            return cue, at + 2
    return None, at + 1


def _can_be_verb(tokens: list[Token], unit: Unit, at: int, last: int, form: Form, cue: Cue, helped: bool) -> bool:
    before = tokens[at - 1] if at > unit.first else None
    low = before.low if before else ""
    if low in _ARTICLES or low in words.PREPOSITIONS - _GERUND_PREPOSITIONS or low.endswith(("'s", "s'")):
        return False
    after = tokens[last] if last < unit.last else None
    if form is Form.PAST and at - 2 >= unit.first and low.endswith("ly") and _is_determining(tokens[at - 2]):
        return False
    if form is Form.PAST:
        # "the reported attack", "by supported schools": a participle before its noun.
        return low not in words.PREPOSITIONS or low == "to"
    if form is Form.ING or helped:
        return True
    if before is None or low in words.PREPOSITIONS - {"to"} or (low in {",", "and", "or"} and form is Form.BASE):
        return False
    if low.endswith(_ADJECTIVE_ENDINGS) or (low in VERBS and VERBS[low].forms & {Form.PAST, Form.ING}):
        return False  # "technical reasons", "denied plans"
    if form is Form.THIRD and cue.lemma in words.NOUNS_TOO and not _is_sure(before, after):
        return False
    if form is Form.BASE and cue.lemma not in words.NOUNS_TOO:
        return after is None or after.low not in words.AUXILIARIES
    if form is Form.BASE and not (
        low in words.PRONOUNS or low in words.PLURALS or (low.endswith("s") and not low.endswith("ss")) or low == "to"
        or before.text[0].isdigit() or is_adverb(before)
    ):  # fmt: skip
        return False
    return _follows_verb(after, low, cue)


def _is_sure(before: Token, after: Token | None) -> bool:
    """Whether "claims" is the verb: behind a name or a pronoun, or before "that", a quotation, an article."""
    if before.is_capital or before.low in words.PRONOUNS:
        return True
    return after is not None and (
        after.low in words.DETERMINERS or after.low in words.PRONOUNS or after.text in words.OPEN_MARKS
    )


def _follows_verb(after: Token | None, before: str, cue: Cue) -> bool:
    """Whether what stands behind a word that may be a noun too ("claims", "report") makes it a verb."""
    if after is None or after.low in {".", ",", ":"}:
        return cue.kind is CueKind.SAY
    if after.low in words.AUXILIARIES or after.low in {"of", "and", "or", "by", "from", "who", "which"}:
        return False
    if after.low in words.PREPOSITIONS:
        return before in words.PRONOUNS | {"who", "to"} or (after.low == "to" and "i" in cue.takes)
    return True


def is_occasion(tokens: list[Token], at: int, last: int) -> bool:
    """Whether the preposition at ``at`` begins an occasion or a time: "in a statement", "on Monday"."""
    near = tokens[at + 1 : min(at + 5, last)]
    return any(token.low in words.OCCASIONS or token.low in words.TIMES or token.low.isdigit() for token in near)


def opens_clause(tokens: list[Token], at: int, last: int) -> bool:
    """Whether a clause begins at ``at``: a conjunction, a pronoun, or a noun phrase with a finite verb behind it."""
    if at >= last:
        return False
    if tokens[at].low in _CLAUSE_OPENERS or tokens[at].low in words.SUBJECT_PRONOUNS:
        return True
    for index in range(at + 1, min(at + 14, last)):
        if tokens[index].low in {",", ";", ".", "and", "but"} or tokens[index].low in words.SUBORDINATORS:
            return False
        if is_finite(tokens, index, at):
            return True
    return False
