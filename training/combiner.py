"""Fit the weights of the rule judge's combiner, seeded.

Run: ``python training/combiner.py ../shared/data/pairs/real_pairs.jsonl.gz``.

Trained on the train part of the real pairs, on pairs of two different stories as "unrelated" (the set itself holds
none, and a stream holds mostly those), and on the train part of our own minimal pairs (``trap_pairs.jsonl``), which say
what a clear case looks like. Writes ``monitor/models/combiner.json``.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Final

import numpy as np

from monitor.claims.combiner import RELATIONS, fit
from monitor.claims.features import compare
from monitor.claims.statement import of_text
from monitor.evaluation.pairs import Pair, real_pairs, trap_pairs

SEED: Final = 20260
PENALTY: Final = 10.0
"""L2 penalty, chosen by 5-fold cross-validation over stories on the train part (3 to 100 differ by under 0.01 AUC)."""
STRANGERS: Final = 0.5
"""Pairs of two stories added for each real pair."""
TRAP_WEIGHT: Final = 3.0
"""Weight of one of our own pairs, in real pairs; 1 to 6 differ by 0.01 AUC on the real ones."""

TRAPS: Final = Path(__file__).with_name("trap_pairs.jsonl")
TARGET: Final = Path(__file__).parents[1] / "monitor" / "models" / "combiner.json"


def strangers(pairs: list[Pair], share: float, seed: int) -> list[Pair]:
    """Return pairs of statements of two different stories of one source: unrelated by construction."""
    draw = np.random.default_rng(seed)
    found: list[Pair] = []
    while len(found) < share * len(pairs):
        one, other = (pairs[index] for index in draw.integers(0, len(pairs), 2))
        if one.group != other.group and one.source == other.source:
            found.append(Pair(one.a, other.b, "unrelated", date_a=one.date_a, date_b=other.date_b, group=one.group))
    return found


def vectors(pairs: list[Pair]) -> np.ndarray:
    """Return the features of the pairs, shape (pairs, features)."""
    return np.array([compare(of_text(pair.a, pair.date_a), of_text(pair.b, pair.date_b)).vector for pair in pairs])


def main() -> None:
    """Fit, and write the weights."""
    train = [pair for pair in real_pairs(Path(sys.argv[1])) if pair.split == "train"]
    made = strangers(train, STRANGERS, SEED)
    traps = [pair for pair in trap_pairs(TRAPS) if pair.split == "train"]
    labels = np.array([RELATIONS.index(pair.relation) for pair in train + made + traps])
    weights = np.array([1.0] * (len(train) + len(made)) + [TRAP_WEIGHT] * len(traps))
    combiner = fit(vectors(train + made + traps), labels, weights, penalty=PENALTY, version="1")
    TARGET.write_text(combiner.to_json() + "\n", encoding="utf-8")
    print(f"{len(train)} real pairs, {len(made)} of two stories, {len(traps)} of our own: {TARGET.name}")


if __name__ == "__main__":
    main()
