"""Readers of labelled pairs: the pairs of spans read for this project, and Emergent's headlines."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from itertools import combinations, product
from pathlib import Path

import numpy as np

from monitor.errors import InputError
from monitor.evaluation.report import read_csv, read_jsonl
from monitor.ids import stable_id

__all__ = ["Pair", "day", "emergent_fold", "emergent_hard", "made_pairs", "real_pairs", "trap_pairs"]

FOLDS = 5
"""Parts of Emergent's claims; the built-in model was trained without part 0."""


@dataclass(frozen=True, slots=True)
class Pair:
    """One labelled pair. ``group``: what must stay on one side of a split (story, document, claim)."""

    a: str
    b: str
    relation: str
    kind: str = ""
    source: str = ""
    split: str = ""
    group: str = ""
    date_a: date | None = None
    date_b: date | None = None
    language: str = "en"


def day(value: str | None) -> date | None:
    """Return a date written as ISO 8601 or dd.mm.yyyy; None where there is none or it is neither."""
    for form in ("%Y-%m-%d", "%d.%m.%Y"):
        try:
            return datetime.strptime((value or "")[:10], form).date()
        except ValueError:
            continue
    return None


def real_pairs(path: Path) -> list[Pair]:
    """Read ``real_pairs.jsonl.gz`` (its columns: the README of the data).

    Raises:
        InputError: the file or a line of it is something else.
    """
    found = []
    for number, row in enumerate(read_jsonl(path, ("a", "b", "relation", "source", "split")), 1):
        try:
            a, b = row["a"], row["b"]
            group = f"{row['source']}:{str(a['doc']).split('_')[0]}"
            found.append(
                Pair(
                    a["text"],
                    b["text"],
                    row["relation"],
                    row.get("kind") or "",
                    row["source"],
                    row["split"],
                    group,
                    day(a.get("date")),
                    day(b.get("date")),
                )
            )
        except (KeyError, TypeError) as error:
            raise InputError(f"no pair of spans: {error!r}", path=str(path), line=number) from error
    return found


def trap_pairs(path: Path) -> list[Pair]:
    """Read our own minimal pairs (``training/trap_pairs.jsonl``); ``kind``: the trap; ``split`` by group, a third dev.

    Raises:
        InputError: the file or a line of it is something else.
    """
    return _own_pairs(path, "traps", 3)


def made_pairs(path: Path) -> list[Pair]:
    """Read pairs of ``training/pairs/made_*.jsonl``, as ``trap_pairs`` does; a fifth of the groups is dev.

    Raises:
        InputError: the file or a line of it is something else.
    """
    return _own_pairs(path, "made", 5)


def _own_pairs(path: Path, source: str, one_in: int) -> list[Pair]:
    return [
        Pair(
            row["a"], row["b"], row["relation"], row["trap"], source, _split(row["group"], one_in), row["group"],
            day(row.get("date_a")), day(row.get("date_b")), row.get("language", "en"),
        )
        for row in read_jsonl(path, ("a", "b", "relation", "trap", "group"))
    ]  # fmt: skip


def _split(group: str, one_in: int) -> str:
    return "dev" if int(stable_id("split", group)[1:], 16) % one_in == 0 else "train"


def emergent_fold(claim: str) -> int:
    """Return the part, 0 to 4, in which an Emergent claim is, by a hash of its id."""
    return int(stable_id("fold", claim)[1:], 16) % FOLDS


def emergent_hard(path: Path, seed: int = 0) -> list[Pair]:
    """Read Emergent's ``train.csv`` as its HARD pairs of article headlines.

    Positives: for against against, of one claim. Negatives: for x for, against x against of one claim, and for x
    against of different claims (a seeded sample, as many as there are positives). ``kind`` says which.
    """
    stances: dict[str, dict[str, list[str]]] = {}
    for row in read_csv(path, ("articleHeadline", "articleHeadlineStance", "claimId")):
        headlines = stances.setdefault(row["claimId"], {}).setdefault(row["articleHeadlineStance"], [])
        if row["articleHeadline"] not in headlines:
            headlines.append(row["articleHeadline"])
    found = [pair for claim, by_stance in stances.items() for pair in _within(claim, by_stance)]
    positives = sum(pair.relation == "contradicts" for pair in found)
    return found + list(_across(stances, positives, seed))


def _within(claim: str, stances: dict[str, list[str]]) -> Iterator[Pair]:
    for_, against = stances.get("for", []), stances.get("against", [])
    for a, b in product(for_, against):
        yield Pair(a, b, "contradicts", "for x against", "emergent", group=claim)
    for kind, headlines in (("for x for", for_), ("against x against", against)):
        for a, b in combinations(headlines, 2):
            yield Pair(a, b, "agrees", kind, "emergent", group=claim)


def _across(stances: dict[str, dict[str, list[str]]], count: int, seed: int) -> Iterator[Pair]:
    draw = np.random.default_rng(seed)
    for_ = [(claim, text) for claim, by in stances.items() for text in by.get("for", [])]
    against = [(claim, text) for claim, by in stances.items() for text in by.get("against", [])]
    made = 0
    while made < count and for_ and against:
        one, other = for_[draw.integers(len(for_))], against[draw.integers(len(against))]
        if one[0] != other[0]:
            made += 1
            yield Pair(one[1], other[1], "unrelated", "other claims", "emergent", group=one[0])
