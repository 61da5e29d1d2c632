from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from monitor.cli.main import cli

ARTICLE = {"id": "a", "title": "Damascus denies strike on Aleppo", "text": "Syria denied that its jets had hit Aleppo."}


@pytest.fixture(autouse=True)
def no_settings(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Run in an empty folder, with no settings file of the user."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))


def run(*args: str, text: str = "") -> Result:
    """Run a command on ``text``."""
    return CliRunner().invoke(cli, list(args), input=text, catch_exceptions=True)


def test_tag_answers_each_article() -> None:
    """Each article gets one line with its id, language and topics."""
    result = run("tag", text=json.dumps(ARTICLE) + "\n" + json.dumps({**ARTICLE, "id": "b", "extra": 1}) + "\n")
    rows = [json.loads(line) for line in result.stdout.splitlines()]
    assert result.exit_code == 0
    assert [row["id"] for row in rows] == ["a", "b"]
    assert rows[0]["language"] == "en"
    assert rows[0]["topics"][0]["slug"] == "syria"
    assert set(rows[0]["topics"][0]) == {"slug", "score", "matches"}


def test_tag_reports_bad_lines_and_goes_on() -> None:
    """A line that is no article is reported with its number; the rest is answered, and the status is 1."""
    result = run("tag", text='no json\n{"id": "x"}\n' + json.dumps(ARTICLE) + "\n")
    assert result.exit_code == 1
    assert len(result.stdout.splitlines()) == 1
    assert "line 1" in result.stderr
    assert "line 2" in result.stderr


def test_tag_with_other_topics(tmp_path: Path) -> None:
    """A topics file of one's own replaces the shipped one."""
    file = tmp_path / "mine.toml"
    file.write_text('[jets]\nquery = "jets"\nthreshold = 0.1\n', encoding="utf-8")
    result = run("tag", "--topics", str(file), text=json.dumps(ARTICLE))
    assert [topic["slug"] for topic in json.loads(result.stdout)["topics"]] == ["jets"]


def test_topics_check_the_shipped_file() -> None:
    """The shipped topics are sound."""
    result = run("topics", "check")
    assert result.exit_code == 0
    assert "all queries parse" in result.stdout


def test_topics_check_names_each_error(tmp_path: Path) -> None:
    """Each error of a file is one message with its file, line and column, and the status is 1."""
    file = tmp_path / "bad.toml"
    file.write_text('[a]\nquery = "("\n\n[b]\nquery = "x NEAR y"\n', encoding="utf-8")
    result = run("topics", "check", str(file))
    assert result.exit_code == 1
    assert f"{file}, line 2: column 2" in result.stderr
    assert f"{file}, line 5: column 3" in result.stderr


def test_topics_list_says_what_is_watched(monkeypatch: pytest.MonkeyPatch) -> None:
    """The list has every topic, and whether the settings watch it."""
    monkeypatch.setenv("COUNTERCLAIM_TOPICS__WATCH", '["syria"]')
    lines = run("topics", "list").stdout.splitlines()
    assert any("syria" in line and "yes" in line for line in lines)
    assert any("ukraine" in line and "no" in line for line in lines)


def test_topics_suggest(tmp_path: Path) -> None:
    """Suggestions for one topic come from the articles of a file."""
    file = tmp_path / "articles.jsonl"
    gas = [{"title": "Sarin found", "text": "Sarin again. An inspector took samples."}] * 6
    other = [{"title": "Ferry late", "text": "Passengers waited."}] * 20
    file.write_text("\n".join(map(json.dumps, gas + other)), encoding="utf-8")
    result = run("topics", "suggest", str(file), "--topic", "chemical-weapons")
    assert result.exit_code == 0
    assert "inspector" in result.stdout
    assert "ferry" not in result.stdout
