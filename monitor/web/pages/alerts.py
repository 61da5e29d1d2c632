"""The list of alerts, live, and one row of it."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final

from fastapi import APIRouter, Request, Response
from fastapi.responses import HTMLResponse, RedirectResponse

from monitor.archive.views import AlertRow
from monitor.web import words
from monitor.web.desk import desk_of
from monitor.web.pages.params import (
    LANGUAGES,
    PUBLISHER_CHOICES,
    SEVERITY_CHOICES,
    SHOWS,
    SPANS,
    alert_params,
    alert_query,
    form_of,
    local_path,
    options,
)
from monitor.web.pages.render import render
from monitor.web.pages.seen import Seen, keep_seen, seen_of
from monitor.web.pages.topic_names import topic_choices

__all__ = ["router"]

router = APIRouter(include_in_schema=False)

ROWS: Final = 50


@router.get("/alerts", response_class=HTMLResponse)
def alerts(request: Request) -> HTMLResponse:
    """List alerts, the last changed first, as the address filters them."""
    desk = desk_of(request)
    now = desk.clock()
    params = alert_params(request)
    page = desk.reader.alerts(alert_query(params, now), params["cursor"] or None, ROWS)
    seen = seen_of(request)
    marks = {row.alert.alert_id: seen.mark_of(row.alert) for row in page.rows}
    first = not params["cursor"]
    return render(
        request,
        "alerts.html",
        params=params,
        page=page,
        marks=marks,
        unread=sum(bool(mark) for mark in marks.values()),
        total=_total(len(page.rows), first, page.next_cursor is not None),
        filtered=any(params.values()),
        live=first,
        **_choices(request),
    )


@router.get("/alerts/{alert_id}/row", response_class=HTMLResponse)
def row(request: Request, alert_id: str) -> Response:
    """Give one row: 202 while the archive lacks ``revision`` or ``act``, 204 where the filters leave it out.

    So a page that is told of a change waits for the archive without an error in the browser's console.
    """
    desk = desk_of(request)
    now = desk.clock()
    detail = desk.reader.alert(alert_id)
    act = request.query_params.get("act", "")
    if detail is None or detail.alert.revision < _revision(request):
        return Response(status_code=202)
    if act and all(each.feedback_id != act for each in detail.acts):
        return Response(status_code=202)
    shown = AlertRow(detail.alert, detail.standing, detail.coverage)
    if not fits(shown, alert_params(request), now):
        return Response(status_code=204)
    return render(request, "row.html", row=shown, mark=seen_of(request).mark_of(detail.alert))


@router.post("/alerts/read")
async def read(request: Request) -> RedirectResponse:
    """Count every alert there is as read, in this browser."""
    form = await form_of(request)
    answer = RedirectResponse(local_path(form.get("back", "/alerts")), 303)
    keep_seen(answer, Seen(desk_of(request).clock()))
    return answer


def fits(row: AlertRow, params: dict[str, str], now: datetime) -> bool:
    """Whether a row is among those that the filters ask for; language and kind of publisher are those of its claims."""
    query = alert_query(params, now)
    alert, standing = row.alert, row.standing
    claims = [claim for side in alert.sides for claim in side.claims]
    return (
        (query.topic is None or query.topic in alert.topics)
        and (query.kind is None or alert.kind is query.kind)
        and (not query.severity or alert.severity in query.severity)
        and (not query.state or alert.state in query.state)
        and (query.since is None or alert.updated_at >= query.since)
        and (query.acked is None or (standing.acked_by is not None) is query.acked)
        and (query.snoozed is None or standing.is_snoozed(now) is query.snoozed)
        and (query.publisher_kind is None or any(claim.publisher_kind is query.publisher_kind for claim in claims))
        and (query.language is None or any(claim.language == query.language for claim in claims))
    )


def _revision(request: Request) -> int:
    given = request.query_params.get("revision", "")
    return int(given) if given.isdecimal() and len(given) < 10 else 0


def _total(rows: int, first: bool, more: bool) -> str:
    if first and not more:
        return words.count_of(rows, "alert")
    return f"{words.count_of(rows, 'alert')} on this page{', the newest' if first else ''}"


def _choices(request: Request) -> dict[str, Any]:
    return {
        "topics": topic_choices(desk_of(request).settings.topics.file),
        "kinds": options(words.KINDS),
        "severities": SEVERITY_CHOICES,
        "states": options(words.STATES),
        "shows": SHOWS,
        "spans": SPANS,
        "publishers": PUBLISHER_CHOICES,
        "languages": LANGUAGES,
    }
