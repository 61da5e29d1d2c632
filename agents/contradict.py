"""claims -> alerts: which claims of one topic conflict."""

from __future__ import annotations

from collections.abc import Iterator

from monitor.claims.judge import judge_of
from monitor.claims.ledger import Ledger
from monitor.stream import Context, Output, Stage
from schemas import Claim, topics

__all__ = ["app", "stage"]

stage = Stage("contradict", reads=topics.CLAIMS, writes=(topics.ALERTS,), state=True)


@stage.handler
def handle(claim: Claim, context: Context) -> Iterator[Output]:
    """Send each alert that the claim opens or changes; consumers upsert on its id."""
    ledger = context.keep(lambda: Ledger(context.store, judge_of(context.settings.judge), context.settings.judge))
    for alert in ledger.add(claim):
        yield Output(topics.ALERTS, alert.alert_id, alert)


app = stage.app
