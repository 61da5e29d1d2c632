"""Search over articles and claims."""

from __future__ import annotations

from typing import Final

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse

from monitor.errors import InputError
from monitor.web.desk import desk_of
from monitor.web.pages.params import LANGUAGES, search_query, text_params
from monitor.web.pages.render import render
from monitor.web.pages.topic_names import topic_choices

__all__ = ["router"]

router = APIRouter(include_in_schema=False)

ROWS: Final = 30
MOST_CHARACTERS: Final = 500


@router.get("/search", response_class=HTMLResponse)
def search(request: Request) -> HTMLResponse:
    """Find articles or claims, the newest first."""
    desk = desk_of(request)
    params = text_params(request, "q", "kind", "topic", "publisher", "language", "since", "until", "cursor")
    page, problem = None, ""
    if params["q"]:
        words = params["q"][:MOST_CHARACTERS]
        try:
            page = desk.reader.search(words, search_query(params), params["cursor"] or None, ROWS)
        except InputError as error:
            problem = str(error)
    return render(
        request,
        "search.html",
        params=params,
        page=page,
        problem=problem,
        topics=topic_choices(desk.settings.topics.file),
        languages=LANGUAGES,
    )
