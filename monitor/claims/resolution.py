"""When two claims are one proposition, when they stand on one side of a dispute, and when one takes the other back."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import timedelta
from typing import Final

from monitor.claims.features import GENERIC_ROLES, match_actors, match_places
from monitor.claims.figures import conflict
from monitor.claims.judge import Judge, Relation, Verdict
from monitor.claims.polarity import operators_of
from monitor.claims.propositions import PropositionState, lineage_of, voice_of
from monitor.claims.words import content_stems
from schemas import AlertKind, Claim, Polarity, SlotMatch

__all__ = [
    "corrects",
    "holds_up",
    "is_notice",
    "judge_pair",
    "means_same",
    "rejects",
    "same_side",
    "same_voice",
    "taken_back",
]

MIN_AGREEMENT: Final = 0.45
"""Probability from which two claims that agree are one proposition, if they are about one thing."""
MIN_LIKENESS: Final = 0.5
MIN_DENIAL_LIKENESS: Final = 0.4
"""How far a denial must be alike in words to a report whose actor it does not name."""
ONE_MOMENT: Final = timedelta(days=1.5)
"""How far apart two reports that name no day may be published and still be of one moment."""
NO_ACTION_LIKENESS: Final = 0.75
"""How far two claims must be alike in words to be one proposition: with an action in common, and without."""

_OPENING_WORDS: Final = 9
"""Words before a negation within which it negates the whole ("Planes of the air force have not carried out...")."""
_OTHER_CLAUSE: Final = re.compile(r"[,;:]|\b(?:that|which|who|whose|because|but|when|where|after|before|if)\b", re.I)
"""Between the beginning and a negation: it negates something else than the whole."""

MIN_NOTICE_SHARE: Final = 0.6
"""Share of the words of a report, or of the notice, that both must have for the notice to be about the report."""

_CORRECTS: Final = re.compile(
    r"^\W*corrections?\b\s*:|\b(?:an?|our|the|its)\s+(?:earlier|previous)\s+(?:\w+\s+)?(?:version|report|article|story)\b"
    r".{0,60}\b(?:said|stated|gave|misstated|reported|that)\b",
    re.I | re.S,
)
_RETRACTS: Final = re.compile(
    r"\b(?:retract\w*|withdr[aeo]w\w*\s+(?:its|the|their|an?)\s+(?:report|story|article|statement|claim))\b", re.I
)


def rejects(claim: Claim) -> bool:
    """Tell whether a claim rejects its content: by its speaker's denial, or by a negation that opens the content."""
    if claim.polarity is Polarity.DENIES:
        return True
    return any(operator.denies for operator in operators_of(claim.content)) or _opens_negated(claim.content)


def means_same(a: Claim, b: Claim, verdict: Verdict) -> bool:
    """Tell whether two claims that the gates let pass are one proposition."""
    if verdict.supersedes or verdict.relation is Relation.CONTRADICTS or rejects(a) != rejects(b):
        return False
    if any(slot.match is SlotMatch.DIFFERS for slot in verdict.slots if slot.slot in ("place", "figure", "time")):
        return False
    least = MIN_LIKENESS if set(a.actions) & set(b.actions) else NO_ACTION_LIKENESS
    if verdict.relation is Relation.AGREES and verdict.agreement >= MIN_AGREEMENT and verdict.likeness >= least:
        return True
    return same_voice(a, b) and a.article_id == b.article_id and rejects(a) and bool(set(a.actions) & set(b.actions))


def same_side(a: Claim, b: Claim) -> bool:
    """Tell whether two claims that one proposition is at odds with say it from one side: one event, put the same way.

    Two denials by one party; two reports of one article on the same actors, of one story at the same place too.
    """
    if rejects(a) != rejects(b):
        return False
    if rejects(a):
        return same_voice(a, b)
    if a.article_id != b.article_id and not _one_place_of_a_story(a, b):
        return False
    named = set(a.actors) - GENERIC_ROLES, set(b.actors) - GENERIC_ROLES
    return match_actors(*named) is not SlotMatch.DIFFERS and _no_figures_apart(a, b)


def _one_place_of_a_story(a: Claim, b: Claim) -> bool:
    same = bool(a.story_id) and a.story_id == b.story_id
    return same and match_places(a.places, b.places) is not SlotMatch.DIFFERS


def same_voice(a: Claim, b: Claim) -> bool:
    """Tell whether one party speaks: the same canonical party, else the same last name, else the same text."""
    if voice_of(a) or voice_of(b):
        return voice_of(a) == voice_of(b)
    return lineage_of(a) == lineage_of(b)


