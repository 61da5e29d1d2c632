"""``alerts`` and ``notify`` as a user types them, over an archive and channels of the test."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from monitor.archive import Archive, archive_url
from monitor.cli import alerts as module
from monitor.cli.alerts_export import COLUMNS
from monitor.cli.main import cli
from monitor.errors import ConfigError, CounterclaimError, InputError
from schemas import (
    Alert,
    AlertClaim,
    AlertKind,
    AlertSide,
    AlertState,
    Feedback,
    FeedbackAction,
    Severity,
    topics,
)
from tests.support.alerts import some_alert

NOON = datetime(2026, 3, 11, 12, 0, tzinfo=UTC)
Run = Callable[..., Result]


def side(name: str, quote: str) -> AlertSide:
    """Return a side with one claim."""
    claim = AlertClaim(
        claim_id=f"c{name}",
        article_id="a1",
        url=f"https://courier.example/{name}",
        source="The Vell Courier",
        quote=quote,
        span=(0, len(quote)),
        speaker="the union",
        first_seen_at=NOON,
    )
    return AlertSide(proposition_id=f"p{name}", origins=2, outlets=5, claims=(claim,))


def alert(number: int, **changes: Any) -> Alert:
    """Return an alert of its own id and time."""
    fields: dict[str, Any] = {
        "revision": 2,
        "topics": ("harbours", "strikes"),
        "story_ids": ("s1",),
        "summary": f"Claim {number} is disputed",
        "updated_at": NOON + timedelta(minutes=number),
        "sides": (side("x", "The port is closed."), side("y", "=1+1, said nobody.")),
    }
    return some_alert(f"a{number}b{number}", NOON, **(fields | changes))


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Return a function that runs a command over an archive of four alerts; errors of ours are raised."""
    monkeypatch.setenv("COUNTERCLAIM_DATA", str(tmp_path / "data"))
    monkeypatch.setenv("COUNTERCLAIM_CONFIG", "/dev/null")
    archive = Archive(archive_url(tmp_path / "data"))
    kept = [
        alert(1),
        alert(2, severity=Severity.HIGH),
        alert(3, kind=AlertKind.FIGURE, topics=("fish",)),
        alert(4, state=AlertState.RETRACTED),
    ]
    acked = Feedback(
        feedback_id="f1", alert_id="a1b1", alert_revision=2, action=FeedbackAction.ACK, actor="cli:ed", at=NOON
    )
    noted = acked.model_copy(update={"feedback_id": "f2", "action": FeedbackAction.NOTE, "text": "called the union"})
    archive.write([(topics.ALERTS, each) for each in kept] + [(topics.FEEDBACK, act) for act in (acked, noted)])
    archive.close()

    def call(*args: str) -> Result:
        return CliRunner().invoke(cli, args, catch_exceptions=False)

    return call


def ids(result: Result) -> list[str]:
    """The ids at the beginning of the lines."""
    return [line.split()[0] for line in result.stdout.splitlines()]


@pytest.mark.parametrize(
    ("filters", "expected"),
    [
        ((), ["a4b4", "a3b3", "a2b2", "a1b1"]),
        (("-n", "2"), ["a4b4", "a3b3"]),
        (("--topic", "fish"), ["a3b3"]),
        (("--kind", "figure"), ["a3b3"]),
        (("--severity", "high", "--severity", "low"), ["a2b2"]),
        (("--state", "retracted"), ["a4b4"]),
        (("--acked",), ["a1b1"]),
        (("--not-acked", "--kind", "denial"), ["a4b4", "a2b2"]),
        (("--since", "2026-03-11T12:03", "--until", "2026-03-11T12:04"), ["a3b3"]),
        (("--since", "1m"), []),
    ],
)
def test_list_shows_what_is_asked_for(run: Run, filters: tuple[str, ...], expected: list[str]) -> None:
    """The last updated first; filters are joined."""
    assert ids(run("alerts", "list", *filters)) == expected


