"""The section ``web`` of the settings: where the desk listens, and who may do what there."""

from __future__ import annotations

from ipaddress import ip_network
from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, JsonValue, field_validator, model_validator
from pydantic_settings import NoDecode

__all__ = ["WebSettings", "WebUser"]

SECRET: dict[str, JsonValue] = {"secret": True}
"""Marks a field that is masked wherever settings are shown."""


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class WebUser(_Part):
    """One person who may log in to the desk."""

    name: str = Field(pattern=r"^[^\s:/]{1,64}$", description="the name under which the person's acts are recorded")
    password: str = Field(
        repr=False,
        pattern=r"^scrypt\$",
        description="what `counterclaim desk password` prints, which is not the password itself",
        json_schema_extra=SECRET,
    )
    role: Literal["viewer", "editor"] = Field(default="editor", description="viewers look, editors act too")


class WebSettings(_Part):
    """The desk: pages, API, live events and Atom feeds."""

    host: str = Field(
        default="127.0.0.1",
        pattern=r"^[^\s/\[\]]+$",
        description="address to listen on; one that is not loopback needs token, users or user_header",
    )
    port: int = Field(default=8470, ge=0, le=65535, description="TCP port; 0: a free one")
    hosts: Annotated[tuple[str, ...], NoDecode] = Field(
        default=(),
        description="further host names under which it may be asked for",
        examples=[["desk.example.org"]],
    )
    https: bool = Field(default=False, description="it is reached by https, through a proxy: cookies go by https alone")
    token: str | None = Field(
        default=None,
        min_length=16,
        repr=False,
        description="key of the editors of the API and the login page; better given in the environment",
        json_schema_extra=SECRET,
        examples=["at least 16 characters"],
    )
    viewer_token: str | None = Field(
        default=None,
        min_length=16,
        repr=False,
        description="key that lets look but not act",
        json_schema_extra=SECRET,
        examples=["another one of 16 or more"],
    )
    users: tuple[WebUser, ...] = Field(
        default=(),
        description="people with a name and a password",
        json_schema_extra=SECRET,
        examples=[[{"name": "anna", "password": "scrypt$...", "role": "editor"}]],
    )
    user_header: str | None = Field(
        default=None,
        pattern=r"^[A-Za-z][A-Za-z0-9-]*$",
        description="header in which a proxy (OIDC) names the person; taken only from the addresses of proxies",
        examples=["X-Forwarded-User"],
    )
    proxies: Annotated[tuple[str, ...], NoDecode] = Field(
        default=("127.0.0.1", "::1"), description="addresses or networks of the proxies that are trusted"
    )
    editors: Annotated[tuple[str, ...], NoDecode] = Field(
        default=(), description="who of those that the proxy names may act; *: all", examples=[["anna", "ben"]]
    )
    session_h: float = Field(default=12, gt=0, le=720, description="hours until one has to log in again")
    logins: int = Field(default=5, ge=1, le=1000, description="failed logins of one address in a minute; then it waits")
    clients: int = Field(default=2000, ge=1, le=100_000, description="pages that can be live at once")
    metrics: bool = Field(default=False, description="answer Prometheus at /metrics")

    @field_validator("hosts", "proxies", "editors", mode="before")
    @classmethod
    def _split(cls, value: object) -> object:
        # A variable holds one string: COUNTERCLAIM_WEB__EDITORS=anna,ben
        if isinstance(value, str):
            return tuple(part.strip() for part in value.strip("[]").replace('"', "").split(",") if part.strip())
        return value

    @field_validator("proxies")
    @classmethod
    def _are_networks(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        for network in value:
            try:
                ip_network(network, strict=False)
            except ValueError:
                raise ValueError(f"{network!r} is no address or network, as in 10.0.0.5 or 10.0.0.0/24") from None
        return value

    @model_validator(mode="after")
    def _names_differ(self) -> Self:
        names = [user.name for user in self.users]
        for name in names:
            if names.count(name) > 1:
                raise ValueError(f"two users are called {name}")
        if self.token is not None and self.token == self.viewer_token:
            raise ValueError("token and viewer_token are the same: whoever may look could act")
        return self
