from __future__ import annotations

import ssl
from pathlib import Path

import pytest

from monitor.errors import BrokerError, ConfigError
from monitor.kafka import client_options, security_options
from monitor.settings import KafkaSettings, Settings


def test_a_plain_cluster_needs_its_address_alone(tmp_path: Path) -> None:
    """Several addresses become a list; nothing of TLS or SASL is set."""
    settings = Settings(data=tmp_path, kafka=KafkaSettings(broker="a.example:9092,b.example:9092"))
    assert client_options(settings) == {
        "bootstrap_servers": ["a.example:9092", "b.example:9092"],
        "security_protocol": "PLAINTEXT",
    }


def test_without_cluster_and_broker_it_says_so(tmp_path: Path) -> None:
    """The error of a missing broker comes before any connection is tried."""
    with pytest.raises(BrokerError, match="no broker"):
        client_options(Settings(data=tmp_path))


def test_tls_checks_certificate_and_host_name() -> None:
    """With SSL the certificate is required and the host name checked."""
    context = security_options(KafkaSettings(security_protocol="SSL"))["ssl_context"]
    assert context.verify_mode == ssl.CERT_REQUIRED
    assert context.check_hostname


def test_sasl_passes_user_password_and_mechanism_on() -> None:
    """What aiokafka calls sasl_plain_* is set for SCRAM as well; TLS only where asked for."""
    kafka = KafkaSettings(
        security_protocol="SASL_PLAINTEXT", sasl_mechanism="SCRAM-SHA-256", sasl_username="u", sasl_password="p w"
    )
    assert security_options(kafka) == {
        "security_protocol": "SASL_PLAINTEXT",
        "sasl_mechanism": "SCRAM-SHA-256",
        "sasl_plain_username": "u",
        "sasl_plain_password": "p w",
    }
    assert "ssl_context" in security_options(kafka.model_copy(update={"security_protocol": "SASL_SSL"}))


def test_a_certificate_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    """An absent or broken file is an error of the settings, with the file's name."""
    absent = tmp_path / "absent.pem"
    with pytest.raises(ConfigError, match=r"absent\.pem"):
        security_options(KafkaSettings(security_protocol="SSL", ssl_cafile=absent))
    broken = tmp_path / "broken.pem"
    broken.write_text("no certificate")
    with pytest.raises(ConfigError, match=r"broken\.pem"):
        security_options(KafkaSettings(security_protocol="SSL", ssl_cafile=broken))


def test_the_password_is_not_shown() -> None:
    """Settings printed in a log or traceback do not show the password."""
    kafka = KafkaSettings(security_protocol="SASL_SSL", sasl_username="u", sasl_password="hunter two")
    assert "hunter two" not in repr(kafka)
    assert "hunter two" not in repr(Settings(kafka=kafka))
