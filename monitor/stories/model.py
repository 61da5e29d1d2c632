"""The merge decision: a conditional logit over an article's candidate stories and "none of them" (McFadden, 1973).

Each story has a score that is linear in its features; "none" has the score 0. ``fit`` is what
``training/stories.py`` calls; nothing is fitted at run time.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import lru_cache
from importlib import resources
from operator import mul
from typing import Final

import numpy as np
from numpy.typing import NDArray

from monitor.stories.features import FEATURES

__all__ = ["Choice", "StoryModel", "fit", "load"]

_FILE: Final = "stories.json"
_STEPS: Final = 100
"""Newton steps of a fit at most; it takes about eight."""
_SHORTEST: Final = 1e-6
"""Least share of a Newton step that is tried."""
_ENOUGH: Final = 1e-4

Matrix = NDArray[np.float64]


@dataclass(frozen=True)
class Choice:
    """One decision to learn from: the candidates' features, shape (candidates, features), and the right one or None.

    ``weight`` is what it counts among the others.
    """

    rows: Matrix
    right: int | None
    weight: float = 1.0


@dataclass(frozen=True)
class StoryModel:
    """Weights of the features, the constant, and the score from which two stories are one.

    An article joins the story with the best score that is at least 0: the thresholds are in the weights.
    """

    version: str
    weights: Mapping[str, float]
    constant: float
    merge: float

    def score(self, row: Sequence[float]) -> float:
        """Return the score (log odds against "none of them") of one candidate."""
        return self.constant + sum(map(mul, row, self.weights.values()), 0.0)

    def to_json(self) -> str:
        """Return the model as it is kept in the package."""
        return json.dumps(asdict(self), indent=1)


@lru_cache(maxsize=1)
def load() -> StoryModel:
    """Return the shipped model.

    Raises:
        ValueError: it was fitted on other features than this program has.
    """
    raw = json.loads(resources.files("monitor.models").joinpath(_FILE).read_text(encoding="utf-8"))
    if tuple(raw["weights"]) != FEATURES:
        raise ValueError("stories.json was fitted on other features; run training/stories.py")
    return StoryModel(raw["version"], raw["weights"], raw["constant"], raw["merge"])


def fit(choices: Sequence[Choice], *, penalty: float, left_out: frozenset[str] = frozenset()) -> tuple[Matrix, float]:
    """Return weights and constant by Newton's method on the weighted log loss with an L2 ``penalty``. Deterministic.

    The penalty is on standardised features. Features ``left_out`` have the weight 0.
    """
    rows = np.concatenate([choice.rows for choice in choices])
    kept = np.array([name not in left_out for name in FEATURES])
    mean, scale = rows.mean(axis=0), rows.std(axis=0)
    scale[scale == 0] = 1.0
    problem = _Problem(choices, mean, scale, kept, penalty)
    found = np.zeros(int(kept.sum()) + 1)
    loss, gradient, shares = problem.at(found)
    for _ in range(_STEPS):
        step = np.linalg.solve(problem.curvature(shares), gradient)
        size = 1.0
        while size > _SHORTEST:
            ahead, *rest = problem.at(found - size * step)
            if ahead <= loss - _ENOUGH * size * float(gradient @ step):
                break
            size /= 2
        if size <= _SHORTEST or loss - ahead < _SHORTEST:
            break
        found, loss, (gradient, shares) = found - size * step, ahead, rest
    weights = np.zeros(len(FEATURES))
    weights[kept] = found[:-1] / scale[kept]
    return weights, float(found[-1] - weights @ mean)


class _Problem:
    """The log loss of a fit: rows of all choices below each other, "none" as the last row of each."""

    def __init__(self, choices: Sequence[Choice], mean: Matrix, scale: Matrix, kept: NDArray[np.bool_], penalty: float):
        blocks, right, lengths = [], [], []
        for choice in choices:
            count = len(choice.rows)
            block = np.zeros((count + 1, int(kept.sum()) + 1))
            block[:count, :-1] = ((choice.rows - mean) / scale)[:, kept]
            block[:count, -1] = 1.0
            blocks.append(block)
            right.append(np.eye(count + 1)[count if choice.right is None else choice.right])
            lengths.append(count + 1)
        self._x, self._right = np.concatenate(blocks), np.concatenate(right)
        self._starts = np.r_[0, np.cumsum(lengths)[:-1]]
        self._of = np.repeat(np.arange(len(choices)), lengths)
        self._weight = np.array([choice.weight for choice in choices])
        self._ridge = np.full(self._x.shape[1], penalty)
        self._ridge[-1] = 0.0

    def at(self, weights: Matrix) -> tuple[float, Matrix, Matrix]:
        """Return the loss, its gradient, and the probability of each row."""
        scores = self._x @ weights
        powers = np.exp(scores - np.maximum.reduceat(scores, self._starts)[self._of])
        shares = powers / np.add.reduceat(powers, self._starts)[self._of]
        weight = self._weight[self._of]
        loss = -(weight * self._right * np.log(np.maximum(shares, 1e-300))).sum()
        gradient = self._x.T @ (weight * (shares - self._right)) + self._ridge * weights
        return float(loss + 0.5 * (self._ridge * weights * weights).sum()), gradient, shares

    def curvature(self, shares: Matrix) -> Matrix:
        """Return the second derivative."""
        weight = self._weight[self._of]
        mean = np.add.reduceat(self._x * shares[:, None], self._starts)
        spread = (self._x * (weight * shares)[:, None]).T @ self._x - (mean * self._weight[:, None]).T @ mean
        return np.asarray(spread + np.diag(self._ridge + 1e-9))
