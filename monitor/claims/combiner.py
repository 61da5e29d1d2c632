"""The combiner: a multinomial logistic regression over the features of two statements, with weights that ship.

Scores are probabilities of the three relations. ``fit`` is what ``training/combiner.py`` calls; nothing is fitted at
run time.
"""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from functools import cached_property, lru_cache
from importlib import resources
from operator import mul
from typing import Final

import numpy as np
from numpy.typing import NDArray

from monitor.claims.features import FEATURES, MODEL_FEATURES

__all__ = ["RELATIONS", "Combiner", "fit", "load"]

RELATIONS: Final = ("contradicts", "agrees", "unrelated")
"""Order of the probabilities."""

_FILE: Final = "combiner.json"
_MODEL_FILE: Final = "combiner_model.json"
_STEPS: Final = 2000
"""Accelerated gradient steps of a fit; enough for 40 features to converge."""
_MOMENTUM: Final = 0.9

Matrix = NDArray[np.float64]


@dataclass(frozen=True)
class Combiner:
    """Weights: one row a feature and a last one for the constant, one column a relation; on standardised features."""

    version: str
    features: tuple[str, ...]
    mean: tuple[float, ...]
    scale: tuple[float, ...]
    weights: tuple[tuple[float, ...], ...]

    def probabilities(self, vector: Sequence[float]) -> tuple[float, float, float]:
        """Return (contradicts, agrees, unrelated) for the features of one pair; they add up to 1."""
        # Plain floats: for one row NumPy takes ten times as long to begin as to compute.
        standard = [(x - mean) / scale for x, mean, scale in zip(vector, self.mean, self.scale, strict=True)]
        logits = [sum(map(mul, (*standard, 1.0), column)) for column in self._columns]
        top = max(logits)
        a, b, c = (math.exp(logit - top) for logit in logits)
        return a / (a + b + c), b / (a + b + c), c / (a + b + c)

    @cached_property
    def _columns(self) -> tuple[tuple[float, ...], ...]:
        return tuple(zip(*self.weights, strict=True))

    def all_probabilities(self, matrix: Matrix) -> Matrix:
        """Return the probabilities for many pairs: shape (pairs, features) in, (pairs, 3) out."""
        standard = (matrix - np.array(self.mean)) / np.array(self.scale)
        return _softmax(np.c_[standard, np.ones(len(standard))] @ np.array(self.weights))

    def to_json(self) -> str:
        """Return the weights as they are kept in the package."""
        return json.dumps(asdict(self), indent=1)


@lru_cache(maxsize=2)
def load(with_model: bool = False) -> Combiner:
    """Return the shipped weights: over the slots' features, or over ``MODEL_FEATURES``.

    Raises:
        ValueError: they were fitted on other features than this program has.
    """
    file = _MODEL_FILE if with_model else _FILE
    raw = json.loads(resources.files("monitor.models").joinpath(file).read_text(encoding="utf-8"))
    combiner = Combiner(
        raw["version"],
        tuple(raw["features"]),
        tuple(raw["mean"]),
        tuple(raw["scale"]),
        tuple(map(tuple, raw["weights"])),
    )
    if combiner.features != (MODEL_FEATURES if with_model else FEATURES):
        raise ValueError(f"{file} was fitted on other features; run training/combiner.py")
    return combiner


def fit(
    matrix: Matrix, labels: NDArray[np.int64], weights: Matrix, *, penalty: float, version: str,
    features: tuple[str, ...] = FEATURES,
) -> Combiner:  # fmt: skip
    """Fit by accelerated gradient descent on the weighted log loss with an L2 ``penalty`` (constant not penalised).

    Deterministic. ``matrix``: (pairs, ``features``); ``labels``: index into ``RELATIONS``; ``weights``: one a pair.
    """
    mean = matrix.mean(axis=0)
    scale = matrix.std(axis=0)
    scale[scale == 0] = 1.0
    x = np.c_[(matrix - mean) / scale, np.ones(len(matrix))]
    share = (weights / weights.sum())[:, None]
    targets = np.eye(len(RELATIONS))[labels]
    ridge = np.full((x.shape[1], 1), penalty / len(x))
    ridge[-1] = 0.0
    step = 1 / (0.5 * np.linalg.norm(np.sqrt(share) * x, 2) ** 2 + ridge[0, 0])
    found = np.zeros((x.shape[1], len(RELATIONS)))
    speed = np.zeros_like(found)
    for _ in range(_STEPS):
        ahead = found + _MOMENTUM * speed
        gradient = x.T @ (share * (_softmax(x @ ahead) - targets)) + ridge * ahead
        speed = _MOMENTUM * speed - step * gradient
        found = found + speed
    rounded = np.round(found, 5)
    return Combiner(
        version,
        features,
        tuple(np.round(mean, 6).tolist()),
        tuple(np.round(scale, 6).tolist()),
        tuple(map(tuple, rounded.tolist())),
    )


def _softmax(z: Matrix) -> Matrix:
    powers = np.exp(z - z.max(axis=1, keepdims=True))
    return np.asarray(powers / powers.sum(axis=1, keepdims=True))
