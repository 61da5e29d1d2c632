"""Topics against the places that Reuters' editors gave 4,784 reports of 1987 (Reuters-21578, PLACES).

And against short texts of our own in eight languages (``training/topics_labelled.jsonl``).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

from monitor.evaluation.report import Cell, Report, read_jsonl
from monitor.subjects import gazetteer
from monitor.subjects.matcher import TopicMatcher
from monitor.subjects.query import parse
from monitor.subjects.topic_file import Topic

__all__ = ["MIN_DOCUMENTS", "Counts", "evaluate", "is_held_out", "slug_of"]

MIN_DOCUMENTS = 25
"""Documents of the whole file from which a country has a row of its own."""

_SLUGS = {
    "usa": "united-states",
    "uk": "united-kingdom",
    "ussr": "russia",
    "west-germany": "germany",
    "east-germany": "germany",
    "uae": "united-arab-emirates",
    "zaire": "congo",
    "burma": "myanmar",
    "kampuchea": "cambodia",
    "yemen-arab-republic": "yemen",
    "yemen-demo-republic": "yemen",
    "czechoslovakia": "czech-republic",
    "yugoslavia": "serbia",
    "trinidad-tobago": "trinidad-and-tobago",
    "antigua": "antigua-and-barbuda",
    "swaziland": "eswatini",
}
"""Names of 1987 and of the corpus -> slugs of the gazetteer; the others are the same."""


@dataclass(frozen=True, slots=True)
class Counts:
    """True positives, false positives and false negatives."""

    hits: int = 0
    false: int = 0
    missed: int = 0

    def __add__(self, other: Counts) -> Counts:
        return Counts(self.hits + other.hits, self.false + other.false, self.missed + other.missed)

    @property
    def precision(self) -> float:
        """Share of the given that is right; 1 where nothing was given."""
        return self.hits / (self.hits + self.false) if self.hits + self.false else 1.0

    @property
    def recall(self) -> float:
        """Share of the right that was given; 1 where there is nothing to give."""
        return self.hits / (self.hits + self.missed) if self.hits + self.missed else 1.0

    @property
    def f1(self) -> float:
        """Harmonic mean of both."""
        both = 2 * self.hits + self.false + self.missed
        return 2 * self.hits / both if both else 1.0


def slug_of(place: str) -> str:
    """Return the gazetteer's slug of a PLACES code."""
    return _SLUGS.get(place, place)


def is_held_out(identity: int) -> bool:
    """Whether a document is of the half that no weight or rule was chosen on."""
    return identity % 2 == 1


def evaluate(path: Path) -> Report:
    """Score country topics on the held-out half of ``reuters21578_places.jsonl.gz``, or on ``topics_labelled.jsonl``.

    Raises:
        InputError: the file cannot be read, or a row lacks a field.
    """
    if any("countries" in row for row in islice(read_jsonl(path), 1)):
        return _by_language(path)
    rows = list(read_jsonl(path, ("id", "title", "body", "places")))
    documents = Counter(slug for row in rows for slug in _gold(row))
    held_out = [row for row in rows if is_held_out(int(row["id"]))]
    scored = _count(held_out, TopicMatcher(_country_topics(documents)))
    anywhere = _count(held_out, TopicMatcher(_country_topics(documents, threshold=0.0)))
    large = sorted((slug for slug, count in documents.items() if count >= MIN_DOCUMENTS), key=lambda s: -documents[s])
    body = [_row(slug, scored.get(slug, Counts())) for slug in large]
    macro = (
        [sum(values) / max(len(large), 1) for values in zip(*(row[2:] for row in body), strict=True)] if body else []
    )
    return Report(
        title=f"Topics on {path.name}: {len(held_out)} held-out documents",
        columns=("country", "documents", "precision", "recall", "F1"),
        rows=(
            *body,
            _row("all countries, micro", _sum(scored.values())),
            ("the above, macro", len(large), *(float(value) for value in macro)) if body else _row("macro", Counts()),
            _row("any mention is the topic, micro", _sum(anywhere.values())),
        ),
        notes=(
            "Weights and rules were chosen on documents with even ids; these have odd ids.",
            f"Rows: countries with at least {MIN_DOCUMENTS} documents in the whole file; micro counts every country.",
            "PLACES says what an editor thought the item is about, not each mention.",
        ),
    )


def _by_language(path: Path) -> Report:
    """Score country topics on short texts that carry their language and the countries that they are about."""
    rows = list(read_jsonl(path, ("language", "title", "text", "countries")))
    matcher = TopicMatcher(_country_topics({}))
    counts: dict[str, Counts] = {}
    texts = Counter(row["language"] for row in rows)
    for row in rows:
        given = {match.slug for match in matcher.match(row["title"], row["text"], row["language"])}
        gold = set(row["countries"])
        this = Counts(len(given & gold), len(given - gold), len(gold - given))
        counts[row["language"]] = counts.get(row["language"], Counts()) + this
    body = [(language, texts[language], *_row(language, counts[language])[1:]) for language in sorted(texts)]
    return Report(
        title=f"Topics on {path.name}: {len(rows)} short texts",
        columns=("language", "texts", "countries", "precision", "recall", "F1"),
        rows=(*body, ("all", len(rows), *_row("all", _sum(counts.values()))[1:])),
        notes=("Written and labelled by those who wrote the matcher: a check that each language works, no more.",),
    )


def _country_topics(documents: Mapping[str, int], threshold: float = 0.5) -> Iterator[Topic]:
    """One topic for each country of the gazetteer: a country that no editor gave can be a false positive too."""
    names = gazetteer.default()
    for slug in sorted(names.countries() | documents.keys()):
        if names.knows(slug):
            yield Topic(slug, slug, f"@{slug}", parse(f"@{slug}"), threshold)


def _gold(row: Mapping[str, Any]) -> set[str]:
    return {slug_of(place) for place in row["places"]}


def _count(rows: Iterable[Mapping[str, Any]], matcher: TopicMatcher) -> dict[str, Counts]:
    counts: dict[str, Counts] = {}
    for row in rows:
        text = f"{row.get('dateline') or ''} {row['body']}"
        given = {match.slug for match in matcher.match(row["title"], text, "en")}
        gold = _gold(row)
        for slug in given | gold:
            this = Counts(int(slug in given & gold), int(slug in given - gold), int(slug in gold - given))
            counts[slug] = counts.get(slug, Counts()) + this
    return counts


def _sum(counts: Iterable[Counts]) -> Counts:
    return sum(counts, Counts())


def _row(name: str, counts: Counts) -> tuple[Cell, ...]:
    return (name, counts.hits + counts.missed, counts.precision, counts.recall, counts.f1)
