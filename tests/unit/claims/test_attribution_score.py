import json
from pathlib import Path

import pytest

from monitor.errors import InputError
from monitor.evaluation.attribution import evaluate, score_article

TEXT = "The guard said the ship sank."
GOLD = {"source": [[0, 9]], "cue": [[10, 14]], "content": [[15, 28]]}


def test_a_perfect_answer_scores_one(tmp_path: Path) -> None:
    """An article labelled as we read it has precision, recall and F1 of 1 in each role."""
    path = tmp_path / "labelled.jsonl"
    path.write_text(json.dumps({"doc_id": "1", "text": TEXT, "attributions": [GOLD]}) + "\n", "utf-8")
    report = evaluate(path)
    assert report.columns == ("what", "precision", "recall", "F1")
    assert [row[1:] for row in report.rows] == [(1.0, 1.0, 1.0)] * len(report.rows)


def test_overlap_is_counted_by_character() -> None:
    """Half a content is half a point; what has no pair counts against precision or recall."""
    half = {"source": [[0, 9]], "cue": [[10, 14]], "content": [[15, 23]]}
    stray = {"source": [], "cue": [[20, 24]], "content": [[0, 9]]}
    counts = score_article([half, stray], [GOLD])
    assert (counts.predicted, counts.gold, counts.matched) == (2, 1, 1)
    assert counts.overlap["source"] == 1.0
    assert counts.overlap["content"] == pytest.approx(2 * 8 / (8 + 13))
    assert counts.characters["content"] == (8, 17, 13)


def test_each_labelled_statement_is_paired_once() -> None:
    """Two answers for one label are one hit and one miss."""
    assert score_article([GOLD, GOLD], [GOLD]).matched == 1


def test_a_row_without_labels_is_named(tmp_path: Path) -> None:
    """The error says which file, which line and what is missing."""
    path = tmp_path / "labelled.jsonl"
    path.write_text('{"text": "x"}\n', "utf-8")
    with pytest.raises(InputError, match=r"labelled\.jsonl.*attributions"):
        evaluate(path)
