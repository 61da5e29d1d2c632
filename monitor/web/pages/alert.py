"""One alert: both sides' evidence, why it was raised, and what people do with it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from fastapi import APIRouter, Request, Response
from fastapi.responses import HTMLResponse, RedirectResponse

from monitor.archive.reader import Reader
from monitor.archive.views import AlertDetail, AlertRevision, QuoteContext
from monitor.claims.explain import Explanation, explain
from monitor.claims.judge import RuleJudge
from monitor.web import words
from monitor.web.desk import desk_of
from monitor.web.pages.acting import feedback_from, send_feedback
from monitor.web.pages.params import form_of
from monitor.web.pages.render import error_page, render
from monitor.web.pages.seen import keep_seen, seen_of
from schemas import AlertClaim, AlertSide, Claim, Feedback, FeedbackAction

__all__ = ["router"]

router = APIRouter(include_in_schema=False)

MARGIN: Final = 0.04
"""Share of the timeline's length that is left free at its ends."""


@dataclass(frozen=True, slots=True)
class Item:
    """A claim as evidence: who says it, and the quote inside its paragraph where that is kept."""

    claim: AlertClaim
    speaker: str
    at_second_hand: bool
    context: QuoteContext | None
    language: str


@dataclass(frozen=True, slots=True)
class LineageLine:
    """The outlets of one text, and when it was first seen."""

    outlets: tuple[str, ...]
    first: datetime


@dataclass(frozen=True, slots=True)
class SideView:
    """One side as the page shows it. ``more``: claims that are not shown in full, for they repeat a text."""

    head: str
    side: AlertSide
    items: tuple[Item, ...]
    more: int
    lineages: tuple[LineageLine, ...]
    moments: tuple[tuple[datetime, bool], ...]
    words: str


@dataclass(frozen=True, slots=True)
class ActLine:
    """What somebody did, in words."""

    feedback_id: str
    words: str
    text: str | None
    actor: str
    at: datetime


@dataclass(frozen=True, slots=True)
class RevisionLine:
    """What one revision changed, in words."""

    words: str
    at: datetime


@router.get("/alerts/{alert_id}", response_class=HTMLResponse)
def alert(request: Request, alert_id: str) -> HTMLResponse:
    """Show an alert, and count it as read."""
    desk = desk_of(request)
    detail = desk.reader.alert(alert_id)
    if detail is None:
        return _missing(request)
    sides = _sides(detail)
    moments = [moment for side in sides for moment, _ in side.moments] or [detail.alert.created_at]
    start, end = _axis(min(moments), max(moments))
    answer = render(
        request,
        "alert.html",
        detail=detail,
        sides=sides,
        start=start,
        end=end,
        oddities=words.oddities(detail.alert),
        explanation=_explanation(desk.reader, detail),
        acts=[_act_line(act) for act in reversed(detail.acts) if act.action is not FeedbackAction.REPLY],
        replies=[act for act in detail.acts if act.action is FeedbackAction.REPLY],
        history=_history(detail.revisions),
    )
    keep_seen(answer, seen_of(request).opened(detail.alert))
    return answer


@router.post("/alerts/{alert_id}/feedback")
async def feedback(request: Request, alert_id: str) -> Response:
    """Take an act of a person, and go back to the alert when the archive has it or after a moment."""
    desk = desk_of(request)
    form = await form_of(request)
    act = feedback_from(form, alert_id, request, desk.clock())
    if isinstance(act, str):
        return error_page(request, 422, "That cannot be done", act)
    done = await send_feedback(desk, act)
    return RedirectResponse(f"/alerts/{alert_id}?done={'sent' if done else 'waiting'}", 303)


def _missing(request: Request) -> HTMLResponse:
    return error_page(
        request,
        404,
        "No such alert",
        "The archive has no alert of that id: it may have been erased, or the archive is being built again.",
    )


def _sides(detail: AlertDetail) -> tuple[SideView, SideView]:
    first, second = words.side_heads(detail.alert)
    return (
        _side(first, detail.alert.sides[0], detail),
        _side(second, detail.alert.sides[1], detail),
    )


