"""Alerts that were read and labelled: kept as row numbers and spans of a stream, without its text."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Self

from monitor.errors import InputError
from monitor.evaluation.report import read_jsonl
from schemas import Alert, AlertClaim, Claim

__all__ = ["VERDICTS", "Labels", "Place", "place_of"]

VERDICTS: Final = ("right", "trivial", "wrong")
"""What a reader says of an alert; only ``right`` counts as right."""

Place = tuple[int, int, int]
"""Where a claim stands in the stream: the row, from 1, and the span ``[start, end)`` of its quote in the text."""


@dataclass(frozen=True, slots=True)
class Labels:
    """Verdicts by the two places, the lower first. ``rows``: article id to row of the stream."""

    verdicts: Mapping[tuple[Place, Place], str]
    rows: Mapping[str, int]

    @classmethod
    def read(cls, path: Path, rows: Mapping[str, int]) -> Self:
        """Read JSON Lines ``{"a": [row, start, end], "b": [...], "verdict": ...}``.

        Raises:
            InputError: a line is none of that; with its number.
        """
        verdicts = {}
        for number, line in enumerate(read_jsonl(path), 1):
            try:
                one, other = (_place(line[side]) for side in ("a", "b"))
                verdict = str(line["verdict"])
            except (KeyError, TypeError, ValueError) as error:
                raise InputError(f"is no label: {error}", path=str(path), line=number) from None
            if verdict not in VERDICTS:
                hint = f"One of {', '.join(VERDICTS)}."
                raise InputError(f"verdict {verdict!r}", path=str(path), line=number, hint=hint)
            verdicts[_ordered(one, other)] = verdict
        return cls(verdicts, rows)

    def of(self, alert: Alert) -> str | None:
        """Return the verdict on an alert: that on the first pair of claims across its sides that was read."""
        for pair in self._pairs(alert):
            if pair in self.verdicts:
                return self.verdicts[pair]
        return None

    def _pairs(self, alert: Alert) -> Iterator[tuple[Place, Place]]:
        one, other = alert.sides
        for first in one.claims:
            for second in other.claims:
                yield _ordered(place_of(first, self.rows), place_of(second, self.rows))


def place_of(claim: Claim | AlertClaim, rows: Mapping[str, int]) -> Place:
    """Return where a claim stands in the stream; row 0 for an article that is not in it."""
    return rows.get(claim.article_id, 0), *claim.span


def _ordered(one: Place, other: Place) -> tuple[Place, Place]:
    return (one, other) if one <= other else (other, one)


def _place(value: object) -> Place:
    if not isinstance(value, list):
        raise TypeError("a place is [row, start, end]")
    row, start, end = map(int, value)
    return row, start, end
