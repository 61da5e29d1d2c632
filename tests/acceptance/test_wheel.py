from __future__ import annotations

import json
import os
import subprocess
import sys
import sysconfig
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PACKAGES = ("monitor", "agents", "schemas")
BUILD_S = 120

Run = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel, built without network from the checkout."""
    folder = tmp_path_factory.mktemp("wheel")
    done = subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=BUILD_S,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    (built,) = folder.glob("counterclaim-*.whl")
    return built


@pytest.fixture(scope="module")
def run(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Run:
    """Return a function that runs the installed command in a folder outside the checkout.

    The environment is fresh; what the wheel depends on is taken from this one by a .pth file, so that nothing is
    fetched. The checkout itself is not on the path: this environment knows it by a .pth file, and those are not read
    in folders that a .pth file adds.
    """
    home = tmp_path_factory.mktemp("home with space")
    environment = home / "venv"
    uv = [sys.executable, "-m", "uv"]
    quiet = {"check": True, "capture_output": True, "timeout": BUILD_S}
    subprocess.run([*uv, "venv", "--quiet", "--offline", "--python", sys.executable, str(environment)], **quiet)  # type: ignore[call-overload]
    python = environment / "bin" / "python"
    install = [*uv, "pip", "install", "--quiet", "--offline", "--no-deps", "--python", str(python), str(wheel)]
    subprocess.run(install, **quiet)  # type: ignore[call-overload]
    (site,) = environment.glob("lib/python*/site-packages")
    (site / "dependencies.pth").write_text(sysconfig.get_path("purelib") + "\n", encoding="utf-8")
    work = home / "work"
    work.mkdir()
    clean = {
        key: value for key, value in os.environ.items() if not key.startswith(("PYTHON", "COUNTERCLAIM", "VIRTUAL"))
    }

    def call(*arguments: str, text: str = "", program: str = "counterclaim") -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [str(environment / "bin" / program), *arguments],
            input=text,
            cwd=work,
            env={**clean, "XDG_DATA_HOME": str(home / "data"), "XDG_CONFIG_HOME": str(home / "config")},
            capture_output=True,
            text=True,
            timeout=BUILD_S,
            check=False,
        )

    return call


def tracked_files() -> set[str]:
    """Return the files of the packages that git knows, or all that lie there where this is no checkout."""
    listed = subprocess.run(["git", "ls-files", *PACKAGES], cwd=ROOT, capture_output=True, text=True, check=False)
    if listed.returncode == 0 and listed.stdout:
        return {name for name in listed.stdout.splitlines() if (ROOT / name).exists()}
    found = (path for package in PACKAGES for path in (ROOT / package).rglob("*"))
    return {path.relative_to(ROOT).as_posix() for path in found if path.is_file() and "__pycache__" not in path.parts}


def test_wheel_holds_every_file_of_the_packages(wheel: Path) -> None:
    """Code and data alike: each file of the packages is in the wheel, the jar lock file among them."""
    names = set(zipfile.ZipFile(wheel).namelist())
    assert "monitor/broker/jars.lock.toml" in names
    assert tracked_files() - names == set()


def test_wheel_holds_nothing_else(wheel: Path) -> None:
    """No test, no benchmark, no compiled file is in it; the licence is."""
    names = zipfile.ZipFile(wheel).namelist()
    tops = {name.split("/")[0] for name in names}
    (info,) = tops - set(PACKAGES)
    assert info.endswith(".dist-info")
    assert f"{info}/licenses/LICENSE" in names
    assert not [name for name in names if name.endswith((".pyc", ".pyo")) or "/tests/" in name]


def test_code_comes_from_the_installed_wheel(run: Run) -> None:
    """The packages that run are those of the wheel, not of the checkout."""
    done = run(
        "-c",
        "import monitor, agents, schemas; print(monitor.__file__, agents.__file__, schemas.__file__)",
        program="python",
    )
    assert done.returncode == 0, done.stderr
    assert str(ROOT / "monitor") not in done.stdout
    assert done.stdout.count("site-packages") == 3


def test_version_and_help(run: Run) -> None:
    """The command says its version, and names its commands."""
    version = run("--version")
    assert version.returncode == 0, version.stderr
    assert "0.1.0" in version.stdout
    text = run("--help").stdout
    for command in ("up", "demo", "broker", "kafka-topics", "schemas", "tag"):
        assert f"\n  {command} " in text


@pytest.mark.parametrize(
    "command",
    [
        ("kafka-topics", "list"),
        ("broker", "status"),
        ("config", "show"),
        ("topics", "list"),
        ("schemas", "write", "out"),
    ],
    ids=lambda command: " ".join(command),
)
def test_commands_find_their_data_files(run: Run, command: tuple[str, ...]) -> None:
    """Commands that read a shipped file, or none, work from a folder with a space in its name."""
    done = run(*command)
    assert "Traceback" not in done.stderr
    assert done.returncode == (1 if command == ("broker", "status") else 0), done.stderr
    assert done.stdout


def test_a_filter_runs(run: Run) -> None:
    """One article in, one object out: the shipped topics are found."""
    article = {
        "id": "a1",
        "title": "Ceasefire in Aleppo",
        "text": "Syrian and Russian officers met in Aleppo on Monday.",
    }
    done = run("tag", text=json.dumps(article) + "\n")
    assert done.returncode == 0, done.stderr
    (line,) = done.stdout.splitlines()
    answer = json.loads(line)
    assert answer["id"] == "a1"
    assert answer["language"] == "en"
    assert "syria" in {topic["slug"] for topic in answer["topics"]}
