"""A statement made comparable: its weighted words with their signs, its slots, its modality. From a text or a claim."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Final

from monitor.claims.actions import action_class
from monitor.claims.polarity import modality_of, operators_of, sign_at
from monitor.claims.slots import Slots, slots_of
from monitor.claims.words import STOPWORDS, stem, tokens
from schemas import Claim, Modality, Polarity

__all__ = ["Statement", "Term", "of_claim", "of_text"]

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


@dataclass(frozen=True, slots=True)
class Term:
    """One content word: its key (action class ``@kill`` or stem), sign (+1 put forward, -1 rejected), weight, place."""

    key: str
    sign: int
    weight: float
    is_name: bool
    start: int


@dataclass(frozen=True, slots=True)
class Statement:
    """A statement ready to compare. ``denied``: its speaker rejects what somebody said, not merely negates."""

    text: str
    terms: tuple[Term, ...]
    slots: Slots
    modality: Modality
    denied: bool
    speaker: str | None = None
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
        _terms(text, quiet, turned=False),
        slots_of(text, text, language, said_on),
        modality_of(_after_head(text, head)),
        any(operator.denies for operator in operators),
        speaker,
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
    speaker = claim.speaker_party or claim.speaker
    return _statement(
        text, _terms(text, (), turned=denies), slots, claim.modality, denied, speaker, said_on, claim.language
    )


def _statement(
    text: str, terms: tuple[Term, ...], slots: Slots, modality: Modality, denied: bool, speaker: str | None,
    said_on: datetime | date | None, language: str,
) -> Statement:  # fmt: skip
    return Statement(
        text, terms, slots, modality, denied, speaker,
        said_on.date() if isinstance(said_on, datetime) else said_on, language,
        frozenset(term.key for term in terms), frozenset(term.key for term in terms if term.is_name),
    )  # fmt: skip


def _after_head(text: str, head: re.Match[str] | None) -> str:
    return text[head.end() :] if head else text


def _terms(text: str, quiet: Iterable[tuple[int, int]], *, turned: bool) -> tuple[Term, ...]:
    operators = operators_of(text)
    spans = tuple(quiet)
    found: list[Term] = []
    headline = _is_headline(text)
    for word, start, _ in tokens(text):
        lower = word.lower().replace("’", "'")
        if lower in STOPWORDS or any(op.start <= start < op.end for op in operators):
            continue
        action = action_class(word)
        is_name = word[0].isupper() and not headline and _mid_sentence(text, start)
        weight = _WORD_WEIGHT
        if word[0].isdigit():
            weight = _NUMBER_WEIGHT
        elif is_name:
            weight = _NAME_WEIGHT
        elif action:
            weight = _ACTION_WEIGHT
        if any(a <= start < b for a, b in spans):
            weight *= _SPEAKER_WEIGHT
        sign = sign_at(start, operators) * (-1 if turned else 1)
        found.append(Term(f"@{action}" if action and not is_name else stem(word), sign, weight, is_name, start))
    return tuple(found)


def _mid_sentence(text: str, start: int) -> bool:
    before = text[:start].rstrip()
    return bool(before) and before[-1] not in '.:!?"“‘'


def _is_headline(text: str) -> bool:
    """Tell whether most words have a capital, as in a headline: then a capital says nothing of names."""
    words = [word for word, _, _ in tokens(text) if len(word) > _SHORT_WORD and not word[0].isdigit()]
    return len(words) > 1 and sum(word[0].isupper() for word in words) > _HEADLINE_SHARE * len(words)
