"""A report of an evaluation: one table and its notes, for the terminal or as JSON; and bootstrap intervals."""

from __future__ import annotations

import csv
import gzip
import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import IO, Any, Final, TypeVar

import numpy as np
from rich.table import Table

from monitor.errors import InputError

__all__ = ["Cell", "Report", "bootstrap", "open_text", "read_csv", "read_jsonl"]

Cell = str | float | int

RESAMPLES: Final = 500
"""Bootstrap resamples of an interval."""
LEVEL: Final = 0.95
"""Coverage of an interval."""

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Report:
    """One table: ``rows`` have as many cells as ``columns``; ``notes`` say how it was measured, one sentence each.

    Raises:
        ValueError: a row has another number of cells than there are columns.
    """

    title: str
    columns: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]
    notes: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        for row in self.rows:
            if len(row) != len(self.columns):
                raise ValueError(f"{self.title}: {len(row)} cells for {len(self.columns)} columns: {row!r}")

    def to_json(self) -> str:
        """Return the report as one JSON object: ``title``, ``columns``, ``rows``, ``notes``."""
        return json.dumps(asdict(self), ensure_ascii=False)

    def table(self) -> Table:
        """Return the report as a table for the terminal; floats with three decimals."""
        table = Table(title=self.title, title_justify="left", caption="\n".join(self.notes), caption_justify="left")
        for index, column in enumerate(self.columns):
            numeric = any(isinstance(row[index], int | float) for row in self.rows)
            table.add_column(column, justify="right" if numeric else "left")
        for row in self.rows:
            table.add_row(*(f"{cell:.3f}" if isinstance(cell, float) else str(cell) for cell in row))
        return table


def bootstrap(
    groups: Sequence[Sequence[T]], score: Callable[[list[T]], float], *, seed: int = 0, resamples: int = RESAMPLES
) -> tuple[float, float]:
    """Return the 95 % percentile bootstrap interval of ``score`` over whole groups (B. Efron, 1979), seeded.

    Draws on which the score is NaN are left out; NaN where it always is.
    ``groups`` are what varies together (the pairs of one story, the sentences of one article): they are drawn whole.
    """
    if not groups:
        return 0.0, 0.0
    draw = np.random.default_rng(seed)
    scores = []
    for _ in range(resamples):
        picked = draw.integers(0, len(groups), len(groups))
        scores.append(score([item for index in picked for item in groups[index]]))
    known = [value for value in scores if not np.isnan(value)]
    if not known:
        return float("nan"), float("nan")
    low, high = np.quantile(known, [(1 - LEVEL) / 2, (1 + LEVEL) / 2])
    return float(low), float(high)


def open_text(path: Path) -> IO[str]:
    """Open a text file in UTF-8, gzipped or not, by its name.

    Raises:
        InputError: there is none, or it cannot be read.
    """
    try:
        if path.suffix == ".gz":
            return gzip.open(path, "rt", encoding="utf-8", newline="")
        return path.open(encoding="utf-8", newline="")
    except OSError as error:
        raise InputError(f"cannot be read: {error.strerror or error}", path=str(path)) from error


def read_jsonl(path: Path, required: Sequence[str] = ()) -> Iterator[dict[str, Any]]:
    """Yield the objects of a JSON Lines file (``.gz`` too).

    Raises:
        InputError: a line is no object, or lacks one of the fields ``required``; with file and line.
    """
    with open_text(path) as lines:
        for number, line in _numbered(lines, path):
            if not line.strip():
                continue
            try:
                row = json.loads(line)
            except ValueError as error:
                raise InputError(f"not JSON: {error}", path=str(path), line=number) from error
            missing = [field for field in required if not isinstance(row, dict) or field not in row]
            if missing or not isinstance(row, dict):
                raise InputError(f"lacks {', '.join(missing) or 'fields'}", path=str(path), line=number)
            yield row


def read_csv(path: Path, required: Sequence[str] = ()) -> Iterator[dict[str, str]]:
    """Yield the rows of a CSV file with a header line (``.gz`` too).

    Raises:
        InputError: the header lacks one of the columns ``required``.
    """
    with open_text(path) as lines:
        reader = csv.DictReader(text for _, text in _numbered(lines, path))
        missing = [column for column in required if column not in (reader.fieldnames or ())]
        if missing:
            raise InputError(f"lacks the columns {', '.join(missing)}", path=str(path), line=1)
        yield from reader


def _numbered(lines: IO[str], path: Path) -> Iterator[tuple[int, str]]:
    try:
        yield from enumerate(lines, 1)
    except (OSError, EOFError, UnicodeDecodeError) as error:
        raise InputError(f"is no text in UTF-8, or broken: {error}", path=str(path)) from error
