"""The ASGI application: REST API, live events, Atom feeds, pages and static files behind one layer of security."""

from __future__ import annotations

import importlib.util
from collections.abc import Callable
from datetime import UTC, datetime
from importlib.metadata import version
from typing import TYPE_CHECKING

from fastapi import FastAPI
from starlette.staticfiles import StaticFiles

from monitor.settings import Settings
from monitor.web.desk import Desk, Live, Publisher

if TYPE_CHECKING:
    from monitor.archive.reader import Reader

__all__ = ["create_app"]


def _now() -> datetime:
    return datetime.now(UTC)


def create_app(
    settings: Settings, reader: Reader, publisher: Publisher, live: Live, *, clock: Callable[[], datetime] = _now
) -> FastAPI:
    """Return the application over a read model, a publisher of what people do, and a source of live events."""
    app = FastAPI(title="Counterclaim", version=version("counterclaim"), docs_url=None, redoc_url=None)
    app.state.desk = Desk(settings, reader, publisher, live, clock)
    _mount_pages(app)
    return app


def _mount_pages(app: FastAPI) -> None:
    if importlib.util.find_spec("monitor.web.pages.routes") is None:
        return
    from monitor.web import pages

    app.include_router(pages.router, include_in_schema=False)
    app.mount("/static", StaticFiles(directory=pages.STATIC), name="static")
