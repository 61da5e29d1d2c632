"""What is compared of two statements, as numbers for the combiner. Each is symmetrical in the two.

No feature counts denial words by themselves: what tells a conflict is that the *same* words stand with opposite signs.
Otherwise two debunks that agree look like a conflict (the register shortcut of debunking corpora).
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from monitor.claims.actions import opposed
from monitor.claims.figures import conflict, same_thing
from monitor.claims.nli import Entailment, log_odds
from monitor.claims.statement import Sort, Statement, Term
from monitor.claims.times import compare_days
from monitor.subjects import gazetteer
from schemas import Figure, Modality, SlotMatch

__all__ = ["FEATURES", "MODEL_FEATURES", "Comparison", "compare", "match_actors", "match_places", "model_vector"]

GENERIC_ROLES: Final = frozenset(
    {"army", "police", "government", "rebels", "protesters", "civilians", "coast-guard", "company", "union", "court",
     "ship", "tanker"}
)  # fmt: skip
"""Actors without a name: that two texts both say "the army" proves nothing, that one says "police" excludes nothing."""

FEATURES: Final = (
    "overlap", "core_overlap", "containment", "core_containment", "name_overlap", "names_differ", "trigrams",
    "turned", "turned_action", "coverage", "both_negative", "antonym", "figure_conflict", "figure_agrees",
    "numbers_differ", "numbers_agree", "actor_differs", "place_same", "place_differs", "action_same",
    "action_differs", "day_same", "day_differs", "said_apart", "modality_differs", "either_open", "swapped",
    "length_ratio", "short", "antonym_close", "numbers_close", "names_close", "figure_close", "denial_covers",
    "denial_beside", "strangers", "signed_slots",
)  # fmt: skip
"""Names of the numbers in ``Comparison.vector``, in order."""

MODEL_FEATURES: Final = (
    "nli_contradiction", "nli_agreement", "rules_contradiction", "rules_agreement", "nli_turned", "nli_figure",
    "nli_antonym", "nli_likeness", "coverage", "figure_conflict", "antonym", "core_containment", "numbers_differ",
    "actor_differs", "place_differs", "day_differs", "said_apart", "modality_differs", "both_negative",
)  # fmt: skip
"""Names of the numbers in ``model_vector``, in order. The first four are log odds; ``nli_turned`` to ``nli_likeness``
are the model's probability of a contradiction times coverage, figure conflict, antonym and containment."""

CACHED_TEXTS: Final = 8192
"""Texts whose trigrams are kept: a claim is compared with many others."""
_TRIGRAM: Final = 3
_MONTH_DAYS: Final = 30
_MOST_DAYS: Final = 300
Pairs = Sequence[tuple[Term, Term]]

_OPEN_MODALITIES: Final = (Modality.PLAN, Modality.QUESTION, Modality.CONDITION)


@dataclass(frozen=True, slots=True)
class Comparison:
    """Two statements compared: the vector for the combiner, and what a reader is told.

    ``coverage``: the share (by weight) of what one rejects that the other puts forward, over words that say what
    happens; 0 where neither rejects anything that the other speaks of.
    """

    values: dict[str, float]
    actor: SlotMatch
    action: SlotMatch
    place: SlotMatch
    time: SlotMatch
    figure: SlotMatch
    clash: tuple[Figure, Figure] | None
    antonym: tuple[str, str] | None
    coverage: float
    shared: tuple[str, ...]
    turned: tuple[str, ...]

    @property
    def vector(self) -> list[float]:
        """Return the features in the order of ``FEATURES``."""
        return [self.values[name] for name in FEATURES]


