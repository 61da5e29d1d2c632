"""Fit the decision whether an article joins a story, seeded; and count how common words are in news.

Run: ``python training/stories.py ../shared/data`` (or ``--worth`` after it, for each kind of feature's worth).

Fitted on one part of ECB+ (topics with odd numbers) and of UCI (the earlier half of the stories); reported on the other
parts. Words are counted in BBC and Reuters, which have no part in the report. Writes ``monitor/models/stories.json``
and ``story_words.json``.
"""

from __future__ import annotations

import json
import random
import sys
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Final

import numpy as np

from monitor.evaluation.report import read_jsonl
from monitor.evaluation.stories import Document, bcubed, enriched, parts, read
from monitor.stories.background import Background, background
from monitor.stories.features import FEATURES, GROUPS
from monitor.stories.index import body_of
from monitor.stories.learn import Labelled, choices, group, labelled
from monitor.stories.model import Choice, StoryModel, fit
from monitor.stories.terms import head_terms

ECB: Final = "stories/ecbplus_topics_1_35.jsonl.gz"
UCI: Final = "stories/uci_first_half.csv.gz"
COUNTED: Final = (("topics/bbc.jsonl.gz", "text"), ("topics/reuters21578_places.jsonl.gz", "body"))
LEAST_COUNT: Final = 8
"""Articles that must hold a word for it to be kept: a rarer one weighs hardly less than an unknown one."""

ORDERS: Final = 3
"""Seeded orders of ECB+ that are learned from; it has no times."""
CHOSEN_ON: Final = (101, 102)
"""Seeds of the orders of ECB+ on which the threshold is chosen."""
REPORTED: Final = (0, 1, 2)
"""Seeds of the orders of ECB+ that the report averages over; 0 is that of ``evaluate stories``."""
PENALTY: Final = 3.0
"""L2 penalty."""
WEIGHT: Final = 500.0
"""What each of the two sets counts in all."""
JOIN: Final = tuple(np.arange(0.0, 2.01, 0.25).tolist())
"""Thresholds that are tried, in log odds."""
AS_GOOD: Final = 0.01
"""Difference in F1 that is chance: other seeds of the order move it as much."""
MERGE: Final = 4.0
"""Score from which two stories are one: e^4, over fifty to one, both ways."""

MODELS: Final = Path(__file__).parents[1] / "monitor" / "models"


def count_words(data: Path) -> Background:
    """Count in how many articles of BBC and Reuters each term stands."""
    seen: Counter[str] = Counter()
    documents = 0
    for name, field in COUNTED:
        for row in read_jsonl(data / name, ("title", field)):
            seen.update(head_terms(row["title"], row[field], "en"))
            documents += 1
    return Background(documents, {term: count for term, count in seen.items() if count >= LEAST_COUNT})


def write_words(prior: Background) -> None:
    """Write the counts: the terms of each count in one string."""
    terms: dict[int, list[str]] = defaultdict(list)
    for term, count in prior.frequency.items():
        terms[count].append(term)
    content = {"documents": prior.documents, "terms": {str(c): " ".join(sorted(terms[c])) for c in sorted(terms)}}
    (MODELS / "story_words.json").write_text(json.dumps(content, ensure_ascii=False, indent=0) + "\n", encoding="utf-8")


def load(path: Path) -> tuple[list[Labelled], list[Labelled]]:
    """Read the part to fit on and the part to report."""
    fitted, held_out = parts(read(path))
    return _labelled(fitted), _labelled(held_out)


def _labelled(documents: Sequence[Document]) -> list[Labelled]:
    articles = ((document.story, enriched(document)) for document in documents)
    return [labelled(story, article, body_of(article)) for story, article in articles]


def shuffled(stream: list[Labelled], seed: int) -> list[Labelled]:
    """Return the stream in a seeded order."""
    return random.Random(seed).sample(stream, len(stream))


def examples(ecb: list[Labelled], uci: list[Labelled], prior: Background | None = None) -> list[Choice]:
    """Return the decisions to learn from, each set weighing the same."""
    blank = StoryModel("", dict.fromkeys(FEATURES, 0.0), 0.0, MERGE)
    found: list[Choice] = []
    # UCI also in other orders: in its own each story comes in one sweep, which no stream of feeds does.
    orders = range(ORDERS)
    for streams in ([shuffled(ecb, seed) for seed in orders], [uci, *(shuffled(uci, seed) for seed in orders[1:])]):
        these = [choice for stream in streams for choice in choices(stream, blank, prior)]
        found += [replace(choice, weight=WEIGHT / len(these)) for choice in these]
    return found


