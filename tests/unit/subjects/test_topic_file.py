from __future__ import annotations

from pathlib import Path

import pytest

from monitor.errors import ConfigError, QueryError
from monitor.subjects.topic_file import DEFAULT_THRESHOLD, problems, read_topics


def written(folder: Path, text: str) -> Path:
    """A topics file with ``text`` in it."""
    path = folder / "topics.toml"
    path.write_text(text, encoding="utf-8")
    return path


def test_shipped_file() -> None:
    """The shipped topics parse, have unique labels, and include those that the project promises."""
    topics = read_topics()
    slugs = {topic.slug for topic in topics}
    promised = {"syria", "russia", "ukraine", "islamic-state", "iran", "israel", "turkey", "chemical-weapons"}
    assert promised <= slugs
    assert len(slugs) == len({topic.label for topic in topics}) >= 50


def test_defaults(tmp_path: Path) -> None:
    """A topic needs a query alone: the label is its slug then, the threshold the default."""
    (topic,) = read_topics(written(tmp_path, '[mali]\nquery = "@mali"\n'))
    assert (topic.slug, topic.label, topic.threshold) == ("mali", "mali", DEFAULT_THRESHOLD)


@pytest.mark.parametrize(
    ("text", "line", "says"),
    [
        ('[syria]\nquery = "@syria"\n[Bad Slug]\n', 3, "TOML"),
        ('[syria]\nlabel = "Syria"\n', 1, "lacks a query"),
        ('[syria]\nquery = "@syria"\ncolour = "red"\n', 3, "unknown key 'colour'"),
        ('[syria]\nquery = "@syria"\nthreshold = 7\n', 3, "from 0 to 1"),
        ('[syria]\nquery = "@syria"\nthreshold = true\n', 3, "from 0 to 1"),
        ('[syria]\nlabel = 3\nquery = "@syria"\n', 2, "label must be a text"),
        ('[Syria]\nquery = "@syria"\n', 1, "no slug"),
        ('syria = "x"\n', 1, "must be a table"),
        ("[syria\n", 1, "TOML"),
    ],
)
def test_what_is_wrong_with_a_table(tmp_path: Path, text: str, line: int, says: str) -> None:
    """A wrong table is refused with its file, its line and what is wrong."""
    path = written(tmp_path, text)
    (problem,) = problems(path)
    assert problem.line == line
    assert str(path) in str(problem)
    assert says in str(problem)


def test_place_of_a_bad_query(tmp_path: Path) -> None:
    """An error in a query of several lines has the line of the file and the column in that line."""
    path = written(tmp_path, "[gas]\nquery = '''\nsarin OR\n  (chlorine NEAR/x attack)\n'''\n")
    (problem,) = problems(path)
    assert isinstance(problem, QueryError)
    assert (problem.line, problem.column) == (4, 13)


def test_place_of_a_bad_query_on_one_line(tmp_path: Path) -> None:
    """An error in a query of one line has the line of the key and the column in the query."""
    path = written(tmp_path, '[a]\nquery = "ok"\n\n[gas]\nlabel = "Gas"\nquery = "sarin OR ("\n')
    (problem,) = problems(path)
    assert isinstance(problem, QueryError)
    assert (problem.line, problem.column) == (6, 11)


def test_unknown_name(tmp_path: Path) -> None:
    """A name that the gazetteer lacks is an error at its place."""
    path = written(tmp_path, '[a]\nquery = "gas OR @atlantis"\n')
    (problem,) = problems(path)
    assert isinstance(problem, QueryError)
    assert problem.column == 8
    assert "@atlantis" in str(problem)


def test_all_problems_are_told(tmp_path: Path) -> None:
    """One bad topic does not hide the next, and reading stops at the first."""
    path = written(tmp_path, '[a]\nquery = "("\n[b]\nquery = "ok"\n[c]\nquery = ")"\n')
    assert [problem.line for problem in problems(path)] == [2, 6]
    with pytest.raises(QueryError) as caught:
        read_topics(path)
    assert caught.value.line == 2


def test_no_file_and_no_topics(tmp_path: Path) -> None:
    """A file that is not there, is binary, or has no topic is refused by its name."""
    with pytest.raises(ConfigError, match=r"none\.toml"):
        read_topics(tmp_path / "none.toml")
    (tmp_path / "binary.toml").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(ConfigError, match="not UTF-8"):
        read_topics(tmp_path / "binary.toml")
    with pytest.raises(ConfigError, match="no topic"):
        read_topics(written(tmp_path, "# nothing\n"))
