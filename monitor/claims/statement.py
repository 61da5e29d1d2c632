"""A statement made comparable: its weighted words with their signs, its slots, its modality. From a text or a claim."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from enum import Enum
from typing import Final

from monitor.claims.actions import action_class
from monitor.claims.polarity import Operator, modality_of, operators_of, sign_at
from monitor.claims.slots import Slots, slots_of
from monitor.claims.synonyms import noun_class
from monitor.claims.words import STOPWORDS, stem, tokens
from monitor.subjects import gazetteer
from monitor.subjects.gazetteer import Kind, Name
from schemas import Claim, Modality, Polarity

__all__ = ["Sort", "Statement", "Term", "of_claim", "of_text"]

_NAME_WEIGHT: Final = 1.5
_NUMBER_WEIGHT: Final = 1.0
_ACTION_WEIGHT: Final = 1.3
_WORD_WEIGHT: Final = 1.0
_SPEAKER_WEIGHT: Final = 0.3
"""Weights of a word in comparing two statements; who says it matters less than what is said."""

_SHORT_WORD: Final = 3
"""Letters up to which a headline's words may be small ("of", "the")."""
_HEADLINE_SHARE: Final = 0.7
"""Share of capitalised words from which a text is a headline."""

_SAYING: Final = (
    r"said|says|told|claims?|claimed|denied|denies|denying|reported|reports|announced|insisted|insists|stated|states|added|"
    r"rejected|rejects|dismissed|dismisses|confirmed|confirms|alleged|alleges|accused|warned|argued|maintained|acknowledged|"
    r"admitted|refuted|disputed|testified|ruled"
)
_HEAD: Final = re.compile(
    rf"^(?P<speaker>[^.;:\"“]{{2,80}}?)\s+(?:has\s+|had\s+|have\s+|also\s+|again\s+|later\s+){{0,2}}(?P<cue>{_SAYING})\b"
    r"(?=\s+(?:that|on\s+\w+day|it|he|she|they|the|there|any|no|its|his|her|claims?|reports?|allegations?|\w+ing)\b|:|,)",
    re.I,
)
_TAIL: Final = re.compile(
    rf",[\"”’']?\s+(?P<speaker>[^.,;]{{2,60}}?)\s+(?:{_SAYING})\b[^,;]{{0,30}}[.]?$|\baccording to\s+(?P<by>[^,.;]+)",
    re.I,
)


class Sort(Enum):
    """What sort of word a term is."""

    ACTION = "action"
    WORD = "word"
    NAME = "name"
    PLACE = "place"
    NUMBER = "number"
    SPEAKER = "speaker"


_ENGLISH: Final = ("en", "und")
"""Languages whose operators are read; elsewhere a claim has the sign that its cue gave it."""


@dataclass(frozen=True, slots=True)
class Term:
    """One content word: its key, its sign (+1 put forward, -1 rejected), its weight, and where it stands.

    Keys: ``@kill`` an action class, ``~ship`` a noun class, ``#russia`` a party or place of the gazetteer, else a stem.
    """

    key: str
    sign: int
    weight: float
    sort: Sort
    start: int

    @property
    def is_core(self) -> bool:
        """Whether it says what happens, rather than where, who or when: an action or a plain word."""
        return self.sort in (Sort.ACTION, Sort.WORD)


@dataclass(frozen=True, slots=True)
class Statement:
    """A statement ready to compare. ``denied``: its speaker rejects what somebody said, not merely negates."""

    text: str
    terms: tuple[Term, ...]
    slots: Slots
    modality: Modality
    denied: bool
    speaker: str | None = None
    party: str | None = None
    said_on: date | None = None
    language: str = "en"
    keys: frozenset[str] = field(default=frozenset())
    names: frozenset[str] = field(default=frozenset())


def of_text(text: str, said_on: datetime | date | None = None, language: str = "en") -> Statement:
    """Read a plain text, attribution and all: "The army denied that it shelled Idlib"."""
    head, tail = _HEAD.match(text), _TAIL.search(text)
    quiet = [match.span(group) for match, group in ((head, "speaker"),) if match]
    if tail:
        quiet.append(tail.span("speaker") if tail["speaker"] else tail.span("by"))
    speaker = head["speaker"] if head else (tail["speaker"] or tail["by"]) if tail else None
    operators = operators_of(text)
    # "The army denied that it shelled": the speaker is who "it" is, so the slots are read from the whole.
    return _statement(
        text,
        _terms(text, language, quiet, turned=False),
        slots_of(text, text, language, said_on),
        modality_of(_after_head(text, head)),
        any(operator.denies for operator in operators),
        speaker,
        _party(speaker, language),
        said_on,
        language,
    )


