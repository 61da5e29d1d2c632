"""Attribution against PolNeAR (Newell, Margolin and Ruths, LREC 2018): how well source, cue and content are found."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from monitor.claims.attribution import attribute
from monitor.evaluation.report import Report, bootstrap, read_jsonl
from schemas import Span

__all__ = ["ROLES", "Counts", "evaluate", "score_article"]

ROLES = ("source", "cue", "content")

Roles = Mapping[str, Sequence[Sequence[int]]]


@dataclass(frozen=True, slots=True)
class Counts:
    """What one article adds: attributions found, labelled and matched; overlaps of the matched, by role."""

    predicted: int
    gold: int
    matched: int
    overlap: dict[str, float]
    predicted_roles: dict[str, int]
    gold_roles: dict[str, int]
    characters: dict[str, tuple[int, int, int]]
    """By role: characters labelled by both, by us, by the annotator."""


def evaluate(path: Path) -> Report:
    """Score the attributions of a file in PolNeAR's form.

    Raises:
        InputError: the file cannot be read, or a row lacks ``text`` or ``attributions``.
    """
    counts = []
    for row in read_jsonl(path, ("text", "attributions")):
        found = [
            {"source": a.source, "cue": a.cue, "content": a.content}
            for a in attribute(row["text"], row.get("language", "en"))
        ]
        counts.append(score_article(found, row["attributions"]))
    rows: list[tuple[str | float | int, ...]] = [_row("attribution", *_matching(counts))]
    rows += [_row(role, *_overlaps(counts, role)) for role in ROLES]
    rows += [_row(f"{role} characters", *_characters(counts, role)) for role in ROLES]
    groups = [[item] for item in counts]
    low, high = bootstrap(groups, lambda items: _f1(*_overlaps(items, "content")))
    return Report(
        "Attribution",
        ("what", "precision", "recall", "F1"),
        tuple(rows),
        (
            f"{len(counts)} articles, {sum(c.gold for c in counts)} labelled attributions, "
            f"{sum(c.predicted for c in counts)} found.",
            "attribution: paired one to one with the labelled one whose cue it overlaps most.",
            "source, cue, content: overlap of a pair's spans (Dice, by character), over all that have that role; an "
            "attribution without a pair counts nothing.",
            "... characters: characters in that role anywhere in the article, pairs aside.",
            f"95 % interval of the F1 of content, by article: {low:.3f} to {high:.3f}.",
        ),
    )


def score_article(found: Sequence[Roles], gold: Sequence[Roles]) -> Counts:
    """Pair the attributions ``found`` in one article with the labelled ones and count their overlaps."""
    pairs = _pair(found, gold)
    overlap = {role: sum(_dice(_covered(found[i][role]), _covered(gold[j][role])) for i, j in pairs) for role in ROLES}
    characters = {}
    for role in ROLES:
        ours = set().union(*(_covered(item[role]) for item in found)) if found else set()
        theirs = set().union(*(_covered(item[role]) for item in gold)) if gold else set()
        characters[role] = (len(ours & theirs), len(ours), len(theirs))
    return Counts(
        predicted=len(found),
        gold=len(gold),
        matched=len(pairs),
        overlap=overlap,
        predicted_roles={role: sum(bool(item[role]) for item in found) for role in ROLES},
        gold_roles={role: sum(bool(item[role]) for item in gold) for role in ROLES},
        characters=characters,
    )


def _pair(found: Sequence[Roles], gold: Sequence[Roles]) -> list[tuple[int, int]]:
    """Pair by overlap of cues, the most alike first; each is paired once."""
    ours, theirs = [_covered(item["cue"]) for item in found], [_covered(item["cue"]) for item in gold]
    scored = [
        (_dice(a, b), -i, -j)
        for i, a in enumerate(ours)
        for j, b in enumerate(theirs)
        if a and b and not a.isdisjoint(b)
    ]
    pairs, used_found, used_gold = [], set(), set()
    for _, i, j in sorted(scored, reverse=True):
        if i not in used_found and j not in used_gold:
            pairs.append((-i, -j))
            used_found.add(i)
            used_gold.add(j)
    return pairs


def _covered(spans: Iterable[Sequence[int] | Span]) -> set[int]:
    return {offset for start, end in spans for offset in range(start, end)}


def _dice(a: set[int], b: set[int]) -> float:
    return 2 * len(a & b) / (len(a) + len(b)) if a or b else 0.0


def _matching(counts: Sequence[Counts]) -> tuple[float, float]:
    matched = sum(c.matched for c in counts)
    return _share(matched, sum(c.predicted for c in counts)), _share(matched, sum(c.gold for c in counts))


def _overlaps(counts: Sequence[Counts], role: str) -> tuple[float, float]:
    total = sum(c.overlap[role] for c in counts)
    return (
        _share(total, sum(c.predicted_roles[role] for c in counts)),
        _share(total, sum(c.gold_roles[role] for c in counts)),
    )


def _characters(counts: Sequence[Counts], role: str) -> tuple[float, float]:
    both, ours, theirs = (sum(c.characters[role][k] for c in counts) for k in range(3))
    return _share(both, ours), _share(both, theirs)


def _share(part: float, whole: float) -> float:
    return part / whole if whole else 0.0


def _f1(precision: float, recall: float) -> float:
    return 2 * precision * recall / (precision + recall) if precision + recall else 0.0


def _row(name: str, precision: float, recall: float) -> tuple[str | Any, ...]:
    return name, precision, recall, _f1(precision, recall)
