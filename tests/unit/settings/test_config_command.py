import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from monitor.cli.config import render_example
from monitor.cli.main import cli
from monitor.errors import ConfigError


def call(*args: str) -> Result:
    """Call the command, errors of ours raised."""
    return CliRunner().invoke(cli, args, catch_exceptions=False)


def test_show_tells_values_and_where_they_come_from(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each setting with its value and its origin: a variable, a line of the file, or the default."""
    path = tmp_path / "own.toml"
    path.write_text("[stream]\nattempts = 9\n")
    monkeypatch.setenv("COUNTERCLAIM_STREAM__WINDOW", "8")
    shown = json.loads(call("--config", str(path), "config", "show", "--json").stdout)
    rows = {row["setting"]: (row["value"], row["from"]) for row in shown["settings"]}
    assert shown["file"] == str(path)
    assert rows["stream.attempts"] == (9, f"{path}, line 2")
    assert rows["stream.window"] == (8, "environment variable COUNTERCLAIM_STREAM__WINDOW")
    assert rows["stream.backoff_s"] == (0.2, "default")
    plain = call("--config", str(path), "config", "show").stdout
    assert f"stream.attempts = 9 # {path}, line 2" in " ".join(plain.split())


@pytest.mark.parametrize("form", [(), ("--json",)])
def test_secrets_are_masked(monkeypatch: pytest.MonkeyPatch, form: tuple[str, ...]) -> None:
    """Neither a password nor the token in a webhook's URL is shown; the webhook's host is."""
    monkeypatch.setenv("COUNTERCLAIM_KAFKA__SASL_PASSWORD", "s3cret-one")
    monkeypatch.setenv("COUNTERCLAIM_DELIVERY__WEBHOOK", "https://me:s3cret-two@hooks.example/s3cret-three")
    shown = call("config", "show", *form).stdout
    assert "s3cret" not in shown
    assert "hooks.example" in shown


def test_check_finds_files_that_are_not_there(tmp_path: Path) -> None:
    """A roster that is not there is told with the line that names it; with the file there, all is good."""
    path = tmp_path / "counterclaim.toml"
    path.write_text('\n[feeds]\nroster = "mine.opml"\n')
    with pytest.raises(ConfigError, match=r"feeds\.roster: there is no file") as caught:
        call("config", "check")
    assert (caught.value.path, caught.value.line) == (str(path), 3)
    (tmp_path / "mine.opml").write_text("<opml/>")
    assert "settings are good" in call("config", "check").stdout


def test_example_prints_the_sample() -> None:
    """The sample goes to standard output as it is shipped, ready to be put into a file."""
    assert call("config", "example").stdout == render_example()