def of_claim(claim: Claim) -> Statement:
    """Read a claim: its content, turned where its speaker denies it, and the slots that it carries."""
    text = claim.content or claim.quote
    denies = claim.polarity is Polarity.DENIES
    slots = Slots(claim.actors, claim.actions, claim.places, claim.figures, claim.event_time)
    denied = denies or any(operator.denies for operator in operators_of(text))
    said_on = None if claim.date_uncertain else claim.published_at
    terms = _terms(text, claim.language, (), turned=denies)
    return _statement(
        text, terms, slots, claim.modality, denied, claim.speaker, claim.speaker_party, said_on, claim.language
    )


def _statement(
    text: str, terms: tuple[Term, ...], slots: Slots, modality: Modality, denied: bool, speaker: str | None,
    party: str | None, said_on: datetime | date | None, language: str,
) -> Statement:  # fmt: skip
    return Statement(
        text, terms, slots, modality, denied, speaker, party,
        said_on.date() if isinstance(said_on, datetime) else said_on, language,
        frozenset(term.key for term in terms), frozenset(term.key for term in terms if term.sort is Sort.NAME),
    )  # fmt: skip


def _party(speaker: str | None, language: str) -> str | None:
    names = gazetteer.find(speaker, language) if speaker else []
    return gazetteer.party(names[0].slug) if names else None


def _after_head(text: str, head: re.Match[str] | None) -> str:
    return text[head.end() :] if head else text


def _terms(text: str, language: str, quiet: Iterable[tuple[int, int]], *, turned: bool) -> tuple[Term, ...]:
    operators = operators_of(text) if language in _ENGLISH else ()
    spans = tuple(quiet)
    headline = _is_headline(text)
    names = gazetteer.find(text, language)
    found = [_name_term(name, operators, turned=turned) for name in names]
    for word, start, _ in tokens(text):
        if word.lower().replace("’", "'") in STOPWORDS or any(op.start <= start < op.end for op in operators):
            continue
        if any(name.start <= start < name.end for name in names):
            continue
        sign = sign_at(start, operators) * (-1 if turned else 1)
        found.append(
            _word_term(word, start, sign, is_name=word[0].isupper() and not headline and _mid_sentence(text, start))
        )
    found.sort(key=lambda term: term.start)
    return tuple(
        replace(term, weight=term.weight * _SPEAKER_WEIGHT, sort=Sort.SPEAKER)
        if any(a <= term.start < b for a, b in spans)
        else term
        for term in found
    )


def _name_term(name: Name, operators: tuple[Operator, ...], *, turned: bool) -> Term:
    sign = sign_at(name.start, operators) * (-1 if turned else 1)
    if name.kind is Kind.PLACE:
        return Term(f"#{name.slug}", sign, _NAME_WEIGHT, Sort.PLACE, name.start)
    return Term(f"#{gazetteer.party(name.slug) or name.slug}", sign, _NAME_WEIGHT, Sort.NAME, name.start)


def _word_term(word: str, start: int, sign: int, *, is_name: bool) -> Term:
    if word[0].isdigit():
        return Term(word, sign, _NUMBER_WEIGHT, Sort.NUMBER, start)
    if is_name:
        return Term(stem(word), sign, _NAME_WEIGHT, Sort.NAME, start)
    action = action_class(word)
    if action:
        return Term(f"@{action}", sign, _ACTION_WEIGHT, Sort.ACTION, start)
    noun = noun_class(word)
    return Term(f"~{noun}" if noun else stem(word), sign, _WORD_WEIGHT, Sort.WORD, start)


def _mid_sentence(text: str, start: int) -> bool:
    before = text[:start].rstrip()
    return bool(before) and before[-1] not in '.:!?"“‘'


def _is_headline(text: str) -> bool:
    """Tell whether most words have a capital, as in a headline: then a capital says nothing of names."""
    words = [word for word, _, _ in tokens(text) if len(word) > _SHORT_WORD and not word[0].isdigit()]
    return len(words) > 1 and sum(word[0].isupper() for word in words) > _HEADLINE_SHARE * len(words)
