"""``judge``, ``explain`` and ``evaluate`` as a user types them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from monitor.cli.evaluate import STAGES, evaluate
from monitor.cli.explain import explain
from monitor.cli.judge import judge
from monitor.errors import InputError


def test_judge_answers_each_pair_in_order_and_goes_on_after_a_bad_line() -> None:
    """Good lines get an answer; a bad date, a missing field and a line that is no JSON are reported by number."""
    rows = [
        json.dumps({"id": "1", "a": "The navy denied that it sank the trawler.", "b": "The navy sank the trawler."}),
        json.dumps({"id": "2", "a": "x", "b": "y", "date_a": "some day"}),
        "not json",
        json.dumps({"id": "3", "a": "only one side"}),
        json.dumps({"id": "4", "a": "Ferries are late.", "b": "Wheat fell.", "date_a": "2026-06-01", "more": 1}),
    ]
    result = CliRunner().invoke(judge, input="\n".join(rows) + "\n")
    answers = [json.loads(line) for line in result.stdout.splitlines()]
    assert [(row["id"], row["relation"]) for row in answers] == [("1", "contradicts"), ("4", "unrelated")]
    assert all(0 <= row["score"] <= 1 for row in answers)
    assert result.exit_code == 1
    assert all(f"line {number}" in result.stderr for number in (2, 3, 4))


def test_explain_shows_each_gate_and_the_one_that_held_the_pair_back() -> None:
    """Two towns are two events: the event gate says so, and there is no alert."""
    result = CliRunner().invoke(
        explain, ["Turkish jets bombed Raqqa, residents said.", "Turkey denied that its jets bombed Mosul."]
    )
    assert result.exit_code == 0
    assert "No alert: event" in result.output
    assert "raqqa is not mosul" in result.output


def test_explain_reads_two_files(tmp_path: Path) -> None:
    """Two articles: the likeliest conflict between their claims comes first."""
    a, b = tmp_path / "a.txt", tmp_path / "b.txt"
    a.write_text("Turkish jets bombed a bakery in Manbij on Wednesday, residents said.", encoding="utf-8")
    b.write_text("Turkey denied that its jets had bombed a bakery in Manbij on Wednesday.", encoding="utf-8")
    result = CliRunner().invoke(explain, [str(a), str(b), "--date-a", "2026-06-04", "--date-b", "2026-06-04"])
    assert result.exit_code == 0, result.output
    assert "Alert: denial" in result.output.split("A  ")[1]


def test_explain_names_the_kind_that_the_alert_would_have() -> None:
    """Moscow's word that its jets had not done it is a denial, though no verb of denial stands there."""
    sides = (
        "Russian jets bombed a market in Aleppo, residents said.",
        "Moscow said that Russian jets had not bombed a market in Aleppo.",
    )
    result = CliRunner().invoke(explain, [*sides, "--date-a", "2026-06-04", "--date-b", "2026-06-04"])
    assert "Alert: denial" in result.stdout


def test_explain_refuses_a_file_beside_a_statement(tmp_path: Path) -> None:
    """One of each is a mistake."""
    path = tmp_path / "a.txt"
    path.write_text("x", encoding="utf-8")
    result = CliRunner().invoke(explain, [str(path), "The army shelled Idlib."])
    assert isinstance(result.exception, InputError)


def test_evaluate_prints_json_or_a_table(tmp_path: Path) -> None:
    """Both forms from one file."""
    path = tmp_path / "pairs.jsonl"
    rows = [
        {"a": "The dam burst.", "b": "The dam did not burst.", "relation": "contradicts", "trap": "t", "group": "1"},
        {"a": "The dam burst.", "b": "Wheat fell.", "relation": "unrelated", "trap": "t", "group": "2"},
    ]
    path.write_text("\n".join(map(json.dumps, rows)), encoding="utf-8")
    as_json = CliRunner().invoke(evaluate, ["judge", str(path), "--json"])
    assert set(json.loads(as_json.output)) == {"title", "columns", "rows", "notes"}
    assert "pairs.jsonl" in CliRunner().invoke(evaluate, ["judge", str(path)]).output


@pytest.mark.parametrize("stage", sorted(STAGES))
def test_every_stage_that_can_be_scored_names_a_missing_file(stage: str, tmp_path: Path) -> None:
    """Each module is there, and says which file it could not read."""
    result = CliRunner().invoke(evaluate, [stage, str(tmp_path / "gone.jsonl.gz")])
    assert isinstance(result.exception, InputError)
    assert "gone.jsonl.gz" in str(result.exception)


def test_an_unknown_stage_is_a_usage_error() -> None:
    """The message lists those that there are."""
    result = CliRunner().invoke(evaluate, ["weather", "x"])
    assert result.exit_code == 2
    assert "judge" in result.output
