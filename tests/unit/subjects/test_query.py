from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.errors import QueryError
from monitor.subjects.query import And, Field, Lang, Near, Not, Or, Ref, Term, parse

a, b, c = Term("a"), Term("b"), Term("c")


@pytest.mark.parametrize(
    ("query", "tree"),
    [
        ("a", a),
        ("a b", And((a, b))),
        ("a AND b OR c", Or((And((a, b)), c))),
        ("a AND (b OR c)", And((a, Or((b, c))))),
        ("a NOT b", And((a, Not(b)))),
        ("a AND NOT (b OR c)", And((a, Not(Or((b, c)))))),
        ('"Chemical  Weapon*"', Term("chemical weapon", prefix=True)),
        ("gas*", Term("gas", prefix=True)),
        ("=IS", Term("is", exact="IS")),
        ('="White House"', Term("white house", exact="White House")),
        ("@islamic-state", Ref("islamic-state")),
        ("title:a", Field("title", a)),
        ("title:(a OR b)", Field("title", Or((a, b)))),
        ("lang:en a", And((Lang("en"), a))),
        ("a NEAR/5 b", Near(a, b, 5)),
        ("a NEAR/2 b NEAR/3 c", Near(Near(a, b, 2), c, 3)),
        ("and or", And((Term("and"), Term("or")))),
        ("cease-fire", Term("cease-fire")),
        ("\n a\n OR\tb ", Or((a, b))),
        ("Élysée", Term("elysee")),
    ],
)
def test_parse(query: str, tree: object) -> None:
    """Operators bind as the module says, words are folded, and small "and" and "or" are words."""
    assert parse(query) == tree


@pytest.mark.parametrize(
    ("query", "column", "says"),
    [
        ("", 1, "ends where a word is needed"),
        ("a OR", 5, "ends where a word is needed"),
        ("(a OR b", 1, "no )"),
        ("a OR b)", 7, "no ("),
        ('a "b', 3, "not closed"),
        ("AND a", 1, "a word is needed"),
        ("a OR AND b", 6, "a word is needed"),
        ("a NEAR b", 3, "number of words"),
        ("a NEAR/x b", 3, "number of words"),
        ("a NEAR/0 b", 3, "number of words"),
        ("a NEAR/3 NOT b", 10, "a word is needed"),
        ("a NEAR/3 lang:en", 3, "both sides"),
        ("headline:a", 1, "no field headline:"),
        ("a lang:English", 3, "language code"),
        ("NOT a", 1, "only for what must not be there"),
        ("a OR NOT b", 1, "only for what must not be there"),
        ("ga*s", 1, "only at the end"),
        ("a OR x*", 6, "two letters"),
        ('a "..."', 3, "no letter or digit"),
        ("(" * 200 + "a" + ")" * 200, 101, "levels of parentheses"),
    ],
)
def test_errors_say_where_and_what(query: str, column: int, says: str) -> None:
    """A query that does not parse is refused with the column of what is wrong and a word on it."""
    with pytest.raises(QueryError) as caught:
        parse(query)
    assert caught.value.column == column
    assert says in caught.value.message


PIECES = ("a", "b", '"', "(", ")", " ", "*", ":", "@", "=", "AND ", "OR ", "NOT ", "NEAR/2 ", "title:")


@given(st.lists(st.sampled_from(PIECES), max_size=30).map("".join))
def test_anything_parses_or_is_refused(query: str) -> None:
    """No text makes the parser fail in another way than with a QueryError inside the text."""
    try:
        parse(query)
    except QueryError as error:
        column = error.column
    else:
        column = 1
    assert 1 <= column <= len(query) + 1
