"""``counterclaim judge``: pairs of texts in, their relation out."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

import click

from monitor.claims.judge import Judge, judge_of
from monitor.cli.filters import Row, row_id, run_filter
from monitor.cli.options import settings_of
from monitor.text.rows import time_of

__all__ = ["judge"]


@click.command()
@click.pass_context
def judge(ctx: click.Context) -> None:
    """Read {"id","a","b"} (and "date_a", "date_b") a line, write {"id","relation","score"}."""
    referee = judge_of(settings_of(ctx).judge)
    run_filter(lambda row: _answer(referee, row), required=("a", "b"))


def _answer(referee: Judge, row: Row) -> Mapping[str, Any]:
    identity = row_id(row)
    verdict = referee.judge_texts(row["a"], row["b"], _day(row, "date_a"), _day(row, "date_b"))
    return {
        "id": identity,
        "relation": verdict.relation.value,
        "score": round(verdict.score, 4),
        "kind": verdict.kind.value if verdict.kind else None,
        "scope": verdict.scope.value,
        "grounds": list(verdict.grounds),
        "reasons": list(verdict.reasons),
    }


def _day(row: Row, field: str) -> date | None:
    moment = time_of(row.get(field))
    return moment.date() if moment else None
