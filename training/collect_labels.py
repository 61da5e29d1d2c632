"""Gather what readers wrote into the file of real pairs that the project keeps: ids, offsets and labels, no text.

    python training/collect_labels.py CANDIDATES LABELS OUT

CANDIDATES: the folder that ``mine_pairs.py`` wrote. LABELS: a folder of ``*.txt``, one pair a line: ``id relation
kind reason scope confidence``, with c, a, u for contradicts, agrees, unrelated; d, c, f, k for denial, contradiction,
figure, correction; f, p for full, partial; h, m for high, medium; ``-`` for none. OUT: a gzipped JSON Lines file.

The same two sentences stand in many documents: of pairs with equal words only the first is kept.
"""

from __future__ import annotations

import gzip
import json
import sys
from collections import Counter
from pathlib import Path
from typing import Any

from monitor.errors import InputError

RELATIONS = {"c": "contradicts", "a": "agrees", "u": "unrelated"}
KINDS = {"d": "denial", "c": "contradiction", "f": "figure", "k": "correction", "-": None}
SCOPES = {"f": "full", "p": "partial", "-": None}
CONFIDENCE = {"h": "high", "m": "medium"}


def read_labels(folder: Path) -> dict[str, dict[str, Any]]:
    """Return the labels by pair id.

    Raises:
        InputError: a line is not as described; with file and line.
    """
    labels: dict[str, dict[str, Any]] = {}
    for path in sorted(folder.glob("*.txt")):
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
            if not line.strip():
                continue
            try:
                pair, relation, kind, reason, scope, confidence = line.split()
                labels[pair] = {
                    "relation": RELATIONS[relation],
                    "kind": KINDS[kind],
                    "reason": reason,
                    "scope": SCOPES[scope],
                    "confidence": CONFIDENCE[confidence],
                }
            except (KeyError, ValueError) as error:
                raise InputError(f"not a label: {line!r} ({error})", path=str(path), line=number) from error
    return labels


def collect(candidates: Path, labels: dict[str, dict[str, Any]]) -> list[dict[str, Any]]:
    """Return the labelled pairs without their texts, one of each wording."""
    rows: list[dict[str, Any]] = []
    seen: set[frozenset[str]] = set()
    for path in sorted(candidates.glob("*.jsonl")):
        for line in path.read_text(encoding="utf-8").splitlines():
            pair = json.loads(line)
            wording = frozenset(" ".join(pair[side]["text"].lower().split()) for side in ("a", "b"))
            if pair["id"] not in labels or wording in seen:
                continue
            seen.add(wording)
            sides = {side: {k: v for k, v in pair[side].items() if k != "text"} for side in ("a", "b")}
            rows.append(
                {"id": pair["id"], "source": pair["source"], **sides, **labels[pair["id"]], "split": pair["split"]}
            )
    return rows


def main(candidates: Path, folder: Path, out: Path) -> None:
    """Write the file and print what it holds."""
    rows = collect(candidates, read_labels(folder))
    text = "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)
    # No time and no name in the header: the same labels give the same bytes.
    out.write_bytes(gzip.compress(text.encode(), mtime=0))
    counts = Counter((row["source"], row["relation"]) for row in rows)
    print(f"{len(rows)} pairs:", ", ".join(f"{' '.join(key)} {count}" for key, count in sorted(counts.items())))


if __name__ == "__main__":
    main(*map(Path, sys.argv[1:4]))
