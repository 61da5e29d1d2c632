"""Stance: whether a source puts a statement forward or rejects it, and how it is put."""

from __future__ import annotations

import re

from monitor.claims.attribution_found import Found
from monitor.claims.cues import CueKind
from schemas import Modality, Polarity

__all__ = ["modality_of", "polarity_of"]

_NO_DENIAL_OBJECT = re.compile(
    r"(?:(?:him|her|them|us|it|the|a|an|any|all|his|their|its|further|new|urgent|humanitarian|full|free|aid)\s+){0,3}"
    r"(?:bail|parole|entry|access|visas?|asylum|permission|service|treatment|care|boarding|coverage|requests?|appeals?|"
    r"petitions?|applications?|justice|food|water|medical|credit|the chance|the right|the opportunity)\b",
    re.IGNORECASE,
)
"""What is denied to somebody, and not as untrue: "denied bail", "denied them access", "rejected an appeal"."""

_REJECTS = re.compile(
    r"\b(?:there (?:is|was|were|are|has been|had been) no|no truth|not true|"
    r"untrue|(?:is|was|are|were) false|baseless|"
    r"groundless|unfounded|fabricat\w+|nonsense|a lie|lies|fake|never happened|nothing to do with|no such)\b",
    re.IGNORECASE,
)
"""A statement that rejects another without a verb of denial: "said there was no truth in the reports"."""

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
    if kind in (CueKind.SAY, CueKind.SHOW) and not negated and _REJECTS.search(content):
        return Polarity.DENIES
    return Polarity.ASSERTS


def modality_of(found: Found, content: str) -> Modality:
    """Say how the content is put: asked, conditional, intended, hedged, or as a fact."""
    if found.kind is CueKind.ASK or content.rstrip("\"”’' ").endswith("?"):
        return Modality.QUESTION
    if _CONDITION.search(content):
        return Modality.CONDITION
    if found.hedged or found.kind is CueKind.ACCUSE or found.lemma in {"allege", "claim"} or _HEDGE.search(content):
        return Modality.ALLEGATION
    if found.kind is CueKind.PLAN or (found.kind is not CueKind.DENY and _PLAN.search(content)):
        return Modality.PLAN
    return Modality.FACT
