from __future__ import annotations

import hashlib
import re
from pathlib import Path

import pytest

from monitor.broker import jars
from monitor.broker.jars import LOCK_FILE, Jar, ensure_jars, kafka_version, read_lock
from monitor.errors import BrokerError

CONTENT = b"a jar"
JAR = Jar("org.apache.kafka", "kafka_2.13", "4.9.9", hashlib.sha256(CONTENT).hexdigest())


class FakeMaven:
    """Stands for jgo's context: ``served`` is what a download writes, or the error that it raises."""

    def __init__(self, folder: Path, served: bytes | Exception) -> None:
        self.folder, self.served, self.downloads = folder, served, 0

    def project(self, group: str, artifact: str) -> FakeMaven:
        """As jgo."""
        return self

    def at_version(self, version: str) -> FakeMaven:
        """As jgo."""
        return self

    def artifact(self) -> FakeMaven:
        """As jgo."""
        return self

    def resolve(self) -> None:
        """Download."""
        self.downloads += 1
        if isinstance(self.served, Exception):
            raise self.served
        target = self.folder / JAR.path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(self.served)


@pytest.fixture
def maven(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> FakeMaven:
    """A repository that serves the right bytes."""
    fake = FakeMaven(tmp_path, CONTENT)
    monkeypatch.setattr(jars, "_maven", lambda folder: fake)
    return fake


def test_lock_names_kafka_4_and_a_log_provider_each_with_its_hash() -> None:
    """Every locked jar has a SHA-256; Kafka is a 4.x, and SLF4J has a provider."""
    locked = read_lock()
    assert kafka_version(locked).startswith("4.")
    assert "log4j-slf4j-impl" in {jar.artifact for jar in locked}
    assert all(re.fullmatch(r"[0-9a-f]{64}", jar.sha256) for jar in locked)
    assert len({jar.path for jar in locked}) == len(locked)


def test_lock_holds_no_address() -> None:
    """The lock file names coordinates and hashes alone: no download address."""
    assert "://" not in LOCK_FILE.read_text(encoding="utf-8")


def test_lock_without_a_hash_is_refused(tmp_path: Path) -> None:
    """A jar without SHA-256 makes the lock file unusable."""
    path = tmp_path / "lock.toml"
    path.write_text('[[dependencies]]\ngroupId = "g"\nartifactId = "a"\nversion = "1"\n', encoding="utf-8")
    with pytest.raises(BrokerError, match="sha256"):
        read_lock(path)


def test_fetches_what_is_missing_once(tmp_path: Path, maven: FakeMaven) -> None:
    """The first call downloads the jar, the second finds it."""
    assert ensure_jars((JAR,), tmp_path) == [tmp_path / JAR.path]
    ensure_jars((JAR,), tmp_path)
    assert maven.downloads == 1


def test_fetches_again_what_was_cut_off(tmp_path: Path, maven: FakeMaven) -> None:
    """A file of the right name with other bytes is not used."""
    (tmp_path / JAR.path).parent.mkdir(parents=True)
    (tmp_path / JAR.path).write_bytes(CONTENT[:2])
    ensure_jars((JAR,), tmp_path)
    assert (tmp_path / JAR.path).read_bytes() == CONTENT


def test_refuses_a_download_with_another_hash(tmp_path: Path, maven: FakeMaven) -> None:
    """A jar that is not the locked one is an error, and does not stay."""
    maven.served = b"another jar"
    with pytest.raises(BrokerError, match="does not have the SHA-256"):
        ensure_jars((JAR,), tmp_path)
    assert not (tmp_path / JAR.path).exists()


def test_without_network_it_says_what_to_do(tmp_path: Path, maven: FakeMaven) -> None:
    """A failed connection names the jar and the ways out."""
    maven.served = ConnectionError("no route")
    with pytest.raises(BrokerError, match=r"cannot fetch org\.apache\.kafka:kafka_2\.13:4\.9\.9: no route") as caught:
        ensure_jars((JAR,), tmp_path)
    assert "mirror" in str(caught.value.hint)
    assert str(tmp_path) in str(caught.value.hint)


def test_a_full_disk_is_told_as_that(tmp_path: Path, maven: FakeMaven) -> None:
    """An error in writing is not told as one of the network."""
    maven.served = OSError(28, "No space left on device")
    with pytest.raises(BrokerError, match="No space left on device") as caught:
        ensure_jars((JAR,), tmp_path)
    assert "Free space" in str(caught.value.hint)
