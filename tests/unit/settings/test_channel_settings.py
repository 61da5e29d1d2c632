"""The lists of channels and rules in the settings: read, refused with their place, shown without their secrets."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from monitor.cli.main import cli
from monitor.errors import ConfigError
from monitor.settings import ChannelSettings, RuleSettings, load

GOOD = """
[[delivery.channels]]
name = "desk"
url = "slack://T0/B0/s3cret"
quiet = "22:00-07:00"
zone = "Europe/Paris"

[[delivery.channels]]
name = "hook"
url = "https://hooks.example/s3cret"
secret = "s3cret-s3cret-s3cret"
per_day = 20

[[delivery.rules]]
channels = ["desk", "webhook"]
topics = ["syria"]
"""


def written(folder: Path, text: str) -> Path:
    """Write a settings file and return its path."""
    path = folder / "own.toml"
    path.write_text(text)
    return path


def test_channels_and_rules_are_read(tmp_path: Path) -> None:
    """Each table is one channel or rule, with defaults for what it leaves out."""
    delivery = load(written(tmp_path, GOOD)).delivery
    assert [(channel.name, channel.per_day, channel.digest) for channel in delivery.channels] == [
        ("desk", None, "off"),
        ("hook", 20, "off"),
    ]
    assert delivery.rules == (RuleSettings(channels=("desk", "webhook"), topics=("syria",)),)


def test_a_variable_gives_channels_as_json(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where there is no file, one variable holds the list."""
    monkeypatch.setenv("COUNTERCLAIM_DELIVERY__CHANNELS", json.dumps([{"name": "n", "url": "ntfy://news"}]))
    assert load().delivery.channels == (ChannelSettings(name="n", url="ntfy://news"),)


@pytest.mark.parametrize(
    ("old", "new", "line", "said"),
    [
        ("per_day = 20", "per_day = 0", 12, "delivery.channels.per_day"),
        ('zone = "Europe/Paris"', 'zone = "Mars/Olympus"', 6, "there is no time zone 'Mars/Olympus'"),
        ("22:00-07:00", "22-7", 5, "delivery.channels.quiet"),
        ("22:00-07:00", "22:00-22:00", 2, "begin when they end"),
        ('name = "hook"', 'name = "file"', 8, "delivery.file"),
        ('"desk", "webhook"', '"dsek"', None, "a rule names the channel 'dsek'"),
        ('name = "hook"', 'name = "desk"', None, "two channels are called desk"),
        ("per_day", "per_dya", 12, "there is no setting 'delivery.channels.per_dya'"),
    ],
)
def test_what_is_wrong_is_told_with_its_place(tmp_path: Path, old: str, new: str, line: int | None, said: str) -> None:
    """The error names the setting and, of several tables of a list, the line in the one that is wrong."""
    with pytest.raises(ConfigError) as caught:
        load(written(tmp_path, GOOD.replace(old, new)))
    assert said in caught.value.message
    if line is not None:
        assert caught.value.line == line
    assert "s3cret" not in str(caught.value)


def test_secrets_of_channels_are_not_shown(tmp_path: Path) -> None:
    """``config show`` tells names, hours and hosts, neither tokens nor keys; nor does the settings' own text."""
    path = written(tmp_path, GOOD)
    shown = CliRunner().invoke(cli, ["--config", str(path), "config", "show"], catch_exceptions=False).stdout
    assert "s3cret" not in shown
    assert "hooks.example" in shown
    assert "22:00-07:00" in shown
    assert "s3cret" not in repr(load(path).delivery.channels)


def test_check_tells_an_address_that_no_service_has(tmp_path: Path) -> None:
    """``config check`` finds it before the first alert does, with the line, and without showing it."""
    path = written(tmp_path, GOOD.replace("slack://T0/B0/s3cret", "slack://s3cret"))
    with pytest.raises(ConfigError, match=r"channel desk: Apprise cannot use this slack:// address") as caught:
        CliRunner().invoke(cli, ["--config", str(path), "config", "check"], catch_exceptions=False)
    assert caught.value.line == 4
    assert "s3cret" not in str(caught.value)
    path = written(tmp_path, GOOD.replace("slack://T0/B0/s3cret", "ntfy://s3cret"))
    assert CliRunner().invoke(cli, ["--config", str(path), "config", "check"], catch_exceptions=False).exit_code == 0
