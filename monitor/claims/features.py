"""What is compared of two statements, as numbers for the combiner. Each is symmetrical in the two.

No feature counts denial words by themselves: what tells a conflict is that the *same* words stand with opposite signs.
Otherwise two debunks that agree look like a conflict (the register shortcut of debunking corpora).
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from monitor.claims.actions import opposed
from monitor.claims.figures import conflict, same_thing
from monitor.claims.statement import Statement, Term
from monitor.claims.times import compare_days
from monitor.subjects import gazetteer
from schemas import Figure, Modality, SlotMatch

__all__ = ["FEATURES", "Comparison", "compare", "match_actors", "match_places"]

GENERIC_ROLES: Final = frozenset(
    {"army", "police", "government", "rebels", "protesters", "civilians", "coast-guard", "company", "union", "court",
     "ship", "tanker"}
)  # fmt: skip
"""Actors without a name: that two texts both say "the army" proves nothing, that one says "police" excludes nothing."""

FEATURES: Final = (
    "overlap", "containment", "name_overlap", "names_differ", "trigrams", "opposite", "opposite_action",
    "both_negative", "antonym", "figure_conflict", "figure_agrees", "numbers_differ", "numbers_agree", "actor_differs",
    "place_same", "place_differs", "action_same", "action_differs", "day_same", "day_differs", "said_apart",
    "modality_differs", "either_open", "swapped", "length_ratio", "short", "opposite_close", "antonym_close",
    "numbers_close", "names_close", "denial_aligned", "denial_loose",
)  # fmt: skip
"""Names of the numbers in ``Comparison.vector``, in order."""

_TRIGRAM: Final = 3
_CLOSE: Final = 0.35
"""Weighted overlap above which two statements speak of the same matter."""
_MONTH_DAYS: Final = 30.0
_OPEN_MODALITIES: Final = (Modality.PLAN, Modality.QUESTION, Modality.CONDITION)


@dataclass(frozen=True, slots=True)
class Comparison:
    """Two statements compared: the vector for the combiner, and what a reader is told."""

    values: dict[str, float]
    actor: SlotMatch
    action: SlotMatch
    place: SlotMatch
    time: SlotMatch
    figure: SlotMatch
    clash: tuple[Figure, Figure] | None
    antonym: tuple[str, str] | None
    shared: tuple[str, ...]
    turned: tuple[str, ...]

    @property
    def vector(self) -> list[float]:
        """Return the features in the order of ``FEATURES``."""
        return [self.values[name] for name in FEATURES]


def compare(a: Statement, b: Statement) -> Comparison:
    """Compare two statements; the order of ``a`` and ``b`` does not matter."""
    pairs = _aligned(a, b)
    weight_a, weight_b = _weight(a.terms), _weight(b.terms)
    shared = sum(min(one.weight, other.weight) for one, other in pairs)
    overlap = 2 * shared / (weight_a + weight_b) if weight_a + weight_b else 0.0
    least = min(weight_a, weight_b)
    containment = min(1.0, shared / least) if least else 0.0
    turned = [(one, other) for one, other in pairs if one.sign != other.sign]
    opposite = sum(min(one.weight, other.weight) for one, other in turned) / shared if shared else 0.0
    opposite_action = any(one.key.startswith("@") or not one.is_name for one, _ in turned)
    both_negative = any(one.sign == other.sign == -1 for one, other in pairs)
    antonym = opposed(a.slots.actions, b.slots.actions)
    if antonym and not _same_sign(a, b, antonym):
        antonym = None
    clash, agreeing = _figures(a.slots.figures, b.slots.figures)
    numbers = _numbers(a), _numbers(b)
    actor, place = match_actors(a.slots.actors, b.slots.actors), match_places(a.slots.places, b.slots.places)
    action = _match_sets(_classes(a), _classes(b))
    apart = compare_days(a.slots.event_time, b.slots.event_time)
    said_apart = abs((a.said_on - b.said_on).days) if a.said_on and b.said_on else 0
    names = a.names | b.names
    name_overlap = len(a.names & b.keys | b.names & a.keys) / len(names) if names else 0.0
    names_differ = bool(a.names - b.keys) and bool(b.names - a.keys)
    numbers_differ = bool(numbers[0] - numbers[1]) and bool(numbers[1] - numbers[0])
    denied = a.denied or b.denied
    values = {
        "overlap": overlap,
        "containment": containment,
        "name_overlap": name_overlap,
        "names_differ": float(names_differ),
        "trigrams": _trigram_cosine(a.text, b.text),
        "opposite": opposite,
        "opposite_action": float(opposite_action),
        "both_negative": float(both_negative),
        "antonym": float(antonym is not None),
        "figure_conflict": float(clash is not None),
        "figure_agrees": float(agreeing),
        "numbers_differ": float(numbers_differ),
        "numbers_agree": float(bool(numbers[0] & numbers[1])),
        "actor_differs": float(actor is SlotMatch.DIFFERS),
        "place_same": float(place is SlotMatch.SAME),
        "place_differs": float(place is SlotMatch.DIFFERS),
        "action_same": float(action is SlotMatch.SAME),
        "action_differs": float(action is SlotMatch.DIFFERS),
        "day_same": float(apart == 0),
        "day_differs": float(apart is not None and apart > 0),
        "said_apart": math.log1p(min(said_apart, 10 * _MONTH_DAYS)) / math.log1p(_MONTH_DAYS),
        "modality_differs": float((a.modality in _OPEN_MODALITIES) != (b.modality in _OPEN_MODALITIES)),
        "either_open": float(a.modality in _OPEN_MODALITIES or b.modality in _OPEN_MODALITIES),
        "swapped": float(_swapped(pairs)),
        "length_ratio": min(len(a.terms), len(b.terms)) / max(len(a.terms), len(b.terms), 1),
        "short": 1.0 / (1 + min(len(a.terms), len(b.terms))),
        "opposite_close": opposite * containment,
        "antonym_close": float(antonym is not None) * containment,
        "numbers_close": float(numbers_differ) * containment,
        "names_close": float(names_differ) * containment,
        "denial_aligned": float(denied and opposite > 0) * containment,
        "denial_loose": float(denied) * (1 - containment),
    }
    return Comparison(
        values=values,
        actor=actor,
        action=action,
        place=place,
        time=SlotMatch.UNKNOWN if apart is None else SlotMatch.SAME if apart == 0 else SlotMatch.DIFFERS,
        figure=SlotMatch.DIFFERS if clash else SlotMatch.SAME if agreeing else SlotMatch.UNKNOWN,
        clash=clash,
        antonym=antonym,
        shared=tuple(dict.fromkeys(one.key for one, _ in pairs)),
        turned=tuple(dict.fromkeys(one.key for one, _ in turned)),
    )


def match_actors(a: Iterable[str], b: Iterable[str]) -> SlotMatch:
    """Compare actors: a shared name is the same; only names on both sides can differ, plain roles cannot."""
    one, other = set(a), set(b)
    if one & other:
        return SlotMatch.SAME
    named = one - GENERIC_ROLES, other - GENERIC_ROLES
    return SlotMatch.DIFFERS if named[0] and named[1] else SlotMatch.UNKNOWN


def match_places(a: Iterable[str], b: Iterable[str]) -> SlotMatch:
    """Compare places: one inside the other is the same; two of which neither holds the other differ."""
    one, other = set(a), set(b)
    if not one or not other:
        return SlotMatch.UNKNOWN
    if one & other or any(gazetteer.contains(x, y) or gazetteer.contains(y, x) for x in one for y in other):
        return SlotMatch.SAME
    return SlotMatch.DIFFERS


def _match_sets(one: frozenset[str], other: frozenset[str]) -> SlotMatch:
    if not one or not other:
        return SlotMatch.UNKNOWN
    return SlotMatch.SAME if one & other else SlotMatch.DIFFERS


def _classes(statement: Statement) -> frozenset[str]:
    return frozenset(statement.slots.actions) | {key[1:] for key in statement.keys if key.startswith("@")}


def _aligned(a: Statement, b: Statement) -> list[tuple[Term, Term]]:
    """Pair each word of ``a`` with the next unpaired one of the same key in ``b``, those of the same sign first."""
    rest: dict[str, list[Term]] = {}
    for term in b.terms:
        rest.setdefault(term.key, []).append(term)
    pairs = []
    for term in a.terms:
        candidates = rest.get(term.key)
        if candidates:
            chosen = next((other for other in candidates if other.sign == term.sign), candidates[0])
            candidates.remove(chosen)
            pairs.append((term, chosen))
    return pairs


def _weight(terms: Iterable[Term]) -> float:
    return sum(term.weight for term in terms)


def _same_sign(a: Statement, b: Statement, classes: tuple[str, str]) -> bool:
    """Tell whether both antonyms are put forward, or both rejected: "rose" against "did not fall" is no conflict."""
    one = {term.sign for term in a.terms if term.key == f"@{classes[0]}"}
    other = {term.sign for term in b.terms if term.key == f"@{classes[1]}"}
    return not one or not other or one == other


def _figures(a: Iterable[Figure], b: Iterable[Figure]) -> tuple[tuple[Figure, Figure] | None, bool]:
    """Return the first two figures of the same thing that exclude each other, and whether any two agree."""
    ours, theirs = tuple(a), tuple(b)
    comparable = [(one, other) for one in ours for other in theirs if same_thing(one, other)]
    agreeing = [pair for pair in comparable if not conflict(*pair)]
    clashes = [pair for pair in comparable if conflict(*pair) and not _settled(pair, agreeing)]
    return (clashes[0] if clashes else None), bool(agreeing)


def _settled(pair: tuple[Figure, Figure], agreeing: list[tuple[Figure, Figure]]) -> bool:
    """A figure that agrees with one is not held against another ("seven of the 9 killed", "9 killed")."""
    return any(one is pair[0] or other is pair[1] for one, other in agreeing)


def _numbers(statement: Statement) -> frozenset[float]:
    return frozenset(
        round((figure.low + figure.high) / 2, 3) for figure in statement.slots.figures
        if figure.low is not None and figure.high is not None
    )  # fmt: skip


def _swapped(pairs: list[tuple[Term, Term]]) -> bool:
    """Tell whether two names stand in the other order around the same words: who did it to whom."""
    names = [(one.start, other.start) for one, other in pairs if one.is_name or other.is_name]
    return any((one[0] - two[0]) * (one[1] - two[1]) < 0 for i, one in enumerate(names) for two in names[i + 1 :])


def _trigram_cosine(a: str, b: str) -> float:
    one, other = _trigrams(a), _trigrams(b)
    return len(one & other) / math.sqrt(len(one) * len(other)) if one and other else 0.0


def _trigrams(text: str) -> set[str]:
    squeezed = " ".join(text.lower().split())
    return {squeezed[i : i + _TRIGRAM] for i in range(len(squeezed) - _TRIGRAM + 1)}
