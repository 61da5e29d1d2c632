"""The files for containers and systemd, as far as they can be checked without a Docker engine and without root."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import pytest

from monitor.broker.jars import kafka_version, read_lock
from monitor.run.daemons import DAEMONS
from schemas.topics import MAX_MESSAGE_BYTES

ROOT = Path(__file__).parents[2]
COMPOSE = (ROOT / "docker-compose.yml").read_text(encoding="utf-8")
DOCKERFILE = (ROOT / "Dockerfile").read_text(encoding="utf-8")
UNITS = sorted((ROOT / "deploy" / "systemd").glob("*.service"))
NAMES = {daemon.name for daemon in DAEMONS}
DEPLOY_FILES = [
    ROOT / "docker-compose.yml",
    ROOT / "Dockerfile",
    *(p for p in (ROOT / "deploy").rglob("*") if p.is_file()),
]
SECRET = re.compile(r"^[^#]*(password|secret|token|api_key)\w*\s*[=:]\s*\S", re.IGNORECASE | re.MULTILINE)


def services() -> dict[str, str]:
    """Return the text of each service of the compose file, by its name."""
    text = COMPOSE.split("\nservices:\n", 1)[1].split("\nvolumes:\n", 1)[0]
    parts = re.split(r"^  ([a-z-]+):\n", text, flags=re.MULTILINE)
    return dict(zip(parts[1::2], parts[2::2], strict=True))


def test_each_daemon_is_a_service() -> None:
    """The compose file has Kafka, the topics, the desk, and one service for each daemon, that runs it."""
    found = services()
    assert set(found) == NAMES | {"kafka", "create-topics", "desk"}
    assert "command: [desk, " in found["desk"]
    for name in NAMES:
        assert f"command: [worker, {name}]\n" in found[name]
        assert "<<: *daemon" in found[name]


def test_daemons_start_again_and_are_looked_after() -> None:
    """What the daemons share has a restart policy, a health check, a volume and bounded logs."""
    shared = COMPOSE.split("x-daemon: &daemon", 1)[1].split("\nservices:", 1)[0]
    for part in ("restart: unless-stopped", "healthcheck:", "- data:/data", "max-size:", "condition: service_healthy"):
        assert part in shared, part


def test_kafka_is_the_version_that_is_tested_here() -> None:
    """Containers run the Kafka that the tests run, and it takes the largest record of the contract."""
    kafka = services()["kafka"]
    assert f"image: apache/kafka:{kafka_version(read_lock())}\n" in kafka
    limit = re.search(r'KAFKA_MESSAGE_MAX_BYTES: "(\d+)"', kafka)
    assert limit is not None
    assert int(limit[1]) > MAX_MESSAGE_BYTES
    assert 'KAFKA_AUTO_CREATE_TOPICS_ENABLE: "false"' in kafka
    assert "healthcheck:" in kafka


def test_ports_are_published_on_loopback_alone() -> None:
    """No port can be reached from another machine unless somebody changes that."""
    ports = re.findall(r"^      - (\S*\d+:\d+)$", COMPOSE, flags=re.MULTILINE)
    assert ports
    assert all(port.startswith("127.0.0.1:") for port in ports)


@pytest.mark.parametrize("path", DEPLOY_FILES, ids=lambda path: path.name)
def test_no_secret_stands_in_a_file(path: Path) -> None:
    """No file sets a password, not even a sample one."""
    assert not SECRET.search(path.read_text(encoding="utf-8"))


def test_compose_accepts_the_file() -> None:
    """The compose client reads the file and resolves all that it refers to; it needs no engine for that."""
    docker = shutil.which("docker")
    if docker is None or subprocess.run([docker, "compose", "version"], capture_output=True, check=False).returncode:
        pytest.skip("no docker compose on this machine")
    done = subprocess.run(
        [docker, "compose", "config", "--quiet"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr


def test_image_runs_as_a_user_and_installs_only_what_is_locked() -> None:
    """The last stage has a user without root's rights, and each install checks hashes or takes nothing from outside."""
    last = DOCKERFILE.rsplit("\nFROM ", 1)[1]
    user = re.search(r"^USER (\S+)$", last, flags=re.MULTILINE)
    assert user is not None
    assert user[1] not in ("root", "0")
    installs = re.findall(r"pip install [^\n]*", DOCKERFILE)
    assert len(installs) == 3
    assert all("--require-hashes" in line or "--no-index" in line for line in installs)


def test_image_copies_what_is_there_and_what_its_context_holds() -> None:
    """Each file that is copied exists and is let into the build context; nothing else is."""
    copied = {
        source
        for line in re.findall(r"^COPY (?!--from)(.+) \S+$", DOCKERFILE, flags=re.MULTILINE)
        for source in line.split()
    }
    assert all((ROOT / source).exists() for source in copied)
    ignore = (ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines()
    assert ignore[0] == "*"
    assert {line[1:] for line in ignore if line.startswith("!")} == copied


def test_systemd_accepts_the_units(tmp_path: Path) -> None:
    """Systemd finds no fault in any unit, the template with an instance included."""
    analyze = shutil.which("systemd-analyze")
    if analyze is None:
        pytest.skip("no systemd-analyze on this machine")
    names = []
    for unit in [*UNITS, ROOT / "deploy" / "systemd" / "counterclaim.target"]:
        text = unit.read_text(encoding="utf-8").replace("/opt/counterclaim/bin/counterclaim", "/bin/true")
        name = unit.name.replace("@.", "@enrich-2.")
        (tmp_path / unit.name).write_text(text, encoding="utf-8")
        (tmp_path / name).write_text(text, encoding="utf-8")
        names.append(str(tmp_path / name))
    done = subprocess.run([analyze, "verify", "--man=no", *names], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert str(tmp_path) not in done.stderr, done.stderr


@pytest.mark.parametrize("unit", UNITS, ids=lambda path: path.name)
def test_units_give_up_their_rights(unit: Path) -> None:
    """Each service runs as its own user, cannot gain rights, and can write only where its state lies."""
    lines = unit.read_text(encoding="utf-8").splitlines()
    for line in ("User=counterclaim", "NoNewPrivileges=yes", "ProtectSystem=strict", "StateDirectory=counterclaim"):
        assert line in lines, line
    assert "EnvironmentFile=-/etc/counterclaim/environment" in lines


@pytest.mark.parametrize(("instance", "daemon"), [("enrich", "enrich"), ("enrich-2", "enrich"), ("poll-a-b", "poll")])
def test_an_instance_is_a_daemon_and_a_mark(instance: str, daemon: str) -> None:
    """What the worker unit runs is the daemon before the first dash of the instance's name."""
    text = (ROOT / "deploy" / "systemd" / "counterclaim-worker@.service").read_text(encoding="utf-8")
    script = re.search(r"^ExecStart=/bin/sh -c '(.+)' %i$", text, flags=re.MULTILINE)
    assert script is not None
    # What systemd makes of it: $$ and %% stand for the characters themselves (systemd.service(5), "Command lines").
    command = script[1].replace("$$", "$").replace("%%", "%").replace("exec /opt/counterclaim/bin/counterclaim", "echo")
    done = subprocess.run(["/bin/sh", "-c", command, instance], capture_output=True, text=True, check=True)
    assert done.stdout == f"worker {daemon}\n"
