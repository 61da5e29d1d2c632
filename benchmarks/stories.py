"""The dedupe stage with many articles in its window: articles a second, the slowest hundredth, memory; beside a peer.

    python benchmarks/stories.py [--window 10000 --window 100000] [--measure 1000]

Articles are made by a seed: stories of a handful of articles, each with words of its own, names and common words drawn
by rank as in running text (Zipf); a fifth of them copies. The window is filled first, then the next articles are
measured one by one. The peer is the simplest program for the same question: TF-IDF and the nearest centroid by cosine,
an inverted index over all terms, one threshold. CPU time, one core; embedding and enrichment are not in it.
"""

from __future__ import annotations

import argparse
import gc
import math
import random
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from itertools import accumulate
from pathlib import Path
from typing import Final

import numpy as np
from rich.console import Console
from rich.table import Table

from monitor.settings import DedupeSettings
from monitor.stories.index import StoryIndex
from monitor.stories.lineage import LineageIndex, text_of
from monitor.stories.places import places_of
from monitor.stories.terms import words_of
from schemas import EnrichedArticle

SEED: Final = 20_151
START: Final = datetime(2026, 3, 2, tzinfo=UTC)
VOCABULARY: Final = 60_000
WORDS: Final = 220
OWN_WORDS: Final = 25
"""Words that the articles of one story share."""
AT_ONCE: Final = 300
"""Stories that are told at the same time."""
COPIES: Final = 0.2
SPAN_DAYS: Final = 13
PEER_THRESHOLD: Final = 0.3
PLACES: Final = ("Damascus", "Odesa", "Lagos", "Lima", "Osaka", "Basra", "Kharkiv", "Tripoli")


def articles(count: int) -> Iterator[EnrichedArticle]:
    """Yield made articles in order of time."""
    draw = random.Random(SEED)
    vocabulary = [_word(draw) for _ in range(VOCABULARY)]
    weights = list(accumulate(1 / (rank + 5) for rank in range(VOCABULARY)))
    open_stories: list[list[str]] = []
    last: list[str] = []
    for number in range(count):
        if len(open_stories) < AT_ONCE or draw.random() < 1 / 6:
            open_stories.append([draw.choice(vocabulary) for _ in range(OWN_WORDS)] + [draw.choice(PLACES)])
            open_stories = open_stories[-AT_ONCE:]
        if last and draw.random() < COPIES:
            words = last
        else:
            own = draw.choice(open_stories)
            words = draw.choices(vocabulary, cum_weights=weights, k=WORDS) + draw.choices(own, k=WORDS // 4)
            draw.shuffle(words)
        last = words
        at = START + timedelta(days=SPAN_DAYS) * (number / count)
        yield EnrichedArticle(
            article_id=f"a{number:07d}", content_hash="c", feed_id="f", title=" ".join(words[:8]).capitalize(),
            text=" ".join(words) + ".", published_at=at, first_seen_at=at, language="en",
        )  # fmt: skip


def _word(draw: random.Random) -> str:
    word = "".join(draw.choice("bdfgklmnprst") + draw.choice("aeiou") for _ in range(draw.randrange(2, 5)))
    return word.capitalize() if draw.random() < 0.1 else word


class Nearest:
    """The peer: TF-IDF, an inverted index over all terms, the centroid with the highest cosine."""

    def __init__(self) -> None:
        self._seen: Counter[str] = Counter()
        self._count = 0
        self._stories: list[dict[str, float]] = []
        self._index: dict[str, list[int]] = defaultdict(list)

    def assign(self, article: EnrichedArticle) -> int:
        """Return the number of the article's story."""
        terms = words_of(article.title, article.text, article.language).terms
        self._count += 1
        self._seen.update(terms.keys())
        vector = {term: tf * math.log(1 + self._count / self._seen[term]) for term, tf in terms.items()}
        norm = math.sqrt(sum(weight * weight for weight in vector.values()))
        vector = {term: weight / norm for term, weight in vector.items()}
        shared: dict[int, float] = defaultdict(float)
        for term, weight in vector.items():
            for story in self._index.get(term, ()):
                shared[story] += weight * self._stories[story].get(term, 0.0)
        best = max(shared, key=lambda story: shared[story], default=-1)
        if best < 0 or shared[best] < PEER_THRESHOLD:
            best = len(self._stories)
            self._stories.append({})
        story_vector = self._stories[best]
        for term, weight in vector.items():
            if term not in story_vector:
                self._index[term].append(best)
            story_vector[term] = story_vector.get(term, 0.0) + weight
        length = math.sqrt(sum(weight * weight for weight in story_vector.values()))
        self._stories[best] = {term: weight / length for term, weight in story_vector.items()}
        return best


class Copies:
    """Lineage alone."""

    def __init__(self) -> None:
        self._index = LineageIndex()

    def assign(self, article: EnrichedArticle) -> None:
        """Look the text up and keep it."""
        text = text_of(article.title, article.text)
        self._index.find(text)
        self._index.add(article.article_id, text.exact, text.kept, text.one_in)


def measure(thing: StoryIndex | Nearest | Copies, window: int, count: int, patience: float) -> list[float] | None:
    """Fill the window, then return the seconds of CPU of each further article; None where filling takes too long."""
    spent = []
    started = time.process_time()
    for number, article in enumerate(articles(window + count)):
        begun = time.process_time()
        thing.assign(article)
        if number >= window:
            spent.append(time.process_time() - begun)
        elif number % 1000 == 0 and begun - started > patience:
            return None
    return spent


def resident() -> float:
    """Return the megabytes that the process holds."""
    line = next(line for line in Path("/proc/self/status").read_text().splitlines() if line.startswith("VmRSS"))
    return int(line.split()[1]) / 1024


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--window", type=int, action="append", help="articles in the window; may be repeated")
    parser.add_argument("--measure", type=int, default=1000, help="articles that are measured after it")
    parser.add_argument("--patience", type=float, default=600, help="seconds of CPU to fill one window at most")
    parser.add_argument("--only", choices=("stories", "lineage", "peer"), action="append")
    arguments = parser.parse_args()
    table = Table("what", "window", "articles/s", "median ms", "99th percentile ms", "MB a 1,000 articles")
    options = DedupeSettings(max_articles=10_000_000)
    makers: dict[str, Callable[[], StoryIndex | Nearest | Copies]] = {
        "lineage": Copies,
        "stories": lambda: StoryIndex({}, options, places_of),
        "peer": Nearest,
    }
    for name, make in makers.items():
        for window in arguments.window or [10_000, 100_000]:
            if arguments.only and name not in arguments.only:
                continue
            gc.collect()
            before = resident()
            thing = make()
            spent = measure(thing, window, arguments.measure, arguments.patience)
            if spent is None:
                table.add_row(name, f"{window:,}", "-", "-", f"not filled in {arguments.patience:.0f} s", "-")
                continue
            held = (resident() - before) / window * 1000
            median, slow = (float(np.quantile(spent, share)) * 1000 for share in (0.5, 0.99))
            table.add_row(
                name, f"{window:,}", f"{len(spent) / sum(spent):.0f}", f"{median:.2f}", f"{slow:.2f}", f"{held:.1f}"
            )
            del thing
    Console(width=120).print(table)


if __name__ == "__main__":
    main()
