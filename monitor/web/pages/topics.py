"""Topics against their habit, one topic, and the query tester."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any, Final

from anyio import to_thread
from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse

from monitor.archive.views import TopicRow
from monitor.web import words
from monitor.web.desk import desk_of
from monitor.web.pages.params import form_of
from monitor.web.pages.render import error_page, render
from monitor.web.pages.topic_names import Tested, label_of, test, topics_of

__all__ = ["against_habit", "router"]

router = APIRouter(include_in_schema=False)

HOURS: Final = 24
MOST_CHARACTERS: Final = 30_000
"""Of the tester's text: a character may take nine bytes in a form, and the desk takes 256 KiB."""
MUCH: Final = 2.0
"""Times its habit from which a topic has much more than usual; half of it and less is much less."""
SOME: Final = 1.25


@dataclass(frozen=True, slots=True)
class Line:
    """A topic in the list."""

    topic: TopicRow
    label: str
    usual: str
    against: str


@router.get("/topics", response_class=HTMLResponse)
def topics(request: Request) -> HTMLResponse:
    """List the topics of the last day against the same hours of earlier days."""
    return _list(request, None)


@router.post("/topics/test", response_class=HTMLResponse)
async def tester(request: Request) -> HTMLResponse:
    """Say which topics a text is about, and why."""
    form = await form_of(request)
    title, text = (form.get(name, "").replace("\x00", "")[:MOST_CHARACTERS] for name in ("title", "text"))
    file = desk_of(request).settings.topics.file
    tested = await to_thread.run_sync(test, title, text.replace("\r\n", "\n"), file)
    return await to_thread.run_sync(_list, request, tested)


@router.get("/topics/{slug}", response_class=HTMLResponse)
def topic(request: Request, slug: str) -> HTMLResponse:
    """Show a topic: volume against its habit, alerts, rising stories, disputed claims."""
    desk = desk_of(request)
    file = desk.settings.topics.file
    detail = desk.reader.topic(slug, until=desk.clock())
    watched = topics_of(file).get(slug)
    if detail is None:
        what = "It is watched, but no article was about it yet." if watched else "No topic of that name is watched."
        return error_page(request, 404, f"Nothing on {watched.label if watched else slug}", what)
    row = detail.topic
    return render(
        request,
        "topic.html",
        detail=detail,
        label=label_of(slug, file),
        against=against_habit(row),
        query=watched.query.strip() if watched else "",
        volume_words=_volume_words(row),
        figures=[
            (row.since + timedelta(hours=position), articles, habit)
            for position, (articles, habit) in enumerate(zip(row.hours, row.habit, strict=False))
        ],
    )


def against_habit(row: TopicRow) -> str:
    """Return in words how much a topic has against what is usual at these hours."""
    usual = sum(row.habit)
    if not usual:
        return "no habit known yet" if row.articles else "quiet, as ever"
    times = row.articles / usual
    if times >= MUCH:
        return f"{times:.1f} times the usual"
    if times >= SOME:
        return "more than usual"
    return "as usual" if times > 1 / SOME else "less than usual" if times > 1 / MUCH else "much less than usual"


def _volume_words(row: TopicRow) -> str:
    said = f"Bars: {words.count_of(row.articles, 'article')} in {words.count_of(len(row.hours), 'hour')}"
    said += f", at most {max(row.hours, default=0)} in one."
    if any(row.habit):
        return f"{said} Dashed line: the usual number at that hour, {sum(row.habit):.1f} in all."
    return f"{said} What is usual at these hours is not known yet."


def _list(request: Request, tested: Tested | None) -> HTMLResponse:
    desk = desk_of(request)
    file: Path | None = desk.settings.topics.file
    found = desk.reader.topics(desk.clock() - timedelta(hours=HOURS), desk.clock())
    rows = [
        Line(row, label_of(row.slug, file), f"{sum(row.habit):.1f}" if any(row.habit) else "\u2013", against_habit(row))
        for row in found
    ]
    rows.sort(key=lambda line: (-line.topic.alerts, -line.topic.articles, line.label))
    there = {line.topic.slug for line in rows}
    context: dict[str, Any] = {
        "rows": rows,
        "hours": HOURS,
        "silent": [topic.label for slug, topic in topics_of(file).items() if slug not in there],
        "tested": tested,
    }
    return render(request, "topics.html", **context)
