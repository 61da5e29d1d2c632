"""Full-text search behind one interface: SQLite's FTS5 over the text tables, or PostgreSQL's tsvector in them.

Neither stems nor drops stop words: the texts are in dozens of languages. Neither case nor the accents of Latin letters
count. ``facets`` are tokens for the publisher, the language and the topics of a text, so that the index itself filters
by them; a text's number (``doc``) rises with time, so that it bounds the time and gives the order, newest first, too.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from hashlib import blake2s

from sqlalchemy import Connection, Table, text

from monitor.archive import tables
from monitor.archive.folding import FOLDED, PARTING, fold

__all__ = ["Term", "create", "drop", "expression", "facet", "facets", "find", "terms"]

TEXT_TABLES: tuple[Table, ...] = (tables.TEXTS, tables.CLAIM_TEXTS)
INDEXED_CHARACTERS = 200_000
"""Characters of a text that PostgreSQL indexes; a tsvector takes at most a mebibyte."""
MAX_TERMS = 16
"""Words and phrases of a search that count."""

Term = tuple[str, ...]
"""A word or the words of a phrase, folded; the last one may end in ``*``: any word that begins so."""

_TERM = re.compile(r'"([^"]*)"|(\S+)')
_WORD = re.compile(r"[^\W_]+")


def facet(kind: str, value: str) -> str:
    """Return the token for a publisher (``p``), a language (``l``) or a topic (``t``); a hash, to be one word."""
    return f"x{kind}{blake2s(value.encode(), digest_size=8).hexdigest()}"


def facets(publisher: str, language: str | None, topics: Iterable[str]) -> str:
    """Return the tokens of a text, parted by spaces."""
    found = [facet("p", publisher)]
    if language:
        found.append(facet("l", language))
    return " ".join(found + [facet("t", slug) for slug in sorted(set(topics))])


def terms(search: str) -> list[Term]:
    """Return what is searched for: words, and phrases of several words; each must be there.

    ``"so many words"`` is a phrase, ``word*`` the beginning of a word. Any other sign only parts words: a search can
    be whatever a person types.
    """
    found: list[Term] = []
    for quoted, plain in _TERM.findall(search):
        words = tuple(_WORD.findall(fold(quoted or plain)))
        if not words:
            continue
        if plain.endswith("*"):
            words = (*words[:-1], words[-1] + "*")
        found.append(words)
    return found[:MAX_TERMS]


def expression(wanted: Iterable[Term], tokens: Iterable[str], *, postgres: bool) -> str:
    """Return the search in the database's own language: every term, and every facet token."""
    if postgres:
        phrases = [" <-> ".join(_lexeme(word) for word in words) for words in wanted]
        return " & ".join([*(f"({phrase})" for phrase in phrases), *(f"'{token}'" for token in tokens)])
    phrases = [" + ".join(_fts5(word) for word in words) for words in wanted]
    found = [f"{{title text}} : ({' AND '.join(f'({phrase})' for phrase in phrases)})"] if phrases else []
    return " AND ".join([*found, *(f"facets : {token}" for token in tokens)])


def _fts5(word: str) -> str:
    return f'"{word[:-1]}" *' if word.endswith("*") else f'"{word}"'


def _lexeme(word: str) -> str:
    return f"'{word[:-1]}':*" if word.endswith("*") else f"'{word}'"


def find(connection: Connection, table: Table, searched: str, since: int, before: int, limit: int) -> list[int]:
    """Return the numbers in ``[since, before)`` of the rows that an `expression` finds, the highest first."""
    if connection.dialect.name == "postgresql":
        select, number, match = f"doc FROM {table.name}", "doc", "search @@ CAST(:searched AS tsquery)"
    else:
        name = f"{table.name}_fts"
        select, number, match = f"rowid FROM {name}", "rowid", f"{name} MATCH :searched"
    query = (
        f"SELECT {select} WHERE {match} AND {number} >= :since AND {number} < :before ORDER BY {number} DESC LIMIT :n"
    )
    return list(connection.scalars(text(query), {"searched": searched, "since": since, "before": before, "n": limit}))


def create(connection: Connection) -> None:
    """Make the search indexes over the text tables, which are there already."""
    make = _create_postgres if connection.dialect.name == "postgresql" else _create_sqlite
    for table in TEXT_TABLES:
        make(connection, table.name)


def _create_postgres(connection: Connection, name: str) -> None:
    # The words are parted by us, not by PostgreSQL's parser, which keeps addresses and hyphenated words whole.
    source, target = (value.replace("'", "''") for value in (FOLDED[0] + PARTING, FOLDED[1] + " " * len(PARTING)))
    words = f"translate(lower(title || ' ' || left(text, {INDEXED_CHARACTERS})), '{source}', '{target}')"
    search = f"to_tsvector('simple', {words}) || array_to_tsvector(string_to_array(facets, ' '))"
    connection.exec_driver_sql(
        f"ALTER TABLE {name} ADD COLUMN search tsvector GENERATED ALWAYS AS ({search}) STORED".replace("%", "%%")
    )
    connection.execute(text(f"CREATE INDEX {name}_search ON {name} USING gin (search) WITH (fastupdate = off)"))


def _create_sqlite(connection: Connection, name: str) -> None:
    # An external content table with its triggers (SQLite documentation, "FTS5", section 4.4.3): no text stands twice.
    names = "title, text, facets"
    new, old = ("new.doc, new.title, new.text, new.facets", "old.doc, old.title, old.text, old.facets")
    insert = f"INSERT INTO {name}_fts(rowid, {names}) VALUES ({new});"
    delete = f"INSERT INTO {name}_fts({name}_fts, rowid, {names}) VALUES ('delete', {old});"
    tokenizer = "unicode61 remove_diacritics 2"
    for statement in (
        f"CREATE VIRTUAL TABLE {name}_fts USING fts5({names}, content='{name}', content_rowid='doc', "
        f'tokenize="{tokenizer}")',
        f"CREATE TRIGGER {name}_ai AFTER INSERT ON {name} BEGIN {insert} END",
        f"CREATE TRIGGER {name}_ad AFTER DELETE ON {name} BEGIN {delete} END",
        f"CREATE TRIGGER {name}_au AFTER UPDATE ON {name} BEGIN {delete} {insert} END",
    ):
        connection.exec_driver_sql(statement)


def drop(connection: Connection) -> None:
    """Drop what the tables' own drop leaves behind."""
    if connection.dialect.name != "postgresql":
        for table in TEXT_TABLES:
            connection.exec_driver_sql(f"DROP TABLE IF EXISTS {table.name}_fts")
