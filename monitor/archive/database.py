"""The database under the read model: SQLite or PostgreSQL by URL, its schema and its version, and rows in bulk."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from typing import Any

from sqlalchemy import (
    BigInteger,
    Connection,
    Engine,
    Table,
    create_engine,
    event,
    inspect,
    make_url,
    select,
    text,
    type_coerce,
)
from sqlalchemy.exc import ArgumentError, NoSuchModuleError

from monitor.archive import fulltext, tables
from monitor.errors import ConfigError, CounterclaimError

__all__ = ["ArchiveVersionError", "chunks", "create", "drop", "is_postgres", "open_engine", "put"]

BUSY_MS = 10_000
"""Milliseconds that a writer waits for another one of the same SQLite file."""
CACHE_KIB = 65_536
"""KiB of pages that a connection to SQLite keeps in memory."""
MAP_BYTES = 2**31
"""Bytes of the SQLite file that are read through the kernel's page cache without a copy."""
LOG_PAGES = 8_000
"""Pages of 4 KiB in the write-ahead log from which they are moved to the file: its pages are synced then."""
NAMES_AT_ONCE = 5_000
"""Values of one ``IN (...)``: SQLite takes 32,766 parameters in one statement, PostgreSQL 65,535."""
WRITER_LOCK = 0x436F756E
"""Number of PostgreSQL's advisory lock by which writers take turns, as SQLite's own lock makes them do."""
REBUILD = "counterclaim archive rebuild"


class ArchiveVersionError(CounterclaimError):
    """The database was made by another version of the program; it was left as it is."""


def open_engine(url: str, *, writes: bool = False) -> Engine:
    """Return an engine; ``writes``: its transactions take turns with those of other writers from their beginning.

    A plain ``postgresql://`` is reached with pg8000.

    Raises:
        ConfigError: it is no URL, of another database, or of a driver that is not installed.
    """
    try:
        parsed = make_url(url)
        if parsed.get_backend_name() not in ("sqlite", "postgresql"):
            raise ConfigError(
                f"archive: {parsed.get_backend_name()} is not supported", hint="Use sqlite:///FILE or postgresql://..."
            )
        if parsed.drivername == "postgresql":
            parsed = parsed.set(drivername="postgresql+pg8000")
        engine = create_engine(parsed, pool_pre_ping=parsed.get_backend_name() == "postgresql")
    except (ArgumentError, NoSuchModuleError) as error:
        raise ConfigError(
            f"archive: not a database URL: {error}", hint="As in sqlite:////var/lib/x/archive.db"
        ) from None
    except ModuleNotFoundError as error:
        raise ConfigError(
            f"archive: the driver {error.name} is not installed", hint=f"Install it: pip install {error.name}"
        ) from None
    if is_postgres(engine):
        if writes:
            event.listen(engine, "begin", _take_turn)
    else:
        event.listen(engine, "connect", _prepare_sqlite)
        event.listen(engine, "begin", _begin_writing if writes else _begin_reading)
    return engine


def is_postgres(source: Engine | Connection) -> bool:
    """Whether it is PostgreSQL (else SQLite)."""
    return source.dialect.name == "postgresql"


def _prepare_sqlite(connection: Any, _record: Any) -> None:
    # WAL: readers do not wait for the writer. NORMAL: a power cut may lose the last transactions, which Kafka replays
    # only if their offsets were not committed; the file is never damaged (SQLite documentation, "Write-Ahead Logging").
    # FAST: what is deleted is overwritten where that costs no further write.
    connection.isolation_level = None  # transactions begin where we say (SQLAlchemy, "Serializable isolation")
    pragmas = (
        "journal_mode=WAL", "synchronous=NORMAL", f"busy_timeout={BUSY_MS}", f"cache_size=-{CACHE_KIB}",
        f"mmap_size={MAP_BYTES}", "secure_delete=FAST", "temp_store=MEMORY", f"wal_autocheckpoint={LOG_PAGES}",
    )  # fmt: skip
    for pragma in pragmas:
        connection.execute(f"PRAGMA {pragma}")


def _begin_writing(connection: Connection) -> None:
    connection.exec_driver_sql("BEGIN IMMEDIATE")


def _begin_reading(connection: Connection) -> None:
    connection.exec_driver_sql("BEGIN")


def _take_turn(connection: Connection) -> None:
    connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({WRITER_LOCK})")


# -- schema


