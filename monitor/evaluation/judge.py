"""``counterclaim evaluate judge FILE``: the judge on labelled pairs, by source, by kind, by trap, with intervals.

Only what no weight was fitted on is judged. ``COUNTERCLAIM_JUDGE__MODEL=rules`` scores the rules without the model.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from monitor.claims.judge import Judge, Relation, judge_of
from monitor.errors import InputError
from monitor.evaluation.pairs import Pair, emergent_hard, made_pairs, nli_pairs, real_pairs, trap_pairs
from monitor.evaluation.report import Cell, Report, bootstrap, open_text
from monitor.evaluation.scores import (
    auc,
    average_precision,
    calibration_error,
    precision_recall_f1,
    recall_at_precision,
)
from monitor.settings import Settings

__all__ = ["evaluate"]

LEAST_PRECISION: Final = 0.8
"""Precision at which recall is told for Emergent HARD."""
_COLUMNS: Final = (
    "part", "pairs", "contradict", "AUC", "AUC 95 %", "AP", "precision", "recall", "F1", "all three right", "ECE",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class _Judged:
    pair: Pair
    score: float
    relation: Relation

    @property
    def is_conflict(self) -> bool:
        return self.pair.relation == Relation.CONTRADICTS.value


def evaluate(path: Path, judge: Judge | None = None) -> Report:
    """Score a judge (by default that of the settings in the environment) on a file of pairs.

    Real pairs, our own minimal pairs, Emergent, or premises and hypotheses (of which a sample is judged).

    Raises:
        InputError: the file is none of them.
    """
    referee = judge or judge_of(Settings().judge)
    kind = _kind_of(path)
    if kind == "emergent":
        return _emergent(referee, path)
    if kind == "nli":
        judged = _all_judged(referee, nli_pairs(path))
        return _report(f"Judge on premises and hypotheses: {path.name}", referee, judged, _label_of)
    if kind in ("traps", "made"):
        pairs = trap_pairs(path) if kind == "traps" else made_pairs(path)
        judged = _all_judged(referee, (pair for pair in pairs if pair.split == "dev"))
        return _report(f"Judge on our own minimal pairs: {path.name}", referee, judged, lambda one: one.pair.kind)
    judged = _all_judged(referee, (pair for pair in real_pairs(path) if pair.split == "dev"))
    return _report(f"Judge on real pairs: {path.name}", referee, judged, _source_of)


def _kind_of(path: Path) -> str:
    with open_text(path) as lines:
        try:
            first = lines.readline()
        except (OSError, EOFError, UnicodeDecodeError) as error:
            raise InputError(f"is no text in UTF-8, or broken: {error}", path=str(path)) from error
    if "articleHeadlineStance" in first:
        return "emergent"
    if '"premise"' in first or first.startswith("id\tpremise"):
        return "nli"
    if '"trap"' in first:
        return "made" if '"language"' in first else "traps"
    if '"relation"' in first and '"a"' in first:
        return "real"
    raise InputError(
        "holds no labelled pairs: expected real_pairs.jsonl.gz, trap_pairs.jsonl, made_*.jsonl, Emergent's train.csv, "
        "or premises and hypotheses",
        path=str(path),
    )


def _all_judged(judge: Judge, pairs: Iterable[Pair]) -> list[_Judged]:
    found = []
    for pair in pairs:
        verdict = judge.judge_texts(pair.a, pair.b, pair.date_a, pair.date_b)
        found.append(_Judged(pair, verdict.score, verdict.relation))
    return found


def _source_of(one: _Judged) -> str:
    return one.pair.source


def _label_of(one: _Judged) -> str:
    return one.pair.relation


def _report(title: str, judge: Judge, judged: list[_Judged], part: Callable[[_Judged], str]) -> Report:
    rows = [_row("dev", judged)]
    rows += [_row(f"dev: {name}", group) for name, group in _parts(judged, part)]
    if part is _source_of:
        conflicts = _parts([one for one in judged if one.is_conflict], lambda one: one.pair.kind)
        others = [one for one in judged if not one.is_conflict]
        rows += [_row(f"dev: {name} against all others", group + others) for name, group in conflicts]
    return Report(
        title,
        _COLUMNS,
        tuple(rows),
        (
            f"Judge: {judge.name}. Positive: contradicts. precision, recall, F1: of the relation that it names.",
            "95 % intervals: bootstrap over stories (groups), seeded. ECE: expected calibration error, ten bins.",
            "Contradictions were looked for in these sets: their share is far above a stream's.",
        ),
    )


def _emergent(judge: Judge, path: Path) -> Report:
    """Report on the claims of fold 0: the built-in model saw headlines of the other claims."""
    judged = _all_judged(judge, (pair for pair in emergent_hard(path) if pair.split == "dev"))
    rows = [_row("claims held out", judged)]
    positives = [one for one in judged if one.is_conflict]
    for name, group in _parts([one for one in judged if not one.is_conflict], lambda one: one.pair.kind):
        rows.append(_row(f"for x against, {name}", positives + group))
    measures: tuple[tuple[str, Callable[[list[_Judged]], float]], ...] = (
        ("Average precision", lambda some: average_precision(*_scored(some))),
        (f"Recall at precision {LEAST_PRECISION}", lambda some: recall_at_precision(*_scored(some), LEAST_PRECISION)),
        ("Against x against called a conflict", _false_alarms),
    )
    by_claim = [group for _, group in _parts(judged, lambda one: one.pair.group)]
    notes = []
    for name, measure in measures:
        low, high = bootstrap(by_claim, measure)
        notes.append(f"{name}: {measure(judged):.3f} ({low:.2f} to {high:.2f}).")
    return Report(
        f"Judge on Emergent HARD: {path.name}",
        _COLUMNS,
        tuple(rows),
        (
            f"Judge: {judge.name}. A fifth of the claims (fold 0), of which no weight was fitted on any headline.",
            *notes,
            "Positives: for x against of one claim; negatives as named, other claims as many as there are positives.",
        ),
    )


def _scored(judged: list[_Judged]) -> tuple[list[float], list[bool]]:
    return [one.score for one in judged], [one.is_conflict for one in judged]


def _false_alarms(judged: list[_Judged]) -> float:
    """Return the share of pairs of two debunks that are called a conflict; NaN where there is no such pair."""
    both_deny = [one for one in judged if one.pair.kind == "against x against"]
    alarms = sum(one.relation is Relation.CONTRADICTS for one in both_deny)
    return alarms / len(both_deny) if both_deny else float("nan")


def _parts(judged: list[_Judged], part: Callable[[_Judged], str]) -> list[tuple[str, list[_Judged]]]:
    groups: dict[str, list[_Judged]] = {}
    for one in judged:
        groups.setdefault(part(one) or "-", []).append(one)
    return sorted(groups.items())


def _row(name: str, judged: list[_Judged]) -> tuple[Cell, ...]:
    scores, truths = _scored(judged)
    precision, recall, f1 = precision_recall_f1([one.relation is Relation.CONTRADICTS for one in judged], truths)
    by_group = [group for _, group in _parts(judged, lambda one: one.pair.group)]
    both = any(truths) and not all(truths)
    low, high = bootstrap(by_group, lambda drawn: auc([one.score for one in drawn], [one.is_conflict for one in drawn]))
    right = sum(one.relation.value == one.pair.relation for one in judged) / max(1, len(judged))
    ranking: tuple[Cell, ...] = ("-", "-", "-")
    if both:
        ranking = (auc(scores, truths), f"{low:.2f} to {high:.2f}", average_precision(scores, truths))
    calibration = calibration_error(scores, truths)
    return (name, len(judged), sum(truths), *ranking, precision, recall, f1, right, calibration)
