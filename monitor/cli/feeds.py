"""``counterclaim feeds``: the roster of feeds."""

from __future__ import annotations

import asyncio
import json
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import click
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn
from rich.table import Table

from monitor.cli.options import settings_of
from monitor.errors import FeedError
from monitor.feeds.check import FeedCheck, check_feeds
from monitor.feeds.discover import FoundFeed, find_feeds
from monitor.feeds.fetch import HttpFetcher
from monitor.feeds.identity import is_url, site_of
from monitor.feeds.opml import write_opml
from monitor.feeds.pool import ParserPool
from monitor.feeds.publishers import publisher_of
from monitor.feeds.roster import Feed, Roster
from monitor.feeds.roster_edit import RosterFile
from monitor.feeds.roster_file import load_roster, read_feeds, user_roster
from monitor.feeds.roster_toml import write_toml
from monitor.settings import FeedSettings
from schemas import PublisherKind

__all__ = ["feeds"]

_json_option = click.option("--json", "as_json", is_flag=True, help="One JSON object a line.")


@click.group()
def feeds() -> None:
    """List, try and change the feeds that are polled.

    The roster is the file of the setting feeds.roster, else feeds.toml in the configuration folder, else the shipped
    one; the first change copies the shipped one there. A running poller follows the file.
    """


@feeds.command("list")
@_json_option
@click.pass_context
def list_feeds(ctx: click.Context, as_json: bool) -> None:
    """List the feeds."""
    roster = _roster(ctx)
    if as_json:
        for feed in roster:
            click.echo(json.dumps(_row(feed), ensure_ascii=False))
        return
    table = Table(box=None, pad_edge=False)
    for column in ("title", "kind", "country", "language", "address"):
        table.add_column(column, overflow="fold")
    for feed in roster:
        kind = f"{feed.kind.value}, paused" if feed.paused else feed.kind.value
        table.add_row(feed.name, kind, feed.country or "-", feed.language or "-", feed.url)
    _console().print(table)
    _say_duplicates(roster)


@feeds.command()
@click.argument("name")
@click.pass_context
def show(ctx: click.Context, name: str) -> None:
    """Show all that the roster says of a feed: NAME is its address, its id, or its title."""
    row = _row(_roster(ctx).find(name))
    width = max(map(len, row))
    for key, value in row.items():
        click.echo(f"{key:<{width}}  {_plain(value)}")


@feeds.command()
@click.argument("names", nargs=-1)
@_json_option
@click.pass_context
def check(ctx: click.Context, names: tuple[str, ...], as_json: bool) -> None:
    """Try every feed (or those named) once, and say which answer. The exit status is 1 if one does not."""
    roster, settings = _roster(ctx), settings_of(ctx).feeds
    wanted = [roster.find(name) for name in names] or [feed for feed in roster if not feed.paused]
    checks = asyncio.run(_check(wanted, settings))
    good = sum(found.error is None for found in checks)
    if as_json:
        for found in checks:
            click.echo(json.dumps(_check_row(found), ensure_ascii=False))
    else:
        _console().print(_check_table(checks))
    click.echo(f"{good} of {len(checks)} feeds answer", err=True)
    if good < len(checks):
        raise SystemExit(1)


@feeds.command()
@click.argument("url")
@click.option("--title", default="")
@click.option("--publisher", default="")
@click.option("--kind", type=click.Choice([kind.value for kind in PublisherKind]), help="Default: the shipped table's.")
@click.option("--country", metavar="XX", help="ISO 3166-1 alpha-2.")
@click.option("--language", metavar="TAG", help="BCP 47. Default: the feed's own.")
@click.option("--full-text", type=click.Choice(["auto", "always", "never"]))
@click.option("--all", "every", is_flag=True, help="All the feeds of a page that has several.")
@click.pass_context
def add(ctx: click.Context, /, url: str, every: bool, kind: str | None, **given: Any) -> None:
    """Add the feed at URL, or the feed of the web page there."""
    url = url if "://" in url else f"https://{url}"
    found = asyncio.run(_find(url, settings_of(ctx).feeds))
    if len(found) > 1 and not every:
        listed = "\n".join(f"  {address}  {parsed.title}" for address, parsed in found)
        raise FeedError(f"has {len(found)} feeds:\n{listed}", url=url, hint="add one of these, or all with --all")
    file = _file(ctx)
    added, there = file.add(_new_feed(address, parsed, kind, given) for address, parsed in found)
    for feed in added:
        click.echo(f"added: {feed.name}  {feed.url}  ({feed.kind.value}) to {file.path}")
    for feed in there:
        click.echo(f"already there: {feed.url}", err=True)
    if not added:
        raise SystemExit(1)


@feeds.command()
@click.argument("name")
@click.pass_context
def remove(ctx: click.Context, name: str) -> None:
    """Take a feed out of the roster."""
    file = _file(ctx)
    feed = file.roster.find(name)
    file.remove(feed)
    click.echo(f"removed: {feed.name}  {feed.url}  from {file.path}")


@feeds.command()
@click.argument("name")
@click.pass_context
def pause(ctx: click.Context, name: str) -> None:
    """Stop polling a feed; it stays in the roster."""
    _set_paused(ctx, name, True)


@feeds.command()
@click.argument("name")
@click.pass_context
def resume(ctx: click.Context, name: str) -> None:
    """Go on polling a feed that was paused."""
    _set_paused(ctx, name, False)


