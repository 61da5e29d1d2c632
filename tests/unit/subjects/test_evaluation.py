from __future__ import annotations

import gzip
import json
from pathlib import Path

import pytest

from monitor.errors import InputError
from monitor.evaluation import language, topics


def test_topics_are_scored_on_the_held_out_half(tmp_path: Path) -> None:
    """Only odd ids count, codes of 1987 are mapped, and precision and recall are those of the answers."""
    rows = [
        {"id": 1, "title": "SOVIET GRAIN", "dateline": "MOSCOW, May 1 -",
         "body": "The Soviet Union bought grain.", "places": ["ussr"]},
        {"id": 2, "title": "X", "dateline": None, "body": "Nothing.", "places": ["japan"]},
        {"id": 3, "title": "BANK RATE", "dateline": "LONDON, May 1 -",
         "body": "The Bank of England acted.", "places": ["uk", "italy"]},
    ]  # fmt: skip
    path = tmp_path / "rows.jsonl"
    path.write_text("\n".join(map(json.dumps, rows)), encoding="utf-8")
    report = topics.evaluate(path)
    micro = next(row for row in report.rows if row[0] == "all countries, micro")
    assert micro[1:] == (3, 1.0, pytest.approx(2 / 3), pytest.approx(0.8))


def test_counts() -> None:
    """Precision, recall and F1 follow from the counts, and nothing asked is nothing missed."""
    counts = topics.Counts(6, 2, 4)
    assert (counts.precision, counts.recall) == (0.75, 0.6)
    assert counts.f1 == pytest.approx(2 * 0.75 * 0.6 / 1.35)
    assert topics.Counts().f1 == 1.0


def test_language_is_scored_by_length(tmp_path: Path) -> None:
    """Each language has a row with one share a length, and plain langdetect stands beside."""
    path = tmp_path / "sentences.tsv.gz"
    lines = ["lang\tsentence"]
    lines += [
        "en\tThe minister said that the talks had not begun.",
        "fr\tLe ministre a dit que rien n'avait commencé.",
    ] * 4
    with gzip.open(path, "wt", encoding="utf-8") as file:
        file.write("\n".join(lines) + "\n")
    report = language.evaluate(path)
    assert len(report.columns) == 3 + len(language.LENGTHS)
    (french,) = [row for row in report.rows if row[0] == "fr"]
    assert french[:3] == ("fr", 4, 1.0)
    assert any("plain langdetect" in str(row[0]) for row in report.rows)


def test_a_broken_file_is_refused(tmp_path: Path) -> None:
    """A line without a tab is named with its number."""
    path = tmp_path / "bad.tsv"
    path.write_text("lang\tsentence\nen hello\n", encoding="utf-8")
    with pytest.raises(InputError) as caught:
        language.evaluate(path)
    assert caught.value.line == 2
