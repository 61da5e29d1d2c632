"""``counterclaim notify``: which channels there are, and whether one works."""

from __future__ import annotations

import asyncio
import sys
from datetime import UTC, datetime

import click

from monitor.cli.options import settings_of
from monitor.errors import ConfigError, CounterclaimError

__all__ = ["notify"]


@click.group()
def notify() -> None:
    """Which channels alerts go to, and whether one works."""


@notify.command("list")
@click.pass_context
def list_channels(ctx: click.Context) -> None:
    """List the channels that the settings name."""
    from monitor.delivery.posts import channel_names

    settings = settings_of(ctx).delivery
    given = {channel.name: channel for channel in settings.channels}
    for name, recorded in channel_names(settings).items():
        channel = given.get(name)
        kind = f"{channel.url.partition('://')[0]}://" if channel else recorded
        asked = channel.model_dump(exclude_unset=True, exclude={"name", "url", "secret"}) if channel else {}
        words = ", ".join(f"{key} {value}" for key, value in asked.items())
        rules = sum(name in rule.channels for rule in settings.rules)
        click.echo(f"{name:<16} {kind:<24} {f'{rules} rules' if rules else 'all alerts'}{'; ' if words else ''}{words}")
    if not channel_names(settings):
        click.echo("no channels; docs/channels.md shows how to name one", err=True)


@notify.command()
@click.argument("channel")
@click.pass_context
def test(ctx: click.Context, channel: str) -> None:
    """Send a message that is marked as a test on CHANNEL, now, whatever its hours and limits are."""
    from monitor.delivery import ChannelError, channel_names, posts_from
    from monitor.delivery.sample import sample_bulletin

    settings = settings_of(ctx).delivery
    names = channel_names(settings)
    if channel not in names:
        known = ", ".join(sorted(names)) or "none"
        raise ConfigError(
            f"there is no channel {channel!r}; there are: {known}", hint="docs/channels.md shows how to name one"
        )
    post = next(post for post in posts_from(settings, sys.stdout) if post.channel.name == names[channel])
    try:
        asyncio.run(post.channel.send(sample_bulletin(datetime.now(UTC))))
    except ChannelError as error:
        again = "trying again may help" if error.transient else "trying again will not help"
        raise CounterclaimError(f"{channel}: not sent: {error.reason}", hint=f"It was tried once; {again}.") from error
    click.echo(f"{channel}: sent", err=True)
