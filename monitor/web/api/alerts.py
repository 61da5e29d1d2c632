"""Alerts: the list, one of them, its history, and what people do with it."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Query, Request
from pydantic import ValidationError
from starlette.responses import Response

from monitor.archive.queries import AlertQuery
from monitor.archive.views import AlertDetail, AlertRevision, AlertRow
from monitor.ids import stable_id
from monitor.web.api.models import ActIn, Cursor, Id, Limit, Listing, Moment, listing
from monitor.web.api.replies import found, reply, tagged
from monitor.web.desk import desk_of, visitor_of
from monitor.web.jsonld import claim_reviews
from monitor.web.links import base_of
from monitor.web.problems import ProblemError
from schemas import AlertKind, AlertState, Feedback, PublisherKind, Severity

__all__ = ["act_of", "router"]

router = APIRouter(prefix="/alerts", tags=["alerts"])

LD_JSON = "application/ld+json"


@router.get("", response_model=Listing[AlertRow], summary="List alerts, the last updated first")
def list_alerts(
    request: Request,
    topic: Annotated[str | None, Query(max_length=100, description="slug of a topic")] = None,
    kind: AlertKind | None = None,
    severity: Annotated[list[Severity] | None, Query(description="any of these; repeat the parameter")] = None,
    state: Annotated[list[AlertState] | None, Query(description="any of these; repeat the parameter")] = None,
    since: Annotated[Moment | None, Query(description="updated at or after")] = None,
    until: Annotated[Moment | None, Query(description="updated before")] = None,
    acked: Annotated[bool | None, Query(description="acknowledged, or not")] = None,
    snoozed: Annotated[bool | None, Query(description="snoozed now, or not")] = None,
    language: Annotated[str | None, Query(max_length=40, description="of an article on either side, BCP 47")] = None,
    publisher_kind: Annotated[PublisherKind | None, Query(description="of an article on either side")] = None,
    story_id: Annotated[str | None, Query(max_length=200)] = None,
    cursor: Cursor = None,
    limit: Limit = 50,
) -> Response:
    """Each row holds the alert as it stands on the topic ``alerts``, what people did with it, and its coverage."""
    desk = desk_of(request)
    query = AlertQuery(
        topic=topic, kind=kind, severity=frozenset(severity or ()), state=frozenset(state or ()), since=since,
        until=until, acked=acked, snoozed=snoozed, now=desk.clock(), language=language, publisher_kind=publisher_kind,
        story_id=story_id,
    )  # fmt: skip
    return reply(request, Listing[AlertRow], listing(desk.reader.alerts(query, cursor, limit)))


@router.get("/{alert_id}.jsonld", response_class=Response, summary="One alert as schema.org JSON-LD")
def show_jsonld(request: Request, alert_id: Id) -> Response:
    """Two ClaimReview-compatible reviews and our term for how they conflict; docs/api.md says what fits."""
    detail: AlertDetail = found(desk_of(request).reader.alert(alert_id), "alert")
    return tagged(request, claim_reviews(detail.alert, base_of(request)), LD_JSON)


@router.get("/{alert_id}", response_model=AlertDetail, summary="One alert with all that is known of it")
def show_alert(request: Request, alert_id: Id) -> Response:
    """The alert, its revisions, acts, notifications, and each quote inside its paragraph, by claim id."""
    return reply(request, AlertDetail, found(desk_of(request).reader.alert(alert_id), "alert"))


@router.get("/{alert_id}/history", response_model=Listing[AlertRevision], summary="The revisions of an alert")
def show_history(request: Request, alert_id: Id) -> Response:
    """All of them, on one page."""
    detail: AlertDetail = found(desk_of(request).reader.alert(alert_id), "alert")
    return reply(request, Listing[AlertRevision], Listing[Any](items=detail.revisions))


@router.get("/{alert_id}/feedback", response_model=Listing[Feedback], summary="What people did with an alert")
def show_feedback(request: Request, alert_id: Id) -> Response:
    """All of it, on one page, with who and when."""
    detail: AlertDetail = found(desk_of(request).reader.alert(alert_id), "alert")
    return reply(request, Listing[Feedback], Listing[Any](items=detail.acts))


@router.post(
    "/{alert_id}/feedback", status_code=202, response_model=Feedback, summary="Ack, snooze, judge, annotate, reply"
)
async def add_feedback(request: Request, alert_id: Id, act: ActIn) -> Response:
    """Put an act on the topic ``feedback``. Kafka has it with the answer; the archive shows it a moment later."""
    from anyio import to_thread

    desk = desk_of(request)
    detail: AlertDetail = found(await to_thread.run_sync(desk.reader.alert, alert_id), "alert")
    feedback = act_of(request, act, detail)
    await desk.publisher.feedback(feedback)
    where = str(request.url.path)
    return Response(feedback.to_bytes(), 202, {"Location": where, "Cache-Control": "no-store"}, "application/json")


def act_of(request: Request, act: ActIn, detail: AlertDetail) -> Feedback:
    """Return the act as the message that goes to Kafka.

    Raises:
        ProblemError: it lacks what its action needs, or names a revision that there is not.
    """
    alert = detail.alert
    revision = act.alert_revision or alert.revision
    if revision > alert.revision:
        raise ProblemError(422, f"The alert has no revision {revision} yet.", f"The newest is {alert.revision}.")
    actor, now = visitor_of(request).name, desk_of(request).clock()
    fields = act.model_dump(exclude={"alert_revision"})
    parts = (alert.alert_id, str(revision), actor, now.isoformat(), *(str(value) for value in fields.values()))
    try:
        return Feedback(
            feedback_id=stable_id("feedback", *parts),
            alert_id=alert.alert_id,
            alert_revision=revision,
            actor=actor,
            at=now,
            **fields,
        )
    except ValidationError as error:
        why = "; ".join(str(each["msg"]).removeprefix("Value error, ") for each in error.errors(include_input=False))
        raise ProblemError(422, f"The act is not whole: {why}.", "Send what its action needs.") from None