def _side(head: str, side: AlertSide, detail: AlertDetail) -> SideView:
    """Show one claim of each text in full, a speaker's same words once; what copies repeat is in the lineages."""
    items: list[Item] = []
    shown: set[tuple[str, str]] = set()
    by_lineage: dict[str, list[AlertClaim]] = {}
    for claim in side.claims:
        lineage = claim.lineage_id or claim.article_id
        by_lineage.setdefault(lineage, []).append(claim)
        if (lineage, claim.quote) not in shown:
            shown.add((lineage, claim.quote))
            items.append(_item(claim, detail))
    moments = _moments(by_lineage.values())
    texts = words.count_of(len(moments), "article")
    return SideView(
        head=head,
        side=side,
        items=tuple(items),
        more=len(side.claims) - len(items),
        lineages=tuple(_lineage(claims) for claims in by_lineage.values()),
        moments=moments,
        words=f"{head}: {texts}" + (f", the first seen {min(moments)[0]:%Y-%m-%d %H:%M} UTC" if moments else ""),
    )


def _item(claim: AlertClaim, detail: AlertDetail) -> Item:
    return Item(
        claim=claim,
        speaker=words.speaker_of(claim),
        at_second_hand=claim.speaker is not None and bool(claim.source),
        context=detail.contexts.get(claim.claim_id),
        language=claim.language,
    )


def _lineage(claims: list[AlertClaim]) -> LineageLine:
    outlets = dict.fromkeys(claim.source or "unnamed outlet" for claim in claims)
    return LineageLine(tuple(outlets), min(claim.first_seen_at for claim in claims))


def _moments(lineages: Iterable[list[AlertClaim]]) -> tuple[tuple[datetime, bool], ...]:
    """Return when each article was first seen, and whether it copies one seen before it."""
    found = []
    for claims in lineages:
        articles: dict[str, datetime] = {}
        for claim in claims:
            articles.setdefault(claim.article_id, claim.first_seen_at)
        for position, moment in enumerate(sorted(articles.values())):
            found.append((moment, position > 0))
    return tuple(sorted(found))


def _axis(first: datetime, last: datetime) -> tuple[datetime, datetime]:
    """Return the ends of the timeline: a little more than from the first to the last, at least an hour."""
    margin = max((last - first) * MARGIN, timedelta(minutes=30) if last == first else timedelta(0))
    return first - margin, last + margin


def _explanation(reader: Reader, detail: AlertDetail) -> Explanation | None:
    """Explain the pair of first quotes again; None where a claim is no longer in the archive."""
    found: list[Claim] = []
    for side in detail.alert.sides:
        for claim in side.claims[:1]:
            article = reader.article(claim.article_id)
            rows = article.claims if article else ()
            found += [row.claim for row in rows if row.claim.claim_id == claim.claim_id][:1]
    if len(found) != len(detail.alert.sides):
        return None
    # By the judge that raised it, where that is the rules alone: a page need not wait for a model that had no say.
    rules = RuleJudge()
    return explain(found[0], found[1], rules if detail.alert.model == rules.name else None)


def _act_line(act: Feedback) -> ActLine:
    return ActLine(act.feedback_id, _act_words(act), act.text, act.actor, act.at)


def _act_words(act: Feedback) -> str:
    if act.undo:
        return {
            FeedbackAction.ACK: "Took back the acknowledgement",
            FeedbackAction.SNOOZE: "Ended the snooze",
            FeedbackAction.VERDICT: "Took back the verdict",
        }.get(act.action, "Took it back")
    match act.action:
        case FeedbackAction.ACK:
            return "Acknowledged"
        case FeedbackAction.SNOOZE:
            return f"Snoozed until {act.until:%Y-%m-%d %H:%M} UTC"
        case FeedbackAction.VERDICT:
            return f"Judged: {words.VERDICTS[act.verdict].lower() if act.verdict else 'nothing'}"
        case _:
            return "Noted"


def _history(revisions: tuple[AlertRevision, ...]) -> list[RevisionLine]:
    """Return what each revision changed against the one before it, the newest first."""
    lines = []
    before: AlertRevision | None = None
    for revision in revisions:
        lines.append(RevisionLine(_changed(before, revision), revision.at))
        before = revision
    return lines[::-1]


def _changed(before: AlertRevision | None, now: AlertRevision) -> str:
    name = f"Revision {now.revision}"
    if before is None:
        return f"{name}: {now.state.value}, {now.severity.value} severity"
    changes = []
    if before.state is not now.state:
        changes.append(f"{before.state.value} became {now.state.value}")
    if before.severity is not now.severity:
        changes.append(f"severity {before.severity.value} became {now.severity.value}")
    for position, side in enumerate(("first", "second")):
        for noun, old, new in (("origin", before.origins, now.origins), ("outlet", before.outlets, now.outlets)):
            if old[position] != new[position]:
                changes.append(f"{side} side from {old[position]} to {words.count_of(new[position], noun)}")
    return f"{name}: {'; '.join(changes) or 'its words or slots changed'}"
