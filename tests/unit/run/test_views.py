import io
import json
from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from rich.console import Console

from monitor.run import lines as module
from monitor.run.events import AlertSeen, Counts, Died, Event, Note, Started, Stopped
from monitor.run.lines import JsonView, LineView
from monitor.run.view import LiveView
from schemas import Alert

Make = Callable[..., Alert]
AT = datetime(2026, 3, 11, 12, 0, tzinfo=UTC)
DIED = Died(AT, "enrich", 7, "was killed by SIGSEGV", ("level=info fine", "level=error disk full", "bye"), 4.0, 5, True)
EVENTS: list[Event] = [
    Note(AT, "broker ready"),
    Started(AT, "poll", 3),
    Started(AT, "poll", 4, 2),
    DIED,
    Stopped(AT, "poll"),
    Stopped(AT, "poll", killed=True),
]
COUNTS = Counts(
    articles=12, stories=9, claims=30, alerts=1, topics={"ports": 4}, severities={"high": 1}, lag={"poll": 8}
)


def test_without_a_terminal_each_event_is_one_line(make_alert: Make) -> None:
    """Every event, an alert included, is one line with its time before it."""
    out = io.StringIO()
    view = LineView(out)
    for event in [*EVENTS, AlertSeen(AT, make_alert())]:
        view.show(event)
    view.figures(COUNTS)
    lines = out.getvalue().splitlines()
    assert len(lines) == len(EVENTS) + 2
    assert all(line[2] == line[5] == ":" for line in lines)
    assert "alert: Ten berths closed is disputed by the harbour office" in lines[-2]
    assert "articles 12, stories 9" in lines[-1]
    assert "lag: poll 8" in lines[-1]


def test_a_death_is_told_with_what_it_said_last() -> None:
    """What died, why, that it keeps failing, when it starts again, and the gravest of its last words."""
    out = io.StringIO()
    LineView(out).show(DIED)
    line = out.getvalue()
    for part in (
        "enrich",
        "process 7",
        "was killed by SIGSEGV",
        "keeps failing, 5 times in a row",
        "in 4 s",
        "disk full",
    ):
        assert part in line


def test_figures_come_only_when_they_change(monkeypatch: pytest.MonkeyPatch) -> None:
    """A quiet pipeline writes no lines."""
    monkeypatch.setattr(module, "COUNTS_S", 0.0)
    out, json_out = io.StringIO(), io.StringIO()
    for view in (LineView(out), JsonView(json_out)):
        for counts in (COUNTS, COUNTS, Counts(articles=13)):
            view.figures(counts)
    assert len(out.getvalue().splitlines()) == len(json_out.getvalue().splitlines()) == 2


def test_machines_get_one_object_an_event(make_alert: Make) -> None:
    """Each line is an object that names its event; the alert is whole, as on the topic."""
    out = io.StringIO()
    view = JsonView(out)
    alert = make_alert()
    for event in [*EVENTS, AlertSeen(AT, alert)]:
        view.show(event)
    view.figures(COUNTS)
    rows = [json.loads(line) for line in out.getvalue().splitlines()]
    kinds = ["note", "started", "started", "died", "stopped", "stopped", "alert", "counts"]
    assert [row["event"] for row in rows] == kinds
    assert rows[3]["lines"][-1] == "bye"
    assert rows[6]["alert"] == alert.to_json()
    assert rows[7]["articles"] == 12
    assert all("at" in row for row in rows)


@pytest.fixture
def screen() -> Console:
    """A terminal of 100 columns that keeps what is written."""
    return Console(file=io.StringIO(), force_terminal=True, width=100, height=50, color_system=None)


def picture(view: LiveView) -> str:
    """Return what the view shows now, on a console of its own: its own live display would be in the way."""
    console = Console(width=100, height=50, color_system=None)
    with console.capture() as capture:
        console.print(view)
    return capture.get()


def test_the_live_view_shows_figures_daemons_and_the_first_alert_in_full(screen: Console, make_alert: Make) -> None:
    """Articles, stories, claims, alerts, topics, lags and uptime, and both quotes of the alert with their outlets."""
    view = LiveView(screen)
    view.show(Started(AT, "poll", 3))
    view.show(DIED)
    view.show(AlertSeen(AT, make_alert()))
    view.figures(COUNTS)
    shown = picture(view)
    view.close()
    for part in (
        "articles 12", "stories 9", "claims 30", "alerts 1", "1 high", "poll 8", "ports 4", "up 0:00:0",
        "keeps failing", "“Ten berths are closed.”", "“No berth is closed.”", "Coast Radio",
        "1 independent origin, 2 outlets",
    ):  # fmt: skip
        assert part in shown


def test_an_alert_in_full_stays_to_be_read(screen: Console, make_alert: Make) -> None:
    """A newer alert goes into the list; the one shown in full is not torn away, but an update of it is shown."""
    view = LiveView(screen)
    view.show(AlertSeen(AT, make_alert()))
    view.show(AlertSeen(AT, make_alert(alert_id="x2", summary="Something newer")))
    shown = picture(view)
    assert "Ten berths are closed." in shown
    assert "Something newer" in shown
    view.show(AlertSeen(AT, make_alert(revision=2, summary="Ten berths, as of now"), update=True))
    assert picture(view).count("Ten berths, as of now") == 2
    view.close()


def test_alerts_of_earlier_runs_are_listed_not_announced(screen: Console, make_alert: Make) -> None:
    """What stood in the topic before this run is no news: it is not shown in full."""
    view = LiveView(screen)
    view.show(AlertSeen(AT, make_alert(), old=True))
    view.show(AlertSeen(AT, make_alert(alert_id="x2"), old=True))
    assert "“Ten berths are closed.”" not in picture(view)
    view.close()


def test_markup_in_news_is_text(screen: Console, make_alert: Make) -> None:
    """Brackets in a headline are shown as they are, and do not style or break the screen."""
    view = LiveView(screen)
    view.show(AlertSeen(AT, make_alert(summary="[bold]Berths[/nonsense] closed")))
    view.show(AlertSeen(AT, make_alert(alert_id="x2", summary="[red]Quay")))
    shown = picture(view)
    view.close()
    assert "[bold]Berths[/nonsense] closed" in shown
    assert "[red]Quay" in shown
