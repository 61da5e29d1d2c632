"""Readers of labelled pairs: the pairs of spans read for this project, and Emergent's headlines."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from itertools import combinations, product
from pathlib import Path
from typing import Final

import numpy as np

from monitor.errors import InputError
from monitor.evaluation.report import open_text, read_csv, read_jsonl
from monitor.ids import stable_id

__all__ = [
    "Pair",
    "day",
    "emergent_fold",
    "emergent_hard",
    "made_pairs",
    "nli_pairs",
    "real_pairs",
    "trap_pairs",
]

FOLDS: Final = 5
"""Parts of Emergent's claims; the built-in model was trained without part 0."""
NLI_SAMPLE: Final = 2000
"""Pairs of premise and hypothesis that are judged: two per cent of accuracy, at 95 %."""
_NLI: Final = {
    "contradiction": "contradicts", "entailment": "agrees", "neutral": "unrelated",
    "2": "contradicts", "0": "agrees", "1": "unrelated",
}  # fmt: skip


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
    against of different claims (a seeded sample, as many as there are positives). ``kind`` says which. ``split``: dev
    where the claim is in fold 0; pairs of two claims are of one split.
    """
    stances: dict[str, dict[str, list[str]]] = {}
    for row in read_csv(path, ("articleHeadline", "articleHeadlineStance", "claimId")):
        headlines = stances.setdefault(row["claimId"], {}).setdefault(row["articleHeadlineStance"], [])
        if row["articleHeadline"] not in headlines:
            headlines.append(row["articleHeadline"])
    found = [pair for claim, by_stance in stances.items() for pair in _within(claim, by_stance)]
    for split in ("dev", "train"):
        positives = sum(pair.relation == "contradicts" and pair.split == split for pair in found)
        among = {claim: by for claim, by in stances.items() if _split_of(claim) == split}
        found += _across(among, positives, split, seed)
    return found


def nli_pairs(path: Path, count: int = NLI_SAMPLE) -> list[Pair]:
    """Read pairs of premise and hypothesis (JSON Lines, or XNLI's TSV): ``count`` of them, by a hash of their texts.

    Raises:
        InputError: a line is something else.
    """
    rows = _xnli_rows(path) if path.suffix == ".tsv" else read_jsonl(path, ("premise", "hypothesis", "label"))
    pairs = [
        Pair(row["premise"], row["hypothesis"], _NLI[str(row["label"])], "", "nli", "dev", row["premise"])
        for row in rows
        if str(row["label"]) in _NLI
    ]
    return sorted(pairs, key=lambda pair: stable_id("sample", pair.a, pair.b))[:count]


def _xnli_rows(path: Path) -> Iterator[dict[str, str]]:
    # XNLI is not quoted: its quotation marks are text.
    with open_text(path) as lines:
        names = lines.readline().rstrip("\r\n").split("\t")
        for line in lines:
            yield dict(zip(names, line.rstrip("\r\n").split("\t"), strict=False))


def _split_of(claim: str) -> str:
    return "dev" if emergent_fold(claim) == 0 else "train"


def _within(claim: str, stances: dict[str, list[str]]) -> Iterator[Pair]:
    for_, against = stances.get("for", []), stances.get("against", [])
    for a, b in product(for_, against):
        yield Pair(a, b, "contradicts", "for x against", "emergent", _split_of(claim), claim)
    for kind, headlines in (("for x for", for_), ("against x against", against)):
        for a, b in combinations(headlines, 2):
            yield Pair(a, b, "agrees", kind, "emergent", _split_of(claim), claim)


def _across(stances: dict[str, dict[str, list[str]]], count: int, split: str, seed: int) -> Iterator[Pair]:
    draw = np.random.default_rng(seed)
    for_, against = (
        [(claim, text) for claim, by in stances.items() for text in by.get(name, [])] for name in ("for", "against")
    )
    if len({claim for claim, _ in for_} | {claim for claim, _ in against}) < 2 or not for_ or not against:
        return
    made = 0
    while made < count:
        one, other = for_[draw.integers(len(for_))], against[draw.integers(len(against))]
        if one[0] != other[0]:
            made += 1
            yield Pair(one[1], other[1], "unrelated", "other claims", "emergent", split, one[0])
