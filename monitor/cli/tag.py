"""``counterclaim tag``: articles in, topics out."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import click

from monitor.cli.filters import Row, row_id, run_filter
from monitor.cli.options import settings_of
from monitor.subjects.matcher import TopicMatcher
from monitor.text.furniture import furniture_spans
from monitor.text.language import detect

__all__ = ["tag"]


@click.command()
@click.option("--topics", "file", type=click.Path(path_type=Path), help="Topics file. Default: that of the settings.")
@click.pass_context
def tag(ctx: click.Context, file: Path | None) -> None:
    """Read articles as JSON Lines ("id", "title", "text"); write the topics that each is about.

    A language that the row itself gives ("language" or "language_hint") is a hint, not the answer.
    """
    matcher = TopicMatcher.from_file(file or settings_of(ctx).topics.file)

    def answer(row: Row) -> Mapping[str, Any]:
        identity = row_id(row)
        title, text = str(row.get("title") or ""), str(row["text"])
        hint = row.get("language") or row.get("language_hint")
        language = detect(text, title, hint if isinstance(hint, str) else None).code
        found = matcher.match(title, text, language, furniture_spans(text, title))
        return {"id": identity, "language": language, "topics": [match.model_dump(mode="json") for match in found]}

    run_filter(answer, ("text",))
