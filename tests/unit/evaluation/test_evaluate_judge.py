"""``evaluate judge`` and ``evaluate alerts`` on files written here, and on the shared ones where they are."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from monitor.claims.judge import RuleJudge
from monitor.errors import InputError
from monitor.evaluation import alerts, judge
from monitor.evaluation.pairs import emergent_hard, trap_pairs

ROOT = Path(__file__).parents[3]
SHARED = ROOT.parent / "shared" / "data"
TRAPS = ROOT / "training" / "trap_pairs.jsonl"


def test_emergent_hard_pairs_are_made_as_defined(tmp_path: Path) -> None:
    """For x against contradict; for x for and against x against do not; pairs of two claims are as many."""
    path = tmp_path / "train.csv"
    lines = ["claimHeadline,articleHeadline,articleHeadlineStance,claimId"]
    for claim in ("1", "2"):
        lines += [f"c,for {claim}a,for,{claim}", f"c,for {claim}b,for,{claim}", f"c,no {claim},against,{claim}"]
        lines += [f"c,seen {claim},observing,{claim}"]
    path.write_text("\n".join(lines), encoding="utf-8")
    pairs = emergent_hard(path)
    kinds = [pair.kind for pair in pairs]
    assert {kind: kinds.count(kind) for kind in set(kinds)} == {"for x against": 4, "for x for": 2, "other claims": 4}
    assert all((pair.relation == "contradicts") == (pair.kind == "for x against") for pair in pairs)
    assert pairs == emergent_hard(path)


def test_our_own_pairs_are_well_formed_and_split_by_group() -> None:
    """Every label is known, both parts exist, and no group is in both."""
    pairs = trap_pairs(TRAPS)
    assert {pair.relation for pair in pairs} == {"contradicts", "agrees", "unrelated"}
    train, dev = ({pair.group for pair in pairs if pair.split == split} for split in ("train", "dev"))
    assert train
    assert dev
    assert not train & dev


def test_the_judge_holds_on_our_pairs_that_it_was_not_fitted_on() -> None:
    """A floor, below what was measured (0.86), so that a change that breaks the judge is seen."""
    report = judge.evaluate(TRAPS)
    dev = next(dict(zip(report.columns, row, strict=True)) for row in report.rows if row[0] == "dev")
    assert isinstance(dev["AUC"], float)
    assert dev["AUC"] > 0.8


def test_a_file_of_something_else_is_refused(tmp_path: Path) -> None:
    """The message says which files hold pairs."""
    path = tmp_path / "other.txt"
    path.write_text("hello\n", encoding="utf-8")
    with pytest.raises(InputError, match="no labelled pairs"):
        judge.evaluate(path)


def test_a_stream_gives_its_counts(tmp_path: Path) -> None:
    """Two articles in dispute give one alert; a row that is no article is named by its line."""
    rows = [
        {"id": "a", "title": "Turkish jets bomb bakery in Manbij", "source": "One", "date": "2026-06-04",
         "text": "Turkish jets bombed a bakery in the Syrian town of Manbij on Wednesday, residents said. The oven, "
         "which had fed four streets, lay in the road, and a queue had formed at the next one by noon."},
        {"id": "b", "title": "Ankara denies bombing bakery", "source": "Two", "date": "2026-06-04",
         "text": "Turkey denied that its jets had bombed a bakery in the Syrian town of Manbij. A spokesman in Ankara "
         "told reporters that the air force had spent the week on an exercise over the Black Sea."},
    ]  # fmt: skip
    path = tmp_path / "stream.jsonl"
    path.write_text("\n".join(map(json.dumps, rows)), encoding="utf-8")
    counts = {(row[0], row[1]): row[2] for row in alerts.evaluate(path).rows}
    assert counts["articles", "all"] == 2
    assert counts["alerts", "all"] == 1
    assert counts["alerts by kind", "denial"] == 1
    path.write_text(json.dumps(rows[0]) + "\n" + json.dumps({"id": "c", "title": "t", "text": "x", "date": "soon"}))
    with pytest.raises(InputError, match="line 2"):
        alerts.evaluate(path)


@pytest.mark.skipif(not SHARED.exists(), reason="the shared data is not here")
def test_real_pairs_are_scored_by_source_and_kind() -> None:
    """The report has a row for each source and kind, of the held-out part alone."""
    report = judge.evaluate(SHARED / "pairs" / "real_pairs.jsonl.gz", RuleJudge())
    names = [str(row[0]) for row in report.rows]
    assert all("dev" in name or "against" in name for name in names)
    assert any("reuters" in name for name in names)
    assert any("denial" in name for name in names)
