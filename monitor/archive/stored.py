"""Rows as they are stored, for the writer: whole rows by key, without turning moments into dates and back."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from sqlalchemy import BigInteger, ColumnElement, Connection, Table, select, type_coerce

from monitor.archive.database import chunks
from monitor.archive.tables import Moment

__all__ = ["columns", "rows_by"]


def columns(table: Table, *names: str) -> list[ColumnElement[Any]]:
    """Return the columns (all if none is named), moments as numbers."""
    chosen = [table.c[name] for name in names] if names else list(table.columns)
    return [
        type_coerce(column, BigInteger).label(column.name) if isinstance(column.type, Moment) else column
        for column in chosen
    ]


def rows_by(connection: Connection, table: Table, key: str, values: Iterable[Any], *names: str) -> list[dict[str, Any]]:
    """Return the rows whose column ``key`` is one of ``values``."""
    found: list[dict[str, Any]] = []
    for some in chunks(values):
        query = select(*columns(table, *names)).where(table.c[key].in_(some))
        found.extend(dict(row) for row in connection.execute(query).mappings())
    return found
