"""Articles a second through the topic matcher with 10, 1,000 and 10,000 topics, beside a loop of regular expressions.

    python benchmarks/topics.py [--articles 300] [--words 400] [--json]

Articles and topics are made from one vocabulary by a seed: words drawn by rank as in running text (Zipf), one in twelve
a name of the gazetteer; a topic asks for five words or pairs of words from the rare half, or for a country. The loop
tries one compiled alternation a topic, in any case, at word boundaries: the simplest program that answers the same
question. Both are asked the same, and the run stops if they find different topics. CPU time, one core.
"""

from __future__ import annotations

import argparse
import json
import random
import re
import time
from collections.abc import Callable, Sequence
from itertools import accumulate

from rich.console import Console
from rich.table import Table

from monitor.subjects import gazetteer
from monitor.subjects.matcher import TopicMatcher
from monitor.subjects.query import parse
from monitor.subjects.topic_file import Topic

SEED = 20151
VOCABULARY = 30_000
SIZES = (10, 1_000, 10_000)
TERMS = 5
COUNTRY_TOPICS = 50
NAMES = (
    "Syria",
    "Russian",
    "Moscow",
    "Damascus",
    "Ukraine",
    "Kyiv",
    "Israel",
    "Gaza",
    "Tehran",
    "Turkey",
    "US",
    "China",
)
SYLLABLES = (
    "ba",
    "ce",
    "di",
    "fo",
    "gu",
    "ha",
    "je",
    "ki",
    "lo",
    "mu",
    "na",
    "pe",
    "qui",
    "ro",
    "su",
    "ta",
    "ve",
    "wi",
    "xo",
    "zu",
)
LOOP_BUDGET = 3_000_000
"""Topics times articles that the loop is given: it is slow, and its rate does not depend on how long it runs."""


def main() -> None:
    options = _options()
    draw = random.Random(SEED)
    words = _vocabulary(draw)
    articles = [_article(draw, words, options.words) for _ in range(options.articles)]
    gazetteer.default()  # compiled once a process; not part of a rate
    rows = [_measure(size, articles, words) for size in SIZES]
    if options.json:
        print(json.dumps(rows))
        return
    table = Table(
        "topics", "compile (s)", "articles/s", "loop, articles/s", "times", "matches an article", title=_title(options)
    )
    for row in rows:
        table.add_row(*(f"{value:,.2f}" if isinstance(value, float) else f"{value:,}" for value in row.values()))
    Console(width=110).print(table)


def _measure(size: int, articles: Sequence[str], words: Sequence[str]) -> dict[str, float]:
    draw = random.Random(SEED + size)
    queries = [_query(draw, words) for _ in range(size)]
    started = time.process_time()
    matcher = TopicMatcher(_topic(number, query) for number, query in enumerate(queries))
    compiled_in = time.process_time() - started
    loop = [(f"t{number}", _pattern(query)) for number, query in enumerate(queries) if not query.startswith("@")]
    sample = articles[: max(3, min(len(articles), LOOP_BUDGET // (size * 100)))]
    for article in sample[:3]:
        ours = {match.slug for match in matcher.match("", article, "en")}
        theirs = {slug for slug, pattern in loop if pattern.search(article)}
        countries = {f"t{number}" for number, query in enumerate(queries) if query.startswith("@")}
        if ours - countries != theirs:
            raise SystemExit(f"the two disagree on {sorted((ours - countries) ^ theirs)[:5]}")
    found = [0]

    def match(article: str) -> None:
        found[0] += len(matcher.match("", article, "en"))

    fast = _rate(match, articles)
    slow = _rate(lambda article: [slug for slug, pattern in loop if pattern.search(article)], sample)
    return {
        "topics": size,
        "compile_s": compiled_in,
        "per_s": fast,
        "loop_per_s": slow,
        "times": fast / slow,
        "matches": found[0] / len(articles),
    }


def _rate(do: Callable[[str], object], articles: Sequence[str]) -> float:
    started = time.process_time()
    for article in articles:
        do(article)
    return len(articles) / (time.process_time() - started)


def _topic(number: int, query: str) -> Topic:
    return Topic(f"t{number}", f"t{number}", query, parse(query), threshold=0.0)


def _query(draw: random.Random, words: Sequence[str]) -> str:
    if draw.random() < COUNTRY_TOPICS / SIZES[-1]:
        return "@" + draw.choice(sorted(gazetteer.default().countries()))
    terms = [" ".join(draw.sample(words[VOCABULARY // 2 :], draw.choice((1, 1, 2)))) for _ in range(TERMS)]
    return " OR ".join(f'"{term}"' for term in terms)


def _pattern(query: str) -> re.Pattern[str]:
    terms = re.findall(r'"([^"]+)"', query)
    return re.compile(rf"\b(?:{'|'.join(map(re.escape, terms))})\b", re.IGNORECASE)


def _vocabulary(draw: random.Random) -> list[str]:
    words: dict[str, None] = {}
    while len(words) < VOCABULARY:
        words["".join(draw.choices(SYLLABLES, k=draw.choice((1, 2, 2, 3, 3, 4))))] = None
    return list(words)


def _article(draw: random.Random, words: Sequence[str], length: int) -> str:
    weights = list(accumulate(1 / rank for rank in range(1, len(words) + 1)))
    drawn = draw.choices(words, cum_weights=weights, k=length)
    mixed = [draw.choice(NAMES) if draw.random() < 1 / 12 else word for word in drawn]
    sentences = [" ".join(mixed[start : start + 20]).capitalize() + "." for start in range(0, length, 20)]
    return "\n\n".join(" ".join(sentences[start : start + 3]) for start in range(0, len(sentences), 3))


def _title(options: argparse.Namespace) -> str:
    return f"{options.articles} articles of {options.words} words, one core, CPU time"


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--articles", type=int, default=300)
    parser.add_argument("--words", type=int, default=400)
    parser.add_argument("--json", action="store_true")
    return parser.parse_args()


if __name__ == "__main__":
    main()
