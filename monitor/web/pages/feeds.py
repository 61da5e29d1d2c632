"""Feeds: how each fares, in plain words, and orders to the poller."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlsplit

from anyio import to_thread
from fastapi import APIRouter, Request, Response
from fastapi.responses import HTMLResponse, RedirectResponse

from monitor.archive.views import FeedRow
from monitor.feeds.roster import host_of
from monitor.web import words
from monitor.web.desk import desk_of
from monitor.web.pages.acting import command_from
from monitor.web.pages.params import form_of, options, text_params
from monitor.web.pages.render import error_page, render
from schemas import FeedEvent, FeedHealth

__all__ = ["router", "trouble"]

router = APIRouter(include_in_schema=False)

CLOCK_S: Final = 60
"""Seconds by which a server's clock may be off before the table says so."""
_ORDER: Final = (FeedHealth.FAILING, FeedHealth.GONE, FeedHealth.PAUSED, FeedHealth.NEW, FeedHealth.OK)


@dataclass(frozen=True, slots=True)
class Line:
    """A feed in the table: its name, its host, and what is wrong with it, in plain words."""

    event: FeedEvent
    articles: int
    name: str
    host: str
    trouble: str


@router.get("/feeds", response_class=HTMLResponse)
def feeds(request: Request) -> HTMLResponse:
    """List the feeds: those in trouble first, then by name."""
    params = text_params(request, "health")
    every = [_line(row) for row in desk_of(request).reader.feeds()]
    rows = [line for line in every if params["health"] in ("", line.event.health.value)]
    rows.sort(key=lambda line: (_ORDER.index(line.event.health), line.name.casefold(), line.event.url))
    counts = Counter(line.event.health for line in every)
    said = [f"{counts[health]} {words.HEALTH[health]}" for health in _ORDER if counts[health]]
    summary = f"{words.count_of(len(every), 'feed')}: {', '.join(said)}" if every else ""
    return render(
        request, "feeds.html", params=params, rows=rows, summary=summary, healths=options(words.HEALTH, "all")
    )


@router.get("/feeds/{feed_id}", response_class=HTMLResponse)
def feed(request: Request, feed_id: str) -> HTMLResponse:
    """Show a feed: how it fares, what happened to it, its newest articles."""
    detail = desk_of(request).reader.feed(feed_id)
    if detail is None:
        return error_page(
            request, 404, "No such feed", "It was never polled; counterclaim feeds list shows the roster."
        )
    return render(request, "feed.html", row=_line(detail.feed), turns=detail.turns, articles=detail.articles)


@router.post("/feeds/{feed_id}/command")
async def command(request: Request, feed_id: str) -> Response:
    """Pause, resume, or poll now: an order to the poller, by way of Kafka."""
    desk = desk_of(request)
    form = await form_of(request)
    detail = await to_thread.run_sync(desk.reader.feed, feed_id)
    if detail is None:
        return error_page(request, 404, "No such feed", "It was never polled: there is nothing to pause or to ask.")
    order = command_from(form.get("action", ""), feed_id, request, desk.clock())
    if order is None:
        return error_page(request, 422, "That cannot be done", "A feed can be paused, resumed, or polled now.")
    await desk.publisher.command(order, host_of(detail.feed.event.url))
    return RedirectResponse(f"/feeds?done={order.action.value}", 303)


def trouble(event: FeedEvent) -> str:
    """Return in plain words what is wrong with a feed; empty where nothing is."""
    said = []
    if event.health in (FeedHealth.FAILING, FeedHealth.GONE):
        said.append(event.reason or (f"it answered {event.last_status}" if event.last_status else "no reason given"))
        if event.failures > 1:
            said.append(f"{event.failures} times in a row")
    elif event.reason and event.health is not FeedHealth.OK:
        said.append(event.reason)
    if event.clock_off_s is not None and abs(event.clock_off_s) > CLOCK_S:
        ahead = "ahead" if event.clock_off_s > 0 else "behind"
        said.append(f"its clock is {words.duration(abs(event.clock_off_s))} {ahead}")
    return ", ".join(said)


def _line(row: FeedRow) -> Line:
    host = urlsplit(row.event.url).hostname or row.event.url
    return Line(row.event, row.articles, row.event.publisher or host, host, trouble(row.event))
