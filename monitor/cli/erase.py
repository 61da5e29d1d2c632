"""``counterclaim erase``: a publisher or a person, from the archive and from Kafka, with a report."""

from __future__ import annotations

import asyncio
import json
import logging

import click

from monitor.cli.options import broker_option, settings_of

__all__ = ["erase"]


@click.command()
@click.option("--publisher", metavar="NAME", help="All that this publisher carried, and the alerts that quote it.")
@click.option("--person", metavar="NAME", help="What this person said or is named in, exactly so written.")
@click.option("--yes", is_flag=True, help="Do not ask first.")
@click.option("--json", "as_json", is_flag=True, help="The report as one JSON object.")
@broker_option
@click.pass_context
def erase(
    ctx: click.Context, publisher: str | None, person: str | None, yes: bool, as_json: bool, broker: str | None
) -> None:
    """Erase a publisher or a person, and report what is gone and what Kafka still holds until when.

    The archive: at once; what Kafka still brings is not taken in again. Compacted topics: by tombstone. Other topics:
    when their retention removes it. There is no way back but a new name.
    """
    if (publisher is None) == (person is None):
        raise click.UsageError("name one: --publisher NAME or --person NAME")
    from monitor.archive import Archive, url_of
    from monitor.archive import erase as erasing

    logging.getLogger("aiokafka").setLevel(logging.CRITICAL)  # what it warns of comes as one error of ours
    settings = settings_of(ctx, broker=broker)
    name = publisher if publisher is not None else str(person)
    if not yes:
        click.confirm(f"Erase {name!r} for good?", abort=True, err=True)
    archive = Archive(url_of(settings))
    try:
        done = erasing.erase(archive, "publisher" if publisher is not None else "person", name)
    finally:
        archive.close()
    sent = asyncio.run(erasing.send_tombstones(settings, done.tombstones))
    remains = erasing.remains(settings, done.tombstones)
    if as_json:
        row = {
            "kind": done.kind, "name": done.name, "rows": dict(done.rows), "tombstones": sent,
            "remains": [
                {"topic": left.topic, "until": left.until.isoformat() if left.until else None, "why": left.why}
                for left in remains
            ],
        }  # fmt: skip
        click.echo(json.dumps(row, ensure_ascii=False))
        return
    click.echo(f"erased from the archive: {sum(done.rows.values()):,} rows of the {done.kind} {done.name!r}")
    for table, count in sorted(done.rows.items()):
        click.echo(f"  {table.replace('_', ' '):<20} {count:,}")
    click.echo(f"tombstones written to Kafka: {sent:,}")
    click.echo("Kafka may still hold something of it:")
    for left in remains:
        until = f"until {left.until:%Y-%m-%d}" if left.until else ""
        click.echo(f"  {left.topic:<28} {until:<18} {left.why}".rstrip())
