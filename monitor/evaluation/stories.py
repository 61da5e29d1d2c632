"""How well articles are grouped into stories: BCubed precision, recall and F1 on a labelled stream."""

from __future__ import annotations

import csv
import gzip
import io
import json
import random
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from monitor.errors import InputError
from monitor.evaluation.report import Cell, Report
from monitor.settings import DedupeSettings
from monitor.stories.index import StoryIndex
from monitor.stories.places import places_of
from monitor.text.enrich import enrich
from monitor.text.rows import article_of
from schemas import EnrichedArticle

__all__ = ["Document", "bcubed", "enriched", "evaluate", "parts", "read"]

SEED = 0
"""Of the order of the documents that carry no time."""

_ECB_STORY = re.compile(r"\d+_ecb(?:plus)?")
_NO_TIME = datetime(2020, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Document:
    """One article of a labelled stream, as a row that ``article_of`` reads."""

    story: str
    row: dict[str, object]


def bcubed(true: Sequence[str], found: Sequence[str]) -> tuple[float, float, float]:
    """Return BCubed precision, recall and F1 of the found clusters (Bagga and Baldwin, 1998); one label an item."""
    both = Counter(zip(true, found, strict=True))
    sizes_true, sizes_found = Counter(true), Counter(found)
    precision = sum(n * n / sizes_found[cluster] for (_, cluster), n in both.items()) / len(true)
    recall = sum(n * n / sizes_true[label] for (label, _), n in both.items()) / len(true)
    return precision, recall, 2 * precision * recall / (precision + recall)


def parts(documents: Sequence[Document]) -> tuple[list[Document], list[Document]]:
    """Return the part that the model is fitted on, and the part held out, whole stories each.

    ECB+: the topics with odd numbers, and those with even ones; so a pair of alike events is on one side. UCI: the
    half of the stories that began earlier, and the other.
    """
    order = list(dict.fromkeys(document.story for document in documents))
    if all(_ECB_STORY.fullmatch(story) for story in order):
        fitted = {story for story in order if int(story.split("_")[0]) % 2}
    else:
        fitted = set(order[: len(order) // 2])
    return [d for d in documents if d.story in fitted], [d for d in documents if d.story not in fitted]


def enriched(document: Document) -> EnrichedArticle:
    """Return the article of a labelled document."""
    return enrich(article_of(document.row))


def evaluate(path: Path) -> Report:
    """Score the dedupe stage on ECB+ documents (.jsonl: subtopic, title, text) or UCI headlines (.csv: STORY, TITLE).

    ECB+ has no times: its documents come in a seeded order. UCI comes in the order of its time stamps.

    Raises:
        InputError: the file is neither.
    """
    documents = read(path)
    fitted, held_out = parts(documents)
    rows: list[tuple[Cell, ...]] = []
    for name, kept in (("fitted on", fitted), ("held out", held_out), ("whole file", documents)):
        index = StoryIndex({}, DedupeSettings(), places_of)
        ids = [index.assign(enriched(document)) for document in kept]
        true = [document.story for document in kept]
        for when, found in (
            ("as told", [each.story_id for each in ids]),
            ("after merges", [index.story_of(each.article_id) or each.story_id for each in ids]),
        ):
            scores = (round(score, 3) for score in bcubed(true, found))
            rows.append((f"{name}, {when}", len(kept), len(set(true)), len(set(found)), *scores))
    return Report(
        title=f"Stories, {path.name}",
        columns=("part", "articles", "stories", "found", "precision", "recall", "F1"),
        rows=tuple(rows),
        notes=(
            "BCubed, one pass in order. Weights and thresholds come from the part named, of ECB+ and UCI together.",
            "After merges: under the story in which each article is counted at the end of the stream.",
        ),
    )


def read(path: Path) -> list[Document]:
    """Read a labelled stream in its order.

    Raises:
        InputError: the file is neither of the two kinds.
    """
    raw = gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()
    text = raw.decode("utf-8")
    try:
        if ".csv" in path.suffixes:
            return _uci(text)
        return _ecb(text)
    except (KeyError, ValueError) as error:
        raise InputError(f"neither ECB+ nor UCI rows: {error!r}", path=str(path)) from error


def _uci(text: str) -> list[Document]:
    rows = sorted(csv.DictReader(io.StringIO(text)), key=lambda row: int(row["TIMESTAMP"]))
    return [
        Document(
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


def _ecb(text: str) -> list[Document]:
    rows = [json.loads(line) for line in text.splitlines() if line.strip()]
    random.Random(SEED).shuffle(rows)
    return [
        Document(
            row["subtopic"],
            {"id": row["doc_id"], "title": row["title"], "text": row["text"], "published_at": _NO_TIME.isoformat()},
        )
        for row in rows
    ]
