"""What speaks for an article belonging to a story, as numbers: the input of the learned merge decision."""

from __future__ import annotations

import math
from collections.abc import Sequence

from monitor.stories.story import Facts, Story, dot

__all__ = ["FEATURES", "GROUPS", "compare"]

HALF_LIFE_HOURS = 96.0
"""Hours after a story's latest article in which what the texts share counts for half.

Set by hand: neither labelled set says how news ages (ECB+ has no times, each UCI story was collected in one sweep).
"""

SHORT_TERMS, LONG_TERMS = 10, 60
"""Distinct terms of a headline, and of a full report; between them ``short`` falls in a straight line from 1 to 0."""

FEATURES = (
    "cosine", "root", "nearest", "second",
    "head", "head_cover",
    "core", "lacks", "names", "no_names", "core_names", "brings",
    "place_same", "place_differs", "number_same", "number_differs",
    "size", "single", "short", "lead", "first",
    "root*short", "head_cover*short", "nearest*short", "core*short", "cosine*size", "names*long", "core_names*long",
    "lacks*long", "brings*long",
)  # fmt: skip
"""Order of the vector: similarity to the sum and to single articles; title; what most articles have; places and
figures; the story's size and the article's length; how far it is ahead of the other candidates; products."""

GROUPS = {
    "similarity to the whole story": ("cosine", "root", "root*short", "cosine*size"),
    "similarity to its newest articles": ("nearest", "second", "nearest*short"),
    "title": ("head", "head_cover", "head_cover*short"),
    "terms that most articles have": ("core", "core*short", "lacks", "lacks*long"),
    "names": ("names", "no_names", "core_names", "brings", "names*long", "core_names*long", "brings*long"),
    "places": ("place_same", "place_differs"),
    "figures": ("number_same", "number_differs"),
    "size": ("size", "single"),
    "length": ("short", "root*short", "head_cover*short", "nearest*short", "core*short"),
    "the other candidates": ("lead", "first"),
}
"""Features that are left out together where the worth of each kind is measured."""


def compare(facts: Facts, stories: Sequence[Story]) -> list[list[float]]:
    """Return the features of an article against each candidate story, in the order of ``FEATURES``."""
    terms = len(facts.vector)
    short = 1 - min(1.0, max(0.0, (terms - SHORT_TERMS) / (LONG_TERMS - SHORT_TERMS)))
    title = sum(facts.vector[term] for term in facts.title) or 1
    named = sum(facts.vector[term] for term in facts.names)
    cosines = [_decay(facts, story) * dot(facts.vector, story.total) / (facts.norm * story.norm) for story in stories]
    best = sorted(cosines, reverse=True)
    rows = []
    for story, cosine in zip(stories, cosines, strict=True):
        rival = best[0] if cosine < best[0] else (best[1] if len(best) > 1 else 0.0)
        rows.append(_row(facts, story, cosine, short, title, named, cosine - rival, cosine == best[0]))
    return rows


def _row(
    facts: Facts, story: Story, cosine: float, short: float, title: int, named: int, lead: float, first: bool
) -> list[float]:
    decay = _decay(facts, story)
    vector, count = facts.vector, len(story)
    near = sorted(
        (decay * dot(vector, each.vector) / (facts.norm * each.norm) for each in story.recent()), reverse=True
    )
    nearest, second = near[0], near[min(1, len(near) - 1)]
    root = math.sqrt(cosine)
    in_heads = facts.title & story.heads.keys()
    head = decay * sum(vector[term] * story.heads[term] for term in in_heads) / (title * count)
    head_cover = decay * sum(vector[term] for term in facts.title & story.total.keys()) / title
    centre = story.core()
    core = decay * sum(centre.terms[term] for term in centre.terms.keys() & vector.keys()) / max(1, centre.total)
    names = sum(vector[term] for term in facts.names & story.total.keys()) / named if named else 0.0
    shared = sum(centre.terms[term] for term in centre.names & vector.keys())
    core_names = shared / centre.of_names if centre.of_names else 0.5
    heaviest = max(centre.terms.values(), default=1)
    lacks = max((centre.terms[term] for term in centre.terms.keys() - vector.keys()), default=0) / heaviest
    brings = max((vector[term] for term in facts.names - story.total.keys()), default=0) / facts.heaviest
    place_same, place_differs = _agree(facts.places, story.places, count)
    number_same, number_differs = _agree(facts.numbers, story.numbers, 1)
    size = math.log(count)
    return [
        cosine, root, nearest, second,
        head, head_cover,
        core, lacks, names, float(not named), core_names, brings,
        place_same, place_differs, number_same, number_differs,
        size, float(count == 1), short, lead, float(first),
        root * short, head_cover * short, nearest * short, core * short, cosine * size,
        names * (1 - short), core_names * (1 - short),
        lacks * (1 - short), brings * (1 - short),
    ]  # fmt: skip


def _decay(facts: Facts, story: Story) -> float:
    hours = max(0.0, story.times[0] - facts.at, facts.at - story.times[-1]) / 3600
    return math.exp2(-hours / HALF_LIFE_HOURS)


def _agree(own: frozenset[str], theirs: dict[str, int], count: int) -> tuple[float, float]:
    """Return how far the story has what the article has, and whether both have some and share none."""
    if not own or not theirs:
        return 0.0, 0.0
    shared = own & theirs.keys()
    return sum(min(1.0, theirs[each] / count) for each in shared) / len(own), float(not shared)
