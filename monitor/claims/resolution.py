"""When two claims are one proposition, when they stand on one side of a dispute, and when one takes the other back."""

from __future__ import annotations

import re
from typing import Final

from monitor.claims.features import GENERIC_ROLES, match_actors, match_places
from monitor.claims.figures import conflict
from monitor.claims.judge import Relation, Verdict
from monitor.claims.polarity import operators_of
from monitor.claims.propositions import PropositionState, lineage_of, voice_of
from schemas import Claim, Polarity, SlotMatch

__all__ = ["correction_of", "means_same", "rejects", "same_side", "same_voice"]

MIN_AGREEMENT: Final = 0.5
"""Probability from which two claims that agree are one proposition."""

_OPENING_WORDS: Final = 4
"""Words before a negation within which it negates the whole ("There was no collision")."""

_CORRECTS: Final = re.compile(
    r"\b(?:correct(?:s|ed|ion|ing)|clarif(?:y|ies|ied|ication)|misstated|mistaken(?:ly)?|in\s+error|erroneous(?:ly)?|"
    r"(?:earlier|previous)(?:ly)?\s+(?:\w+\s+)?(?:report|reported|stor(?:y|ies)|statement|version|figure)\w*)\b",
    re.I,
)
_RETRACTS: Final = re.compile(
    r"\b(?:retract\w*|withdr[ae]w\w*\s+(?:its|the|their|an?)\s+(?:report|story|article|statement|claim))\b", re.I
)


def rejects(claim: Claim) -> bool:
    """Tell whether a claim rejects its content: by its speaker's denial, or by a negation that opens the content."""
    if claim.polarity is Polarity.DENIES:
        return True
    return any(operator.denies for operator in operators_of(claim.content)) or _opens_negated(claim.content)


def means_same(a: Claim, b: Claim, verdict: Verdict) -> bool:
    """Tell whether two claims that the gates let pass are one proposition."""
    if rejects(a) != rejects(b) or verdict.supersedes or verdict.relation is Relation.CONTRADICTS:
        return False
    if any(slot.match is SlotMatch.DIFFERS for slot in verdict.slots if slot.slot in ("place", "figure", "time")):
        return False
    if verdict.relation is Relation.AGREES and verdict.agreement >= MIN_AGREEMENT:
        return True
    return same_voice(a, b) and a.article_id == b.article_id and rejects(a) and bool(set(a.actions) & set(b.actions))


def same_side(a: Claim, b: Claim) -> bool:
    """Tell whether two claims that one proposition is at odds with say it from one side: one event, put the same way.

    Two denials by one party; two reports of one article or story on the same actors, or the same place.
    """
    if rejects(a) != rejects(b):
        return False
    if rejects(a):
        return same_voice(a, b)
    together = a.article_id == b.article_id or (bool(a.story_id) and a.story_id == b.story_id)
    if not together or match_places(a.places, b.places) is SlotMatch.DIFFERS:
        return False
    named = set(a.actors) - GENERIC_ROLES, set(b.actors) - GENERIC_ROLES
    return match_actors(*named) is not SlotMatch.DIFFERS and _no_figures_apart(a, b)


def same_voice(a: Claim, b: Claim) -> bool:
    """Tell whether one party speaks: the same canonical party, else the same last name, else the same text."""
    if voice_of(a) or voice_of(b):
        return voice_of(a) == voice_of(b)
    return lineage_of(a) == lineage_of(b)


def correction_of(earlier: Claim, claim: Claim, verdict: Verdict) -> PropositionState | None:
    """Return the state that ``claim`` puts ``earlier`` in where one source takes back its own words, else None."""
    own = (
        bool(claim.publisher) and claim.publisher == earlier.publisher and claim.speaker_party == earlier.speaker_party
    )
    if not own or claim.article_id == earlier.article_id or claim.first_seen_at < earlier.first_seen_at:
        return None
    if not verdict.grounds:
        return None
    text = f"{claim.cue or ''} {claim.quote}"
    if _RETRACTS.search(text):
        return PropositionState.RETRACTED
    return PropositionState.CORRECTED if _CORRECTS.search(text) else None


def _opens_negated(content: str) -> bool:
    first = operators_of(content)[:1]
    return bool(first) and len(content[: first[0].start].split()) <= _OPENING_WORDS


def _no_figures_apart(a: Claim, b: Claim) -> bool:

    return not any(conflict(one, other) for one in a.figures for other in b.figures)
