"""How surely copies are found: articles of FA-KES, copied as outlets do, among the real ones; against MinHashLSH.

Run: ``python benchmarks/lineage.py ../shared/data/replay/fa_kes.jsonl.gz``; ``--part even`` is what the thresholds were
chosen on, the default (odd) is reported. The peer is datasketch's MinHashLSH; without that package it is left out.
"""

from __future__ import annotations

import argparse
import random
import re
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from rich.console import Console
from rich.table import Table

from monitor.evaluation.report import read_jsonl
from monitor.stories.lineage import LineageIndex, text_of

SEED: Final = 20_151
MOST_SHARED: Final = 0.12
"""Share of five-word runs with an earlier article from which a real article is left out: it may be a copy itself."""
CREDITS: Final = ("(Reuters) - ", "BEIRUT (AP) - ", "As reported by AFP: ", "")
TAILS: Final = (" Reporting by our own staff and agencies.", " Editing by the night desk. Share this article.", "")
DEGREES: Final = (0.0, 0.02, 0.05, 0.10, 0.15)
PEER_THRESHOLD: Final = 0.3
"""Of the peer, in Jaccard similarity: the best of 0.2 to 0.5 on the even part at 10 % change."""
PERMUTATIONS: Final = 128

_SENTENCE = re.compile(r"(?<=[.!?])\s+")
_WORD = re.compile(r"\w+")


@dataclass(frozen=True, slots=True)
class Item:
    """One article of a run: its text, and the originals that it was made from; none where it is one."""

    name: str
    title: str
    body: str
    sources: tuple[str, ...] = ()


def real_articles(path: Path, part: str) -> list[Item]:
    """Return the articles of one part that share little with any earlier one of the file."""
    seen: set[tuple[str, ...]] = set()
    kept = []
    for number, row in enumerate(read_jsonl(path, ("title", "text"))):
        words = _WORD.findall(row["text"].casefold())
        runs = set(zip(*(words[at:] for at in range(5)), strict=False))
        fresh = runs and len(runs & seen) <= MOST_SHARED * len(runs)
        seen |= runs
        if fresh and (number % 2 == 0) == (part == "even"):
            kept.append(Item(f"r{number}", row["title"], row["text"]))
    return kept


def reworded(body: str, share: float, vocabulary: list[str], draw: random.Random) -> str:
    """Return the text with a share of its words replaced, dropped or doubled by another."""
    words = body.split()
    for at in draw.sample(range(len(words)), round(share * len(words))):
        word = draw.choice(vocabulary)
        words[at] = draw.choice((word, word, f"{words[at]} {word}", ""))
    return " ".join(word for word in words if word)


def as_outlets_do(item: Item, other: Item, way: str, share: float, vocabulary: list[str], draw: random.Random) -> Item:
    """Return a copy of an article: whole, cut at a sentence, or spliced before part of another one."""
    sentences = _SENTENCE.split(item.body)
    body = item.body
    if way == "cut":
        body = " ".join(sentences[: max(2, round(draw.uniform(0.4, 0.8) * len(sentences)))])
    if way == "spliced":
        length = round(draw.uniform(0.4, 0.7) * len(item.body))
        body = f"{item.body} {other.body[:length]}"
    body = draw.choice(CREDITS) + reworded(body, share, vocabulary, draw) + draw.choice(TAILS)
    title = " ".join(draw.sample(vocabulary, 7)).capitalize()
    sources = (item.name, other.name) if way == "spliced" else (item.name,)
    return Item(f"{item.name}-{way}", title, body, sources)


def stream(real: list[Item], way: str, share: float) -> list[Item]:
    """Return the real articles with one copy of each, in a seeded order in which a copy follows its sources."""
    draw = random.Random(f"{SEED}{way}{share}")
    vocabulary = sorted({word for item in real for word in item.body.split()})
    places = [draw.random() for _ in real]
    placed = list(zip(places, real, strict=True))
    for at, item in enumerate(real):
        second = (at + draw.randrange(1, len(real))) % len(real)
        copy = as_outlets_do(item, real[second], way, share, vocabulary, draw)
        placed.append((draw.uniform(max(places[at], places[second]), 1.5), copy))
    return [item for _, item in sorted(placed, key=lambda each: each[0])]


def ours() -> Callable[[Item], str | None]:
    """Return our finder: the name of the article whose text an item carries."""
    index = LineageIndex()

    def find(item: Item) -> str | None:
        text = text_of(item.title, item.body)
        match = index.find(text)
        index.add(item.name, text.exact, text.kept, text.one_in)
        return match.article_id if match else None

    return find


def peer() -> Callable[[Item], str | None] | None:
    """Return the same of datasketch's MinHashLSH over runs of three words; None where it is not installed."""
    try:
        from datasketch import MinHash, MinHashLSH  # type: ignore[import-not-found]
    except ImportError:
        return None
    index: Any = MinHashLSH(threshold=PEER_THRESHOLD, num_perm=PERMUTATIONS)
    sketches: dict[str, Any] = {}

    def find(item: Item) -> str | None:
        words = _WORD.findall(item.body.casefold())
        sketch: Any = MinHash(num_perm=PERMUTATIONS)
        sketch.update_batch([" ".join(words[at : at + 3]).encode() for at in range(len(words) - 2)])
        found = [(sketch.jaccard(sketches[name]), name) for name in index.query(sketch)]
        index.insert(item.name, sketch)
        sketches[item.name] = sketch
        best = max(found, default=(0.0, ""))
        return best[1] if best[0] >= PEER_THRESHOLD else None

    return find


def score(items: list[Item], find: Callable[[Item], str | None]) -> tuple[float, float, float]:
    """Return precision, recall and articles a second: a copy is found if a source, or a copy of one, is named."""
    sources = {item.name: item.sources or (item.name,) for item in items}
    right = given = 0
    started = time.perf_counter()
    for item in items:
        found = find(item)
        given += found is not None
        right += found is not None and not set(item.sources).isdisjoint(sources[found])
    spent = time.perf_counter() - started
    copies = sum(bool(item.sources) for item in items)
    return right / max(1, given), right / copies, len(items) / spent


def rows(real: list[Item]) -> Iterator[tuple[str, ...]]:
    """Yield a row for each way of copying and degree of change."""
    for way in ("whole", "cut", "spliced"):
        for share in DEGREES:
            items = stream(real, way, share)
            other = peer()
            cells = [f"{value:.3f}" for value in score(items, ours())[:2]]
            cells += [f"{value:.3f}" for value in score(items, other)[:2]] if other else ["-", "-"]
            yield (way, f"{share:.0%}", *cells)


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("file", type=Path)
    parser.add_argument("--part", choices=("even", "odd"), default="odd")
    arguments = parser.parse_args()
    real = real_articles(arguments.file, arguments.part)
    table = Table("copy", "words changed", "precision", "recall", "peer: precision", "recall")
    for row in rows(real):
        table.add_row(*row)
    Console(width=120).print(f"{len(real)} real articles ({arguments.part} numbers), one copy of each", table)
    items = stream(real, "cut", 0.05)
    print(f"ours {score(items, ours())[2]:.0f} articles a second")
    if (other := peer()) is None:
        print("datasketch is not installed: no peer")
    else:
        print(f"MinHashLSH {score(items, other)[2]:.0f} articles a second")


if __name__ == "__main__":
    main()
