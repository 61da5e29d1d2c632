"""Alerts from two propositions in conflict: sides, severity, state, and the words of the summary. Pure."""

from __future__ import annotations

from typing import Final

from monitor.claims.judge import Verdict
from monitor.claims.propositions import Proposition, PropositionState, lineage_of
from monitor.ids import stable_id
from schemas import (
    Alert,
    AlertClaim,
    AlertKind,
    AlertSide,
    AlertState,
    Claim,
    Polarity,
    Scope,
    Severity,
    Slot,
    SlotMatch,
)

__all__ = ["alert_id_of", "build", "in_order", "revised", "severity_of"]

QUOTE_CHARACTERS: Final = 140
"""Characters of a quote in the summary."""
_MATCHED: Final = {SlotMatch.SAME: 1.0, SlotMatch.UNKNOWN: 0.5, SlotMatch.DIFFERS: 0.0}
_WHERE_WHO_WHAT_WHEN: Final = ("actor", "action", "place", "time")
_ENOUGH_ORIGINS: Final = 4
"""Reviewed origins on both sides together from which the origins count in full."""
_MEDIUM: Final = 0.35
_HIGH: Final = 0.6
"""Severity points from which an alert is medium, and high: see ``severity_of``."""

_STATES: Final = {
    PropositionState.SUPERSEDED: AlertState.SUPERSEDED,
    PropositionState.CORRECTED: AlertState.CORRECTED,
    PropositionState.RETRACTED: AlertState.RETRACTED,
}


def alert_id_of(one: Proposition, other: Proposition) -> str:
    """Return the id of the alert between two propositions: a hash of both ids, the lower first."""
    return stable_id("alert", *sorted((one.proposition_id, other.proposition_id)))


def in_order(one: Proposition, other: Proposition) -> tuple[Proposition, Proposition]:
    """Return what was asserted first, then what counters it; without a denial on one side alone, the earlier first."""
    first, second = sorted((one, other), key=lambda side: (side.first_at, side.number))
    if first.founder.polarity is Polarity.DENIES and second.founder.polarity is not Polarity.DENIES:
        return second, first
    return first, second


def build(one: Proposition, other: Proposition, verdict: Verdict, model: str, kind: AlertKind) -> Alert:
    """Return the first revision of the alert; ``verdict`` was given with ``one``'s claim as a, ``other``'s as b."""
    asserted, countering = in_order(one, other)
    slots = verdict.slots if asserted is one else tuple(_flipped(slot) for slot in verdict.slots)
    same_article = set(asserted.lineages) == set(countering.lineages)
    uncertain = any(claim.date_uncertain for side in (asserted, countering) for claim in side.claims)
    topics = {*asserted.founder.topics, *countering.founder.topics}
    stories = dict.fromkeys(side.founder.story_id for side in (asserted, countering) if side.founder.story_id)
    return Alert(
        alert_id=alert_id_of(one, other),
        revision=1,
        kind=kind,
        state=_state(asserted, countering),
        severity=severity_of(asserted, countering, verdict.score, slots, verdict.scope, same_article, uncertain),
        score=round(verdict.score, 4),
        scope=verdict.scope,
        same_article=same_article,
        date_uncertain=uncertain,
        topics=tuple(sorted(topics or {asserted.topic} - {""})),
        story_ids=tuple(stories),
        slots=slots,
        summary=_summary(asserted.founder, countering.founder, kind, slots),
        created_at=max(asserted.first_at, countering.first_at),
        updated_at=max(asserted.last_at, countering.last_at),
        model=model,
        sides=(_side(asserted), _side(countering)),
    )


def revised(stored: Alert, built: Alert) -> Alert:
    """Return ``built`` as the next revision of ``stored``; ``stored`` itself where nothing but times changed."""
    passing = {"revision", "created_at", "updated_at", "schema_version"}
    if stored.model_dump(exclude=passing) == built.model_dump(exclude=passing):
        return stored
    return built.model_copy(
        update={
            "revision": stored.revision + 1,
            "created_at": stored.created_at,
            "updated_at": max(stored.updated_at, built.updated_at),
        }
    )


def severity_of(
    asserted: Proposition, countering: Proposition, score: float, slots: tuple[Slot, ...], scope: Scope,
    same_article: bool, uncertain: bool,
) -> Severity:  # fmt: skip
    """Return how much an alert deserves an editor now: points = origins x slot match x score.

    Origins: reviewed lineages on both sides over ``_ENOUGH_ORIGINS``, at most 1, at least a quarter; copies are none.
    Slot match: mean over actor, action, place and time of 1 (same), 0.5 (unknown), 0 (differs). A dispute within one
    article, of partial scope, or with an uncertain date is never above low.
    """
    if same_article or uncertain or scope is Scope.PARTIAL:
        return Severity.LOW
    origins = len(set(asserted.reviewed) | set(countering.reviewed))
    weight = min(1.0, max(1, origins) / _ENOUGH_ORIGINS)
    found = {slot.slot: _MATCHED[slot.match] for slot in slots}
    match = sum(found.get(slot, _MATCHED[SlotMatch.UNKNOWN]) for slot in _WHERE_WHO_WHAT_WHEN) / len(
        _WHERE_WHO_WHAT_WHEN
    )
    points = weight * match * score
    return Severity.HIGH if points >= _HIGH else Severity.MEDIUM if points >= _MEDIUM else Severity.LOW


def _state(asserted: Proposition, countering: Proposition) -> AlertState:
    for side in (asserted, countering):
        if side.state in _STATES:
            return _STATES[side.state]
    return AlertState.CONTESTED


def _flipped(slot: Slot) -> Slot:
    return slot.model_copy(update={"a": slot.b, "b": slot.a})


def _side(proposition: Proposition) -> AlertSide:
    return AlertSide(
        proposition_id=proposition.proposition_id,
        origins=len(proposition.lineages),
        outlets=len(proposition.outlets),
        claims=tuple(_evidence(claim) for claim in proposition.claims),
    )


def _evidence(claim: Claim) -> AlertClaim:
    return AlertClaim(
        claim_id=claim.claim_id,
        article_id=claim.article_id,
        url=claim.url,
        source=claim.publisher,
        publisher_kind=claim.publisher_kind,
        quote=claim.quote,
        span=claim.span,
        speaker=claim.speaker,
        published_at=claim.published_at,
        first_seen_at=claim.first_seen_at,
        lineage_id=lineage_of(claim),
        language=claim.language,
    )


def _summary(asserted: Claim, countering: Claim, kind: AlertKind, slots: tuple[Slot, ...]) -> str:
    who, by = _voice(asserted), _voice(countering)
    whose = f"{who}'" if who.endswith("s") else f"{who}'s"
    if kind is AlertKind.CORRECTION:
        return f"{by} corrects what {who} claimed: “{_short(asserted)}”"
    figure = next((slot for slot in slots if slot.slot == "figure" and slot.a and slot.b), None)
    if kind is AlertKind.FIGURE and figure:
        return f"{whose} figure of {figure.a} is disputed by {by}, with {figure.b}: “{_short(asserted)}”"
    return f"{whose} claim that “{_short(asserted)}” is disputed by {by}"


def _voice(claim: Claim) -> str:
    return claim.speaker or claim.publisher or "the report"


def _short(claim: Claim) -> str:
    text = " ".join((claim.content or claim.quote).split())
    if len(text) <= QUOTE_CHARACTERS:
        return text.rstrip(".")
    return text[:QUOTE_CHARACTERS].rsplit(" ", 1)[0] + "…"
