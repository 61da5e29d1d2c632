"""``counterclaim config``: show where each setting comes from, check them, print a sample file."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from importlib.resources import files
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import click
from pydantic import BaseModel
from pydantic.fields import FieldInfo

from monitor.cli.options import settings_of
from monitor.errors import ConfigError
from monitor.settings import Settings, find_file
from monitor.settings_file import TomlFile, allowed, default_of, fields_of, is_secret, origin_of, read_toml, section_of

__all__ = ["config", "render_example"]

EXAMPLE = "counterclaim.example.toml"
FILES_TO_READ = (
    "kafka.ssl_cafile",
    "kafka.ssl_certfile",
    "kafka.ssl_keyfile",
    "broker.java",
    "feeds.roster",
    "topics.file",
)
"""Settings that name a file which must be there before anything starts."""


@click.group()
def config() -> None:
    """Show and check the settings."""


@config.command()
@click.option("--json", "as_json", is_flag=True, help="As one JSON object.")
@click.pass_context
def show(ctx: click.Context, as_json: bool) -> None:
    """Print every setting, its value and where it comes from; secrets are masked."""
    settings = settings_of(ctx)
    file = _file(ctx)
    rows = [
        {"setting": key, "value": _shown(_value(settings, key), info), "from": origin_of(key, file, os.environ)}
        for key, info in fields_of(Settings)
    ]
    if as_json:
        click.echo(json.dumps({"file": str(file.path) if file.path else None, "settings": rows}, indent=2))
        return
    click.echo(f"settings file: {file.path or 'none'}")
    wide = max(len(f"{row['setting']} = {json.dumps(row['value'])}") for row in rows)
    for row in rows:
        left = f"{row['setting']} = {json.dumps(row['value'])}"
        click.echo(left if row["from"] == "default" else f"{left:{min(wide, 60)}}  # {row['from']}")


@config.command()
@click.pass_context
def check(ctx: click.Context) -> None:
    """Check the settings and that the files they name are there; exit status 1 where something is wrong."""
    settings = settings_of(ctx)
    file = _file(ctx)
    for key in FILES_TO_READ:
        path = _value(settings, key)
        if isinstance(path, Path) and not path.is_file():
            line = file.lines.get(key)
            where = str(file.path) if line else None
            raise ConfigError(f"{key}: there is no file {path}", path=where, line=line)
    _check_channels(settings, file)
    click.echo(f"settings are good ({file.path or 'no settings file; defaults and environment'})")


def _check_channels(settings: Settings, file: TomlFile) -> None:
    """Check the addresses of channels, which only Apprise can judge; nothing is sent."""
    services = [channel for channel in settings.delivery.channels if not channel.url.lower().startswith("http")]
    if not services:
        return
    from monitor.delivery.channels import ChannelError
    from monitor.delivery.services import check_address

    for channel in services:
        try:
            check_address(channel.url)
        except ChannelError as error:
            line = file.line_of(f"delivery.channels.{settings.delivery.channels.index(channel)}.url")
            path = str(file.path) if line else None
            raise ConfigError(f"channel {channel.name}: {error.reason}", path=path, line=line) from None


@config.command()
def example() -> None:
    """Print a settings file with every setting, commented: its meaning, unit, range and default."""
    click.echo(files("monitor.cli").joinpath(EXAMPLE).read_text(encoding="utf-8"), nl=False)


def render_example() -> str:
    """Return the sample file, made from the settings themselves; a test compares it with the shipped one."""
    return "\n".join(_example_lines()) + "\n"


def _example_lines() -> Iterator[str]:
    yield "# Counterclaim's settings: all of them, with their defaults. Take away the # of a line to change it."
    yield "# Read from: --config FILE, else $COUNTERCLAIM_CONFIG, else ./counterclaim.toml,"
    yield "# else ~/.config/counterclaim/counterclaim.toml."
    yield "# A variable goes before the file: COUNTERCLAIM_FEEDS__INTERVAL_S=300. Relative paths count from this file."
    yield from _example_fields(Settings)
    for name, info in Settings.model_fields.items():
        section = section_of(info)
        if section is not None:
            yield from ("", f"[{name}]", f"# {(section.__doc__ or '').strip()}")
            yield from _example_fields(section)


def _example_fields(model: type[BaseModel]) -> Iterator[str]:
    for name, info in model.model_fields.items():
        if section_of(info) is None:
            shown = info.examples[0] if info.examples else default_of(info)
            note = "an example; not set by default" if info.examples else ""
            yield from ("", f"# {info.description} ({allowed(info)}{'; ' if note else ''}{note})")
            yield f"# {name} = {_toml(shown)}"


def _toml(value: Any) -> str:
    """Return a value as TOML writes it on one line."""
    if isinstance(value, dict):
        return "{ " + ", ".join(f"{key} = {_toml(item)}" for key, item in value.items()) + " }"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(map(_toml, value)) + "]"
    return json.dumps(value)


def _file(ctx: click.Context) -> TomlFile:
    found = find_file(ctx.find_root().obj)
    return read_toml(found, Settings) if found else TomlFile.empty()


def _value(settings: Settings, key: str) -> Any:
    value: Any = settings
    for part in key.split("."):
        value = getattr(value, part)
    return value


def _shown(value: Any, info: FieldInfo) -> Any:
    """Return a value as JSON takes it, a secret masked; of a URL that may hold a token the host is left to see."""
    if isinstance(value, tuple) and (not value or isinstance(value[0], BaseModel)):
        return [
            {name: _shown(getattr(row, name), type(row).model_fields[name]) for name in row.model_fields_set}
            for row in value
        ]
    if value is not None and is_secret(info):
        parts = urlsplit(str(value))
        return f"{parts.scheme}://{parts.hostname}/***" if parts.scheme and parts.hostname else "***"
    return str(value) if isinstance(value, Path) else value
