"""``counterclaim disk``: what takes how much, how fast it grows, and when the disk will be full."""

from __future__ import annotations

import json
from collections import Counter
from typing import Any

import click

from monitor.cli.options import settings_of

__all__ = ["disk"]

MIB = 2**20


@click.command()
@click.option("--json", "as_json", is_flag=True, help="One JSON object.")
@click.pass_context
def disk(ctx: click.Context, as_json: bool) -> None:
    """Show what takes how much of the disk, how fast it grows and when it will be full.

    The log of another cluster than the embedded broker is not seen from here. Exit status 1 where so little is free
    that nothing more is taken in.
    """
    from monitor.archive import disk as measure

    settings = settings_of(ctx)
    parts = measure.usage(settings)
    total = sum(part.size for part in parts)
    room, grows = measure.room(settings), measure.growth(settings, total)
    if settings.data.is_dir():
        measure.sample(settings, total)
    if as_json:
        row: dict[str, Any] = {
            "folder": str(settings.data), "bytes": total, "free": room.free, "needed": room.needed,
            "parts": [{"part": part.part, "name": part.name, "bytes": part.size} for part in parts],
            "bytes_a_day": grows.bytes_a_day if grows else None,
            "full_at": grows.full_at.isoformat() if grows and grows.full_at else None,
        }  # fmt: skip
        click.echo(json.dumps(row))
    else:
        sums: Counter[str] = Counter()
        for part in parts:
            sums[part.part] += part.size
        for name, size in sums.most_common():
            click.echo(f"{name:<30} {_mib(size)}")
            for part in parts:
                if part.part == name:
                    click.echo(f"  {part.name:<28} {_mib(part.size)}")
        click.echo(f"{'all of ' + str(settings.data):<30} {_mib(total)}")
        click.echo(f"{'free':<30} {_mib(room.free)}, of which {room.needed // MIB:,} MiB must stay so")
        if grows is None:
            click.echo("growth: not known yet; it is measured while the archive daemon runs, or by calling this again")
        elif grows.full_at is None:
            click.echo(f"growth: none since {grows.since:%Y-%m-%d %H:%M} UTC")
        else:
            click.echo(f"growth: {_mib(grows.bytes_a_day).strip()} a day; no room from {grows.full_at:%Y-%m-%d} on")
    if not room.is_enough:
        click.echo(f"counterclaim: {room.message}", err=True)
        ctx.exit(1)


def _mib(size: float) -> str:
    return f"{size / MIB:>12,.1f} MiB"