def test_list_as_json_has_the_alert_and_its_standing(run: Run) -> None:
    """Each line is the alert as the topic has it, and what people made of it."""
    rows = [json.loads(line) for line in run("alerts", "list", "--json", "--acked").stdout.splitlines()]
    assert [row["standing"]["acked_by"] for row in rows] == ["cli:ed"]
    assert Alert.model_validate(rows[0]) == alert(1)


def test_show_tells_all_of_one_alert(run: Run) -> None:
    """Words, sources and acts; the beginning of an id is enough where it is the only one."""
    shown = run("alerts", "show", "a1").stdout
    for part in ("The port is closed.", "https://courier.example/x", "ack by cli:ed", "called the union"):
        assert part in shown
    found = json.loads(run("alerts", "show", "a1b1", "--json").stdout)
    assert (found["alert"]["alert_id"], len(found["acts"])) == ("a1b1", 2)


@pytest.mark.parametrize(("beginning", "said"), [("zz", "no alert"), ("a", "4 alerts")])
def test_an_id_that_is_not_clear_is_an_error(run: Run, beginning: str, said: str) -> None:
    """None, or several: it says how many and how to find the right one."""
    with pytest.raises(InputError, match=said):
        run("alerts", "show", beginning)


def test_export_as_json_lines_and_csv(run: Run, tmp_path: Path) -> None:
    """All alerts in either form; the file's name chooses it."""
    rows = [json.loads(line) for line in run("alerts", "export").stdout.splitlines()]
    assert [row["alert_id"] for row in rows] == ["a4b4", "a3b3", "a2b2", "a1b1"]
    path = tmp_path / "alerts.csv"
    assert "4 alerts written" in run("alerts", "export", str(path)).stderr
    table = list(csv.DictReader(io.StringIO(path.read_text(encoding="utf-8"), newline="")))
    assert tuple(table[0]) == COLUMNS
    last = table[-1]
    assert (last["alert_id"], last["topics"], last["same_article"], last["acked_by"]) == (
        "a1b1", "harbours strikes", "false", "cli:ed",
    )  # fmt: skip
    assert (last["a_quote"], last["a_origins"], last["a_url"]) == (
        "The port is closed.", "2", "https://courier.example/x",
    )  # fmt: skip


def test_no_cell_is_a_formula(run: Run) -> None:
    """A quote that begins like a formula is text to a spreadsheet too."""
    table = list(csv.DictReader(io.StringIO(run("alerts", "export", "--format", "csv").stdout, newline="")))
    assert {row["b_quote"] for row in table} == {"'=1+1, said nobody."}


def test_export_to_a_place_that_is_not_there(run: Run, tmp_path: Path) -> None:
    """The file is named, without a traceback."""
    result = run("alerts", "export", str(tmp_path / "none" / "x.csv"))
    assert result.exit_code == 1
    assert "x.csv" in result.output


