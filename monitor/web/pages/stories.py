"""Stories, one story, and one article with what its revisions changed."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse
from markupsafe import Markup

from monitor.archive.views import ArticleDetail, ClaimRow, HourCount
from monitor.text.word_diff import WordOp, word_diff
from monitor.web import words
from monitor.web.desk import desk_of
from monitor.web.pages.params import LANGUAGES, SIZES, SPANS, story_query, text_params
from monitor.web.pages.render import error_page, render
from monitor.web.pages.topic_names import topic_choices

__all__ = ["diff_paragraphs", "router"]

router = APIRouter(include_in_schema=False)

ROWS: Final = 50
HOUR: Final = timedelta(hours=1)
DAY_HOURS: Final = 24
_PARAGRAPH: Final = re.compile(r"\S[^\n]*(?:\n(?!\s*\n)[^\n]*)*")
_TAGS: Final = {
    WordOp.ADDED: Markup("<ins>{}</ins>"),
    WordOp.REMOVED: Markup("<del>{}</del>"),
    WordOp.KEPT: Markup("{}"),
}


@dataclass(frozen=True, slots=True)
class Change:
    """What one revision changed: its title where that differs, its text; None where a text is not kept."""

    revision: int
    at: datetime
    title: Markup | None
    text: list[Markup] | None


@router.get("/stories", response_class=HTMLResponse)
def stories(request: Request) -> HTMLResponse:
    """List stories, the last seen first."""
    desk = desk_of(request)
    params = text_params(request, "topic", "since", "articles", "language", "cursor")
    page = desk.reader.stories(story_query(params, desk.clock()), params["cursor"] or None, ROWS)
    return render(
        request,
        "stories.html",
        params=params,
        page=page,
        filtered=any(params.values()),
        topics=topic_choices(desk.settings.topics.file),
        spans=SPANS,
        sizes=SIZES,
        languages=LANGUAGES,
    )


@router.get("/stories/{story_id}", response_class=HTMLResponse)
def story(request: Request, story_id: str) -> HTMLResponse:
    """Show a story: articles by lineage, claims, coverage, parties and places."""
    detail = desk_of(request).reader.story(story_id)
    if detail is None:
        return error_page(request, 404, "No such story", "It may have been forgotten: stories go with their articles.")
    first, hours = _a_day(detail.coverage, desk_of(request).clock())
    return render(
        request,
        "story.html",
        detail=detail,
        claims=_once(detail.claims),
        hours=hours,
        first=first,
        last=first + len(hours) * HOUR,
        coverage_words=_coverage_words(detail.coverage),
    )


@router.get("/articles/{article_id}", response_class=HTMLResponse)
def article(request: Request, article_id: str) -> HTMLResponse:
    """Show an article: its text with the claims marked, and what each revision changed."""
    detail = desk_of(request).reader.article(article_id)
    if detail is None:
        return error_page(
            request, 404, "No such article", "It may have been forgotten or erased; the search finds what is kept."
        )
    return render(
        request,
        "article.html",
        detail=detail,
        paragraphs=_paragraphs(detail),
        changes=list(_changes(detail)),
    )


def diff_paragraphs(old: str, new: str) -> list[Markup]:
    """Return the difference as paragraphs with ``ins`` and ``del`` elements; every word is escaped."""
    paragraphs: list[list[Markup]] = [[]]
    for change in word_diff(old, new):
        for position, part in enumerate(re.split(r"\n\s*\n", change.text)):
            if position:
                paragraphs.append([])
            if part:
                paragraphs[-1].append(_TAGS[change.op].format(part))
    return [Markup("").join(parts) for parts in paragraphs if parts]


def _once(claims: tuple[ClaimRow, ...]) -> list[tuple[ClaimRow, int]]:
    """Return each statement once, as first seen, with how many articles have it: copies repeat their origin's."""
    found: dict[tuple[str | None, str], list[ClaimRow]] = {}
    for row in claims:
        found.setdefault((row.claim.speaker, " ".join(row.claim.quote.split())), []).append(row)
    return [
        (min(rows, key=lambda row: row.claim.first_seen_at), len({row.claim.article_id for row in rows}))
        for rows in found.values()
    ]


def _a_day(coverage: tuple[HourCount, ...], now: datetime) -> tuple[datetime, list[int]]:
    """Return the articles of each hour and when the first begins, a day at least: three bars alone say little."""
    if not coverage:
        return now - DAY_HOURS * HOUR, [0] * DAY_HOURS
    hours = [hour.articles for hour in coverage]
    since_then = int((now - coverage[-1].hour) / HOUR)
    hours += [0] * min(max(since_then, 0), max(DAY_HOURS - len(hours), 0))
    before = max(DAY_HOURS - len(hours), 0)
    return coverage[0].hour - before * HOUR, [0] * before + hours


def _coverage_words(coverage: tuple[HourCount, ...]) -> str:
    if not coverage:
        return "No article yet"
    most = max(hour.articles for hour in coverage)
    total = sum(hour.articles for hour in coverage)
    span = words.count_of(len(coverage), "hour")
    return f"{words.count_of(total, 'article')} over {span}, at most {most} in one hour"


def _changes(detail: ArticleDetail) -> Iterator[Change]:
    for old, new in zip(detail.revisions, detail.revisions[1:], strict=False):
        titles = diff_paragraphs(old.title, new.title) if old.title != new.title else []
        kept = bool(old.text and new.text)
        yield Change(
            revision=new.revision,
            at=new.at,
            title=titles[0] if titles else None,
            text=diff_paragraphs(old.text, new.text) if kept else None,
        )


def _paragraphs(detail: ArticleDetail) -> list[tuple[str, list[tuple[int, int]]]]:
    """Return each paragraph with the spans of its claims; spans are of the text as it is kept now."""
    text = detail.text
    spans = sorted({row.claim.span for row in detail.claims if text[slice(*row.claim.span)] == row.claim.quote})
    found = []
    for match in _PARAGRAPH.finditer(text):
        inside = [
            (max(start, match.start()) - match.start(), min(end, match.end()) - match.start())
            for start, end in spans
            if start < match.end() and end > match.start()
        ]
        found.append((match.group(), inside))
    return found
