"""Alerts as Atom 1.0 feeds (RFC 4287): all of them, and those of one topic. An update changes its entry in place."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import UTC, datetime
from html import escape
from typing import Annotated, Any, Final
from urllib.parse import quote, urlencode
from xml.etree import ElementTree as Xml

from fastapi import APIRouter, Query, Request
from starlette.responses import RedirectResponse, Response

from monitor.archive.queries import AlertQuery
from monitor.web.api.models import Slug
from monitor.web.api.replies import found, tagged
from monitor.web.desk import desk_of
from monitor.web.links import base_of, outside
from schemas import Alert, AlertClaim, AlertSide

__all__ = ["MEDIA_TYPE", "router"]

router = APIRouter(tags=["atom"])

MEDIA_TYPE: Final = "application/atom+xml"
ENTRIES: Final = 100
NAMESPACE: Final = "http://www.w3.org/2005/Atom"
TAG: Final = "tag:counterclaim.invalid,2026:"
"""Before the ids of feeds and entries (RFC 4151). They do not change with the desk's address, so that a reader who
moves to another one meets no entry twice; nobody can own the domain (RFC 2606)."""
START: Final = datetime(2026, 1, 1, tzinfo=UTC)
"""What a feed without entries says of its last change, which Atom demands."""
_NOT_XML: Final = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")

_ANSWERS: Final[dict[int | str, dict[str, Any]]] = {200: {"content": {MEDIA_TYPE: {"schema": {"type": "string"}}}}}
Cursor = Annotated[str | None, Query(max_length=500, description="as the feed's link rel=next has it")]


@router.get("/feeds/alerts.atom", response_class=Response, responses=_ANSWERS, summary="All alerts as an Atom feed")
def all_alerts(request: Request, cursor: Cursor = None) -> Response:
    """The last updated first; links lead to the desk's own pages."""
    return _feed(request, "Counterclaim: alerts", "alerts", AlertQuery(), cursor)


@router.get(
    "/feeds/topics/{slug}.atom", response_class=Response, responses=_ANSWERS, summary="A topic's alerts as an Atom feed"
)
def topic_alerts(request: Request, slug: Slug, cursor: Cursor = None) -> Response:
    """404 for a topic of which nothing was ever seen."""
    query = AlertQuery(topic=slug)
    desk = desk_of(request)
    if not desk.reader.alerts(query, None, 1).rows:
        found(desk.reader.topic(slug, None, desk.clock()), "topic")
    return _feed(request, f"Counterclaim: alerts on {slug}", f"topics/{slug}", query, cursor)


@router.get("/alerts.atom", include_in_schema=False)
def short_address() -> Response:
    """Lead from the address that people guess."""
    return RedirectResponse("/feeds/alerts.atom", 308)


def _feed(request: Request, title: str, name: str, query: AlertQuery, cursor: str | None) -> Response:
    page = desk_of(request).reader.alerts(query, cursor, ENTRIES)
    alerts = [row.alert for row in page.rows]
    base = base_of(request)
    here = base + quote(request.url.path)
    feed = Xml.Element("feed", {"xmlns": NAMESPACE, "xml:lang": "en"})
    _add(feed, "id", TAG + quote(name))
    _add(feed, "title", title)
    _add(feed, "updated", _time(max((alert.updated_at for alert in alerts), default=START)))
    _add(Xml.SubElement(feed, "author"), "name", "Counterclaim")
    Xml.SubElement(
        feed, "link", rel="self", type=MEDIA_TYPE, href=here + (f"?{urlencode({'cursor': cursor})}" * bool(cursor))
    )
    Xml.SubElement(feed, "link", rel="alternate", type="text/html", href=f"{base}/alerts")
    if page.next_cursor:
        Xml.SubElement(feed, "link", rel="next", href=f"{here}?{urlencode({'cursor': page.next_cursor})}")
    for alert in alerts:
        feed.append(_entry(alert, base))
    return tagged(request, Xml.tostring(feed, encoding="utf-8", xml_declaration=True), MEDIA_TYPE)


def _entry(alert: Alert, base: str) -> Xml.Element:
    entry = Xml.Element("entry")
    _add(entry, "id", f"{TAG}alert/{quote(alert.alert_id)}")
    _add(entry, "title", alert.summary)
    _add(entry, "updated", _time(alert.updated_at))
    _add(entry, "published", _time(alert.created_at))
    Xml.SubElement(entry, "link", rel="alternate", type="text/html", href=f"{base}/alerts/{quote(alert.alert_id)}")
    words = [("kind", alert.kind.value), ("severity", alert.severity.value), ("state", alert.state.value)]
    words += [("topic", topic) for topic in alert.topics]
    for scheme, term in words:
        Xml.SubElement(entry, "category", scheme=f"{TAG}{scheme}", term=_clean(term))
    _add(entry, "content", "".join(_content(alert)), type="html")
    return entry


def _content(alert: Alert) -> Iterable[str]:
    """Yield the entry as HTML: both sides in the same words, then where each quote stands."""
    yield f"<p>{escape(alert.kind.value)}, {escape(alert.severity.value)} severity, {escape(alert.state.value)}."
    yield " Dates are uncertain.</p>" if alert.date_uncertain else "</p>"
    for side in alert.sides:
        yield f"<p>{_reach(side)}</p><ul>"
        yield from (f"<li>{_quoted(claim)}</li>" for claim in side.claims)
        yield "</ul>"


def _reach(side: AlertSide) -> str:
    origins = "1 origin" if side.origins == 1 else f"{side.origins} origins"
    return f"{origins}, {'1 outlet' if side.outlets == 1 else f'{side.outlets} outlets'}:"


def _quoted(claim: AlertClaim) -> str:
    text = f"<q>{escape(claim.quote)}</q>"
    speaker = f" {escape(claim.speaker)}," if claim.speaker else ""
    source = escape(claim.source or "source not known")
    url = outside(claim.url)
    link = f'<a rel="noopener noreferrer" href="{escape(url)}">{source}</a>' if url else source
    return f"{text}{speaker} {link}, {_time(claim.published_at or claim.first_seen_at)}"


def _add(parent: Xml.Element, name: str, text: str, **attributes: str) -> None:
    Xml.SubElement(parent, name, attributes).text = _clean(text)


def _clean(text: str) -> str:
    return _NOT_XML.sub("\ufffd", text)


def _time(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
