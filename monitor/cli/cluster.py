"""``counterclaim cluster``: articles in order of arrival in, their stories and copies out."""

from __future__ import annotations

from typing import Any

import click

from monitor.cli.filters import Row, row_id, run_filter
from monitor.settings import DedupeSettings
from monitor.stories.index import StoryIndex
from monitor.stories.places import places_of
from monitor.text.enrich import enrich
from monitor.text.rows import article_of

__all__ = ["cluster"]


@click.command()
def cluster() -> None:
    """Read articles as JSON Lines on stdin ({"id","title","text","published_at","source"}), in order of arrival.

    Writes {"id","story_id","copy_of"} for each; copy_of is null for an original.
    """
    index = StoryIndex({}, DedupeSettings(), places_of)

    def handle(row: Row) -> dict[str, Any]:
        assignment = index.assign(enrich(article_of(row)))
        return {"id": row_id(row), "story_id": assignment.story_id, "copy_of": assignment.copy_of}

    run_filter(handle, required=("title", "text"))