def create(engine: Engine) -> None:
    """Make the tables where there are none.

    Raises:
        ArchiveVersionError: there are tables of another version; the message names the command that builds them anew.
    """
    with engine.begin() as connection:
        found = version_of(connection)
        if found == tables.VERSION:
            return
        if found is not None:
            raise ArchiveVersionError(
                f"archive: its tables are of version {found}, this program's of version {tables.VERSION}",
                hint=f"Build it anew from Kafka: {REBUILD}",
            )
        tables.METADATA.create_all(connection)
        fulltext.create(connection)
        connection.execute(tables.META.insert().values(name="version", value=str(tables.VERSION)))


def version_of(connection: Connection) -> int | None:
    """Return the version of the tables that are there: 1 of those from before they had one; None: there are none."""
    names = set(inspect(connection).get_table_names())
    if "meta" in names:
        value = connection.scalar(select(tables.META.c.value).where(tables.META.c.name == "version"))
        return int(value) if value is not None else 1
    return 1 if names & {"articles", "alerts", "claims"} else None


def drop(engine: Engine) -> None:
    """Drop the read model's tables, of whatever version. Others in the same database are left alone."""
    ours = [table.name for table in tables.METADATA.sorted_tables] + ["assignments"]
    with engine.begin() as connection:
        fulltext.drop(connection)
        for name in ours:
            connection.execute(text(f"DROP TABLE IF EXISTS {name}"))


def erasures(engine: Engine) -> list[dict[str, Any]]:
    """Return who was erased, as stored; nobody where the tables are of another version."""
    with engine.begin() as connection:
        if version_of(connection) != tables.VERSION:
            return []
        query = select(*(type_coerce(c, BigInteger) if c.name == "at" else c for c in tables.ERASURES.columns))
        return [{"kind": kind, "name": name, "at": at} for kind, name, at in connection.execute(query)]


# -- rows in bulk


def put(
    connection: Connection, table: Table, rows: Iterable[Mapping[str, Any]], *, newer: str | None = None, add: str = ""
) -> None:
    """Insert rows, whole and with values as they are stored, or update those with the same key.

    Of rows with the same key the last counts. ``newer``: a column; a row is updated only by one with no smaller value
    there. ``add``: a column whose stored value the new one is added to.
    """
    keys = tuple(column.name for column in table.primary_key)
    unique = {tuple(row[key] for key in keys): row for row in rows}
    if not unique:
        return
    names = tuple(column.name for column in table.columns)
    if is_postgres(connection):
        # One parameter and one statement, however many the rows: a row a round trip takes a hundred times as long.
        statement = _upsert(table, newer, add, postgres=True)
        connection.exec_driver_sql(statement, (_json_rows(table, unique.values()),))
    else:
        values = [tuple(row[name] for name in names) for row in unique.values()]
        connection.exec_driver_sql(_upsert(table, newer, add, postgres=False), values)


@lru_cache(maxsize=128)
def _upsert(table: Table, newer: str | None, add: str, *, postgres: bool) -> str:
    names = [column.name for column in table.columns]
    keys = [column.name for column in table.primary_key]
    listed = ", ".join(f'"{name}"' for name in names)
    source = (
        f"SELECT {listed} FROM json_populate_recordset(NULL::{table.name}, CAST(%s AS json))"
        if postgres
        else f"VALUES ({', '.join('?' * len(names))})"
    )
    changes = [
        f'"{name}" = {table.name}."{name}" + excluded."{name}"' if name == add else f'"{name}" = excluded."{name}"'
        for name in names
        if name not in keys
    ]
    statement = f"INSERT INTO {table.name} ({listed}) {source} ON CONFLICT ({', '.join(keys)}) "
    if not changes:
        return statement + "DO NOTHING"
    condition = f' WHERE {table.name}."{newer}" <= excluded."{newer}"' if newer else ""
    return f"{statement}DO UPDATE SET {', '.join(changes)}{condition}"


def _json_rows(table: Table, rows: Iterable[Mapping[str, Any]]) -> str:
    names = [column.name for column in table.columns]
    return json.dumps([{name: _json_value(row[name]) for name in names} for row in rows], ensure_ascii=False)


def _json_value(value: Any) -> Any:
    return "\\x" + value.hex() if isinstance(value, bytes) else value


def chunks(values: Iterable[Any], size: int = NAMES_AT_ONCE) -> Iterable[Sequence[Any]]:
    """Yield the values in lists of at most ``size``, for statements with ``IN``."""
    listed = list(values)
    for start in range(0, len(listed), size):
        yield listed[start : start + size]