def judge_pair(judge: Judge, a: Claim, b: Claim) -> Verdict:
    """Judge two claims; one party's word that it did not do what another reports is a denial, whatever the verb."""
    verdict = judge.judge(a, b)
    if verdict.kind is AlertKind.CONTRADICTION and (_speaks_for_itself(a, b) or _speaks_for_itself(b, a)):
        return replace(verdict, kind=AlertKind.DENIAL)
    return verdict


def _speaks_for_itself(denial: Claim, report: Claim) -> bool:
    party = denial.speaker_party
    if party is None or not rejects(denial) or rejects(report) or report.speaker_party == party:
        return False
    return party in report.actors and party in denial.actors


def holds_up(a: Claim, b: Claim, verdict: Verdict) -> bool:
    """Tell whether a pair that the judge says contradicts is a dispute, and not two accounts of one or of two things.

    Within an article somebody must deny, or two sources count otherwise: the outlet's own total beside what it quotes
    is as a rule a whole and its part. Between articles a denial must come from, or speak of, who is said to have done
    it, or be on the same thing at the same place; other conflicts must be of one moment.
    """
    if verdict.kind is AlertKind.FIGURE and _elsewhere(a, b):
        return False
    if a.article_id == b.article_id:
        quoted = a.speaker is not None and b.speaker is not None
        return verdict.kind is AlertKind.DENIAL or (verdict.kind is AlertKind.FIGURE and quoted)
    if verdict.kind is AlertKind.DENIAL:
        if _speaks_of_what_came_later(a, b) or _speaks_of_what_came_later(b, a):
            return False
        match = {slot.slot: slot.match for slot in verdict.slots}
        if match.get("actor") is SlotMatch.SAME:
            return True
        return match.get("place") is SlotMatch.SAME and verdict.likeness >= MIN_DENIAL_LIKENESS
    if verdict.kind is AlertKind.CONTRADICTION and verdict.likeness < MIN_DENIAL_LIKENESS:
        return False
    return _one_moment(a, b)


def _speaks_of_what_came_later(denial: Claim, report: Claim) -> bool:
    """Tell whether the denial is older than what is reported: nobody denies what is yet to be reported."""
    if not rejects(denial) or rejects(report) or denial.published_at is None or report.published_at is None:
        return False
    return report.published_at - denial.published_at > ONE_MOMENT


def _elsewhere(a: Claim, b: Claim) -> bool:
    """Tell whether both name places and none in common: two tolls of two towns, whether a gazetteer has them or not."""
    places = set(a.places), set(b.places)
    return bool(places[0]) and bool(places[1]) and match_places(*places) is not SlotMatch.SAME


def _one_moment(a: Claim, b: Claim) -> bool:
    if a.event_time and b.event_time:
        return a.event_time == b.event_time
    if a.published_at is None or b.published_at is None:
        return bool(a.story_id) and a.story_id == b.story_id
    return abs(a.published_at - b.published_at) <= ONE_MOMENT


def is_notice(claim: Claim) -> bool:
    """Tell whether a claim is a paper's word on its own earlier report, not a report: it is no evidence of anything."""
    return bool(_CORRECTS.search(claim.quote) or _RETRACTS.search(claim.quote))


def taken_back(earlier: Claim, notice: Claim) -> PropositionState | None:
    """Return the state that a paper's notice puts its own earlier claim in, where it is about that claim; else None."""
    if not notice.publisher or notice.publisher != earlier.publisher or notice.article_id == earlier.article_id:
        return None
    said, now = set(content_stems(earlier.content)), set(content_stems(notice.content))
    if len(said & now) < MIN_NOTICE_SHARE * min(len(said), len(now)):
        return None
    return PropositionState.RETRACTED if _RETRACTS.search(notice.quote) else PropositionState.CORRECTED


def corrects(earlier: Claim, claim: Claim, verdict: Verdict) -> bool:
    """Tell whether a later revision of the article says otherwise than an earlier one."""
    return claim.article_id == earlier.article_id and claim.revision > earlier.revision and bool(verdict.grounds)


def _opens_negated(content: str) -> bool:
    first = operators_of(content)[:1]
    before = content[: first[0].start] if first else ""
    return bool(first) and len(before.split()) <= _OPENING_WORDS and _OTHER_CLAUSE.search(before) is None


def _no_figures_apart(a: Claim, b: Claim) -> bool:

    return not any(conflict(one, other) for one in a.figures for other in b.figures)