def compare(a: Statement, b: Statement) -> Comparison:
    """Compare two statements; the order of ``a`` and ``b`` does not matter."""
    pairs = _aligned(a, b)
    core = [pair for pair in pairs if pair[0].is_core and pair[1].is_core]
    turned = [(one, other) for one, other in core if one.sign != other.sign]
    clash, agreeing = _figures(a.slots.figures, b.slots.figures)
    antonym = _antonym(a, b)
    actor, place = match_actors(_actors(a), _actors(b)), match_places(a.slots.places, b.slots.places)
    action = _match_sets(_classes(a), _classes(b))
    apart = compare_days(a.slots.event_time, b.slots.event_time)
    coverage = _coverage(a, b, turned)
    values = {
        **_wording(a, b, pairs, core),
        **_numbers(a, b),
        "turned": _ratio(turned, core),
        "turned_action": float(any(one.sort is Sort.ACTION for one, _ in turned)),
        "coverage": coverage,
        "both_negative": float(any(one.sign == other.sign == -1 for one, other in core)),
        "antonym": float(antonym is not None),
        "figure_conflict": float(clash is not None),
        "figure_agrees": float(agreeing),
        "actor_differs": float(actor is SlotMatch.DIFFERS),
        "place_same": float(place is SlotMatch.SAME),
        "place_differs": float(place is SlotMatch.DIFFERS),
        "action_same": float(action is SlotMatch.SAME),
        "action_differs": float(action is SlotMatch.DIFFERS),
        "day_same": float(apart == 0),
        "day_differs": float(apart is not None and apart > 0),
        "said_apart": _said_apart(a, b),
        "modality_differs": float((a.modality in _OPEN_MODALITIES) != (b.modality in _OPEN_MODALITIES)),
        "either_open": float(a.modality in _OPEN_MODALITIES or b.modality in _OPEN_MODALITIES),
    }
    near, denied = values["core_containment"], float(a.denied or b.denied)
    values |= {
        "antonym_close": values["antonym"] * near,
        "numbers_close": values["numbers_differ"] * near,
        "names_close": values["names_differ"] * near,
        "figure_close": values["figure_conflict"] * near,
        "denial_covers": denied * coverage,
        "denial_beside": denied * (1 - coverage),
        "strangers": float(not core),
        "signed_slots": float(coverage > 0 and actor is SlotMatch.SAME and place is SlotMatch.SAME),
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
        coverage=coverage,
        shared=tuple(dict.fromkeys(one.key for one, _ in pairs)),
        turned=tuple(dict.fromkeys(one.key for one, _ in turned)),
    )


def model_vector(pair: Comparison, model: Entailment, rules: tuple[float, float, float]) -> list[float]:
    """Return what is combined where a model has read the pair, in the order of ``MODEL_FEATURES``.

    ``rules``: the probabilities by the slots' features alone, of which few are given again: fitted anew beside the
    model's, all 37 would forget the clear cases that real pairs are short of.
    """
    values, likely = pair.values, model.contradiction
    scores = (likely, model.agreement, rules[0], rules[1])
    products = (pair.coverage, values["figure_conflict"], values["antonym"], values["core_containment"])
    own = (values[name] for name in MODEL_FEATURES[len(scores) + len(products) :])
    return [*map(log_odds, scores), *(likely * value for value in products), *own]


def _wording(a: Statement, b: Statement, pairs: Pairs, core: Pairs) -> dict[str, float]:
    """Return how alike the words are: by all terms, by those that say what happens, by names, by letters."""
    names = a.names | b.names
    return {
        "overlap": _dice(pairs, _weight(a.terms), _weight(b.terms)),
        "core_overlap": _dice(core, _weight(_core(a)), _weight(_core(b))),
        "containment": _share(pairs, _weight(a.terms), _weight(b.terms)),
        "core_containment": _share(core, _weight(_core(a)), _weight(_core(b))),
        "name_overlap": len(a.names & b.keys | b.names & a.keys) / len(names) if names else 0.0,
        "names_differ": float(bool(a.names - b.keys) and bool(b.names - a.keys)),
        "trigrams": _trigram_cosine(a.text, b.text),
        "swapped": float(_swapped(pairs)),
        "length_ratio": min(len(a.terms), len(b.terms)) / max(len(a.terms), len(b.terms), 1),
        "short": 1.0 / (1 + min(len(a.terms), len(b.terms))),
    }


def _coverage(a: Statement, b: Statement, turned: Pairs) -> float:
    found = 0.0
    for side, statement in enumerate((a, b)):
        rejected = _weight(term for term in _core(statement) if term.sign < 0)
        matched = sum(pair[side].weight for pair in turned if pair[side].sign < 0)
        found = max(found, matched / rejected if rejected else 0.0)
    return found


def _actors(statement: Statement) -> tuple[str, ...]:
    """Return who acts; in a denial that names nobody, its speaker ("denied that it had shelled")."""
    named = [actor for actor in statement.slots.actors if actor not in GENERIC_ROLES]
    if statement.denied and not named and statement.party:
        return (*statement.slots.actors, statement.party)
    return statement.slots.actors


def match_actors(a: Iterable[str], b: Iterable[str]) -> SlotMatch:
    """Compare actors: a shared name is the same; only names on both sides can differ, plain roles cannot."""
    one, other = set(a), set(b)
    if one & other:
        return SlotMatch.SAME
    named = one - GENERIC_ROLES, other - GENERIC_ROLES
    return SlotMatch.DIFFERS if named[0] and named[1] else SlotMatch.UNKNOWN


