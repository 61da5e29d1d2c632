"""Reports, their intervals, and the readers of labelled files."""

from __future__ import annotations

import gzip
import json
import math
from pathlib import Path

import pytest

from monitor.errors import InputError
from monitor.evaluation.report import Report, bootstrap, read_csv, read_jsonl
from monitor.evaluation.scores import (
    auc,
    average_precision,
    calibration_error,
    precision_recall_f1,
    recall_at_precision,
)


def test_a_report_prints_as_json_and_as_a_table() -> None:
    """Both forms carry every cell."""
    report = Report("T", ("part", "n", "score"), (("dev", 3, 0.5),), ("note",))
    assert json.loads(report.to_json()) == {
        "title": "T", "columns": ["part", "n", "score"], "rows": [["dev", 3, 0.5]], "notes": ["note"],
    }  # fmt: skip
    assert report.table().row_count == 1


def test_a_row_of_another_length_is_refused() -> None:
    """A table with a cell missing is no table."""
    with pytest.raises(ValueError, match="2 cells for 1 columns"):
        Report("T", ("part",), (("dev", 3),))


def test_an_interval_holds_the_score_and_is_the_same_each_time() -> None:
    """Seeded, over whole groups, around the mean."""
    groups = [[float(number % 7)] * 3 for number in range(60)]

    def mean(items: list[float]) -> float:
        return sum(items) / len(items)

    low, high = bootstrap(groups, mean)
    assert low < mean([item for group in groups for item in group]) < high
    assert (low, high) == bootstrap(groups, mean)
    assert (low, high) != bootstrap(groups, mean, seed=1)
    assert math.isnan(bootstrap(groups, lambda items: float("nan"))[0])


def test_scores_of_a_small_case_worked_by_hand() -> None:
    """Three true among five, one of them below a false one."""
    scores, truths = [0.9, 0.8, 0.7, 0.6, 0.1], [True, True, False, True, False]
    assert auc(scores, truths) == pytest.approx(5 / 6)
    assert average_precision(scores, truths) == pytest.approx((1 + 1 + 3 / 4) / 3)
    assert recall_at_precision(scores, truths, 0.8) == pytest.approx(2 / 3)
    assert precision_recall_f1([True, True, True, False, False], truths) == pytest.approx((2 / 3, 2 / 3, 2 / 3))
    assert auc([0.5, 0.5], [True, False]) == pytest.approx(0.5)
    assert calibration_error([1.0, 0.0], [True, False]) == 0
    assert calibration_error([1.0, 1.0], [True, False]) == pytest.approx(0.5)
    assert math.isnan(auc([0.5], [True]))


def test_a_labelled_file_is_read_gzipped_or_not(tmp_path: Path) -> None:
    """The name tells how it is packed."""
    plain, packed = tmp_path / "rows.jsonl", tmp_path / "rows.jsonl.gz"
    plain.write_text('{"a": 1}\n\n{"a": 2}\n', encoding="utf-8")
    packed.write_bytes(gzip.compress(plain.read_bytes()))
    assert list(read_jsonl(plain, ("a",))) == list(read_jsonl(packed, ("a",))) == [{"a": 1}, {"a": 2}]


@pytest.mark.parametrize(
    ("content", "message"),
    [(b'{"a": 1}\nnot json\n', "line 2"), (b'{"b": 1}\n', "lacks a"), (b"[1]\n", "line 1"), (b"\xff\xfe\x00", "UTF-8")],
)
def test_a_wrong_line_is_named_with_its_file_and_number(tmp_path: Path, content: bytes, message: str) -> None:
    """What is wrong, and where."""
    path = tmp_path / "wrong.jsonl"
    path.write_bytes(content)
    with pytest.raises(InputError, match=message) as caught:
        list(read_jsonl(path, ("a",)))
    assert "wrong.jsonl" in str(caught.value)


def test_missing_files_and_columns_are_named(tmp_path: Path) -> None:
    """A file that is not there, and a table that is another."""
    with pytest.raises(InputError, match=r"missing\.csv"):
        list(read_csv(tmp_path / "missing.csv"))
    path = tmp_path / "table.csv"
    path.write_text("x,y\n1,2\n", encoding="utf-8")
    with pytest.raises(InputError, match="lacks the columns z"):
        list(read_csv(path, ("x", "z")))


def test_a_broken_gzip_is_an_error_of_the_file(tmp_path: Path) -> None:
    """A torn download is told as such."""
    path = tmp_path / "torn.jsonl.gz"
    path.write_bytes(gzip.compress(b'{"a": 1}\n' * 500)[:-20])
    with pytest.raises(InputError, match=r"torn\.jsonl\.gz"):
        list(read_jsonl(path))
