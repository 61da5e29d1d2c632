"""Gates before the judge: cheap tests of whether a pair is worth judging. They abstain rather than guess."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import Final

from monitor.claims.features import GENERIC_ROLES, match_actors, match_places
from monitor.claims.propositions import voice_of
from schemas import Claim, Modality, PublisherKind, SlotMatch

__all__ = ["GATES", "GateResult", "Outcome", "admits", "gate_pair", "passed"]


class Outcome(StrEnum):
    """What a gate says of a pair. ``abstain``: what it needs to know is missing; the pair is not judged."""

    PASS = "pass"
    REJECT = "reject"
    ABSTAIN = "abstain"


@dataclass(frozen=True, slots=True)
class GateResult:
    """One gate's outcome for one pair, with the reason in plain words."""

    gate: str
    outcome: Outcome
    why: str


_SILENT: Final = frozenset({PublisherKind.SATIRE, PublisherKind.OPINION})
"""Publishers whose texts make no claims of fact."""
_NO_DENIAL: Final = re.compile(
    r"\bn(?:either|ot)\s+confirm\w*\s+n?or\s+den\w+|\b(?:did|does|do|would|could|can)(?:\s+not|n['’]t)\s+(?:\w+\s+){0,2}?deny\b",
    re.I,
)
_UNKNOWN: Final = re.compile(
    r"\b(?:not\s+(?:immediately|yet|been)\s+(?:\w+\s+)?(?:clear|known|commented|confirmed|identified|verified)|"
    r"no\s+(?:independent|immediate|official|further)\s+(?:confirmation|comment|toll|word|details?|information)|"
    r"(?:has|have|had|did|would|could|can)\s*(?:not|n['’]t)\s+(?:immediately\s+|independently\s+|be\s+|yet\s+)*"
    r"(?:comment\w*|verif\w+|confirm\w*)|unable\s+to\s+(?:\w+\s+)?(?:verify|confirm|determine)|"
    r"declin\w+\s+to\s+comment|remain\w*\s+un(?:known|clear))\b",
    re.I,
)
_UNFACTUAL: Final = (Modality.QUESTION, Modality.CONDITION)


def admits(claim: Claim) -> GateResult:
    """Tell whether a claim can stand on a side of an alert at all."""
    if claim.publisher_kind in _SILENT:
        return GateResult("publisher", Outcome.REJECT, f"{claim.publisher_kind.value} makes no claims of fact")
    if _NO_DENIAL.search(claim.quote):
        return GateResult("fact", Outcome.REJECT, "who does not deny has neither denied nor confirmed")
    if _UNKNOWN.search(claim.content or claim.quote):
        return GateResult("fact", Outcome.REJECT, "says that something is not known")
    if claim.modality in _UNFACTUAL:
        return GateResult("fact", Outcome.REJECT, f"a {claim.modality.value}, not a claim of fact")
    return GateResult("fact", Outcome.PASS, f"put as a {claim.modality.value}")


def gate_pair(
    a: Claim, b: Claim, window: timedelta = timedelta(days=14), *, admitted: bool = False
) -> Iterator[GateResult]:
    """Yield the outcome of each gate in order, and stop at the first that does not pass.

    ``admitted``: both are known to be admitted (``admits``), and that gate is left out.
    """
    for gate in GATES[1:] if admitted else GATES:
        result = gate(a, b, window)
        yield result
        if result.outcome is not Outcome.PASS:
            return


def passed(results: list[GateResult]) -> bool:
    """Tell whether every gate passed."""
    return all(result.outcome is Outcome.PASS for result in results)


def _claims_of_fact(a: Claim, b: Claim, window: timedelta) -> GateResult:
    for claim in (a, b):
        result = admits(claim)
        if result.outcome is not Outcome.PASS:
            return result
    return GateResult("fact", Outcome.PASS, f"put as {a.modality.value} and {b.modality.value}")


def _lineage(a: Claim, b: Claim, window: timedelta) -> GateResult:
    if a.article_id != b.article_id and a.lineage_id and a.lineage_id == b.lineage_id:
        return GateResult("lineage", Outcome.REJECT, "one article is a copy of the other")
    return GateResult("lineage", Outcome.PASS, "same article" if a.article_id == b.article_id else "two texts")


def _voice(a: Claim, b: Claim, window: timedelta) -> GateResult:
    """One party does not dispute itself within an article, and nested readings of one sentence are one statement."""
    if a.article_id == b.article_id and a.revision == b.revision:
        if _overlap(a, b):
            return GateResult("voice", Outcome.REJECT, "the same words of the text")
        if voice_of(a) == voice_of(b):
            return GateResult("voice", Outcome.REJECT, "one speaker in one article")
    return GateResult("voice", Outcome.PASS, "two speakers, or two articles")


def _overlap(a: Claim, b: Claim) -> bool:
    one, other = a.content_span or a.span, b.content_span or b.span
    return one[0] < other[1] and other[0] < one[1]


def _language(a: Claim, b: Claim, window: timedelta) -> GateResult:
    if a.language != b.language:
        return GateResult("language", Outcome.ABSTAIN, f"{a.language} and {b.language}: words cannot be compared")
    return GateResult("language", Outcome.PASS, a.language)


def _event(a: Claim, b: Claim, window: timedelta) -> GateResult:
    """Same event first: one article, one story, or a named actor and a place in common."""
    place = match_places(a.places, b.places)
    if place is SlotMatch.DIFFERS:
        return GateResult("event", Outcome.REJECT, f"{', '.join(a.places)} is not {', '.join(b.places)}")
    if a.article_id == b.article_id:
        return GateResult("event", Outcome.PASS, "same article")
    if a.story_id and a.story_id == b.story_id:
        return GateResult("event", Outcome.PASS, "same story")
    named = [set(_involved(claim)) - GENERIC_ROLES for claim in (a, b)]
    if place is SlotMatch.UNKNOWN:
        return GateResult("event", Outcome.ABSTAIN, "another story, and one names no place")
    if match_actors(*named) is not SlotMatch.SAME:
        return GateResult("event", Outcome.ABSTAIN, "another story, and no named actor in common")
    return GateResult("event", Outcome.PASS, f"{', '.join(sorted(named[0] & named[1]))} and the place in common")


def _time(a: Claim, b: Claim, window: timedelta) -> GateResult:
    if a.event_time and b.event_time:
        if a.event_time != b.event_time:
            return GateResult("time", Outcome.REJECT, f"{a.event_time} is not {b.event_time}")
        return GateResult("time", Outcome.PASS, f"both on {a.event_time}")
    if a.article_id == b.article_id or (a.story_id and a.story_id == b.story_id):
        return GateResult("time", Outcome.PASS, "no other day named")
    if a.published_at is None or b.published_at is None:
        return GateResult("time", Outcome.ABSTAIN, "no day named, and one has no date")
    apart = abs(a.published_at - b.published_at)
    if apart > window:
        return GateResult("time", Outcome.REJECT, f"published {apart.days} days apart")
    return GateResult("time", Outcome.PASS, f"published {apart.days} days apart")


def _involved(claim: Claim) -> tuple[str, ...]:
    """Return who acts, and who speaks: an interested party denies what its own did."""
    return (*claim.actors, claim.speaker_party) if claim.speaker_party else claim.actors


GATES: Final[tuple[Callable[[Claim, Claim, timedelta], GateResult], ...]] = (
    _claims_of_fact, _lineage, _voice, _language, _event, _time,
)  # fmt: skip
"""In order of what they cost."""
