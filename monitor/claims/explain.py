"""Why two claims raise an alert or none: each gate's outcome, then what the judge saw."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from monitor.claims.extract import extract
from monitor.claims.gates import GateResult, Outcome, gate_pair, passed
from monitor.claims.judge import Judge, Relation, Verdict, judge_of
from monitor.claims.resolution import judge_pair
from monitor.claims.slots import slots_of
from monitor.ids import stable_id
from monitor.settings import JudgeSettings
from monitor.text.enrich import enrich
from monitor.text.rows import UNKNOWN_TIME
from schemas import Article, Claim, EnrichedArticle, Polarity

__all__ = ["Explanation", "explain", "explain_articles", "explain_texts"]

MOST_PAIRS: Final = 5
"""Pairs of claims of two articles that are shown: the likeliest conflicts first."""


@dataclass(frozen=True, slots=True)
class Explanation:
    """Two claims as quoted, each step that was taken, and the end of it in one line."""

    a: str
    b: str
    steps: tuple[GateResult, ...]
    verdict: str
    score: float


def explain(a: Claim, b: Claim, judge: Judge | None = None, threshold: float | None = None) -> Explanation:
    """Explain the pair: every gate up to the first that holds it back, and the judge's view in any case."""
    referee = judge or judge_of()
    least = JudgeSettings().threshold if threshold is None else threshold
    gates = list(gate_pair(a, b))
    verdict = judge_pair(referee, a, b)
    steps = [*gates, *_judge_steps(verdict, least)]
    alert = passed(steps)
    stopped = next((step for step in steps if step.outcome is not Outcome.PASS), None)
    line = (
        f"Alert: {verdict.kind.value if verdict.kind else 'contradiction'}, {verdict.scope.value} scope"
        if alert
        else f"No alert: {stopped.gate if stopped else 'judge'}"
    )
    return Explanation(a.quote, b.quote, tuple(steps), f"{line} ({referee.name})", verdict.score)


def explain_texts(
    a: str, b: str, date_a: datetime | None = None, date_b: datetime | None = None, judge: Judge | None = None
) -> Explanation:
    """Explain two statements, each as if it were the only claim of an article of its own."""
    return explain(_claim_of(a, "a", date_a), _claim_of(b, "b", date_b), judge)


def explain_articles(
    a: str, b: str, date_a: datetime | None = None, date_b: datetime | None = None, judge: Judge | None = None
) -> list[Explanation]:
    """Explain the likeliest conflicts between the claims of two articles, at most ``MOST_PAIRS``."""
    ours, theirs = extract(_enriched(a, "a", date_a)), extract(_enriched(b, "b", date_b))
    referee = judge or judge_of()
    found = [explain(one, other, referee) for one in ours for other in theirs]
    return sorted(found, key=lambda one: -one.score)[:MOST_PAIRS]


def _judge_steps(verdict: Verdict, threshold: float) -> list[GateResult]:
    why = "; ".join(verdict.reasons)
    if verdict.supersedes:
        return [GateResult("judge", Outcome.REJECT, why)]
    likely = verdict.relation is Relation.CONTRADICTS and verdict.score >= threshold
    steps = [
        GateResult(
            "judge",
            Outcome.PASS if likely else Outcome.REJECT,
            f"{verdict.relation.value}, probability of a contradiction {verdict.score:.2f}; {why}",
        ),
        GateResult(
            "grounds",
            Outcome.PASS if verdict.grounds else Outcome.REJECT,
            ", ".join(verdict.grounds) or "nothing that one rejects is put forward by the other, and no figures clash",
        ),
    ]
    slots = "; ".join(f"{slot.slot} {slot.match.value} ({slot.a or '-'} / {slot.b or '-'})" for slot in verdict.slots)
    return [*steps, GateResult("slots", Outcome.PASS, slots or "none filled")]


def _enriched(text: str, name: str, date: datetime | None) -> EnrichedArticle:
    return enrich(
        Article(
            article_id=name,
            content_hash=stable_id("hash", text),
            feed_id="explain",
            text=text,
            published_at=date,
            first_seen_at=date or UNKNOWN_TIME,
        )
    )


def _claim_of(text: str, name: str, date: datetime | None) -> Claim:
    """Return the text as the claim that ``extract`` finds in it; the whole of it where it finds none."""
    claims = [claim for claim in extract(_enriched(text, name, date)) if claim.content]
    if claims:
        return max(claims, key=lambda claim: (claim.polarity is Polarity.DENIES, len(claim.content)))
    slots = slots_of(text, text, "en", date)
    return Claim(
        claim_id=stable_id("claim", name, text),
        article_id=name,
        language="en",
        published_at=date,
        first_seen_at=date or UNKNOWN_TIME,
        span=(0, len(text)),
        quote=text,
        content=text,
        actors=slots.actors,
        actions=slots.actions,
        places=slots.places,
        figures=slots.figures,
        event_time=slots.event_time,
    )
