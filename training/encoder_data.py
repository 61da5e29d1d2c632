"""Gather the pairs on which the encoder of ``judge.model`` is trained and held out, as one JSON Lines file each.

    python training/encoder_data.py DATA OUT     DATA: the folder with pairs/, stories/, emergent/, nli/

Writes OUT/pool.jsonl (first pass: public NLI), OUT/own.jsonl (second pass: pairs of this task), OUT/last.jsonl (third
pass: a share of them again), OUT/calibration.jsonl (kept from the encoder, for temperature and combiner) and
OUT/held.jsonl (what no weight is fitted on). A line: ``a, b, label, gap, part, source, group``; ``gap``: days from a to
b by their publication, or null. What may be trained on is in ``monitor/models/judge.md``; Reuters, EUvsDisinfo, SICK,
XNLI, PolNeAR, BBC and FA-KES are not. Nothing whose group or whose normalised text is held out is in the other files.
"""

from __future__ import annotations

import csv
import gzip
import json
import random
import re
import sys
from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import asdict, dataclass, replace
from itertools import combinations, product
from pathlib import Path
from typing import Any, Final

from monitor.evaluation.pairs import Pair, day, emergent_fold, made_pairs, trap_pairs
from monitor.ids import stable_id

SEED: Final = 20260
HERE: Final = Path(__file__).parent

POOL: Final = {
    "mnli20k": 1400, "new_protocols_base": 150, "new_protocols_edit_premise": 150, "new_protocols_contrast": 150,
    "fever": 300, "dnc_megaveridicality": 100, "cad_nli_train": 150, "conjnli": 100,
}  # fmt: skip
"""Rows of each source of nli/train; captions (SNLI, MPE, JOCI) are left: there two people exclude each other."""
POOL_WORDS: Final = 45
"""Most words of both sides of a pool pair: longer ones cost time and teach little about headlines."""
LABELS: Final = {"contradiction": "contradicts", "entailment": "agrees", "neutral": "unrelated"}

PER_CLAIM: Final = 12
"""Pairs of one Emergent claim and one sort (for x against, ...): a few claims have hundreds."""
ACROSS: Final = 200
"""Pairs of two Emergent claims: for x against, and against x against."""
STRANGERS: Final = 350
"""Pairs of real sentences of two stories, in each of the two files."""
KEPT_SHARE: Final = {("real-ours", "agrees"): 0.5, ("real-ours", "unrelated"): 0.8, ("emergent", "agrees"): 0.5}
"""Share of what there is much of that is taken."""
LAST: Final = {
    "real-shared": 1.0, "real-ours": 0.5, "made-facts": 0.8, "made-said": 0.8, "made-wire": 1.0, "made-traps": 0.8,
    "emergent": 0.5, "emergent-across": 0.5, "strangers": 0.3,
}  # fmt: skip
"""Share of each part that comes again in the third pass."""
CALIBRATION: Final = 12
"""One group in so many is kept from the encoder: real stories, and our own groups."""
ALLOWED: Final = ("ecbplus", "uci")
"""Sources whose texts may train weights that ship."""


@dataclass(frozen=True, slots=True)
class Row:
    """One training pair."""

    a: str
    b: str
    label: str
    gap: int | None
    part: str
    source: str
    group: str


def of_pair(pair: Pair, part: str) -> Row:
    """Return a labelled pair as a row."""
    gap = (pair.date_b - pair.date_a).days if pair.date_a and pair.date_b else None
    return Row(pair.a, pair.b, pair.relation, gap, part, pair.source, pair.group)


def documents(data: Path) -> dict[tuple[str, str], dict[str, str]]:
    """Return the documents from which the real pairs are, by (source, id)."""
    found: dict[tuple[str, str], dict[str, str]] = {}
    files = (
        ("ecbplus", "stories/ecbplus_topics_1_35.jsonl.gz", "doc_id"),
        ("reuters", "topics/reuters21578_places.jsonl.gz", "id"),
        ("euvsdisinfo", "replay/euvsdisinfo_not_syria.jsonl.gz", None),
    )
    for source, name, key in files:
        with gzip.open(data / name, "rt", encoding="utf-8") as lines:
            for number, line in enumerate(lines):
                document = json.loads(line)
                found[source, str(document[key] if key else number)] = document
    with gzip.open(data / "stories" / "uci_first_half.csv.gz", "rt", encoding="utf-8", newline="") as lines:
        for document in csv.DictReader(lines):
            found["uci", document["ID"]] = document
    return found


