"""A real PostgreSQL for tests: made in a folder of its own, on a free port of this machine, ended with the tests."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from tempfile import mkdtemp

import pytest

PROGRAMS = (Path("/usr/lib/postgresql"), Path("/usr/pgsql"))
"""Where distributions put the server's programs, which are not on the PATH."""
SERVER_USER = "nobody"
"""Who runs the server where the tests run as root, which PostgreSQL refuses."""
START_S = 120
"""Seconds that the server may take to start on a loaded machine."""
FAST = ("fsync=off", "synchronous_commit=off", "full_page_writes=off", "max_connections=40")


def programs() -> Path | None:
    """Return the folder with initdb and pg_ctl; None where there is none."""
    found = shutil.which("initdb")
    if found:
        return Path(found).resolve().parent
    versions = [folder for root in PROGRAMS for folder in root.glob("*/bin") if (folder / "initdb").exists()]
    return max(versions, default=None, key=lambda folder: int("".join(filter(str.isdigit, folder.parent.name)) or 0))


def server() -> Iterator[str]:
    """Yield the URL of a new server's database; where there is no PostgreSQL: failure in CI, else a skip."""
    folder = programs()
    if folder is None:
        if os.environ.get("CI"):
            pytest.fail("PostgreSQL's server programs are not installed (Debian: apt install postgresql)")
        pytest.skip("PostgreSQL's server programs are not installed")
    home = Path(mkdtemp(prefix="counterclaim-pg-"))  # not pytest's: another user must reach it
    home.chmod(0o755)
    data = home / "data"
    data.mkdir()
    user = _unprivileged(data)
    try:
        _run([folder / "initdb", "-D", data, "-U", "tester", "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8"], user)
        with closing(socket.socket()) as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        options = " ".join(f"-c {option}" for option in (*FAST, f"port={port}", "listen_addresses=127.0.0.1"))
        control: list[str | Path] = [folder / "pg_ctl", "-D", data, "-w", "-t", str(START_S)]
        _run([*control, "-l", data / "log", "-o", f"{options} -c unix_socket_directories=''", "start"], user)
        try:
            yield f"postgresql://tester@127.0.0.1:{port}/postgres"
        finally:
            _run([*control, "-m", "immediate", "stop"], user)
    finally:
        shutil.rmtree(home, ignore_errors=True)


def _unprivileged(data: Path) -> int | None:
    """Give the folder to another user where the tests run as root, and return that user's id."""
    if os.geteuid() != 0:
        return None
    import pwd

    user = pwd.getpwnam(SERVER_USER)
    os.chown(data, user.pw_uid, user.pw_gid)
    return user.pw_uid


def _run(command: list[str | Path], user: int | None) -> None:
    done = subprocess.run(
        [str(part) for part in command],
        user=user,
        cwd="/",
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        timeout=START_S + 60,
        check=False,
    )
    if done.returncode:
        raise RuntimeError(f"{Path(command[0]).name}: exit status {done.returncode}: {done.stderr.strip()}")