def test_without_an_archive_it_says_so(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """No empty archive is made by looking for one."""
    monkeypatch.setenv("COUNTERCLAIM_DATA", str(tmp_path / "other"))
    monkeypatch.setenv("COUNTERCLAIM_CONFIG", "/dev/null")
    with pytest.raises(CounterclaimError, match="there is no archive yet"):
        CliRunner().invoke(cli, ["alerts", "list"], catch_exceptions=False)
    assert not (tmp_path / "other" / "archive.db").exists()


# -- acts


@pytest.fixture
def sent(monkeypatch: pytest.MonkeyPatch) -> list[Feedback]:
    """What is sent to Kafka, instead of sending it."""
    found: list[Feedback] = []

    async def send(_settings: object, acts: list[Feedback]) -> None:
        found.extend(acts)

    monkeypatch.setattr(module, "_send", send)
    return found


def test_acks_name_the_revision_that_the_archive_has(run: Run, sent: list[Feedback]) -> None:
    """Several at once, by the beginnings of their ids; who did it is the user of this machine unless said."""
    run("alerts", "ack", "a1", "a2b2", "--as", "ed")
    run("alerts", "ack", "a1", "--undo")
    assert [(act.alert_id, act.alert_revision, act.action.value, act.undo) for act in sent] == [
        ("a1b1", 2, "ack", False),
        ("a2b2", 2, "ack", False),
        ("a1b1", 2, "ack", True),
    ]
    assert sent[0].actor == "ed"
    assert sent[2].actor.startswith("cli:")


def test_a_snooze_says_how_long(run: Run, sent: list[Feedback]) -> None:
    """A span from now, or a moment; without either it is refused."""
    run("alerts", "snooze", "a1", "--for", "2h")
    run("alerts", "snooze", "a1", "--for", "2031-01-02T08:00")
    assert sent[0].until is not None
    assert sent[0].until - sent[0].at >= timedelta(hours=1, minutes=59)
    assert sent[1].until == datetime(2031, 1, 2, 8, tzinfo=UTC)
    assert run("alerts", "snooze", "a1").exit_code == 2
    assert "write a moment like" in run("alerts", "snooze", "a1", "--for", "soon").output


def test_verdicts_notes_and_replies(run: Run, sent: list[Feedback]) -> None:
    """Each act carries what it needs; an alert that is not archived yet is judged by its revision."""
    run("alerts", "verdict", "not-important", "a1", "a3")
    run("alerts", "note", "a2", "-m", "see the ministry's page")
    run("alerts", "reply", "new1", "--revision", "1", "--party", "The union", "-m", "We never said so.")
    assert [
        (act.alert_id, act.action.value, act.verdict and act.verdict.value, act.text, act.party) for act in sent
    ] == [
        ("a1b1", "verdict", "not_important", None, None),
        ("a3b3", "verdict", "not_important", None, None),
        ("a2b2", "note", None, "see the ministry's page", None),
        ("new1", "reply", None, "We never said so.", "The union"),
    ]
    with pytest.raises(InputError, match="a note needs text"):
        run("alerts", "note", "a2", "-m", "  ")


def test_acts_need_a_broker(run: Run) -> None:
    """Where none runs the message says so, and nothing is said to be recorded."""
    with pytest.raises(CounterclaimError, match="broker"):
        run("alerts", "ack", "a1")


# -- notify


def configured(tmp_path: Path, text: str) -> Callable[..., Result]:
    """Return a function that runs a command with these settings."""
    path = tmp_path / "own.toml"
    path.write_text(text)
    return lambda *args: CliRunner().invoke(cli, ["--config", str(path), *args], catch_exceptions=False)


def test_notify_test_sends_a_marked_sample(tmp_path: Path) -> None:
    """Whatever the channel's hours are; the file has one alert that says that it is a test."""
    told = tmp_path / "told.jsonl"
    result = configured(tmp_path, f'[delivery]\nfile = "{told}"\n')("notify", "test", "file")
    assert (result.exit_code, result.stderr) == (0, "file: sent\n")
    assert "This is a test" in json.loads(told.read_text())["summary"]


def test_notify_test_says_why_it_failed(tmp_path: Path, unused_tcp_port: int) -> None:
    """The reason, and whether another try may help; no secret of the address."""
    url = f"http://127.0.0.1:{unused_tcp_port}/s3cret"
    call = configured(tmp_path, f'[[delivery.channels]]\nname = "hook"\nurl = "{url}"\n')
    with pytest.raises(CounterclaimError, match="hook: not sent") as caught:
        call("notify", "test", "hook")
    assert "trying again may help" in str(caught.value)
    assert "s3cret" not in str(caught.value)
    with pytest.raises(ConfigError, match="there is no channel 'hok'; there are: hook"):
        call("notify", "test", "hok")


def test_notify_list_shows_names_and_terms(tmp_path: Path) -> None:
    """Each channel with its kind and what was asked for, without its address."""
    text = '[[delivery.channels]]\nname = "desk"\nurl = "slack://s3cret/x/y"\nquiet = "22:00-07:00"\nper_day = 20\n'
    shown = configured(tmp_path, text)("notify", "list").stdout
    assert "desk" in shown
    assert "quiet 22:00-07:00, per_day 20" in shown
    assert "s3cret" not in shown
