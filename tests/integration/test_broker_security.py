"""TLS and SASL, against a real Kafka that demands both."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from monitor.broker import EmbeddedBroker
from monitor.broker.config import LOOPBACK, NODE_ID
from monitor.broker.probe import free_port
from monitor.broker.topics import check_topics, create_topics
from monitor.errors import BrokerError
from monitor.settings import KafkaSettings, Settings
from schemas import topics

pytestmark = pytest.mark.kafka

USER, PASSPHRASE = "news", "only-for-this-test"
DAYS = "2"


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A fresh self-signed certificate for 127.0.0.1, as PEM: ``ca.pem``, and ``both.pem`` with its key."""
    openssl = shutil.which("openssl")
    if openssl is None:
        pytest.skip("no openssl to make a certificate with")
    folder = tmp_path_factory.mktemp("tls")
    command = [
        openssl, "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", DAYS, "-subj", "/CN=counterclaim-test",
        "-addext", "subjectAltName=IP:127.0.0.1", "-keyout", "key.pem", "-out", "ca.pem",
    ]  # fmt: skip
    subprocess.run(command, cwd=folder, check=True, capture_output=True)
    (folder / "both.pem").write_text((folder / "key.pem").read_text() + (folder / "ca.pem").read_text())
    return folder


@pytest.fixture(scope="module")
def secure(kafka: str, certificate: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Address of a listener that speaks TLS and wants a password."""
    plain, secure, controller = (free_port(LOOPBACK) for _ in range(3))
    login = f'org.apache.kafka.common.security.plain.PlainLoginModule required user_{USER}="{PASSPHRASE}";'
    overrides = {
        "listeners": f"PLAINTEXT://{LOOPBACK}:{plain},SECURE://{LOOPBACK}:{secure},CONTROLLER://{LOOPBACK}:{controller}",
        "advertised.listeners": f"PLAINTEXT://{LOOPBACK}:{plain},SECURE://{LOOPBACK}:{secure}",
        "controller.quorum.voters": f"{NODE_ID}@{LOOPBACK}:{controller}",
        "listener.security.protocol.map": "PLAINTEXT:PLAINTEXT,SECURE:SASL_SSL,CONTROLLER:PLAINTEXT",
        "inter.broker.listener.name": "PLAINTEXT",
        "ssl.keystore.type": "PEM",
        "ssl.keystore.location": str(certificate / "both.pem"),
        "listener.name.secure.sasl.enabled.mechanisms": "PLAIN",
        "listener.name.secure.plain.sasl.jaas.config": login,
    }
    broker = EmbeddedBroker(tmp_path_factory.mktemp("secure"), port=plain, overrides=overrides, tied=True)
    broker.start()
    yield f"{LOOPBACK}:{secure}"
    broker.stop()


def settings_for(tmp_path: Path, address: str, **kafka: object) -> Settings:
    """Settings that log in at ``address``."""
    options: dict[str, object] = {
        "broker": address,
        "security_protocol": "SASL_SSL",
        "sasl_username": USER,
        "sasl_password": PASSPHRASE,
        **kafka,
    }
    return Settings(data=tmp_path, kafka=KafkaSettings(**options))  # type: ignore[arg-type]


async def test_settings_for_tls_and_password_reach_the_cluster(secure: str, certificate: Path, tmp_path: Path) -> None:
    """With authority, user and password the topics are made over the secured listener."""
    settings = settings_for(tmp_path, secure, ssl_cafile=certificate / "ca.pem")
    await create_topics(settings, (topics.ALERTS,))
    assert (await check_topics(settings, (topics.ALERTS,))).is_empty


async def test_a_wrong_password_is_told(secure: str, certificate: Path, tmp_path: Path) -> None:
    """A login that is refused is an error that names the cluster and the settings, and not the password."""
    settings = settings_for(tmp_path, secure, ssl_cafile=certificate / "ca.pem", sasl_password="not-the-one")
    with pytest.raises(BrokerError, match="cannot reach the Kafka cluster") as caught:
        await check_topics(settings)
    assert "security settings" in str(caught.value)
    assert "not-the-one" not in str(caught.value)


async def test_an_unknown_authority_is_refused(secure: str, tmp_path: Path) -> None:
    """A certificate that nobody vouches for is not trusted."""
    with pytest.raises(BrokerError, match="cannot reach the Kafka cluster"):
        await check_topics(settings_for(tmp_path, secure))


async def test_a_plain_client_does_not_get_in(secure: str, tmp_path: Path) -> None:
    """Without TLS and login the secured listener answers nothing."""
    settings = Settings(data=tmp_path, kafka=KafkaSettings(broker=secure))
    with pytest.raises(BrokerError):
        await check_topics(settings)
