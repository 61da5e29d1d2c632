"""Words for people: counts, ages, durations, and what each value of the contract means. Pure.

Nothing here says that a claim is false or true, or which side is right: a claim is disputed by somebody.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Final

from schemas import (
    Alert,
    AlertClaim,
    AlertKind,
    AlertSide,
    AlertState,
    Claim,
    FeedbackVerdict,
    FeedChange,
    FeedHealth,
    Modality,
    Polarity,
    PublisherKind,
    Scope,
    Severity,
    SlotMatch,
)

__all__ = [
    "CHANGES",
    "HEALTH",
    "KINDS",
    "KIND_MEANS",
    "MATCHES",
    "MODALITIES",
    "PUBLISHERS",
    "SCOPES",
    "SEVERITIES",
    "SLOTS",
    "STATES",
    "STATE_MEANS",
    "VERDICTS",
    "age",
    "count_of",
    "duration",
    "joined",
    "oddities",
    "seconds",
    "side_counts",
    "side_heads",
    "speaker_of",
    "speakers",
    "stance",
]

KINDS: Final[Mapping[AlertKind, str]] = {
    AlertKind.DENIAL: "denial",
    AlertKind.CONTRADICTION: "contradiction",
    AlertKind.FIGURE: "figure",
    AlertKind.CORRECTION: "correction",
}
KIND_MEANS: Final[Mapping[AlertKind, str]] = {
    AlertKind.DENIAL: "a party rejects the claim",
    AlertKind.CONTRADICTION: "reports that cannot both hold",
    AlertKind.FIGURE: "numbers for the same thing that exclude each other",
    AlertKind.CORRECTION: "a source corrects itself",
}
SEVERITIES: Final[Mapping[Severity, str]] = {Severity.HIGH: "high", Severity.MEDIUM: "medium", Severity.LOW: "low"}
STATES: Final[Mapping[AlertState, str]] = {
    AlertState.CONTESTED: "contested",
    AlertState.SUPERSEDED: "superseded",
    AlertState.CORRECTED: "corrected",
    AlertState.RETRACTED: "retracted",
    AlertState.SETTLED: "settled",
}
STATE_MEANS: Final[Mapping[AlertState, str]] = {
    AlertState.CONTESTED: "both sides stand by what they said",
    AlertState.SUPERSEDED: "a newer total has come",
    AlertState.CORRECTED: "a source has corrected its side",
    AlertState.RETRACTED: "a source has taken its side back",
    AlertState.SETTLED: "the dispute has ended",
}
SCOPES: Final[Mapping[Scope, str]] = {
    Scope.FULL: "the whole claim is disputed",
    Scope.PARTIAL: "a part of the claim, or a neighbouring one, is disputed",
}
SLOTS: Final[Mapping[str, str]] = {
    "actor": "Who",
    "action": "Did what",
    "place": "Where",
    "time": "When",
    "figure": "How many",
}
MATCHES: Final[Mapping[SlotMatch, str]] = {
    SlotMatch.SAME: "agrees",
    SlotMatch.DIFFERS: "differs",
    SlotMatch.UNKNOWN: "not known",
}
PUBLISHERS: Final[Mapping[PublisherKind, str]] = {
    PublisherKind.WIRE: "wire",
    PublisherKind.PAPER: "newspaper",
    PublisherKind.BROADCASTER: "broadcaster",
    PublisherKind.STATE_MEDIA: "state media",
    PublisherKind.GOVERNMENT: "government",
    PublisherKind.NGO: "NGO",
    PublisherKind.SATIRE: "satire",
    PublisherKind.OPINION: "opinion",
    PublisherKind.BLOG: "blog",
    PublisherKind.UNREVIEWED: "not reviewed",
}
VERDICTS: Final[Mapping[FeedbackVerdict, str]] = {
    FeedbackVerdict.RIGHT: "Right",
    FeedbackVerdict.WRONG: "Wrong",
    FeedbackVerdict.NOT_IMPORTANT: "Not important",
}
MODALITIES: Final[Mapping[Modality, str]] = {
    Modality.FACT: "",
    Modality.ALLEGATION: " (an allegation)",
    Modality.PLAN: " (a plan)",
    Modality.QUESTION: " (a question)",
    Modality.CONDITION: " (a condition)",
}
HEALTH: Final[Mapping[FeedHealth, str]] = {
    FeedHealth.NEW: "not polled yet",
    FeedHealth.OK: "fine",
    FeedHealth.FAILING: "failing",
    FeedHealth.GONE: "gone",
    FeedHealth.PAUSED: "paused",
}
CHANGES: Final[Mapping[FeedChange, str]] = {
    FeedChange.ANSWERS: "answers for the first time",
    FeedChange.FAILS: "stopped answering",
    FeedChange.RECOVERED: "answers again",
    FeedChange.MOVED: "has moved",
    FeedChange.GONE: "is gone for good",
    FeedChange.QUIET: "brings nothing new",
    FeedChange.LANGUAGE: "changed its language",
    FeedChange.CLOCK_OFF: "has a wrong clock",
    FeedChange.PAUSED: "was paused",
    FeedChange.RESUMED: "was resumed",
    FeedChange.POLLED: "was polled",
}

_UNITS: Final = ((86_400, "d"), (3600, "h"), (60, "min"))
_MOST_NAMES: Final = 2
"""Names that are written out before the rest is counted."""


def count_of(number: int, noun: str, plural: str | None = None) -> str:
    """Return ``3 articles``, ``1 article``; thousands parted by a thin space."""
    return f"{number:,}".replace(",", "\u2009") + " " + (noun if number == 1 else plural or f"{noun}s")


def age(moment: datetime | None, now: datetime) -> str:
    """Return how long ago in one unit: ``now``, ``4 min``, ``3 h``, ``12 d``; a dash where there is no moment."""
    if moment is None:
        return "\u2013"
    passed = (now - moment).total_seconds()
    if passed < 0:
        return f"in {_in_one_unit(-passed)}" if passed <= -60 else "now"
    return _in_one_unit(passed) if passed >= 60 else "now"


def duration(length: timedelta | float | None) -> str:
    """Return ``40 s``, ``2 h 5 min``: the two largest units; a dash for None. A number is seconds."""
    if length is None:
        return "\u2013"
    left = int(length.total_seconds() if isinstance(length, timedelta) else length)
    parts = []
    for size, unit in (*_UNITS, (1, "s")):
        whole, left = divmod(left, size)
        if whole:
            parts.append(f"{whole} {unit}")
    return " ".join(parts[:2]) or "0 s"


def seconds(value: float | None) -> str:
    """Return a latency: ``85 ms``, ``1.2 s``, ``3 min``; a dash for None."""
    if value is None:
        return "\u2013"
    if value < 1:
        return f"{value * 1000:.0f} ms"
    return f"{value:.1f} s" if value < 60 else duration(value)


def joined(names: Iterable[str], most: int = _MOST_NAMES) -> str:
    """Return ``A``, ``A and B``, ``A, B and 3 others``, without doubles; empty for none."""
    different = list(dict.fromkeys(name for name in names if name))
    shown, rest = different[:most], len(different) - most
    if rest > 0:
        return f"{', '.join(shown)} and {count_of(rest, 'other')}"
    return " and ".join((", ".join(shown[:-1]), shown[-1])) if len(shown) > 1 else "".join(shown)


def speaker_of(claim: AlertClaim) -> str:
    """Return who says it: the speaker, or the outlet where it reports on its own account."""
    return claim.speaker or claim.source or "an outlet without a name"


def speakers(side: AlertSide) -> str:
    """Return who speaks on a side, in few words."""
    return joined(speaker_of(claim) for claim in side.claims)


def stance(claim: Claim) -> str:
    """Return what the speaker does with the content: ``says``, ``denies (a plan)``."""
    return ("denies" if claim.polarity is Polarity.DENIES else "says") + MODALITIES[claim.modality]


def side_counts(side: AlertSide) -> str:
    """Return ``3 origins, 41 outlets``."""
    return f"{count_of(side.origins, 'origin')}, {count_of(side.outlets, 'outlet')}"


def side_heads(alert: Alert) -> tuple[str, str]:
    """Return the headings of the two sides, of equal weight."""
    if alert.kind is AlertKind.CORRECTION:
        return "First said", "Later said"
    if alert.kind is AlertKind.DENIAL:
        return "Claimed", "Disputed by"
    return "Reported", "Also reported"


def oddities(alert: Alert) -> tuple[str, ...]:
    """Return what an editor must know before trusting an alert, each in one sentence."""
    found = []
    if alert.scope is Scope.PARTIAL:
        found.append("The second side disputes a part of the claim, or a neighbouring one, not the whole of it.")
    if alert.same_article:
        found.append("Both sides are known from the same text only.")
    if alert.date_uncertain:
        found.append("The dates of an article on one side disagree, or only its masthead has one: it may be old.")
    kinds = {claim.publisher_kind for side in alert.sides for claim in side.claims}
    if PublisherKind.STATE_MEDIA in kinds:
        found.append("State media are among the sources.")
    if PublisherKind.UNREVIEWED in kinds:
        found.append("A source has not been reviewed: it does not count towards the severity.")
    return tuple(found)


def _in_one_unit(passed: float) -> str:
    for size, unit in _UNITS:
        if passed >= size:
            return f"{int(passed // size)} {unit}"
    return f"{int(passed)} s"
