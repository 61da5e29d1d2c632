import tomllib
from pathlib import Path

import pytest

from monitor.cli.config import render_example
from monitor.errors import ConfigError
from monitor.settings import Settings, find_file, load
from monitor.settings_file import allowed, fields_of, section_of


def written(folder: Path, text: str, name: str = "counterclaim.toml") -> Path:
    """Write a settings file and return its path."""
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    return path


def refusal(path: Path | None = None) -> ConfigError:
    """Return the error with which settings are refused."""
    with pytest.raises(ConfigError) as caught:
        load(path)
    return caught.value


def test_defaults_without_a_file(tmp_path: Path) -> None:
    """With no file and no variable every setting has its default, and the data lie in the user's data folder."""
    settings = load()
    assert settings == Settings()
    assert settings.data == tmp_path / "share" / "counterclaim"
    assert settings.kafka.broker is None


def test_the_environment_goes_before_the_file_and_the_file_before_the_default(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of one setting the variable counts, else the file, else the default."""
    path = written(tmp_path, "[stream]\nwindow = 7\nattempts = 9\n", "own.toml")
    monkeypatch.setenv("COUNTERCLAIM_STREAM__WINDOW", "8")
    settings = load(path)
    assert (settings.stream.window, settings.stream.attempts, settings.stream.backoff_s) == (8, 9, 0.2)


def test_an_override_goes_before_all(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What the command line says counts more than variable and file, and leaves the rest of its section alone."""
    path = written(tmp_path, '[kafka]\nprefix = "p."\n')
    monkeypatch.setenv("COUNTERCLAIM_KAFKA__BROKER", "one:1")
    settings = load(path, kafka={"broker": "two:2"})
    assert (settings.kafka.broker, settings.kafka.prefix) == ("two:2", "p.")


def test_where_the_file_is_looked_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The named file, then the variable's, then the one here, then the user's."""
    assert find_file() is None
    user = written(tmp_path / "config" / "counterclaim", "")
    assert find_file() == user
    here = written(tmp_path, "")
    assert find_file() == here
    variable = written(tmp_path, "", "variable.toml")
    monkeypatch.setenv("COUNTERCLAIM_CONFIG", str(variable))
    assert find_file() == variable
    named = written(tmp_path, "", "named.toml")
    assert find_file(named) == named


def test_the_null_device_stands_for_no_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """COUNTERCLAIM_CONFIG=/dev/null keeps a file that lies here from being read."""
    written(tmp_path, "[stream]\nwindow = 7\n")
    monkeypatch.setenv("COUNTERCLAIM_CONFIG", "/dev/null")
    assert load().stream.window == 500


def test_a_named_file_that_is_not_there(tmp_path: Path) -> None:
    """A file named and missing is an error, not the defaults."""
    error = refusal(tmp_path / "gone.toml")
    assert "no such settings file" in error.message
    assert error.path == str(tmp_path / "gone.toml")


def test_a_value_out_of_range_is_named_with_its_line_and_range(tmp_path: Path) -> None:
    """The error says file, line, setting, value, what is allowed and the default."""
    path = written(tmp_path, '# mine\nlog_level = "debug"\n\n[kafka]\n  replication_factor = 12  # many\n')
    error = refusal(path)
    assert (error.path, error.line) == (str(path), 5)
    assert "kafka.replication_factor = 12 is not allowed: a whole number, from 1 to 9" in error.message
    assert "default 1" in error.message


@pytest.mark.parametrize(
    ("text", "key", "line"),
    [
        ("stream.window = 0\n", "stream.window", 1),
        ("\n[stream]\nwindow = 0", "stream.window", 3),
        ("[ stream ]\n'window' = 0", "stream.window", 2),
        ("log_level = 'info'\nstream = { attempts = 3, window = 0 }", "stream.window", 2),
        ("[topics]\nwatch = [\n  'syria',\n  3,\n]", "topics.watch", 2),
        ("[kafka.retention_days]\narticles = -1", "kafka.retention_days", 2),
    ],
)
def test_the_line_is_found_however_the_setting_is_written(tmp_path: Path, text: str, key: str, line: int) -> None:
    """Dotted keys, quoted keys, inline tables, lists and tables of their own: each error has its line."""
    error = refusal(written(tmp_path, text))
    assert key in error.message
    assert error.line == line


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[kafka]\nbrokr = 'x:1'", "there is no setting 'kafka.brokr'; did you mean 'kafka.broker'?"),
        ("[kafak]\nbroker = 'x:1'", "there is no setting 'kafak'; did you mean 'kafka'?"),
        ("broker_port = 9", "did you mean 'broker.port'?"),
        ("zzzzzz = 1", "counterclaim config example shows all of them"),
    ],
)
def test_an_unknown_setting_is_named_with_the_one_meant(tmp_path: Path, text: str, said: str) -> None:
    """A misspelt key is never passed over; where one is close, it is offered."""
    assert said in refusal(written(tmp_path, text)).message


def test_all_that_is_wrong_is_told_at_once(tmp_path: Path) -> None:
    """Two wrong settings in a file give two lines in one error, each with its place."""
    path = written(tmp_path, "[stream]\nwindow = 0\nattempts = 'many'\n")
    error = refusal(path)
    assert "stream.window" in error.message
    assert f"{path}, line 3: stream.attempts = 'many'" in error.message


def test_no_toml_is_told_with_its_line(tmp_path: Path) -> None:
    """A file that is no TOML gives the line on which it stops being one, and a hint."""
    error = refusal(written(tmp_path, "[kafka]\nbroker = localhost:9092\n"))
    assert error.line == 2
    assert "not TOML" in error.message
    assert error.hint


def test_a_file_that_is_no_utf8(tmp_path: Path) -> None:
    """A file in another encoding is named, without a traceback."""
    path = tmp_path / "latin.toml"
    path.write_bytes(b'[feeds]\ncontact = "caf\xe9"\n')
    assert "not UTF-8" in refusal(path).message


def test_a_wrong_variable_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    """A value that comes from the environment is told by the variable's name."""
    monkeypatch.setenv("COUNTERCLAIM_FEEDS__INTERVAL_S", "soon")
    error = refusal()
    assert (
        "environment variable COUNTERCLAIM_FEEDS__INTERVAL_S: feeds.interval_s = 'soon' is not allowed" in error.message
    )


def test_an_unknown_variable_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    """A misspelt variable of ours is an error with the one that was meant; others are nobody's business."""
    monkeypatch.setenv("COUNTERCLAIMS", "1")
    monkeypatch.setenv("COUNTERCLAIM_INSTANCE", "2")
    load()
    monkeypatch.setenv("COUNTERCLAIM_LOG_LEVL", "debug")
    assert "did you mean 'COUNTERCLAIM_LOG_LEVEL'?" in refusal().message


def test_variables_for_lists_and_for_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """A list is parted by commas, null unsets, and an empty variable counts as not set."""
    monkeypatch.setenv("COUNTERCLAIM_TOPICS__WATCH", "syria, russia")
    monkeypatch.setenv("COUNTERCLAIM_KAFKA__BROKER", "null")
    monkeypatch.setenv("COUNTERCLAIM_LOG_LEVEL", "")
    settings = load()
    assert settings.topics.watch == ("syria", "russia")
    assert settings.kafka.broker is None
    assert settings.log_level == "info"


def test_a_relative_path_counts_from_the_file(tmp_path: Path) -> None:
    """Files that the settings name are found from wherever the command is run."""
    path = written(tmp_path / "etc", '[feeds]\nroster = "mine.opml"\n[topics]\nfile = "~/topics.toml"\n')
    settings = load(path)
    assert settings.feeds.roster == tmp_path / "etc" / "mine.opml"
    assert settings.topics.file == Path.home() / "topics.toml"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("security_protocol = 'SASL_SSL'", "needs sasl_username and sasl_password"),
        ("ssl_keyfile = 'k.pem'", "ssl_certfile and ssl_keyfile go together"),
        ("broker = 'http://x:1'", "host:port"),
    ],
)
def test_settings_that_need_each_other(tmp_path: Path, text: str, said: str) -> None:
    """Credentials that are not whole, and a URL for an address, are refused before anything connects."""
    assert said in refusal(written(tmp_path, f"[kafka]\n{text}\n")).message