def learn(
    found: list[Choice],
    ecb: list[Labelled],
    uci: list[Labelled],
    left_out: frozenset[str] = frozenset(),
    prior: Background | None = None,
) -> StoryModel:
    """Fit on the examples of both parts and choose the thresholds on them."""
    weights, constant = fit(found, penalty=PENALTY, left_out=left_out)
    rounded = {name: round(float(weight), 4) for name, weight in zip(FEATURES, weights, strict=True)}
    model = StoryModel("1", rounded, round(constant, 4), MERGE)
    # A threshold for full reports from the one set, for headlines from the other; between them a straight line.
    full = _highest({join: _f1(ecb, _raised(model, join, join), CHOSEN_ON, prior) for join in JOIN})
    headline = _highest({join: _headlines(uci, _raised(model, full, join), prior) for join in JOIN})
    return _raised(model, full, headline)


def _raised(model: StoryModel, full: float, headline: float) -> StoryModel:
    """Return the model with the thresholds taken into its weights, so that the score 0 decides."""
    weights = dict(model.weights)
    weights["short"] = round(weights["short"] + full - headline, 4)
    return replace(model, weights=weights, constant=round(model.constant - full, 4))


def _highest(scores: dict[float, float]) -> float:
    """Return the highest threshold that is as good as the best: two events in one story cost more than one in two."""
    return max(join for join, f1 in scores.items() if f1 >= max(scores.values()) - AS_GOOD)


def _headlines(uci: list[Labelled], model: StoryModel, prior: Background | None) -> float:
    orders = (uci, shuffled(uci, CHOSEN_ON[0]))
    return float(np.mean([score(stream, model, prior)[2] for stream in orders]))


def _f1(ecb: list[Labelled], model: StoryModel, seeds: Sequence[int], prior: Background | None) -> float:
    return float(np.mean([score(shuffled(ecb, seed), model, prior)[2] for seed in seeds]))


def score(
    stream: list[Labelled], model: StoryModel, prior: Background | None = None
) -> tuple[float, float, float, int]:
    """Return BCubed precision, recall and F1, and the number of stories found."""
    found = group(stream, model, prior)
    return *bcubed([each.story for each in stream], found), len(set(found))


def report(
    name: str, ecb: list[Labelled], uci: list[Labelled], model: StoryModel, prior: Background | None = None
) -> None:
    """Print the scores of a model on both sets."""
    runs = np.mean([score(shuffled(ecb, seed), model, prior) for seed in REPORTED], axis=0)
    for source, stream, row in (("ECB+", ecb, runs), ("UCI", uci, score(uci, model, prior))):
        true = len({each.story for each in stream})
        print(
            f"{name:34} {source:5} P {row[0]:.3f} R {row[1]:.3f} F1 {row[2]:.3f}  {row[3]:.0f} stories for {true}",
            flush=True,
        )


def main() -> None:
    """Count, fit, write the model, and report it."""
    data = Path(sys.argv[1])
    write_words(count_words(data))
    background.cache_clear()
    (ecb, ecb_rest), (uci, uci_rest) = load(data / ECB), load(data / UCI)
    found = examples(ecb, uci)
    model = learn(found, ecb, uci)
    (MODELS / "stories.json").write_text(model.to_json() + "\n", encoding="utf-8")
    report("fitted on", ecb, uci, model)
    report("held out", ecb_rest, uci_rest, model)
    if "--worth" in sys.argv:
        other = learn(examples(ecb_rest, uci_rest), ecb_rest, uci_rest)
        report("the other way round: held out", ecb, uci, other)
        for kind, names in GROUPS.items():
            report(f"without {kind}", ecb_rest, uci_rest, learn(found, ecb, uci, frozenset(names)))
        none = Background()
        bare = learn(examples(ecb, uci, none), ecb, uci, prior=none)
        report("without the counts of words", ecb_rest, uci_rest, bare, none)


if __name__ == "__main__":
    main()
