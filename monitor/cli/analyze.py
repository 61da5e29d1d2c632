"""``counterclaim analyze``: one article in; its language, topics, claims and contradictions out."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import click
from rich.console import Console

from monitor.claims.extract import extract
from monitor.claims.judge import judge_of
from monitor.claims.ledger import Ledger
from monitor.cli.analyze_input import Input, read_input
from monitor.cli.analyze_view import show
from monitor.cli.options import settings_of
from monitor.errors import CounterclaimError
from monitor.settings import Settings
from monitor.subjects.matcher import TopicMatcher
from monitor.text.enrich import enrich
from schemas import Alert, Claim, StoryAssignment, TaggedArticle

__all__ = ["Analysis", "analyze", "analyze_article"]

_WIDTH = 110
"""Columns of the readable form where the output is no terminal."""


@dataclass(frozen=True, slots=True)
class Analysis:
    """What was found in one article."""

    article: TaggedArticle
    claims: tuple[Claim, ...]
    alerts: tuple[Alert, ...]


@click.command()
@click.argument("inputs", nargs=-1, required=True, metavar="FILE-or-URL...")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object for each article.")
@click.pass_context
def analyze(ctx: click.Context, inputs: tuple[str, ...], as_json: bool) -> None:
    """Show who says what in an article, and what in it is disputed.

    FILE is a text, an HTML page, or an article in JSON as `counterclaim parse` writes it; nothing is sent anywhere.
    """
    settings = settings_of(ctx)
    matcher = TopicMatcher.from_file(settings.topics.file)
    console = Console()
    console = console if console.is_terminal else Console(width=_WIDTH)
    failed = False
    for name in inputs:
        try:
            for found in read_input(name, settings.feeds):
                analysis = analyze_article(found, matcher, settings)
                if as_json:
                    click.echo(json.dumps(_plain(analysis, found), ensure_ascii=False))
                else:
                    show(console, name, analysis.article, analysis.claims, analysis.alerts)
        except CounterclaimError as error:
            failed = True
            click.echo(f"counterclaim: {error}", err=True)
    if failed:
        raise SystemExit(1)


def analyze_article(found: Input, matcher: TopicMatcher, settings: Settings) -> Analysis:
    """Return what the pipeline's stages find in one article that stands alone: it is its own story and lineage."""
    enriched = enrich(found.article)
    alone = StoryAssignment(**dict(enriched), story_id=enriched.article_id, lineage_id=enriched.article_id)
    tagged = matcher.tag(alone)
    claims = extract(tagged)
    ledger = Ledger({}, judge_of(settings.judge), settings.judge)
    alerts: dict[str, Alert] = {}
    for claim in claims:
        for alert in ledger.add(claim):
            alerts[alert.alert_id] = alert
    # The article was read as one: what it opens is the first version of each alert, however many claims it took.
    first = tuple(alert.model_copy(update={"revision": 1}) for alert in alerts.values())
    return Analysis(tagged, tuple(claims), first)


def _plain(analysis: Analysis, found: Input) -> Mapping[str, Any]:
    article = analysis.article
    plain: dict[str, Any] = {
        "id": article.article_id,
        "title": article.title,
        "language": article.language,
        "dates": article.dates.model_dump(mode="json"),
        "topics": [topic.model_dump(mode="json") for topic in article.topics],
        "claims": [claim.to_json() for claim in analysis.claims],
        "alerts": [alert.to_json() for alert in analysis.alerts],
    }
    return {**plain, "text": article.text} if found.extracted else plain
