"""``counterclaim attribute``: articles in, who says what out."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import click

from monitor.claims.attribution import Attribution
from monitor.claims.attribution import attribute as attributions_of
from monitor.cli.filters import Row, row_id, run_filter
from monitor.text.furniture import furniture_spans
from monitor.text.language import detect

__all__ = ["attribute"]


@click.command()
def attribute() -> None:
    """Read articles as JSON Lines on stdin; write who says what in each.

    Each answer has "id" and "attributions", each with "source", "cue" and "content" as lists of character offsets
    [start, end) into the article's text; "polarity" and "modality" say how the source stands to the content.
    """
    run_filter(_answer, ("text",))


def _answer(row: Row) -> Mapping[str, Any]:
    text, title = row["text"], str(row.get("title") or "")
    language = detect(text, title, row.get("language") or row.get("language_hint")).code
    found = attributions_of(text, language, furniture_spans(text, title))
    return {"id": row_id(row), "attributions": [_plain(attribution) for attribution in found]}


def _plain(attribution: Attribution) -> dict[str, Any]:
    return {
        "source": attribution.source,
        "cue": attribution.cue,
        "content": attribution.content,
        "polarity": attribution.polarity.value,
        "modality": attribution.modality.value,
    }
