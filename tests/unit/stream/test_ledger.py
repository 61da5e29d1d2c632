from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

from monitor.stream.ledger import MAX_KEPT, Ledger


def test_a_place_in_hand_at_an_unclean_end_is_counted(tmp_path: Path) -> None:
    """Each start after such an end counts it once more; what was left by then is not counted."""
    first = Ledger(tmp_path)
    first.enter("t", 2, 40)
    first.enter("t", 3, 7)
    first.leave("t", 3)
    assert Ledger(tmp_path).deaths(("t", 2, 40)) == 1
    again = Ledger(tmp_path)
    assert again.deaths(("t", 2, 40)) == 1, "an end with nothing in hand counts nothing"
    again.enter("t", 2, 40)
    assert Ledger(tmp_path).deaths(("t", 2, 40)) == 2
    assert Ledger(tmp_path).deaths(("t", 3, 7)) == 0


def test_a_clean_end_counts_nothing(tmp_path: Path) -> None:
    """A worker that closes its ledger leaves no suspects."""
    ledger = Ledger(tmp_path)
    ledger.enter("t", 0, 1)
    ledger.close()
    assert Ledger(tmp_path).suspects == frozenset()


def test_a_killed_process_leaves_what_it_had_in_hand(tmp_path: Path) -> None:
    """The note outlives a SIGKILL in the middle of handling, with no call to sync it."""
    code = (
        "import sys, time; from pathlib import Path; from monitor.stream.ledger import Ledger\n"
        "ledger = Ledger(Path(sys.argv[1])); ledger.enter('t', 1, 8, 10); print('in hand', flush=True); time.sleep(60)"
    )
    process = subprocess.Popen([sys.executable, "-c", code, str(tmp_path)], stdout=subprocess.PIPE)
    assert process.stdout is not None
    assert process.stdout.readline() == b"in hand\n"
    os.kill(process.pid, signal.SIGKILL)
    process.wait(10)
    process.stdout.close()
    assert Ledger(tmp_path).suspects == {("t", 1, 8), ("t", 1, 9), ("t", 1, 10)}


def test_counts_are_shared_by_the_workers_of_a_stage(tmp_path: Path) -> None:
    """A record that ends one worker and then another is counted twice; clearing it clears it for all."""
    Ledger(tmp_path / "0", tmp_path).enter("t", 0, 5)
    Ledger(tmp_path / "0", tmp_path)
    Ledger(tmp_path / "1", tmp_path).enter("t", 0, 5)
    other = Ledger(tmp_path / "1", tmp_path)
    assert other.deaths(("t", 0, 5)) == 2
    other.clear(("t", 0, 5))
    assert Ledger(tmp_path / "0", tmp_path).suspects == frozenset()


def test_counts_of_other_workers_are_seen_after_a_reload(tmp_path: Path) -> None:
    """A worker that takes a partition over learns what the last owner died of."""
    waiting = Ledger(tmp_path / "0", tmp_path)
    Ledger(tmp_path / "1", tmp_path).enter("t", 0, 5)
    Ledger(tmp_path / "1", tmp_path)
    assert waiting.deaths(("t", 0, 5)) == 0
    waiting.reload()
    assert waiting.deaths(("t", 0, 5)) == 1


def test_a_damaged_file_of_counts_is_begun_anew(tmp_path: Path) -> None:
    """Half a file, as a machine that went down leaves it, does not keep the worker from starting."""
    (tmp_path / "deaths.json").write_text('[["t", 0,')
    ledger = Ledger(tmp_path)
    assert ledger.suspects == frozenset()


def test_the_counts_do_not_grow_for_ever(tmp_path: Path) -> None:
    """The oldest counts are dropped beyond a bound."""
    rows = [["t", 0, offset, 1] for offset in range(MAX_KEPT + 5)]
    (tmp_path / "deaths.json").write_text(json.dumps(rows))
    ledger = Ledger(tmp_path)
    assert len(ledger.suspects) == MAX_KEPT
    assert ledger.deaths(("t", 0, 0)) == 0