@feeds.command("import")
@click.argument("file", type=click.Path(path_type=Path))
@click.pass_context
def import_feeds(ctx: click.Context, file: Path) -> None:
    """Add the feeds of an OPML or TOML file; those that are there already are reported and left as they are."""
    roster = _file(ctx)
    added, there = roster.add(read_feeds(file))
    for feed in there:
        click.echo(f"already there: {feed.url}", err=True)
    click.echo(f"{len(added)} feeds added to {roster.path}, {len(there)} were there already")


@feeds.command()
@click.argument("file", type=click.Path(path_type=Path), required=False)
@click.option("--format", "form", type=click.Choice(["opml", "toml"]), help="Default: by the file's name, else opml.")
@click.pass_context
def export(ctx: click.Context, file: Path | None, form: str | None) -> None:
    """Write the roster as OPML or TOML, to FILE or standard output."""
    roster = _roster(ctx)
    form = form or ("toml" if file and file.suffix == ".toml" else "opml")
    text = write_opml(roster) if form == "opml" else write_toml(roster)
    if file is None:
        click.echo(text, nl=False)
        return
    try:
        file.write_text(text, encoding="utf-8")
    except OSError as error:
        raise click.FileError(str(file), error.strerror) from error
    click.echo(f"{len(roster)} feeds written to {file}", err=True)


def _roster(ctx: click.Context) -> Roster:
    return load_roster(settings_of(ctx).feeds.roster)


def _file(ctx: click.Context) -> RosterFile:
    return RosterFile(settings_of(ctx).feeds.roster or user_roster())


def _set_paused(ctx: click.Context, name: str, paused: bool) -> None:
    file = _file(ctx)
    feed = file.roster.find(name)
    if feed.paused == paused:
        click.echo(f"{feed.url} is {'paused' if paused else 'not paused'} already", err=True)
        return
    file.pause(feed, paused)
    click.echo(f"{'paused' if paused else 'resumed'}: {feed.name}  {feed.url}")


async def _find(url: str, settings: FeedSettings) -> list[FoundFeed]:
    async with HttpFetcher(settings) as fetcher:
        return await find_feeds(url, fetcher)


def _new_feed(url: str, parsed: Any, kind: str | None, given: dict[str, Any]) -> Feed:
    known = publisher_of(site_of(url)) or publisher_of(site_of(parsed.link))
    feed = Feed(
        url=url,
        title=parsed.title,
        publisher=known.name if known else "",
        kind=PublisherKind(kind) if kind else (known.kind if known else PublisherKind.UNREVIEWED),
        country=known.country if known else None,
        language=parsed.language,
        site=parsed.link if is_url(parsed.link) else None,
    )
    return replace(feed, **{name: value for name, value in given.items() if value})


async def _check(wanted: list[Feed], settings: FeedSettings) -> list[FeedCheck]:
    found: dict[str, FeedCheck] = {}
    pool = ParserPool()
    columns = (TextColumn("trying feeds"), BarColumn(), MofNCompleteColumn(), TextColumn("{task.fields[last]}"))
    progress = Progress(*columns, console=_console(stderr=True), transient=True, disable=not sys.stderr.isatty())
    try:
        async with HttpFetcher(settings) as fetcher:
            with progress:
                task = progress.add_task("", total=len(wanted), last="")
                async for result in check_feeds(wanted, fetcher, pool):
                    found[result.feed.feed_id] = result
                    progress.update(task, advance=1, last=result.feed.name[:40])
    finally:
        await pool.close()
    return [found[feed.feed_id] for feed in wanted]


def _check_table(checks: list[FeedCheck]) -> Table:
    table = Table(box=None, pad_edge=False)
    for column in ("feed", "answer", "items", "newest", "language", "seconds"):
        table.add_column(column, overflow="fold", justify="right" if column in ("items", "seconds") else "left")
    for found in checks:
        answer = found.error or "ok"
        if found.moved_to:
            answer += f"; moved to {found.moved_to}"
        if found.problem:
            answer += f"; {found.problem}"
        newest = found.newest.strftime("%Y-%m-%d %H:%M") if found.newest else "-"
        items = str(found.items) if not found.error else "-"
        table.add_row(found.feed.name, answer, items, newest, found.language or "-", f"{found.took_s:.1f}")
    return table


def _check_row(found: FeedCheck) -> dict[str, Any]:
    return {
        "feed_id": found.feed.feed_id,
        "url": found.feed.url,
        "ok": found.error is None,
        "error": found.error,
        "status": found.status,
        "items": found.items,
        "newest": found.newest.isoformat() if found.newest else None,
        "language": found.language,
        "moved_to": found.moved_to,
        "problem": found.problem,
        "seconds": round(found.took_s, 3),
    }


def _row(feed: Feed) -> dict[str, Any]:
    names = [name for name in Feed.__dataclass_fields__ if name != "feed_id"]
    values = {name: getattr(feed, name) for name in names}
    values["kind"], values["folder"], values["headers"] = feed.kind.value, list(feed.folder), dict(feed.headers)
    return {"feed_id": feed.feed_id, **values, "host": feed.host}


def _plain(value: object) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list):
        return " / ".join(map(str, value)) or "-"
    return str(value) if value not in (None, "", {}) else "-"


def _say_duplicates(roster: Roster) -> None:
    for feed in roster.duplicates:
        click.echo(f"listed twice: {feed.url}", err=True)


def _console(*, stderr: bool = False) -> Console:
    console = Console(stderr=stderr, highlight=False)
    # A pipe has no width: nothing is folded there.
    return console if console.is_terminal else Console(stderr=stderr, highlight=False, width=240)
