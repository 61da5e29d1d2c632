"""``counterclaim evaluate alerts FILE``: a stream of articles through every decision, and the alerts that come out."""

from __future__ import annotations

import time
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from monitor.claims.extract import extract, for_topics
from monitor.claims.judge import judge_of
from monitor.claims.ledger import Ledger
from monitor.errors import InputError
from monitor.evaluation.alert_labels import VERDICTS, Labels
from monitor.evaluation.report import Cell, Report, read_jsonl
from monitor.settings import DedupeSettings, Settings
from monitor.stories.index import StoryIndex
from monitor.stories.places import places_of
from monitor.subjects.matcher import TopicMatcher
from monitor.text.enrich import enrich
from monitor.text.rows import article_of
from schemas import Alert, Article, Claim

__all__ = ["Run", "articles_of", "evaluate", "run"]


@dataclass
class Run:
    """What a stream gave. ``alerts``: the last revision of each, by id; ``gates``: by (gate, outcome)."""

    articles: int = 0
    claims: int = 0
    copies: int = 0
    alerts: dict[str, Alert] = field(default_factory=dict)
    gates: Counter[tuple[str, str]] = field(default_factory=Counter)
    unjudged: int = 0
    seconds: float = 0.0


def run(articles: Iterable[Article], book: type[Ledger] = Ledger) -> Run:
    """Take articles through enrich, dedupe, topics, extract and contradict, as the stream does, without Kafka.

    One ledger a topic, as if each had a partition; one story index a language. ``book``: the class of the ledgers.
    """
    found = Run()
    options = Settings().judge
    judge, matcher = judge_of(options), TopicMatcher.from_file(None)
    indexes: dict[str, StoryIndex] = {}
    ledgers: defaultdict[str, Ledger] = defaultdict(lambda: book({}, judge, options))
    started = time.perf_counter()
    for article in articles:
        found.articles += 1
        for claim in _claims_of(article, indexes, matcher, found):
            for alert in ledgers[claim.topic].add(claim):
                found.alerts[alert.alert_id] = alert
    found.seconds = time.perf_counter() - started
    for ledger in ledgers.values():
        found.gates.update(ledger.counts)
        found.unjudged += ledger.unjudged
    return found


def _claims_of(article: Article, indexes: dict[str, StoryIndex], matcher: TopicMatcher, found: Run) -> Iterator[Claim]:
    enriched = enrich(article)
    index = indexes.setdefault(enriched.language, StoryIndex({}, DedupeSettings(), places_of))
    assignment = index.assign(enriched)
    found.copies += assignment.copy_of is not None
    claims = extract(matcher.tag(assignment))
    found.claims += len(claims)
    yield from for_topics(claims, ())


def evaluate(path: Path, labels: Path | None = None) -> Report:
    """Count what a stream of articles (JSON Lines, plain rows or as ``parse`` writes them) gives.

    ``labels``: alerts of this stream that were read before (``Labels``); those that come out again are scored.

    Raises:
        InputError: a line is no article, or no label.
    """
    articles = list(articles_of(path))
    result = run(articles)
    read = tuple(_read_rows(result, articles, labels)) if labels else ()
    return Report(
        f"Alerts of a stream: {path.name}",
        ("what", "which", "count"),
        (*_rows(result), *read),
        (
            f"{result.articles / max(result.seconds, 1e-9):.0f} articles a second, every decision, one thread.",
            "Gates: pairs held back or let pass; a pair is counted on each topic that both claims carry.",
            "Whether an alert is right is for a reader: these are counts, not scores.",
        ),
    )


def _rows(result: Run) -> Iterator[tuple[Cell, ...]]:
    yield "articles", "all", result.articles
    yield "articles", "copies", result.copies
    yield "claims", "all", result.claims
    for (gate, outcome), count in sorted(result.gates.items()):
        yield f"gate {gate}", outcome, count
    yield "pairs", "over the limit, not judged", result.unjudged
    yield "alerts", "all", len(result.alerts)
    for name in ("kind", "severity", "scope", "state"):
        for value, count in sorted(Counter(str(getattr(alert, name)) for alert in result.alerts.values()).items()):
            yield f"alerts by {name}", value, count
    yield "alerts", "same article", sum(alert.same_article for alert in result.alerts.values())


def _read_rows(result: Run, articles: list[Article], path: Path) -> Iterator[tuple[Cell, ...]]:
    """Yield what readers said of the alerts, by kind, and by half of the stream in the order of publication."""
    labels = Labels.read(path, {article.article_id: row for row, article in enumerate(articles, 1)})
    days = sorted(article.published_at for article in articles if article.published_at)
    middle = days[len(days) // 2] if days else None
    parts: defaultdict[str, Counter[str]] = defaultdict(Counter)
    for alert in result.alerts.values():
        verdict = labels.of(alert) or "not read"
        dates = [claim.published_at for side in alert.sides for claim in side.claims[:1] if claim.published_at]
        late = bool(dates) and middle is not None and max(dates) >= middle
        for part in ("all", str(alert.kind), "later half" if late else "earlier half"):
            parts[part][verdict] += 1
    for part, counts in parts.items():
        for verdict in (*VERDICTS, "not read"):
            yield f"read: {part}", verdict, counts[verdict]
        known = sum(counts[verdict] for verdict in VERDICTS)
        yield f"read: {part}", "precision", counts["right"] / known if known else float("nan")


def articles_of(path: Path) -> Iterator[Article]:
    """Yield the articles of a file in its order.

    Raises:
        InputError: a line is no article.
    """
    for number, row in enumerate(read_jsonl(path), 1):
        try:
            # Rows of some corpora share an id; the row's number keeps them apart.
            plain = "content_hash" not in row
            yield article_of(row | {"id": f"{row.get('id', '')}#{number}"} if plain else row)
        except InputError as error:
            raise InputError(error.message, path=str(path), line=number) from error
