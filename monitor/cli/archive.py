"""``counterclaim archive``: the read model: how much it holds, building it anew, forgetting old texts."""

from __future__ import annotations

import asyncio
import json
import logging
import time

import click

from monitor.cli.options import broker_option, settings_of

__all__ = ["archive"]

SHOW_S = 1.0
"""Seconds between two lines of progress where the output is no terminal."""

json_option = click.option("--json", "as_json", is_flag=True, help="One JSON object.")


@click.group()
def archive() -> None:
    """The read model that the desk and the searches read; Kafka's topics can always build it anew."""
    logging.getLogger("aiokafka").setLevel(logging.CRITICAL)  # what it warns of comes as one error of ours


@archive.command()
@json_option
@click.pass_context
def status(ctx: click.Context, as_json: bool) -> None:
    """Show where the archive is and how much it holds."""
    from monitor.archive import Archive, url_of
    from monitor.archive.reader import Reader

    url = url_of(settings_of(ctx))
    opened = Archive(url)
    reader = Reader(opened)
    try:
        counts, sizes, shown = reader.counts(), opened.sizes(), _shown(url)
    finally:
        reader.close()
        opened.close()
    if as_json:
        click.echo(json.dumps({"database": shown, "rows": sizes}))
        return
    click.echo(f"{'database':<18} {shown}")
    for name in ("articles", "stories", "claims", "alerts", "feeds", "dead_letters"):
        click.echo(f"{name.replace('_', ' '):<18} {getattr(counts, name):,}")
    for state, count in counts.by_state.items():
        click.echo(f"  {state.value:<16} {count:,}")
    if sizes["erasures"]:
        click.echo(f"{'erased':<18} {sizes['erasures']:,} publishers and persons are not taken in again")


@archive.command()
@json_option
@broker_option
@click.pass_context
def rebuild(ctx: click.Context, as_json: bool, broker: str | None) -> None:
    """Drop the archive and read it anew from Kafka, up to where the topics end now.

    The daemons may go on meanwhile. What Kafka no longer holds is gone from the archive too.
    """
    from monitor.archive.rebuild import Progress
    from monitor.archive.rebuild import rebuild as build
    from monitor.run.daemons import find_daemon

    settings = settings_of(ctx, broker=broker)
    started = time.monotonic()
    terminal = not as_json and click.get_text_stream("stderr").isatty()
    shown_at = started

    def show(progress: Progress) -> None:
        nonlocal shown_at
        now = time.monotonic()
        if as_json or (now - shown_at < SHOW_S and progress.read < progress.total):
            return
        shown_at = now
        line = f"{progress.read:,} of {progress.total:,} records, {progress.read / max(now - started, 0.001):,.0f}/s"
        click.echo(f"\r{line}    " if terminal else line, err=True, nl=not terminal)

    done = asyncio.run(build(settings, find_daemon("archive").reads, show))
    if terminal:
        click.echo(err=True)
    seconds = time.monotonic() - started
    if as_json:
        row = {"records": done.total, "kept": done.kept, "refused": dict(done.refused), "seconds": round(seconds, 1)}
        click.echo(json.dumps(row))
        return
    click.echo(f"built anew from {done.total:,} records in {seconds:,.1f} s")
    for topic, count in sorted(done.refused.items()):
        click.echo(f"{topic}: {count:,} records are no messages of this version, passed over", err=True)
    ctx.invoke(status)


@archive.command()
@click.option("--days", type=click.FloatRange(min=0, min_open=True), help="Instead of archive.keep_text_days.")
@json_option
@click.pass_context
def prune(ctx: click.Context, days: float | None, as_json: bool) -> None:
    """Forget the full text of articles older than the setting says; quotes and what is known of them stay.

    The archive daemon does this by itself every archive.prune_s seconds.
    """
    from monitor.archive import Archive, url_of
    from monitor.archive.prune import prune as forget

    settings = settings_of(ctx)
    opened = Archive(url_of(settings))
    try:
        pruned = forget(opened, days if days is not None else settings.archive.keep_text_days)
    finally:
        opened.close()
    if as_json:
        click.echo(json.dumps({"texts": pruned.texts, "revisions": pruned.revisions, "turns": pruned.turns}))
    else:
        click.echo(f"{pruned.texts:,} texts and {pruned.revisions:,} texts of earlier revisions forgotten")


def _shown(url: str) -> str:
    """Return the URL without its password."""
    from sqlalchemy import make_url

    return make_url(url).render_as_string(hide_password=True)
