"""The ASGI application: REST API, live events, Atom feeds, pages and static files behind one layer of security."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from importlib.metadata import version
from typing import TYPE_CHECKING

from fastapi import APIRouter, FastAPI
from starlette.staticfiles import StaticFiles

from monitor.settings import Settings
from monitor.web import atom, login, metrics, openapi, pages, problems
from monitor.web.accounts import Accounts
from monitor.web.api import alerts, events, feeds, pipeline, stories
from monitor.web.attempts import Attempts
from monitor.web.desk import Desk, Live, Publisher
from monitor.web.security import Doorman, Guard
from monitor.web.sessions import Sessions, read_key

if TYPE_CHECKING:
    from monitor.archive.reader import Reader

__all__ = ["API", "create_app"]

API = "/api/v1"


def _now() -> datetime:
    return datetime.now(UTC)


def create_app(
    settings: Settings, reader: Reader, publisher: Publisher, live: Live, *, clock: Callable[[], datetime] = _now
) -> FastAPI:
    """Return the application over a read model, a publisher of what people do, and a source of live events."""
    app = FastAPI(
        title="Counterclaim",
        version=version("counterclaim"),
        openapi_url="/api/openapi.json",
        docs_url=None,
        redoc_url=None,
    )
    app.state.desk = Desk(settings, reader, publisher, live, clock)
    app.state.since = clock()
    app.state.doorman = Doorman(
        settings,
        Accounts(settings.web),
        Sessions(read_key(settings.data), settings.web.session_h),
        Attempts(settings.web.logins),
    )
    app.add_middleware(Guard, doorman=app.state.doorman)
    problems.install(app)
    api = APIRouter(prefix=API)
    for part in (alerts, stories, feeds, pipeline):
        api.include_router(part.router)
    # The Atom feeds before the pages, which have an address for any feed.
    for router in (api, events.router, atom.router, login.router, openapi.router):
        app.include_router(router)
    if settings.web.metrics:
        app.include_router(metrics.router)
    app.include_router(pages.router, include_in_schema=False)
    app.mount("/static", StaticFiles(directory=pages.STATIC), name="static")
    app.openapi = lambda: openapi.document(app)  # type: ignore[method-assign]
    return app