def real_of_file(path: Path, texts: dict[tuple[str, str], dict[str, str]]) -> list[Pair]:
    """Return the real pairs of one file; texts are read from the documents where the file has none."""
    pairs = []
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        for line in lines:
            raw = json.loads(line)
            source, sides = raw["source"], (raw["a"], raw["b"])
            one, other = (
                side.get("text") or texts[source, str(side["doc"])][side["field"]][side["start"] : side["end"]]
                for side in sides
            )
            home = str(sides[0]["doc"])
            group = f"{source}:{texts[source, home].get('STORY') or home.split('_')[0]}"
            days = (day(side.get("date")) for side in sides)
            pairs.append(Pair(one, other, raw["relation"], raw.get("kind") or "", source, raw["split"], group, *days))
    return pairs


def emergent_rows(path: Path, draw: random.Random) -> tuple[list[Row], list[Row]]:
    """Return (train, held-out) pairs of headlines: also two debunks that agree, and pairs of two claims.

    Fold 0 of five, by claim, is held out whole (``monitor.evaluation.pairs.emergent_fold``).
    """
    stances: dict[str, dict[str, list[str]]] = defaultdict(lambda: defaultdict(list))
    with path.open(encoding="utf-8", newline="") as lines:
        for raw in csv.DictReader(lines):
            headlines = stances[raw["claimId"]][raw["articleHeadlineStance"]]
            if raw["articleHeadline"] not in headlines:
                headlines.append(raw["articleHeadline"])
    train: list[Row] = []
    for claim, by in sorted(stances.items()):
        if emergent_fold(claim) == 0:
            continue
        sorts = (
            (list(product(by["for"], by["against"])), "contradicts"),
            (list(combinations(by["for"], 2)), "agrees"),
            (list(combinations(by["against"], 2)), "agrees"),
        )
        for pairs, label in sorts:
            chosen = draw.sample(pairs, min(PER_CLAIM, len(pairs)))
            train += [Row(a, b, label, None, "emergent", "emergent", claim) for a, b in chosen]
    kept = {claim: by for claim, by in stances.items() if emergent_fold(claim) != 0}
    flat = {
        name: [(claim, text) for claim in sorted(kept) for text in kept[claim][name]] for name in ("for", "against")
    }
    for first in ("for", "against"):
        made = 0
        while made < ACROSS:
            one, other = draw.choice(flat[first]), draw.choice(flat["against"])
            if one[0] != other[0]:
                train.append(Row(one[1], other[1], "unrelated", None, "emergent-across", "emergent", one[0]))
                made += 1
    held = [
        Row(text, text, "agrees", None, "emergent", "emergent", claim)
        for claim, by in stances.items()
        if emergent_fold(claim) == 0
        for headlines in by.values()
        for text in headlines
    ]
    return train, held


def pool_rows(path: Path, draw: random.Random) -> list[Row]:
    """Return a sample of the public NLI pairs."""
    found: dict[str, list[Row]] = defaultdict(list)
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        for line in lines:
            raw: dict[str, Any] = json.loads(line)
            a, b, source = raw["premise"], raw["hypothesis"], raw["source"]
            if source in POOL and len(a.split()) + len(b.split()) <= POOL_WORDS:
                found[source].append(Row(a, b, LABELS[raw["label"]], None, "pool", source, a))
    return [row for source, rows in sorted(found.items()) for row in draw.sample(rows, min(POOL[source], len(rows)))]


