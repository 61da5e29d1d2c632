"""Find pairs of real sentences worth reading and labelling, from the streams of ``../shared/data``.

    python training/mine_pairs.py DATA OUT     DATA: the folder with stories/, topics/, replay/, pairs/

Writes OUT/<source>.jsonl, one candidate a line: ``id, source, a, b, split`` with each side's ``doc, field, start, end,
text, date`` as in pairs/real_pairs.jsonl.gz. Alike sentences of different documents on one story come first, and among
them those that differ in a figure, a negation or a word of denial; a share are alike sentences on different stories.
Pairs that are labelled already are left out. The texts stay outside the project: only ids, offsets and labels are kept.
"""

from __future__ import annotations

import csv
import gzip
import io
import json
import math
import random
import re
import sys
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from monitor.text.sentences import sentence_spans

SEED = 20

WANTED = {"ecbplus": 2400, "uci": 1000, "reuters": 1300, "euvsdisinfo": 700}
"""Candidates of each source."""

PER_SENTENCE = 3
"""Pairs in which one sentence may appear."""

ELSEWHERE = 0.25
"""Share of the pairs that are of two stories."""

LOW, HIGH = 0.18, 0.92
"""Cosine between which a pair is worth reading: below nothing is shared, above it is a copy."""

MARKED = 0.15
"""Added to the rank of a pair that differs in figures, negation or words of denial."""

