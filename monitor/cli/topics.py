"""``counterclaim topics``: check and list the watched topics, and suggest terms for their queries."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import click
from rich.console import Console
from rich.table import Table

from monitor.cli.options import settings_of
from monitor.evaluation.report import read_jsonl
from monitor.subjects.matcher import TopicMatcher
from monitor.subjects.suggest import suggest
from monitor.subjects.topic_file import problems, read_topics

__all__ = ["topics"]

_FILE = click.argument("file", required=False, type=click.Path(path_type=Path))
_WIDTH = 120
"""Columns of a table where the output is no terminal."""


@click.group()
def topics() -> None:
    """Check and list the watched topics."""


@topics.command()
@_FILE
@click.pass_context
def check(ctx: click.Context, file: Path | None) -> None:
    """Say what is wrong with a topics FILE, each error with its line and column; exit status 1 if there is any.

    Without FILE: the file of the settings, or the shipped one.
    """
    file = file or settings_of(ctx).topics.file
    found = problems(file)
    for problem in found:
        click.echo(f"counterclaim: {problem}", err=True)
    if found:
        raise SystemExit(1)
    click.echo(f"{file or 'the shipped topics'}: {len(read_topics(file))} topics, all queries parse")


@topics.command("list")
@_FILE
@click.pass_context
def list_(ctx: click.Context, file: Path | None) -> None:
    """List the topics of FILE (default: of the settings): slug, label, whether it is watched, query."""
    settings = settings_of(ctx).topics
    table = Table("slug", "label", "watched", "query")
    for topic in read_topics(file or settings.file):
        watched = not settings.watch or topic.slug in settings.watch
        table.add_row(topic.slug, topic.label, "yes" if watched else "no", " ".join(topic.query.split()))
    _console().print(table)


@topics.command("suggest")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--topics", "topics_file", type=click.Path(path_type=Path), help="Topics file. Default: of the settings.")
@click.option("--topic", "slug", help="Only this topic.")
@click.pass_context
def suggest_(ctx: click.Context, file: Path, topics_file: Path | None, slug: str | None) -> None:
    """Suggest terms that the matched articles of FILE (JSON Lines: "title", "text") share and the query lacks."""
    matcher = TopicMatcher.from_file(topics_file or settings_of(ctx).topics.file)
    if slug is not None:
        matcher = matcher.only(slug)
    table = Table("topic", "term", "of its articles", "of the others", "log-likelihood")
    for item in suggest(matcher, _articles(file)):
        table.add_row(item.slug, item.term, f"{item.inside} of {item.matched}", str(item.outside), f"{item.gain:.1f}")
    _console().print(table)


def _articles(file: Path) -> Iterator[tuple[str, str]]:
    for row in read_jsonl(file):
        text = row.get("text") or row.get("body") or ""
        yield str(row.get("title") or ""), str(text)


def _console() -> Console:
    console = Console()
    return console if console.is_terminal else Console(width=_WIDTH)
