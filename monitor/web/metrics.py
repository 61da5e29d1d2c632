"""``/metrics``: the desk's own figures for Prometheus, where ``web.metrics`` says so."""

from __future__ import annotations

from fastapi import APIRouter, Request
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, Gauge, generate_latest
from starlette.responses import Response

from monitor.web.desk import desk_of

__all__ = ["router"]

router = APIRouter(include_in_schema=False)


@router.get("/metrics")
def show(request: Request) -> Response:
    """Return how much the archive holds, and how many pages are live."""
    desk = desk_of(request)
    registry = CollectorRegistry()
    counts = desk.reader.counts()
    rows = Gauge("counterclaim_archive_rows", "What the archive holds", ("kind",), registry=registry)
    for kind in ("articles", "stories", "claims", "alerts", "feeds", "dead_letters"):
        rows.labels(kind).set(getattr(counts, kind))
    states = Gauge("counterclaim_alerts", "Alerts by state", ("state",), registry=registry)
    for state, number in counts.by_state.items():
        states.labels(state.value).set(number)
    Gauge("counterclaim_live_clients", "Pages that are live", registry=registry).set(desk.live.clients)
    Gauge("counterclaim_live_connected", "Whether Kafka is read", registry=registry).set(desk.live.connected)
    return Response(generate_latest(registry), media_type=CONTENT_TYPE_LATEST)
