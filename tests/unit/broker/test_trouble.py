from __future__ import annotations

from pathlib import Path

import pytest

from monitor.broker.server import EmbeddedBroker
from monitor.broker.state import BrokerFolder
from monitor.broker.trouble import check_disk, check_version, explain_death
from monitor.errors import BrokerError


@pytest.fixture
def folder(tmp_path: Path) -> BrokerFolder:
    """An empty broker folder."""
    made = BrokerFolder(tmp_path / "broker")
    made.make()
    return made


def test_a_nearly_full_disk_is_refused(tmp_path: Path) -> None:
    """Less free disk than needed is an error with both figures."""
    check_disk(tmp_path, needed=1)
    with pytest.raises(BrokerError, match=r"MiB free; the broker needs \d+ MiB") as caught:
        check_disk(tmp_path, needed=2**60)
    assert "another disk" in str(caught.value.hint)


@pytest.mark.parametrize("theirs", ["4.3.1", "4.3.0", "3.9.2", "4.2.11"])
def test_data_of_this_or_an_older_version_is_taken(folder: BrokerFolder, theirs: str) -> None:
    """Versions are compared as numbers."""
    folder.version_file.write_text(theirs)
    check_version(folder, "4.3.1")


@pytest.mark.parametrize("theirs", ["4.3.2", "4.10.0", "5.0.0"])
def test_data_of_a_newer_version_is_refused(folder: BrokerFolder, theirs: str) -> None:
    """Newer data is an error that names both versions and the ways out."""
    folder.version_file.write_text(theirs)
    with pytest.raises(
        BrokerError, match=rf"written by Apache Kafka {theirs}; this Counterclaim has 4\.3\.1"
    ) as caught:
        check_version(folder, "4.3.1")
    assert "broker reset" in str(caught.value.hint)


def test_start_looks_at_the_version_before_anything_is_fetched_or_written(folder: BrokerFolder) -> None:
    """A start on newer data ends at once and leaves the data as it was."""
    folder.version_file.write_text("99.0.0")
    with pytest.raises(BrokerError, match=r"99\.0\.0"):
        EmbeddedBroker(folder.path).start()
    assert folder.version_file.read_text() == "99.0.0"
    assert not folder.is_held()


@pytest.mark.parametrize(
    ("log", "says"),
    [
        ("java.io.IOException: No space left on device", "is full"),
        ("java.net.BindException: Address already in use", "port 9092 was taken"),
        ("KafkaException: Failed to acquire lock on file .lock in kafka.", "another Kafka"),
        ("java.lang.OutOfMemoryError: Java heap space", "broker.heap_mb"),
        (
            "x\n2026 ERROR kafka.Kafka$: Exiting Kafka due to fatal exception\nat y",
            "Exiting Kafka due to fatal exception",
        ),
        ("", "no word of why"),
    ],
)
def test_a_death_is_explained_from_the_log(folder: BrokerFolder, log: str, says: str) -> None:
    """Known causes are named in plain words, others by the last line that speaks of an error."""
    folder.log_file.write_text(log)
    assert says in str(explain_death(folder, 9092))


def test_what_an_earlier_start_wrote_explains_nothing(folder: BrokerFolder) -> None:
    """Only what was written since this start counts, unless the log was turned over."""
    folder.log_file.write_text("No space left on device\n")
    before = folder.log_size()
    with folder.log_file.open("a") as log:
        log.write("ERROR something else\n")
    assert "something else" in str(explain_death(folder, 9092, before))
    folder.log_file.write_text("ERROR fresh")
    assert "fresh" in str(explain_death(folder, 9092, before))
