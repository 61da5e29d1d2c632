"""Errors as answers: ``application/problem+json`` (RFC 9457) for programs, a page for people. Both say what to do."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any, Final

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel, Field
from sqlalchemy.exc import SQLAlchemyError
from starlette.exceptions import HTTPException
from starlette.responses import JSONResponse, Response

from monitor.errors import BrokerError, CounterclaimError, InputError

__all__ = ["PROBLEM_JSON", "Problem", "ProblemError", "answer_problem", "install", "is_for_people"]

PROBLEM_JSON: Final = "application/problem+json"
_MACHINE_PATHS: Final = ("/api/v1", "/api/openapi.json", "/events", "/metrics")
_DATABASE: Final = "The database does not answer. Try again; the desk's log says more."
_HINTS: Final = {
    404: "Look at the address; what was forgotten or erased is no longer here.",
    405: "The address is right, the method is not; /api/docs lists both.",
    413: "Send less.",
}

log = logging.getLogger(__name__)


class Problem(BaseModel):
    """What went wrong and what to do (RFC 9457; ``hint`` and ``errors`` are ours)."""

    type: str = "about:blank"
    title: str = Field(description="what sort of problem, by its status")
    status: int
    detail: str = Field(description="what is wrong here")
    hint: str | None = Field(default=None, description="what to do")
    errors: list[str] | None = Field(default=None, description="each part of the request that is wrong")


class ProblemError(Exception):
    """Ends a request with a problem. ``headers`` go with the answer."""

    def __init__(self, status: int, detail: str, hint: str | None = None, headers: Mapping[str, str] | None = None):
        super().__init__(detail)
        self.status = status
        self.detail = detail
        self.hint = hint
        self.headers = headers


def answer_problem(
    request: Request,
    status: int,
    detail: str,
    hint: str | None = None,
    *,
    headers: Mapping[str, str] | None = None,
    errors: list[str] | None = None,
) -> Response:
    """Return the answer for a problem: a page where a person looks at it, JSON otherwise."""
    if is_for_people(request):
        from monitor.web import pages

        page: Response = pages.error_page(request, status, detail, hint or "")
        page.headers.update(headers or {})
        return page
    problem = Problem(title=HTTPStatus(status).phrase, status=status, detail=detail, hint=hint, errors=errors)
    return JSONResponse(
        problem.model_dump(exclude_none=True), status, headers=dict(headers or {}), media_type=PROBLEM_JSON
    )


def is_for_people(request: Request) -> bool:
    """Say whether a person looks at the answer in a browser."""
    path = request.url.path
    if path.startswith(_MACHINE_PATHS) or path.endswith(".atom"):
        return False
    return "text/html" in request.headers.get("accept", "")


def install(app: FastAPI) -> None:
    """Make the application answer its errors as problems. What is unforeseen is answered by the security layer."""
    app.add_exception_handler(ProblemError, _on_problem)
    app.add_exception_handler(HTTPException, _on_http)
    app.add_exception_handler(RequestValidationError, _on_validation)
    app.add_exception_handler(CounterclaimError, _on_ours)
    app.add_exception_handler(SQLAlchemyError, _on_database)


async def _on_problem(request: Request, error: Exception) -> Response:
    assert isinstance(error, ProblemError)
    return answer_problem(request, error.status, error.detail, error.hint, headers=error.headers)


async def _on_http(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    detail = str(error.detail)
    if error.status_code == HTTPStatus.NOT_FOUND and detail == HTTPStatus.NOT_FOUND.phrase:
        detail = "There is nothing at this address."
    return answer_problem(request, error.status_code, detail, _HINTS.get(error.status_code), headers=error.headers)


async def _on_validation(request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)
    errors = [_explained(each) for each in error.errors()]
    detail = "The request is not as it should be."
    return answer_problem(request, 422, detail, "Put right what errors lists; /api/docs says how.", errors=errors)


def _explained(error: Mapping[str, Any]) -> str:
    # The input is left out: it may be a secret, or no text that JSON can hold.
    where = ".".join(str(part) for part in error["loc"])
    text = f"{where}: {str(error['msg']).removeprefix('Value error, ')}"
    return text.encode("utf-8", "backslashreplace").decode()


async def _on_ours(request: Request, error: Exception) -> Response:
    assert isinstance(error, CounterclaimError)
    if isinstance(error, InputError):
        return answer_problem(request, 400, error.message, error.hint)
    if isinstance(error, BrokerError):
        log.warning("the cluster could not be reached: %s", error.message)
        return answer_problem(request, 503, error.message, error.hint, headers={"Retry-After": "5"})
    log.error("an error of ours while answering %s: %s", request.url.path, error.message)
    return answer_problem(request, 500, "This could not be answered.", "The desk's log says why.")


async def _on_database(request: Request, error: Exception) -> Response:
    log.error("the database failed while answering %s: %s", request.url.path, type(error).__name__, exc_info=error)
    return answer_problem(request, 503, "The archive cannot be read.", _DATABASE, headers={"Retry-After": "5"})