def strangers(pairs: list[Pair], count: int, draw: random.Random) -> list[Pair]:
    """Return pairs of sentences of two stories of one source: unrelated by construction."""
    found: list[Pair] = []
    while len(found) < count:
        one, other = draw.choice(pairs), draw.choice(pairs)
        if one.group != other.group and one.source == other.source:
            found.append(replace(one, b=other.b, relation="unrelated", date_a=None, date_b=None))
    return found


def _strange(real: list[Pair], draw: random.Random) -> list[Row]:
    return [of_pair(pair, "strangers") for pair in strangers(real, STRANGERS, draw)]


def is_kept(row: Row) -> bool:
    """Tell whether a training pair is kept from the encoder."""
    return (
        row.part not in ("strangers", "emergent-across") and int(stable_id("cal", row.group)[1:], 16) % CALIBRATION == 0
    )


def normal(text: str) -> str:
    """Return letters and digits only, in lower case: what is compared for leaks."""
    return re.sub(r"[^a-z0-9]+", " ", text.lower()).strip()


def without(rows: Iterable[Row], held: list[Row]) -> list[Row]:
    """Drop what is held out (by group, by either text where it has six words or more), and pairs that come twice."""
    groups = {row.group for row in held}
    texts = {text for row in held for text in (normal(row.a), normal(row.b)) if len(text.split()) >= 6}
    seen: set[frozenset[str]] = set()
    kept = []
    for row in rows:
        a, b = normal(row.a), normal(row.b)
        key = frozenset((a, b))
        if row.group in groups or a in texts or b in texts or key in seen or len(key) == 1:
            continue
        seen.add(key)
        kept.append(row)
    return kept


def write(path: Path, rows: list[Row]) -> None:
    """Write the rows, and say how many there are of each part and label."""
    path.write_text("".join(json.dumps(asdict(row), ensure_ascii=False) + "\n" for row in rows), encoding="utf-8")
    counts = Counter((row.part, row.label) for row in rows)
    print(f"{path.name}: {len(rows)}:", ", ".join(f"{' '.join(key)} {count}" for key, count in sorted(counts.items())))


def main(data: Path, out: Path) -> None:
    """Gather, drop what is held out, and write."""
    draw = random.Random(SEED)
    texts = documents(data)
    real: list[Pair] = []
    train: list[Row] = []
    held: list[Row] = []
    files = (
        (data / "pairs" / "real_pairs.jsonl.gz", "real-shared"),
        (HERE / "pairs" / "real_pairs.jsonl.gz", "real-ours"),
    )
    for path, part in files:
        pairs = [pair for pair in real_of_file(path, texts) if pair.source in ALLOWED]
        real += [pair for pair in pairs if pair.split == "train"]
        train += [of_pair(pair, part) for pair in pairs if pair.split == "train"]
        held += [of_pair(pair, part) for pair in pairs if pair.split != "train"]
    for path in sorted((HERE / "pairs").glob("made_*.jsonl")):
        for pair in made_pairs(path):
            if pair.language == "en":
                (held if pair.split == "dev" else train).append(of_pair(pair, path.stem.replace("_", "-")))
    for pair in trap_pairs(HERE / "trap_pairs.jsonl"):
        (held if pair.split == "dev" else train).append(of_pair(pair, "made-traps"))
    emergent, emergent_held = emergent_rows(data / "emergent" / "train.csv", draw)
    leaks = held + emergent_held
    own = without([*train, *emergent, *_strange(real, draw)], leaks)
    pool = without([*pool_rows(data / "nli" / "train.jsonl.gz", draw), *_strange(real, draw)], leaks)
    print(f"left out as held out or double: {len(train) + len(emergent) + STRANGERS - len(own)}")
    out.mkdir(parents=True, exist_ok=True)
    kept = [row for row in own if is_kept(row)]
    own = [row for row in own if draw.random() < KEPT_SHARE.get((row.part, row.label), 1.0) and not is_kept(row)]
    own = without(own, kept)
    last = [row for row in own if draw.random() < LAST.get(row.part, 1.0)]
    for name, rows in (("pool", pool), ("own", own), ("last", last), ("calibration", kept), ("held", held)):
        write(out / f"{name}.jsonl", rows)


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
