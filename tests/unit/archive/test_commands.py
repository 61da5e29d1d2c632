"""The commands archive, disk and erase, where no Kafka is needed."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from click.testing import CliRunner, Result

from monitor.archive import Archive, archive_url, disk
from monitor.cli.main import cli
from monitor.settings import ArchiveSettings, Settings
from tests.support.archive_samples import after, article, claim, one_of_each
from tests.support.archives import put, run_sql

MIB = 2**20
Run = Callable[..., Result]


class Space(NamedTuple):
    """What `shutil.disk_usage` returns."""

    total: int
    used: int
    free: int


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Run a command on a data folder of this test alone."""
    for name in [name for name in os.environ if name.startswith("COUNTERCLAIM_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("COUNTERCLAIM_CONFIG", "/dev/null")
    monkeypatch.setenv("COUNTERCLAIM_DATA", str(tmp_path))

    def invoke(*args: str, **kwargs: Any) -> Result:
        return CliRunner().invoke(cli, args, **kwargs)

    return invoke


@pytest.fixture
def filled(tmp_path: Path) -> None:
    """An archive with one message of each kind in the data folder."""
    archive = Archive(archive_url(tmp_path))
    put(archive, *one_of_each())
    archive.close()


def test_status_says_what_the_archive_holds(run: Run, filled: None) -> None:
    """In words, and as JSON."""
    shown = run("archive", "status")
    assert shown.exit_code == 0
    rows = dict(line.rsplit(maxsplit=1) for line in shown.output.splitlines())
    assert (rows["articles"], rows["alerts"], rows["  contested"]) == ("1", "1", "1")
    assert json.loads(run("archive", "status", "--json").output)["rows"]["claims"] == 1


def test_a_database_of_another_version_is_told_without_a_traceback(run: Run, tmp_path: Path, filled: None) -> None:
    """With the command that builds it anew."""
    run_sql(archive_url(tmp_path), "UPDATE meta SET value = '99'")
    shown = run("archive", "status")
    assert "counterclaim archive rebuild" in str(shown.exception)


def test_prune_forgets_what_is_older_than_asked(run: Run, tmp_path: Path) -> None:
    """The option goes before the setting."""
    archive = Archive(archive_url(tmp_path))
    put(archive, article(text="Long.", first_seen_at=after(days=-400)), claim())
    archive.close()
    assert json.loads(run("archive", "prune", "--days", "36000", "--json").output)["texts"] == 0
    assert json.loads(run("archive", "prune", "--json").output)["texts"] == 1


def test_disk_shows_what_takes_how_much(run: Run, tmp_path: Path, filled: None) -> None:
    """Kafka's log by topic, the state of each daemon, the archive, the logs."""
    for name in ("articles-0", "articles-1", "alerts-0", "deliver-state-changelog-3"):
        folder = tmp_path / "broker" / "kafka" / name
        folder.mkdir(parents=True)
        (folder / "00000000.log").write_bytes(os.urandom(64 * 1024))
    (tmp_path / "state" / "dedupe").mkdir(parents=True)
    (tmp_path / "state" / "dedupe" / "db").write_bytes(os.urandom(32 * 1024))
    found = json.loads(run("disk", "--json").output)
    sizes = {(part["part"], part["name"]): part["bytes"] for part in found["parts"]}
    assert sizes["kafka", "articles"] == 2 * sizes["kafka", "alerts"] >= 128 * 1024
    assert sizes["kafka", "deliver-state-changelog"] >= 64 * 1024
    assert sizes["state", "dedupe"] >= 32 * 1024
    assert sizes["archive", "archive.db"] > 0
    assert found["bytes"] == sum(sizes.values())
    assert found["bytes_a_day"] is None
    shown = run("disk").output
    assert "growth: not known yet" in shown
    assert "articles" in shown


def test_disk_says_when_it_will_be_full(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    """By the growth of the last week, up to what must stay free; a disk that does not fill has no such day."""
    settings.data.mkdir(parents=True)
    monkeypatch.setattr(shutil, "disk_usage", lambda _: Space(0, 0, (512 + 1000) * MIB))
    now = after()
    assert disk.growth(settings, 0, now) is None
    disk.sample(settings, 500 * MIB, after(days=-20))
    disk.sample(settings, 100 * MIB, after(days=-2))
    disk.sample(settings, 999 * MIB, after(days=-2, minutes=1))  # too soon after the last one to be kept
    found = disk.growth(settings, 300 * MIB, now)
    assert found is not None
    assert (found.bytes_a_day, found.since, found.full_at) == (100 * MIB, after(days=-2), after(days=10))
    steady = disk.growth(settings, 100 * MIB, now)
    assert steady is not None
    assert steady.full_at is None


def test_without_room_nothing_more_is_taken_in(run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The message says how much is free, how much must be, and which command shows more; the command fails."""
    settings = Settings(data=tmp_path / "not" / "there", archive=ArchiveSettings(min_free_mb=600))
    monkeypatch.setattr(shutil, "disk_usage", lambda _: Space(0, 0, 600 * MIB - 1))
    room = disk.room(settings)
    assert not room.is_enough
    assert "599 MiB free" in room.message
    assert "counterclaim disk" in room.message
    monkeypatch.setattr(shutil, "disk_usage", lambda _: Space(0, 0, 600 * MIB))
    assert disk.room(settings).is_enough
    assert disk.room(settings).message == ""
    monkeypatch.setattr(shutil, "disk_usage", lambda _: Space(0, 0, 1 * MIB))
    shown = run("disk")
    assert shown.exit_code == 1
    assert "nothing more is taken in" in shown.output


def test_erase_needs_a_name_and_a_yes(run: Run, filled: None) -> None:
    """Neither two names nor none; without a yes nothing is erased."""
    assert run("erase").exit_code == 2
    assert run("erase", "--person", "A", "--publisher", "B").exit_code == 2
    assert run("erase", "--person", "Ann Lee", input="n\n").exception is not None
    assert json.loads(run("archive", "status", "--json").output)["rows"]["erasures"] == 0
    assert "is no name" in str(run("erase", "--person", "--", "--yes").exception)


def test_erase_reports_what_is_gone_and_what_kafka_still_holds(run: Run, tmp_path: Path) -> None:
    """By table and by topic; where nothing is on a compacted topic no cluster is needed."""
    archive = Archive(archive_url(tmp_path))
    put(archive, article(publisher="Gazette"), claim(publisher="Gazette"), article(article_id="a2", publisher="Post"))
    archive.close()
    found = json.loads(run("erase", "--publisher", "gazette", "--yes", "--json").output)
    assert (found["rows"]["articles"], found["rows"]["claims"], found["tombstones"]) == (1, 1, 0)
    left = {row["topic"]: row for row in found["remains"]}
    assert left["articles"]["why"] == "retention"
    assert left["articles"]["until"]
    assert left["feedback"]["until"] is None
    rows = json.loads(run("archive", "status", "--json").output)["rows"]
    assert (rows["articles"], rows["claims"], rows["erasures"]) == (1, 0, 1)
