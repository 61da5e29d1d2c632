"""Stance: whether a source puts a statement forward or rejects it, and how it is put."""

from __future__ import annotations

import re

from monitor.claims.attribution_found import Found
from monitor.claims.cues import CueKind
from schemas import Modality, Polarity

__all__ = ["denied_content", "modality_of", "modality_of_text", "polarity_of"]

_NO_DENIAL_OBJECT = re.compile(
    r"(?:(?:him|her|them|us|it|the|a|an|any|all|his|their|its|further|new|urgent|humanitarian|full|free|aid)\s+){0,3}"
    r"(?:bail|parole|entry|access|visas?|asylum|permission|service|treatment|care|boarding|coverage|requests?|appeals?|"
    r"petitions?|applications?|justice|food|water|medical|credit|the chance|the right|the opportunity)\b",
    re.IGNORECASE,
)
"""What is denied to somebody, and not as untrue: "denied bail", "denied them access", "rejected an appeal"."""

_REPORTS = (
    r"(?:the |these |those |such |any |all |media |news )*"
    r"(?:reports?|claims?|allegations?|accusations?|rumou?rs?|suggestions?|story|stories)"
)
_THERE = r"^\W*(?:that )?there (?:is|was|were|are|has been|have been|had been) (?:absolutely )?no "
_MARK = "[\"“”'‘’«»]?"
_NOT_REJECTED = (
    r"(?!doubt|need|evidence that|question|reason|way|plans? to|place|sign|choice|alternative|point|time|truth|basis)"
)
_REJECTIONS = tuple(
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        rf"{_THERE}(?:truth|basis|substance|foundation)(?: whatsoever)? (?:in|to|for|behind) {_REPORTS}"
        r"(?: that| of| about)?\s+(?P<what>.+)$",
        rf"^\W*(?:that )?{_REPORTS} (?:that|of|about) (?P<what>.+?) (?:is|was|are|were) "
        r"(?:\w+ )?(?:false|untrue|baseless|groundless|unfounded|fabricated|fake|wrong|lies|nonsense|not true)\b",
        r"^\W*(?:that )?(?:it|this) (?:is|was) (?:simply |absolutely )?(?:not true|untrue|false) that (?P<what>.+)$",
        rf"^\W*(?:that )?(?P<what>.+?) (?:is|was|are|were)(?:n['’]t)? (?:\w+ly )?{_MARK}"
        rf"(?:not on the (?:agenda|table)|out of the question|not under (?:discussion|consideration)|ruled out|"
        rf"excluded|unthinkable|not (?:planned|being considered)){_MARK}",
        rf"{_THERE}(?P<what>{_NOT_REJECTED}\w.+?)(?=,? (?:but|although|though|while|and that)\b|\W*$)",
    )
)
"""A statement that rejects another without a verb of denial."""

_MIN_REJECTED = 4
"""Characters of what is rejected, below which nothing is said."""

_PLAN = re.compile(
    r"\b(?:will|would|plans?|planned|planning|intends?|intend|going to|set to|about to|is to|are to)\b", re.I
)
_CONDITION = re.compile(r"^\W*(?:if|unless|should|were)\b|\bif (?:confirmed|true|they|it|these|the)\b", re.I)
_HEDGE = re.compile(r"\b(?:allegedly|reportedly|purportedly|supposedly|may have|might have|could have|appears? to|"
                    r"appeared to|said to|believed to|thought to|possibly|apparently|alleged)\b", re.I)  # fmt: skip


def polarity_of(kind: CueKind, negated: bool, content: str) -> Polarity:
    """Say whether the source rejects the ``content``: by its cue ("denied"), or in its words ("there was no ...")."""
    if kind is CueKind.DENY:
        refused = _NO_DENIAL_OBJECT.match(content) is not None
        return Polarity.ASSERTS if negated or refused else Polarity.DENIES
    return Polarity.ASSERTS


def denied_content(content: str) -> tuple[int, int] | None:
    """Return the span of what ``content`` rejects as a whole, without a verb of denial; None where it does not.

    "there was no truth in reports that the army fled" rejects "the army fled"; "there are no troops in Syria" rejects
    "troops in Syria"; "reports of a retreat are false" rejects "a retreat".
    """
    for pattern in _REJECTIONS:
        match = pattern.search(content)
        if match:
            start, end = match.span("what")
            return (start, end) if end - start > _MIN_REJECTED else None
    return None


def modality_of(found: Found, content: str) -> Modality:
    """Say how the content is put: asked, conditional, intended, hedged, or as a fact."""
    if found.kind is CueKind.ASK:
        return Modality.QUESTION
    plain = modality_of_text(content)
    nameless = found.hedged or (found.passive and not found.source and found.kind is not CueKind.PLAN)
    if plain is Modality.FACT and (nameless or found.kind is CueKind.ACCUSE or found.lemma in {"allege", "claim"}):
        return Modality.ALLEGATION
    if plain is Modality.FACT and found.kind is CueKind.PLAN:
        return Modality.PLAN
    return plain


def modality_of_text(text: str) -> Modality:
    """Say how an English statement is put, by its own words alone."""
    if text.rstrip("\"”’' ").endswith("?"):
        return Modality.QUESTION
    if _CONDITION.search(text):
        return Modality.CONDITION
    if _HEDGE.search(text):
        return Modality.ALLEGATION
    return Modality.PLAN if _PLAN.search(text) else Modality.FACT
