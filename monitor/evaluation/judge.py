"""``counterclaim evaluate judge FILE``: the judge on labelled pairs, by source, by kind, by trap, with intervals."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from monitor.claims.judge import Judge, Relation, RuleJudge
from monitor.errors import InputError
from monitor.evaluation.pairs import Pair, emergent_hard, real_pairs, trap_pairs
from monitor.evaluation.report import Cell, Report, bootstrap, open_text
from monitor.evaluation.scores import (
    auc,
    average_precision,
    calibration_error,
    precision_recall_f1,
    recall_at_precision,
)

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


def evaluate(path: Path) -> Report:
    """Score the built-in judge on a file of pairs: real pairs, our own minimal pairs, or Emergent.

    Raises:
        InputError: the file is none of them.
    """
    judge = RuleJudge()
    kind = _kind_of(path)
    if kind == "emergent":
        return _emergent(judge, path)
    if kind == "traps":
        judged = _all_judged(judge, trap_pairs(path))
        return _report(f"Judge on our own minimal pairs: {path.name}", judge, judged, lambda one: one.pair.kind)
    return _report(f"Judge on real pairs: {path.name}", judge, _all_judged(judge, real_pairs(path)), _source_of)


def _kind_of(path: Path) -> str:
    with open_text(path) as lines:
        try:
            first = lines.readline()
        except (OSError, EOFError, UnicodeDecodeError) as error:
            raise InputError(f"is no text in UTF-8, or broken: {error}", path=str(path)) from error
    if "articleHeadlineStance" in first:
        return "emergent"
    if '"trap"' in first:
        return "traps"
    if '"relation"' in first and '"a"' in first:
        return "real"
    raise InputError(
        "holds no labelled pairs: expected real_pairs.jsonl.gz, trap_pairs.jsonl or Emergent's train.csv",
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


def _report(title: str, judge: Judge, judged: list[_Judged], part: Callable[[_Judged], str]) -> Report:
    dev = [one for one in judged if one.pair.split == "dev"]
    rows = [
        _row("train (fitted on)", [one for one in judged if one.pair.split == "train"]),
        _row("dev", dev),
    ]
    rows += [_row(f"dev: {name}", group) for name, group in _parts(dev, part)]
    if part is _source_of:
        conflicts = _parts([one for one in dev if one.is_conflict], lambda one: one.pair.kind)
        others = [one for one in dev if not one.is_conflict]
        rows += [_row(f"dev: {name} against all others", group + others) for name, group in conflicts]
    return Report(
        title,
        _COLUMNS,
        tuple(rows),
        (
            f"Judge: {judge.name}, built in. Positive: contradicts. precision, recall, F1: of the relation it names.",
            "95 % intervals: bootstrap over stories (groups), seeded. ECE: expected calibration error, ten bins.",
            "Contradictions were looked for in these sets: their share is far above a stream's.",
        ),
    )


def _emergent(judge: Judge, path: Path) -> Report:
    judged = _all_judged(judge, emergent_hard(path))
    rows = [_row("all", judged)]
    positives = [one for one in judged if one.is_conflict]
    for name, group in _parts([one for one in judged if not one.is_conflict], lambda one: one.pair.kind):
        rows.append(_row(f"for x against, {name}", positives + group))
    both_deny = [one for one in judged if one.pair.kind == "against x against"]
    alarms = sum(one.relation is Relation.CONTRADICTS for one in both_deny) / max(1, len(both_deny))
    recall = recall_at_precision([one.score for one in judged], [one.is_conflict for one in judged], LEAST_PRECISION)
    return Report(
        f"Judge on Emergent HARD: {path.name}",
        _COLUMNS,
        tuple(rows),
        (
            f"Judge: {judge.name}, built in; it was fitted on no Emergent pair, so there is no cross-validation.",
            f"Recall at precision {LEAST_PRECISION}: {recall:.3f}. Against x against called a conflict: {alarms:.3f}.",
            "Positives: for x against of one claim; negatives as named, other claims as many as there are positives.",
        ),
    )


def _parts(judged: list[_Judged], part: Callable[[_Judged], str]) -> list[tuple[str, list[_Judged]]]:
    groups: dict[str, list[_Judged]] = {}
    for one in judged:
        groups.setdefault(part(one) or "-", []).append(one)
    return sorted(groups.items())


def _row(name: str, judged: list[_Judged]) -> tuple[Cell, ...]:
    scores, truths = [one.score for one in judged], [one.is_conflict for one in judged]
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
