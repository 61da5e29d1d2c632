"""How well articles are grouped into stories: BCubed precision, recall and F1 on a labelled stream."""

from __future__ import annotations

import csv
import gzip
import io
import json
import random
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from monitor.errors import InputError
from monitor.evaluation.report import Report
from monitor.settings import DedupeSettings
from monitor.stories.index import StoryIndex
from monitor.stories.places import places_of
from monitor.text.enrich import enrich
from monitor.text.rows import article_of

__all__ = ["bcubed", "evaluate"]

SEED = 0
"""Of the order of the documents that carry no time."""

_NO_TIME = datetime(2020, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class _Document:
    story: str
    row: dict[str, object]


def bcubed(true: Sequence[str], found: Sequence[str]) -> tuple[float, float, float]:
    """Return BCubed precision, recall and F1 of the found clusters (Bagga and Baldwin, 1998); one label an item."""
    both = Counter(zip(true, found, strict=True))
    sizes_true, sizes_found = Counter(true), Counter(found)
    precision = sum(n * n / sizes_found[cluster] for (_, cluster), n in both.items()) / len(true)
    recall = sum(n * n / sizes_true[label] for (label, _), n in both.items()) / len(true)
    return precision, recall, 2 * precision * recall / (precision + recall)


def evaluate(path: Path) -> Report:
    """Score the dedupe stage on ECB+ documents (.jsonl: subtopic, title, text) or UCI headlines (.csv: STORY, TITLE).

    ECB+ has no times: its documents come in a seeded order. UCI comes in the order of its time stamps. Both halves are
    of whole stories.

    Raises:
        InputError: the file is neither.
    """
    documents = _read(path)
    labels = sorted({document.story for document in documents})
    half = set(labels[: len(labels) // 2])
    rows: list[tuple[str | float | int, ...]] = []
    for name, kept in (
        ("first half of the stories", [d for d in documents if d.story in half]),
        ("second half of the stories", [d for d in documents if d.story not in half]),
        ("whole file", documents),
    ):
        index = StoryIndex({}, DedupeSettings(), places_of)
        found = [index.assign(enrich(article_of(d.row))).story_id for d in kept]
        true = [d.story for d in kept]
        scores = (round(score, 3) for score in bcubed(true, found))
        rows.append((name, len(kept), len(set(true)), len(set(found)), *scores))
    return Report(
        title=f"Stories, {path.name}",
        columns=("part", "articles", "stories", "found", "precision", "recall", "F1"),
        rows=tuple(rows),
        notes=("BCubed, one pass in order. The thresholds were chosen by hand with both files in view: not held out.",),
    )


def _read(path: Path) -> list[_Document]:
    raw = gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()
    text = raw.decode("utf-8")
    try:
        if ".csv" in path.suffixes:
            return _uci(text)
        return _ecb(text)
    except (KeyError, ValueError) as error:
        raise InputError(f"neither ECB+ nor UCI rows: {error!r}", path=str(path)) from error


def _uci(text: str) -> list[_Document]:
    rows = sorted(csv.DictReader(io.StringIO(text)), key=lambda row: int(row["TIMESTAMP"]))
    return [
        _Document(
            row["STORY"],
            {
                "id": row["ID"],
                "title": row["TITLE"],
                "text": "",
                "source": row["PUBLISHER"],
                "published_at": datetime.fromtimestamp(int(row["TIMESTAMP"]) / 1000, UTC).isoformat(),
            },
        )
        for row in rows
    ]


def _ecb(text: str) -> list[_Document]:
    rows = [json.loads(line) for line in text.splitlines() if line.strip()]
    random.Random(SEED).shuffle(rows)
    return [
        _Document(
            row["subtopic"],
            {"id": row["doc_id"], "title": row["title"], "text": row["text"], "published_at": _NO_TIME.isoformat()},
        )
        for row in rows
    ]
