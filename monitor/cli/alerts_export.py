"""Alerts out of the archive as CSV (RFC 4180) and JSON Lines."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterable
from typing import IO, Any

from monitor.archive.views import AlertRow
from schemas import AlertSide

__all__ = ["COLUMNS", "csv_row", "json_row", "write_rows"]

_SIDE = ("origins", "outlets", "speaker", "source", "quote", "url")
COLUMNS = (
    "alert_id", "revision", "kind", "state", "severity", "score", "scope", "same_article", "date_uncertain", "topics",
    "story_ids", "summary", "created_at", "updated_at", "model",
    *(f"a_{name}" for name in _SIDE), *(f"b_{name}" for name in _SIDE),
    "acked_by", "acked_at", "snoozed_until", "verdict", "verdict_by", "notes", "replies",
)  # fmt: skip
"""Columns of the CSV; ``a_`` and ``b_``: the two sides, with the first quote of each."""

_FORMULA = ("=", "+", "-", "@", "\t", "\r")
"""Beginnings of a cell that a spreadsheet takes for a formula (OWASP, "CSV Injection")."""


def json_row(row: AlertRow) -> dict[str, Any]:
    """Return an alert as the topic has it, with what people made of it under ``standing``."""
    standing = row.standing
    return row.alert.to_json() | {
        "standing": {
            "acked_by": standing.acked_by,
            "acked_at": _iso(standing.acked_at),
            "snoozed_until": _iso(standing.snoozed_until),
            "verdict": standing.verdict.value if standing.verdict else None,
            "verdict_by": standing.verdict_by,
            "notes": standing.notes,
            "replies": standing.replies,
        }
    }


def csv_row(row: AlertRow) -> dict[str, Any]:
    """Return an alert as one row of CSV. Lists are joined by spaces; no cell begins like a formula."""
    plain = json_row(row)
    cells = plain | plain["standing"]
    for prefix, side in zip("ab", row.alert.sides, strict=True):
        cells |= {f"{prefix}_{name}": value for name, value in _side(side).items()}
    return {name: _cell(cells[name]) for name in COLUMNS}


def write_rows(rows: Iterable[AlertRow], form: str, out: IO[str]) -> int:
    """Write alerts as ``csv`` or ``jsonl``, and return how many."""
    count = 0
    table = csv.DictWriter(out, COLUMNS, lineterminator="\r\n") if form == "csv" else None
    if table is not None:
        table.writeheader()
    for row in rows:
        if table is not None:
            table.writerow(csv_row(row))
        else:
            out.write(json.dumps(json_row(row), ensure_ascii=False) + "\n")
        count += 1
    return count


def _side(side: AlertSide) -> dict[str, Any]:
    claim = side.claims[0] if side.claims else None
    return {
        "origins": side.origins,
        "outlets": side.outlets,
        "speaker": claim.speaker if claim else None,
        "source": claim.source if claim else None,
        "quote": claim.quote if claim else None,
        "url": claim.url if claim else None,
    }


def _cell(value: Any) -> Any:
    if isinstance(value, list):
        value = " ".join(map(str, value))
    if isinstance(value, bool):
        return str(value).lower()
    return f"'{value}" if isinstance(value, str) and value.startswith(_FORMULA) else value


def _iso(moment: Any) -> str | None:
    return moment.isoformat() if moment is not None else None
