"""Filters over JSON Lines: what ``tag``, ``cluster``, ``attribute`` and ``judge`` have in common."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import IO, Any

import click

from monitor.errors import InputError

__all__ = ["Row", "read_rows", "row_id", "run_filter"]

Row = dict[str, Any]


def read_rows(lines: Iterable[str], report: Callable[[int, str], None]) -> Iterator[tuple[int, Row]]:
    """Yield (line number from 1, object) of JSON Lines; ``report`` a line that is none; pass over blank ones."""
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        try:
            row = json.loads(line)
        except ValueError as error:
            report(number, f"not JSON: {error}")
            continue
        if not isinstance(row, dict):
            report(number, f"a JSON {type(row).__name__}, not an object")
            continue
        yield number, row


def row_id(row: Mapping[str, Any]) -> str:
    """Return the row's ``id``, or its ``article_id`` where there is no ``id``.

    Raises:
        InputError: it has neither.
    """
    found = row.get("id", row.get("article_id"))
    if not isinstance(found, str | int):
        raise InputError("lacks the field 'id'")
    return str(found)


def run_filter(
    handle: Callable[[Row], Mapping[str, Any]], required: Iterable[str], source: IO[str] | None = None
) -> None:
    """Answer each object on stdin (or ``source``) with one on stdout, in order, as it comes.

    A line that is no object, lacks a field, or is refused by ``handle`` with ``InputError`` is reported on stderr with
    its number; the rest goes on, and the exit status is 1.
    """
    bad = 0

    def report(number: int, reason: str) -> None:
        nonlocal bad
        bad += 1
        click.echo(f"counterclaim: line {number}: {reason}", err=True)

    needed = tuple(required)
    for number, row in read_rows(source or sys.stdin, report):
        missing = [field for field in needed if not isinstance(row.get(field), str)]
        if missing:
            report(number, f"lacks the text field{'s' * (len(missing) > 1)} {', '.join(map(repr, missing))}")
            continue
        try:
            answer = handle(row)
        except InputError as error:
            report(number, error.message)
            continue
        click.echo(json.dumps(answer, ensure_ascii=False))
    if bad:
        raise SystemExit(1)
