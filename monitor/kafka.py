"""How to reach the cluster: the settings of section ``kafka`` as keyword arguments of aiokafka's clients.

The one place that does so, for agents, commands and tests alike.
"""

from __future__ import annotations

from ssl import SSLContext, SSLError
from typing import Any

from monitor.broker.server import bootstrap
from monitor.errors import ConfigError
from monitor.settings import KafkaSettings, Settings

__all__ = ["client_options", "security_options", "ssl_context"]


def client_options(settings: Settings) -> dict[str, Any]:
    """Return what every aiokafka producer, consumer and admin client takes: address and security.

    Raises:
        BrokerError: no cluster is set and no embedded broker runs.
        ConfigError: a certificate or key file cannot be read.
    """
    return {"bootstrap_servers": bootstrap(settings).split(","), **security_options(settings.kafka)}


def security_options(kafka: KafkaSettings) -> dict[str, Any]:
    """Return the keyword arguments for TLS and SASL; for a plain connection the protocol alone.

    Raises:
        ConfigError: see ``client_options``.
    """
    options: dict[str, Any] = {"security_protocol": kafka.security_protocol}
    if kafka.security_protocol.endswith("SSL"):
        options["ssl_context"] = ssl_context(kafka)
    if kafka.security_protocol.startswith("SASL"):
        options["sasl_mechanism"] = kafka.sasl_mechanism
        options["sasl_plain_username"] = kafka.sasl_username
        options["sasl_plain_password"] = kafka.sasl_password
    return options


def ssl_context(kafka: KafkaSettings) -> SSLContext:
    """Return a context that checks the brokers' certificates and host names, against the system's CAs by default.

    Raises:
        ConfigError: a certificate or key file cannot be read.
    """
    from aiokafka.helpers import create_ssl_context

    try:
        context = create_ssl_context(cafile=kafka.ssl_cafile, certfile=kafka.ssl_certfile, keyfile=kafka.ssl_keyfile)
    except (SSLError, OSError) as error:
        files = ", ".join(str(file) for file in (kafka.ssl_cafile, kafka.ssl_certfile, kafka.ssl_keyfile) if file)
        raise ConfigError(
            f"kafka.ssl_*: cannot use {files or 'the system certificates'}: {error}",
            hint="The files must be PEM; ssl_certfile and ssl_keyfile belong together.",
        ) from error
    assert isinstance(context, SSLContext)
    return context
