"""Alerts that were read: their labels, and the scores of a stream that raises them again."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from monitor.errors import InputError
from monitor.evaluation.alert_labels import Labels, place_of
from monitor.evaluation.alerts import articles_of, evaluate, run

TEXTS = (
    "Turkish jets bombed a bakery in Manbij, residents said. Bread was scarce there before the war.",
    "Ankara denied that Turkish jets had bombed a bakery in Manbij. It gave no further account of the day.",
)


@pytest.fixture
def stream(tmp_path: Path) -> Path:
    """Two articles, of which the second denies what the first reports."""
    path = tmp_path / "stream.jsonl"
    rows = [
        {
            "id": str(n),
            "title": "Turkey and the bakery in Syria",
            "text": text,
            "source": f"paper {n}",
            "published_at": f"2026-06-03T1{n}:00:00Z",
        }
        for n, text in enumerate(TEXTS)
    ]
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    return path


def label(stream: Path, verdict: str) -> Path:
    """Write the label of the stream's one alert."""
    articles = list(articles_of(stream))
    rows = {article.article_id: row for row, article in enumerate(articles, 1)}
    (alert,) = run(articles).alerts.values()
    one, other = (place_of(side.claims[0], rows) for side in alert.sides)
    path = stream.with_name("labels.jsonl")
    path.write_text(json.dumps({"a": other, "b": one, "verdict": verdict}) + "\n", encoding="utf-8")
    return path


@pytest.mark.parametrize(("verdict", "precision"), [("right", 1.0), ("trivial", 0.0), ("wrong", 0.0)])
def test_an_alert_that_was_read_is_scored_when_it_comes_again(stream: Path, verdict: str, precision: float) -> None:
    """Whichever way round its sides were read; only a right one is right."""
    rows = {(row[0], row[1]): row[2] for row in evaluate(stream, label(stream, verdict)).rows}
    assert rows["read: all", verdict] == 1
    assert rows["read: all", "not read"] == 0
    assert rows["read: denial", "precision"] == precision
    assert rows["read: later half", verdict] == 1


def test_without_labels_nothing_is_said_of_reading(stream: Path) -> None:
    """Counts alone are no scores."""
    assert not [row for row in evaluate(stream).rows if str(row[0]).startswith("read")]


@pytest.mark.parametrize("line", ['{"a": [1, 2, 3], "b": [1, 2], "verdict": "right"}', '{"a": 1, "b": 2}'])
def test_a_line_that_is_no_label_is_named(tmp_path: Path, line: str) -> None:
    """With its number."""
    path = tmp_path / "labels.jsonl"
    path.write_text('{"a": [1, 0, 9], "b": [2, 0, 9], "verdict": "wrong"}\n' + line + "\n", encoding="utf-8")
    with pytest.raises(InputError, match="is no label") as caught:
        Labels.read(path, {})
    assert caught.value.line == 2
