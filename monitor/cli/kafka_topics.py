"""``counterclaim kafka-topics``: make and check the topics of ``schemas/topics.py``, on any cluster."""

from __future__ import annotations

import asyncio
import logging
from datetime import timedelta

import click

from monitor.broker.topics import TopicPlan, check_topics, ensure_topics, wanted_topics
from monitor.cli.options import broker_option, settings_of

__all__ = ["kafka_topics"]

MIB = 1024 * 1024


@click.group("kafka-topics")
def kafka_topics() -> None:
    """The Kafka topics: those that schemas/topics.py names, with the retention of the settings."""
    logging.getLogger("aiokafka").setLevel(logging.CRITICAL)  # what it warns of comes as one error of ours


@kafka_topics.command()
@broker_option
@click.pass_context
def create(ctx: click.Context, broker: str | None) -> None:
    """Create what is missing and set retention right; refuse a topic with other partitions or cleanup."""
    settings = settings_of(ctx, broker=broker)
    plan = ensure_topics(settings)
    _show(plan, "created", "changed")
    click.echo(f"{len(wanted_topics(settings))} topics are as they should be")


@kafka_topics.command()
@broker_option
@click.pass_context
def check(ctx: click.Context, broker: str | None) -> None:
    """Say what `create` would do, changing nothing; exit status 1 where that is anything."""
    settings = settings_of(ctx, broker=broker)
    plan = asyncio.run(check_topics(settings))
    _show(plan, "missing", "differs")
    if not plan.is_empty:
        ctx.exit(1)
    click.echo(f"{len(wanted_topics(settings))} topics are as they should be")


@kafka_topics.command("list")
@click.pass_context
def list_topics(ctx: click.Context) -> None:
    """List the topics with key, partitions, retention and cleanup; no cluster is asked."""
    row = "{:<28} {:<16} {:>10}  {:>9} {:>12}  {}"
    click.echo(row.format("topic", "key", "partitions", "kept", "a partition", "cleanup"))
    for spec in wanted_topics(settings_of(ctx)):
        size = f"{spec.retention_bytes // MIB} MiB" if spec.retention_bytes else "no bound"
        click.echo(row.format(spec.name, spec.key, spec.partitions, _time(spec.retention), size, spec.cleanup))


def _time(kept: timedelta | None) -> str:
    if kept is None:
        return "for ever"
    hours = kept.total_seconds() / 3600
    return f"{hours / 24:g} days" if hours >= 24 else f"{hours:g} h"


def _show(plan: TopicPlan, created: str, altered: str) -> None:
    for spec in plan.create:
        click.echo(f"{created}: {spec.name}, {spec.partitions} partitions, {spec.cleanup}")
    for name, key, now, value in plan.alter:
        click.echo(f"{altered}: {name}: {key} {now} -> {value}")
    for name, key, now, value in plan.refused:
        click.echo(f"refused: {name}: {key} is {now}, should be {value}", err=True)