def test_a_secret_is_not_repeated_in_an_error(tmp_path: Path) -> None:
    """A wrong webhook or password is not written into logs by its own error."""
    error = refusal(written(tmp_path, "[delivery]\nwebhook = 'hooks.example/s3cret'\n[kafka]\nsasl_password = 77\n"))
    assert "s3cret" not in str(error)
    assert "77" not in str(error)


@pytest.mark.parametrize("key", [key for key, _ in fields_of(Settings)])
def test_each_setting_says_what_it_is(key: str) -> None:
    """Every setting has a description, a kind or range in words, and, where it has no default, an example."""
    info = dict(fields_of(Settings))[key]
    assert info.description
    assert allowed(info)
    if key.endswith(("_s", "_mb", "_bytes", "_days")):
        assert any(unit in info.description for unit in ("second", "MiB", "byte", "day")), "the unit is not named"
    if info.get_default() is None and not info.default_factory:
        assert info.examples


def test_each_section_says_what_it_is() -> None:
    """Every section has a description: it heads its part of the sample file."""
    sections = [section_of(info) for info in Settings.model_fields.values() if section_of(info)]
    assert sections
    assert all(section.__doc__ for section in sections if section)


def test_the_shipped_sample_is_that_of_the_settings() -> None:
    """The sample file names every setting as it is now; `render_example` makes it anew."""
    shipped = Path(__file__).parents[3] / "monitor" / "cli" / "counterclaim.example.toml"
    assert shipped.read_text() == render_example()


def test_the_sample_works_as_it_is_and_with_every_line_taken_in(tmp_path: Path) -> None:
    """Commented it changes nothing; with each # taken away it still loads, so every name and value in it is right."""
    sample = render_example()
    assert load(written(tmp_path, sample, "a.toml")) == Settings()
    lines = [
        line.removeprefix("# ") if "=" in line and not line.startswith("# A ") else line for line in sample.splitlines()
    ]
    path = written(tmp_path, "\n".join(lines), "b.toml")
    assert len(tomllib.loads(path.read_text())["kafka"]) > 5
    load(path)
