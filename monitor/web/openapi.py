"""The OpenAPI document, with our errors and ways to log in written into it, and a page that lists what there is."""

from __future__ import annotations

from typing import Any, Final

from fastapi import APIRouter, FastAPI, Request
from fastapi.openapi.utils import get_openapi
from starlette.responses import Response

from monitor.web.problems import PROBLEM_JSON, Problem

__all__ = ["document", "router"]

router = APIRouter(include_in_schema=False)

DESCRIPTION: Final = (
    "Alerts, stories, claims, topics and feeds of a running Counterclaim. Lists come in pages (cursor, next), answers "
    "have ETags, errors are application/problem+json. An alert is the message of the topic alerts as it is."
)
_ERRORS: Final = {
    "400": "The request cannot be understood",
    "401": "Who asks is not known",
    "403": "Not allowed",
    "404": "There is no such thing",
    "413": "The request is too large",
    "421": "The desk is not known under this host name",
    "422": "The request is not as it should be",
    "429": "Too many failed logins",
    "503": "Archive or Kafka do not answer",
}
_METHODS: Final = ("get", "post")


def document(app: FastAPI) -> dict[str, Any]:
    """Return the OpenAPI 3.1 document of an application, made once."""
    if app.openapi_schema is None:
        schema = get_openapi(
            title=app.title, version=app.version, description=DESCRIPTION, routes=app.routes, openapi_version="3.1.0"
        )
        _write_errors(schema)
        _write_security(schema)
        app.openapi_schema = schema
    return app.openapi_schema


def _write_errors(schema: dict[str, Any]) -> None:
    schemas = schema["components"]["schemas"]
    for name in ("HTTPValidationError", "ValidationError"):
        schemas.pop(name, None)
    schemas["Problem"] = Problem.model_json_schema()
    content = {PROBLEM_JSON: {"schema": {"$ref": "#/components/schemas/Problem"}}}
    for path, item in schema["paths"].items():
        for method, operation in item.items():
            answers = operation["responses"]
            if method == "get":
                answers["304"] = {"description": "As the client has it already"}
            own = "200" if path.endswith("/health") else "0"
            for status, text in _ERRORS.items():
                if status == "503" and own == "200":
                    continue
                answers[status] = {"description": text, "content": content}


def _write_security(schema: dict[str, Any]) -> None:
    schema["components"]["securitySchemes"] = {
        "token": {"type": "http", "scheme": "bearer", "description": "web.token or web.viewer_token"},
        "basic": {"type": "http", "scheme": "basic", "description": "a name and password; looks, does not act"},
    }
    schema["security"] = [{}, {"token": []}, {"basic": []}]
    for item in schema["paths"].values():
        if "post" in item:
            item["post"]["security"] = [{}, {"token": []}]


@router.get("/api/docs")
def show_docs(request: Request) -> Response:
    """List the operations, with the address of the document that has all of it."""
    from monitor.web.pages.render import render

    rows = [
        {"method": method.upper(), "path": path, **_told(operation)}
        for path, item in document(request.app)["paths"].items()
        for method, operation in item.items()
        if method in _METHODS
    ]
    return render(request, "api.html", rows=rows)


def _told(operation: dict[str, Any]) -> dict[str, Any]:
    return {
        "summary": operation.get("summary", ""),
        "text": operation.get("description", ""),
        "parameters": [parameter["name"] for parameter in operation.get("parameters", ())],
    }
