"""``counterclaim broker``: the embedded Apache Kafka."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

import click

from monitor.broker import EmbeddedBroker
from monitor.cli.options import settings_of
from monitor.errors import BrokerError

if TYPE_CHECKING:
    from monitor.broker import RunningBroker

__all__ = ["broker"]


@click.group()
def broker() -> None:
    """The embedded Apache Kafka: one node on 127.0.0.1, data in the folder of the setting `data`."""


@broker.command()
@click.pass_context
def start(ctx: click.Context) -> None:
    """Start it unless it runs, and wait until it answers. The first start fetches the jars."""
    _show(_embedded(ctx).start())


@broker.command()
@click.pass_context
def stop(ctx: click.Context) -> None:
    """Stop it; its data stays."""
    click.echo("stopped" if _embedded(ctx).stop() else "it was not running")


@broker.command()
@click.pass_context
def status(ctx: click.Context) -> None:
    """Say whether it runs and where it listens; exit status 1 where it does not."""
    running = _embedded(ctx).status()
    if running is None:
        click.echo("not running")
        ctx.exit(1)
    _show(running)


@broker.command()
@click.option("--yes", is_flag=True, help="Do not ask.")
@click.pass_context
def reset(ctx: click.Context, yes: bool) -> None:
    """Stop it and remove its data: every topic, message and committed offset."""
    embedded = _embedded(ctx)
    if not yes:
        click.confirm(f"Remove every message in {embedded.folder.path}?", abort=True)
    embedded.reset()
    click.echo("reset")


def _embedded(ctx: click.Context) -> EmbeddedBroker:
    settings = settings_of(ctx)
    if settings.kafka.broker:
        raise BrokerError(
            f"the setting kafka.broker names another cluster: {settings.kafka.broker}",
            hint="Remove it to use the embedded broker.",
        )
    return EmbeddedBroker.from_settings(settings, progress=lambda text: click.echo(text, err=True))


def _show(running: RunningBroker) -> None:
    since = datetime.fromtimestamp(running.started_at, UTC).isoformat(timespec="seconds")
    click.echo(f"running at {running.bootstrap} since {since}")
    click.echo(f"Apache Kafka {running.kafka}, process {running.pid}, {running.java}")
