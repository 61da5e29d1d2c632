"""Alerts of a stream, laid out for a reader who is not to know which were raised and which only nearly.

    python training/read_alerts.py draw STREAM --seed 1 --half later --out FOLDER
    python training/read_alerts.py keep FOLDER --verdicts READ.jsonl --labels LABELS.jsonl

``draw`` runs the stream and writes ``blind.jsonl`` (what the reader sees: both quotes with the text around them, who
speaks, dates) and ``key.jsonl`` (which were alerts, and where they stand). As many pairs that the judge held back, the
most probable first, as there are alerts. ``keep`` joins the reader's ``{"n", "verdict", "note"}`` to the key and adds
places and verdicts, without any text, to the labels that ``counterclaim evaluate alerts --labels`` takes.
"""

from __future__ import annotations

import argparse
import json
import random
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any, ClassVar

sys.path.insert(0, str(Path(__file__).parents[1]))

from monitor.claims.judge import Verdict
from monitor.claims.ledger import Judged, Ledger
from monitor.claims.propositions import Proposition
from monitor.evaluation.alert_labels import VERDICTS, place_of
from monitor.evaluation.alerts import articles_of, run
from schemas import AlertClaim, Article, Claim

AROUND = 300
"""Characters of the text shown before and after a quote."""


class Watched(Ledger):
    """A ledger that notes what it held back: the pairs that it judged and did not raise."""

    held: ClassVar[list[tuple[Claim, Claim, Verdict]]] = []

    def _countered(self, claim: Claim, judged: list[Judged]) -> list[Judged]:
        raised = super()._countered(claim, judged)
        kept: set[str] = {proposition.proposition_id for proposition, _ in raised}
        Watched.held += [(one.founder, claim, verdict) for one, verdict in judged if _held(one, verdict, kept)]
        return raised


def _held(one: Proposition, verdict: Verdict, raised: set[str]) -> bool:
    return one.proposition_id not in raised and not verdict.supersedes


def draw(path: Path, half: str, seed: int, out: Path) -> None:
    """Run the stream and write what is to be read, and the key to it."""
    articles = list(articles_of(path))
    rows = {article.article_id: row for row, article in enumerate(articles, 1)}
    by_id = {article.article_id: article for article in articles}
    days = sorted(article.published_at for article in articles if article.published_at)
    middle = days[len(days) // 2]
    result = run(articles, Watched)

    def is_wanted(one: AlertClaim | Claim, other: AlertClaim | Claim) -> bool:
        dates = [claim.published_at for claim in (one, other) if claim.published_at]
        return half == "all" or (bool(dates) and max(dates) >= middle) == (half == "later")

    raised = [
        (alert.sides[0].claims[0], alert.sides[1].claims[0], {"alert": True, "kind": str(alert.kind)})
        for alert in result.alerts.values()
        if is_wanted(alert.sides[0].claims[0], alert.sides[1].claims[0])
    ]
    seen = {_key(one, other, rows) for one, other, _ in raised}
    near: list[tuple[Any, Any, dict[str, Any]]] = []
    for one, other, verdict in sorted(Watched.held, key=lambda pair: -pair[2].score):
        key = _key(one, other, rows)
        if key not in seen and is_wanted(one, other) and len(near) < len(raised):
            seen.add(key)
            near.append((one, other, {"alert": False, "kind": str(verdict.kind or "")}))
    pool = [*raised, *near]
    random.Random(seed).shuffle(pool)
    out.mkdir(parents=True, exist_ok=True)
    with (out / "blind.jsonl").open("w", encoding="utf-8") as blind, (out / "key.jsonl").open("w") as secret:
        for number, (one, other, known) in enumerate(pool, 1):
            sides = {"a": _shown(one, by_id), "b": _shown(other, by_id)}
            blind.write(json.dumps({"n": number, **sides}, ensure_ascii=False) + "\n")
            places = {"a": place_of(one, rows), "b": place_of(other, rows)}
            secret.write(json.dumps({"n": number, **places, **known}) + "\n")
    print(f"{len(raised)} alerts and {len(near)} pairs held back, mixed, in {out / 'blind.jsonl'}")


def _key(one: AlertClaim | Claim, other: AlertClaim | Claim, rows: Mapping[str, int]) -> frozenset[Any]:
    return frozenset((place_of(one, rows), place_of(other, rows)))


def _shown(claim: AlertClaim | Claim, articles: Mapping[str, Article]) -> dict[str, Any]:
    article = articles[claim.article_id]
    start, end = claim.span
    return {
        "quote": claim.quote,
        "speaker": claim.speaker,
        "published": str(claim.published_at)[:10],
        "title": article.title,
        "before": article.text[max(0, start - AROUND) : start],
        "after": article.text[end : end + AROUND],
    }


def keep(folder: Path, verdicts: Path, labels: Path) -> None:
    """Add the reader's verdicts to the labels, in place of earlier ones on the same places."""
    key = {row["n"]: row for row in map(json.loads, (folder / "key.jsonl").read_text().splitlines())}
    known = {}
    if labels.exists():
        known = {(str(row["a"]), str(row["b"])): row for row in map(json.loads, labels.read_text().splitlines())}
    for read in map(json.loads, verdicts.read_text().splitlines()):
        if read["verdict"] not in VERDICTS:
            sys.exit(f"{verdicts}: {read['n']}: verdict {read['verdict']!r}; one of {', '.join(VERDICTS)}")
        row = {name: value for name, value in key[read["n"]].items() if name != "n"} | {"verdict": read["verdict"]}
        known[str(row["a"]), str(row["b"])] = row
    labels.parent.mkdir(parents=True, exist_ok=True)
    labels.write_text("".join(json.dumps(row) + "\n" for row in known.values()))
    for raised in (True, False):
        counts = {name: sum(r["verdict"] == name and r["alert"] == raised for r in known.values()) for name in VERDICTS}
        print("alerts:" if raised else "held back:", counts)


def main() -> None:
    """Read the arguments."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    commands = parser.add_subparsers(dest="command", required=True)
    drawing = commands.add_parser("draw")
    drawing.add_argument("stream", type=Path)
    drawing.add_argument("--seed", type=int, default=1)
    drawing.add_argument("--half", choices=("earlier", "later", "all"), default="all")
    drawing.add_argument("--out", type=Path, required=True)
    keeping = commands.add_parser("keep")
    keeping.add_argument("folder", type=Path)
    keeping.add_argument("--verdicts", type=Path, required=True)
    keeping.add_argument("--labels", type=Path, required=True)
    chosen = parser.parse_args()
    if chosen.command == "draw":
        draw(chosen.stream, chosen.half, chosen.seed, chosen.out)
    else:
        keep(chosen.folder, chosen.verdicts, chosen.labels)


if __name__ == "__main__":
    main()
