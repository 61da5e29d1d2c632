"""What the commands have in common: the settings that ``--config`` names, and the option ``--broker``."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

import click

from monitor.settings import Settings, load

__all__ = ["broker_option", "settings_of"]

F = TypeVar("F", bound=Callable[..., Any])


def settings_of(ctx: click.Context, *, broker: str | None = None) -> Settings:
    """Return the settings for this call: the file of ``--config``, the environment, then ``broker`` over both.

    Raises:
        ConfigError: a setting is wrong; it says where and what is allowed.
    """
    overrides = {"kafka": {"broker": broker}} if broker else {}
    return load(ctx.find_root().obj, **overrides)


def broker_option(command: F) -> F:
    """Add ``--broker HOST:PORT`` to a command, as its parameter ``broker``."""
    return click.option(
        "--broker",
        metavar="HOST:PORT",
        help="Use this Kafka cluster instead of the embedded broker (setting kafka.broker).",
    )(command)