_WORD = re.compile(r"[A-Za-z]+|\d[\d,.]*")
_NEGATION = frozenset(("no", "not", "never", "nor", "none", "without", "neither", "cannot"))
_DENIAL = re.compile(
    r"\b(den(?:y|ied|ies|ying|ial)|reject\w*|dismiss\w*|refut\w*|disput\w*|contradict\w*|correct(?:ed|ion)|retract\w*|"
    r"fake|false|untrue|baseless|unfounded|however|instead|contrary)\b",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Side:
    """One span of one document."""

    doc: str
    field: str
    start: int
    end: int
    text: str
    date: str | None


@dataclass(frozen=True, slots=True)
class Sentence:
    """A side with what pairs it: its story, the wider group in which it may meet another story, and the split."""

    side: Side
    story: str
    group: str
    split: str


def words(text: str) -> list[str]:
    """Return the lower-case words and figures of a text."""
    return [word.casefold() for word in _WORD.findall(text.replace(" n't", " not"))]


def split_text(text: str, least: int = 7, most: int = 60) -> Iterator[tuple[int, int]]:
    """Yield the spans of the sentences that are neither scraps nor lists."""
    for start, end in sentence_spans(text):
        if least <= len(text[start:end].split()) <= most:
            yield start, end


def read_jsonl(path: Path) -> list[dict[str, Any]]:
    """Return the objects of a gzipped JSON Lines file."""
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        return [json.loads(line) for line in lines]


def uci_rows(data: Path) -> list[dict[str, str]]:
    """Return the rows of the UCI headlines."""
    text = gzip.decompress((data / "stories/uci_first_half.csv.gz").read_bytes()).decode()
    return list(csv.DictReader(io.StringIO(text)))


def mine(pool: list[Sentence], wanted: int, labelled: set[frozenset[tuple[str, str, int]]]) -> list[dict[str, Any]]:
    """Return the pairs of the pool that rank highest, with a share from two stories."""
    frequency = Counter(word for sentence in pool for word in set(words(sentence.side.text)))
    vectors = [vector(sentence.side.text, frequency, len(pool)) for sentence in pool]
    by_group: dict[str, list[int]] = defaultdict(list)
    for number, sentence in enumerate(pool):
        by_group[sentence.group].append(number)
    inside, across = [], []
    for members in by_group.values():
        for i, j, cosine in similar(members, vectors):
            a, b = pool[i], pool[j]
            if (a.side.doc, a.side.field) == (b.side.doc, b.side.field) or key(a.side, b.side) in labelled:
                continue
            rank = -abs(cosine - 0.5) + (MARKED if marked(a.side.text, b.side.text) else 0.0)
            (inside if a.story == b.story else across).append((rank, i, j))
    taken = take(inside, round(wanted * (1 - ELSEWHERE)), pool)
    return taken + take(across, wanted - len(taken), pool)


def similar(members: list[int], vectors: list[dict[str, float]]) -> Iterator[tuple[int, int, float]]:
    """Yield the pairs of members whose cosine is worth reading."""
    for position, i in enumerate(members):
        for j in members[position + 1 :]:
            a, b = vectors[i], vectors[j]
            cosine = sum(weight * b.get(word, 0.0) for word, weight in a.items())
            if LOW <= cosine <= HIGH:
                yield i, j, cosine


def take(ranked: list[tuple[float, int, int]], wanted: int, pool: list[Sentence]) -> list[dict[str, Any]]:
    """Return the best pairs, no sentence in more than ``PER_SENTENCE`` of them, the sides in a random order."""
    draw = random.Random(SEED)
    used: Counter[int] = Counter()
    pairs = []
    for _, i, j in sorted(ranked, key=lambda item: (-item[0], item[1], item[2])):
        if max(used[i], used[j]) >= PER_SENTENCE or len(pairs) >= wanted:
            continue
        used[i] += 1
        used[j] += 1
        a, b = (i, j) if draw.random() < 0.5 else (j, i)
        pairs.append({"a": asdict(pool[a].side), "b": asdict(pool[b].side), "split": pool[a].split})
    return pairs


def vector(text: str, frequency: Counter[str], total: int) -> dict[str, float]:
    """Return the unit TF-IDF vector of a text."""
    weights = {word: math.log(total / frequency[word]) + 0.1 for word in set(words(text))}
    norm = math.sqrt(sum(weight * weight for weight in weights.values())) or 1.0
    return {word: weight / norm for word, weight in weights.items()}


def marked(a: str, b: str) -> bool:
    """Whether the two differ in figures, negation or words of denial."""
    figures = [{word for word in words(text) if word[0].isdigit()} for text in (a, b)]
    negation = [bool(_NEGATION & set(words(text))) for text in (a, b)]
    denial = [bool(_DENIAL.search(text)) for text in (a, b)]
    return (all(figures) and figures[0] != figures[1]) or negation[0] != negation[1] or any(denial)


def key(a: Side, b: Side) -> frozenset[tuple[str, str, int]]:
    """Return what tells a pair from another."""
    return frozenset(((a.doc, a.field, a.start), (b.doc, b.field, b.start)))


def side_sentences(doc: str, field: str, text: str, date: str | None) -> Iterator[Side]:
    """Yield the sentences of one field as sides."""
    for start, end in split_text(text):
        yield Side(doc, field, start, end, text[start:end], date)


def ecbplus(data: Path, splits: dict[str, str]) -> Iterator[Sentence]:
    """Documents of ECB+; the group is the topic, which holds two like events."""
    for row in read_jsonl(data / "stories/ecbplus_topics_1_35.jsonl.gz"):
        topic = str(row["topic"])
        for field in ("title", "text"):
            for side in side_sentences(row["doc_id"], field, row[field], None):
                yield Sentence(side, row["subtopic"], topic, splits.get(topic, "train"))


def uci(data: Path, splits: dict[str, str]) -> Iterator[Sentence]:
    """Headlines of UCI; the group is the story."""
    for row in uci_rows(data):
        side = Side(row["ID"], "TITLE", 0, len(row["TITLE"]), row["TITLE"], None)
        yield Sentence(side, row["STORY"], row["STORY"], splits.get(row["STORY"], "train"))


def reuters(data: Path, splits: dict[str, str]) -> Iterator[Sentence]:
    """Reuters of 1987 with a subject; the group is a subject in one week, the story a subject on one day."""
    for row in read_jsonl(data / "topics/reuters21578_places.jsonl.gz"):
        subject = "/".join(row["topics"][:2] + row["places"][:1])
        if not row["topics"] or not row["body"]:
            continue
        week = f"{subject} {row['date'][:8]}{int(row['date'][8:10]) // 7}"
        for side in list(side_sentences(str(row["id"]), "body", row["body"], row["date"]))[:6]:
            yield Sentence(side, f"{subject} {row['date']}", week, splits.get(str(row["id"]), "train"))


def euvsdisinfo(data: Path, splits: dict[str, str]) -> Iterator[Sentence]:
    """Claims and disproofs; the group is the first keyword, the story the row."""
    for number, row in enumerate(read_jsonl(data / "replay/euvsdisinfo_not_syria.jsonl.gz")):
        doc = str(number)
        for field in ("summary", "disproof"):
            for side in list(side_sentences(doc, field, row[field] or "", row["date"]))[:4]:
                if "http" not in side.text:
                    yield Sentence(side, doc, row["keywords"].split(",")[0], splits.get(doc, "train"))


def splits_of(rows: list[dict[str, Any]], data: Path) -> dict[str, dict[str, str]]:
    """Return, for each source, the split of each unit that is never on both sides: topic, story or document."""
    story = {row["ID"]: row["STORY"] for row in uci_rows(data)}
    splits: dict[str, dict[str, str]] = defaultdict(dict)
    for row in rows:
        for doc in (row["a"]["doc"], row["b"]["doc"]):
            unit = {"ecbplus": doc.split("_")[0], "uci": story.get(doc, doc)}.get(row["source"], doc)
            splits[row["source"]][unit] = row["split"]
    return splits


def main(data: Path, out: Path) -> None:
    """Write the candidates of each source."""
    rows = read_jsonl(data / "pairs/real_pairs.jsonl.gz")
    labelled = {frozenset((row[side]["doc"], row[side]["field"], row[side]["start"]) for side in "ab") for row in rows}
    splits = splits_of(rows, data)
    out.mkdir(parents=True, exist_ok=True)
    readers = {"ecbplus": ecbplus, "uci": uci, "reuters": reuters, "euvsdisinfo": euvsdisinfo}
    for source, read in readers.items():
        pool = list(read(data, splits[source]))
        pairs = mine(pool, WANTED[source], labelled)
        random.Random(SEED).shuffle(pairs)
        numbered = ({"id": f"{source[:2]}{n:04d}", "source": source, **pair} for n, pair in enumerate(pairs))
        write(out / f"{source}.jsonl", numbered)
        print(f"{source}: {len(pairs)} pairs of {len(pool)} sentences")


def write(path: Path, rows: Iterable[dict[str, Any]]) -> None:
    """Write JSON Lines."""
    path.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), encoding="utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
