"""Scores of a yes-or-no decision with a probability: AUC, average precision, F1, calibration error."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

__all__ = ["auc", "average_precision", "calibration_error", "precision_recall_f1", "recall_at_precision"]

BINS: Final = 10
"""Equal-width bins of the calibration error."""

Numbers = Sequence[float] | NDArray[np.float64]
Truths = Sequence[bool] | NDArray[np.bool_]


def auc(scores: Numbers, truths: Truths) -> float:
    """Return the area under the ROC curve: how often a true one scores above a false one, ties half.

    NaN where all are true, or none is.
    """
    values, truth = np.asarray(scores, float), np.asarray(truths, bool)
    _, inverse, counts = np.unique(values, return_inverse=True, return_counts=True)
    ranks = (np.cumsum(counts) - (counts - 1) / 2)[inverse]
    positive, negative = truth.sum(), (~truth).sum()
    if not positive or not negative:
        return float("nan")
    return float((ranks[truth].sum() - positive * (positive + 1) / 2) / (positive * negative))


def average_precision(scores: Numbers, truths: Truths) -> float:
    """Return the mean precision at each true one, by falling score; NaN where none is true."""
    precision, _, truth = _by_score(scores, truths)
    return float((precision * truth).sum() / truth.sum()) if truth.any() else float("nan")


def recall_at_precision(scores: Numbers, truths: Truths, least: float) -> float:
    """Return the highest recall of a threshold whose precision is at least ``least``; 0 where there is none."""
    precision, recall, _ = _by_score(scores, truths)
    good = recall[precision >= least]
    return float(good.max()) if len(good) else 0.0


def precision_recall_f1(said: Truths, truths: Truths) -> tuple[float, float, float]:
    """Return precision, recall and their harmonic mean; 0 where nothing was said or nothing is true."""
    says, truth = np.asarray(said, bool), np.asarray(truths, bool)
    right = float((says & truth).sum())
    precision = right / says.sum() if says.any() else 0.0
    recall = right / truth.sum() if truth.any() else 0.0
    return float(precision), float(recall), float(2 * precision * recall / (precision + recall)) if right else 0.0


def calibration_error(scores: Numbers, truths: Truths) -> float:
    """Return the expected calibration error over ``BINS`` bins (Guo et al., 2017).

    In each bin: the distance of the mean score from the share of true ones; weighted by the pairs in it.
    """
    values, truth = np.asarray(scores, float), np.asarray(truths, bool)
    bins = np.minimum((values * BINS).astype(int), BINS - 1)
    parts = ((bins == index) for index in range(BINS))
    return float(sum(part.mean() * abs(values[part].mean() - truth[part].mean()) for part in parts if part.any()))


def _by_score(scores: Numbers, truths: Truths) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.bool_]]:
    """Return precision and recall after each pair by falling score, and the truths in that order."""
    order = np.argsort(-np.asarray(scores, float), kind="stable")
    truth = np.asarray(truths, bool)[order]
    found = np.cumsum(truth)
    return found / np.arange(1, len(truth) + 1), found / max(1, found[-1] if len(found) else 1), truth
