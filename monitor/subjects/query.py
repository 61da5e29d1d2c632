"""The query language of topics: parsed into a tree of frozen nodes.

::

    query   = either
    either  = both { OR both }
    both    = item { [AND] item }              words side by side: all of them
    item    = [NOT] near
    near    = primary { NEAR/n primary }       at most n words apart, in either order
    primary = ( query ) | field:primary | lang:en | @name | "a phrase" | =Exact | word | prefix*

Fields are ``title``, ``lead`` (the beginning of the text) and ``text`` (all of it, without the title). ``@syria``
stands for every name of Syria in the gazetteer: the country, its people, places, leaders and institutions. Words and
phrases match in any case, ``=IS`` only as written. AND, OR, NOT and NEAR are operators only in capitals.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from monitor.errors import QueryError
from monitor.subjects.folding import fold

__all__ = ["And", "Field", "Lang", "Near", "Node", "Not", "Or", "Ref", "Term", "parse", "terms"]

FIELDS = ("title", "lead", "text")
MAX_DEPTH = 100
"""Parentheses within parentheses; a query of people has fewer than ten."""
MAX_DISTANCE = 1000

_TOKEN = re.compile(
    r"""\s*(?:
        (?P<open>\() | (?P<close>\))
      | (?P<near>NEAR/(?P<distance>\w*)(?![^\s()]))
      | (?P<operator>AND|OR|NOT|NEAR)(?![^\s()"])
      | (?P<field>[a-z]+):(?=\S)
      | @(?P<ref>[a-z0-9][a-z0-9-]*)
      | =?"(?P<phrase>[^"]*)"
      | (?P<word>[^\s()"]+)
    )""",
    re.VERBOSE,
)


@dataclass(frozen=True, slots=True)
class Term:
    """A word or phrase, folded; ``prefix``: the last word may go on; ``exact``: as it must be written, or empty."""

    text: str
    prefix: bool = False
    exact: str = ""


@dataclass(frozen=True, slots=True)
class Ref:
    """Every name of a party, country, place or person of the gazetteer, by slug."""

    slug: str


@dataclass(frozen=True, slots=True)
class Lang:
    """The article's language, ISO 639-1."""

    code: str


@dataclass(frozen=True, slots=True)
class Field:
    """``node``, only in one part of the article."""

    name: str
    node: Node


@dataclass(frozen=True, slots=True)
class And:
    """All of ``nodes``."""

    nodes: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Or:
    """Any of ``nodes``."""

    nodes: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Not:
    """Not ``node``."""

    node: Node


@dataclass(frozen=True, slots=True)
class Near:
    """``left`` and ``right`` with at most ``distance`` words from one to the other."""

    left: Node
    right: Node
    distance: int


Node = Term | Ref | Lang | Field | And | Or | Not | Near


@dataclass(frozen=True, slots=True)
class _Token:
    kind: str
    value: str
    column: int
    exact: bool = False


def parse(query: str) -> Node:
    """Parse a query.

    Raises:
        QueryError: it does not parse, with the column (from 1) of what is wrong; or nothing in it is asked for, as in
            ``NOT a``, which would match all the news of the world.
    """
    parser = _Parser(list(_tokens(query)), len(query) + 1)
    node = parser.either(0)
    parser.expect_end()
    if not _asks(node):
        raise QueryError("the query asks only for what must not be there: add what must be", column=1)
    return node


def terms(node: Node) -> Iterator[Term | Ref]:
    """Yield the words, phrases and names of a query, those under NOT too."""
    match node:
        case Term() | Ref():
            yield node
        case And(nodes) | Or(nodes):
            for child in nodes:
                yield from terms(child)
        case Not(child) | Field(_, child):
            yield from terms(child)
        case Near(left, right):
            yield from terms(left)
            yield from terms(right)
        case Lang():
            pass


def _asks(node: Node) -> bool:
    """Whether a match needs at least one word or name to be there."""
    match node:
        case Term() | Ref() | Near():
            return True
        case And(nodes):
            return any(map(_asks, nodes))
        case Or(nodes):
            return all(map(_asks, nodes))
        case Field(_, child):
            return _asks(child)
        case Not() | Lang():
            return False


def _tokens(query: str) -> Iterator[_Token]:
    position = 0
    end = len(query.rstrip())
    while position < end:
        found = _TOKEN.match(query, position)
        start = position + len(query[position:]) - len(query[position:].lstrip())
        if found is None:
            what = 'the quotation mark is not closed: add a second "' if '"' in query[start:] else "cannot be read"
            raise QueryError(what, column=start + 1)
        position = found.end()
        yield _token(found, start + 1)


def _token(found: re.Match[str], column: int) -> _Token:
    if found["near"] is not None:
        return _Token("NEAR", found["distance"], column)
    for kind in ("open", "close", "operator", "field", "ref", "phrase", "word"):
        value = found[kind]
        if value is not None:
            exact = kind == "phrase" and found[0].lstrip().startswith("=")
            return _Token(value if kind == "operator" else kind, value, column, exact)
    raise AssertionError(found[0])


class _Parser:
    def __init__(self, tokens: list[_Token], end: int) -> None:
        self._tokens = tokens
        self._next = 0
        self._end = end

    def either(self, depth: int) -> Node:
        nodes = [self._both(depth)]
        while self._take("OR"):
            nodes.append(self._both(depth))
        return nodes[0] if len(nodes) == 1 else Or(tuple(nodes))

    def expect_end(self) -> None:
        token = self._peek()
        if token is not None:
            raise QueryError("there is no ( for this )", column=token.column)

    def _both(self, depth: int) -> Node:
        nodes = [self._item(depth)]
        while (token := self._peek()) is not None and token.kind not in ("OR", "close"):
            self._take("AND")
            nodes.append(self._item(depth))
        return nodes[0] if len(nodes) == 1 else And(tuple(nodes))

    def _item(self, depth: int) -> Node:
        if self._take("NOT"):
            return Not(self._item(depth + 1)) if depth < MAX_DEPTH else self._too_deep()
        node = self._primary(depth)
        while (token := self._take("NEAR")) is not None:
            if not token.value.isdecimal() or not 1 <= int(token.value) <= MAX_DISTANCE:
                raise QueryError(
                    f"NEAR needs a number of words, as in NEAR/5, up to {MAX_DISTANCE}", column=token.column
                )
            for side in (node, right := self._primary(depth)):
                if not _asks(side):
                    raise QueryError("NEAR needs words or names on both sides", column=token.column)
            node = Near(node, right, int(token.value))
        return node

    def _primary(self, depth: int) -> Node:
        if depth >= MAX_DEPTH:
            self._too_deep()
        token = self._peek()
        if token is None:
            raise QueryError("the query ends where a word is needed", column=self._end)
        self._next += 1
        match token.kind:
            case "open":
                return self._parenthesis(token, depth)
            case "field":
                return self._field(token, depth)
            case "ref":
                return Ref(token.value)
            case "phrase":
                return _term(token, token.value, exact=token.exact)
            case "word":
                exact = token.value.startswith("=")
                return _term(token, token.value.removeprefix("="), exact=exact)
        raise QueryError(f"a word is needed here, not {token.value!r}", column=token.column)

    def _parenthesis(self, opening: _Token, depth: int) -> Node:
        node = self.either(depth + 1)
        if not self._take("close"):
            raise QueryError("there is no ) for this (", column=opening.column)
        return node

    def _field(self, token: _Token, depth: int) -> Node:
        if token.value == "lang":
            code = self._take("word")
            if code is None or not re.fullmatch(r"[a-z]{2,3}", code.value):
                raise QueryError("lang: needs a language code, as in lang:en", column=token.column)
            return Lang(code.value)
        if token.value not in FIELDS:
            known = ", ".join(f"{field}:" for field in (*FIELDS, "lang"))
            raise QueryError(f"there is no field {token.value}:; there are {known}", column=token.column)
        return Field(token.value, self._primary(depth + 1))

    def _peek(self) -> _Token | None:
        return self._tokens[self._next] if self._next < len(self._tokens) else None

    def _take(self, kind: str) -> _Token | None:
        token = self._peek()
        if token is None or token.kind != kind:
            return None
        self._next += 1
        return token

    def _too_deep(self) -> Node:
        token = self._peek()
        raise QueryError(f"more than {MAX_DEPTH} levels of parentheses", column=token.column if token else self._end)


def _term(token: _Token, written: str, *, exact: bool) -> Term:
    words = " ".join(written.split())
    prefix = words.endswith("*")
    base = words.removesuffix("*")
    if "*" in base or "?" in base:
        raise QueryError("a wildcard * can stand only at the end of a word or phrase", column=token.column)
    if not any(map(str.isalnum, base)):
        raise QueryError(f"{written!r} has no letter or digit to look for", column=token.column)
    if prefix and len(base) < 2:
        raise QueryError("a wildcard needs at least two letters before it", column=token.column)
    return Term(fold(base), prefix, base if exact else "")