def match_places(a: Iterable[str], b: Iterable[str]) -> SlotMatch:
    """Compare places: one inside the other is the same; known ones of which neither holds the other differ.

    Of a place that the gazetteer does not have nobody can say where it is not.
    """
    return _match_places(tuple(a), tuple(b))


@lru_cache(maxsize=CACHED_TEXTS)
def _match_places(a: tuple[str, ...], b: tuple[str, ...]) -> SlotMatch:
    one, other = _innermost(a), _innermost(b)
    if one & other or any(gazetteer.contains(x, y) or gazetteer.contains(y, x) for x in one for y in other):
        return SlotMatch.SAME
    known = [{place for place in side if gazetteer.country_of(place)} for side in (one, other)]
    return SlotMatch.DIFFERS if known[0] == one and known[1] == other and one and other else SlotMatch.UNKNOWN


def _innermost(places: Iterable[str]) -> set[str]:
    """Drop each place in which another of the list lies: of Syria and Aleppo, Aleppo."""
    named = set(places)
    return {one for one in named if not any(one != other and gazetteer.contains(one, other) for other in named)}


def _match_sets(one: frozenset[str], other: frozenset[str]) -> SlotMatch:
    if not one or not other:
        return SlotMatch.UNKNOWN
    return SlotMatch.SAME if one & other else SlotMatch.DIFFERS


def _classes(statement: Statement) -> frozenset[str]:
    return frozenset(statement.slots.actions) | {key[1:] for key in statement.keys if key.startswith("@")}


def _aligned(a: Statement, b: Statement) -> Pairs:
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


def _core(statement: Statement) -> list[Term]:
    return [term for term in statement.terms if term.is_core]


def _common(pairs: Pairs) -> float:
    return sum(min(one.weight, other.weight) for one, other in pairs)


def _dice(pairs: Pairs, one: float, other: float) -> float:
    return 2 * _common(pairs) / (one + other) if one + other else 0.0


def _share(pairs: Pairs, one: float, other: float) -> float:
    least = min(one, other)
    return min(1.0, _common(pairs) / least) if least else 0.0


def _ratio(part: Pairs, whole: Pairs) -> float:
    return _common(part) / _common(whole) if whole else 0.0


def _said_apart(a: Statement, b: Statement) -> float:
    days = abs((a.said_on - b.said_on).days) if a.said_on and b.said_on else 0
    return math.log1p(min(days, _MOST_DAYS)) / math.log1p(_MONTH_DAYS)


def _antonym(a: Statement, b: Statement) -> tuple[str, str] | None:
    """Return two classes that exclude each other, both put forward or both rejected ("did not fall" is no rise)."""
    found = opposed(a.slots.actions, b.slots.actions)
    if not found:
        return None
    one = {term.sign for term in a.terms if term.key == f"@{found[0]}"}
    other = {term.sign for term in b.terms if term.key == f"@{found[1]}"}
    return found if not one or not other or one == other else None


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


def _numbers(a: Statement, b: Statement) -> dict[str, float]:
    one, other = _points(a), _points(b)
    return {
        "numbers_differ": float(bool(one - other) and bool(other - one)),
        "numbers_agree": float(bool(one & other)),
    }


def _points(statement: Statement) -> frozenset[float]:
    return frozenset(
        round((figure.low + figure.high) / 2, 3)
        for figure in statement.slots.figures
        if figure.low is not None and figure.high is not None
    )


def _swapped(pairs: Pairs) -> bool:
    """Tell whether two names stand in the other order around the same words: who did it to whom."""
    names = [(one.start, other.start) for one, other in pairs if one.sort is Sort.NAME]
    return any((one[0] - two[0]) * (one[1] - two[1]) < 0 for i, one in enumerate(names) for two in names[i + 1 :])


def _trigram_cosine(a: str, b: str) -> float:
    one, other = _trigrams(a), _trigrams(b)
    return len(one & other) / math.sqrt(len(one) * len(other)) if one and other else 0.0


@lru_cache(maxsize=CACHED_TEXTS)
def _trigrams(text: str) -> frozenset[str]:
    squeezed = " ".join(text.lower().split())
    return frozenset(squeezed[i : i + _TRIGRAM] for i in range(len(squeezed) - _TRIGRAM + 1))
