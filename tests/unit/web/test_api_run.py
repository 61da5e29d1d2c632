"""The desk as a part of the pipeline: in the plan, in the views, at its port, and its passwords."""

from __future__ import annotations

import io
import socket
from datetime import UTC, datetime
from pathlib import Path

import pytest
from click.testing import CliRunner

from monitor.cli.demo import demo_plan
from monitor.cli.main import cli
from monitor.errors import ConfigError
from monitor.run.events import DeskReady, Event
from monitor.run.lines import LineView, event_json
from monitor.run.session import Plan, Session
from monitor.settings import Settings, WebSettings
from monitor.web.passwords import matches
from monitor.web.run import bind


def test_the_desk_is_one_process_of_the_plan(tmp_path: Path) -> None:
    """It is started where it is asked for, beside the daemons, and nowhere else."""
    settings = Settings(data=tmp_path)
    names = [spec.name for spec in Plan(settings, {}, desk=True).specs()]
    assert names.count("desk") == 1
    assert "desk" not in [spec.name for spec in Plan(settings, {}).specs()]
    assert demo_plan(settings, 5, desk=True).desk
    assert not demo_plan(settings, 5, alert_within_s=9).desk


def test_the_address_of_the_desk_is_shown(tmp_path: Path) -> None:
    """The line with which the desk says that it answers becomes an event; other lines and processes do not."""
    seen: list[Event] = []

    class Watching:
        def show(self, event: Event) -> None:
            seen.append(event)

        def figures(self, counts: object) -> None: ...

        def close(self) -> None: ...

    session = Session(Plan(Settings(data=tmp_path), {}, desk=True), Watching())
    session._on_line("desk", "2026-03-11 INFO desk at work")
    session._on_line("poll", "desk at http://127.0.0.1:1")
    session._on_line("desk", "desk at http://127.0.0.1:8470")
    assert [event.url for event in seen if isinstance(event, DeskReady)] == ["http://127.0.0.1:8470"]

    out = io.StringIO()
    LineView(out).show(seen[0])
    assert out.getvalue().endswith("desk at http://127.0.0.1:8470\n")
    event = DeskReady(datetime.now(UTC), "http://127.0.0.1:8470")
    assert event_json(event)["event"] == "deskready"
    assert event_json(event)["url"] == "http://127.0.0.1:8470"


def test_a_taken_port_gives_a_free_one_on_loopback_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the port is taken the desk goes to another one; at an open address it says so instead."""
    with bind(WebSettings(port=0)) as first:
        port = first.getsockname()[1]
        with bind(WebSettings(port=port)) as second:
            assert second.getsockname()[0] == "127.0.0.1"
            assert second.getsockname()[1] not in (0, port)
        monkeypatch.setattr("monitor.web.run.is_loopback", lambda _: False)
        with pytest.raises(ConfigError, match=r"cannot listen at 127\.0\.0\.1"):
            bind(WebSettings(port=port))
    with pytest.raises(ConfigError, match=r"web\.host"):
        bind(WebSettings(host="no-such-host.invalid", token="a-token-of-some-length"))


def test_a_listener_takes_connections() -> None:
    """What is bound listens at once, so that the address is good when it is printed."""
    with bind(WebSettings(port=0)) as listener:
        socket.create_connection(listener.getsockname()[:2], timeout=30).close()


def test_the_command_makes_passwords_for_the_settings() -> None:
    """What it prints matches the password and is taken by the settings; a short one is refused."""
    done = CliRunner().invoke(cli, ["desk", "password"], input="four brown horses\nfour brown horses\n")
    assert done.exit_code == 0, done.output
    text = done.stdout.strip().splitlines()[-1]
    assert matches("four brown horses", text)
    assert (
        Settings.model_validate({"web": {"users": [{"name": "anna", "password": text}]}}).web.users[0].role == "editor"
    )
    assert CliRunner().invoke(cli, ["desk", "password"], input="short\nshort\n").exit_code == 2


def test_up_refuses_an_open_desk_before_anything_starts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A desk that others could reach without a login stops ``up`` at once; without the desk it goes on to its work."""
    monkeypatch.setenv("COUNTERCLAIM_DATA", str(tmp_path / "data"))
    monkeypatch.setenv("COUNTERCLAIM_WEB__HOST", "0.0.0.0")
    started: list[Plan] = []
    monkeypatch.setattr("monitor.cli.pipeline.run_plan", lambda plan, **_: started.append(plan))
    refused = CliRunner().invoke(cli, ["up"])
    assert isinstance(refused.exception, ConfigError)
    assert started == []
    CliRunner().invoke(cli, ["up", "--no-desk"])
    assert [plan.desk for plan in started] == [False]
