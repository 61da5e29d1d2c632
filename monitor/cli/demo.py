"""``counterclaim demo``: the whole pipeline on sample feeds that are served here, in a data folder of its own."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import sys
from datetime import UTC, datetime
from pathlib import Path

import click

from monitor.broker.probe import free_port
from monitor.cli.options import settings_of
from monitor.cli.pipeline import run_plan
from monitor.delivery.words import alert_text
from monitor.errors import CounterclaimError
from monitor.run.child import ChildSpec
from monitor.run.session import Plan
from monitor.settings import ENV_PREFIX, FeedSettings, Settings

__all__ = ["demo", "demo_plan", "serve_feeds"]

TICK_S = 0.5
"""Seconds between looks at which of the sample feeds is due."""
AT_ONCE = 16
"""Requests at once: all the sample feeds are on one host, our own, to which nobody need be polite."""


@click.command()
@click.option("--once", is_flag=True, help="Stop at the first alert, print it on standard output and exit.")
@click.option("--json", "as_json", is_flag=True, help="With --once: the alert as JSON. Else: one JSON object an event.")
@click.option(
    "--pace", default=60.0, show_default=True, type=click.FloatRange(0), help="Seconds until all items are out."
)
@click.option("--keep", is_flag=True, help="Go on with the data of the last demo; it is removed otherwise.")
@click.option("--no-desk", is_flag=True, help="Serve no desk: the pipeline alone.")
@click.option("--plain", is_flag=True, help="One line an event, also on a terminal.")
@click.option(
    "--within", default=300.0, show_default=True, type=click.FloatRange(1), help="With --once: seconds to wait for it."
)
@click.pass_context
def demo(
    ctx: click.Context,
    once: bool,
    as_json: bool,
    pace: float,
    keep: bool,
    no_desk: bool,
    plain: bool,
    within: float,
) -> None:
    """Run the whole pipeline on the sample feeds: a broker of its own, all daemons, the desk, and a live view.

    Everything lies in the folder `demo` of the data folder. Feeds, topics, cluster and delivery are the demo's own,
    whatever your settings say, so that no sample reaches your topics or your webhook.
    """
    plan = demo_plan(
        settings_of(ctx), pace, keep=keep, alert_within_s=within if once else None, desk=not once and not no_desk
    )
    if not once:
        run_plan(plan, as_json=as_json, plain=plain)
        return
    alert = run_plan(plan, progress=sys.stderr)
    if alert is None:
        raise CounterclaimError("the demo was stopped before there was an alert")
    click.echo(json.dumps(alert.to_json(), ensure_ascii=False) if as_json else alert_text(alert))


def demo_plan(
    own: Settings, pace_s: float, *, keep: bool = False, alert_within_s: float | None = None, desk: bool = False
) -> Plan:
    """Return the plan of the demo: of the user's own settings only data folder, Java, memory and log level count."""
    data = (own.data / "demo").absolute()
    port = free_port("127.0.0.1")
    roster = data / "roster.toml"
    environ = {name: value for name, value in os.environ.items() if not name.upper().startswith(ENV_PREFIX)}
    environ |= {
        "COUNTERCLAIM_CONFIG": os.devnull,
        "COUNTERCLAIM_DATA": str(data),
        "COUNTERCLAIM_LOG_LEVEL": own.log_level,
    }
    feeds = FeedSettings(roster=roster, allow_private=True, tick_s=TICK_S, host_gap_s=0, per_host=AT_ONCE)
    for name in feeds.model_fields_set:
        environ[f"COUNTERCLAIM_FEEDS__{name.upper()}"] = str(getattr(feeds, name))
    settings = Settings.model_construct(
        **{
            **{name: info.get_default(call_default_factory=True) for name, info in Settings.model_fields.items()},
            "data": data,
            "log_level": own.log_level,
            "broker": own.broker,
            "feeds": feeds,
        }
    )
    return Plan(
        settings,
        environ,
        feeds=ChildSpec("feeds", serve_feeds, (port, pace_s, roster), environ),
        alert_within_s=alert_within_s,
        desk=desk,
        fresh=not keep,
        any_port=True,
    )


def serve_feeds(port: int, pace_s: float, roster: Path) -> None:
    """Serve the sample feeds in this process until SIGTERM, and write their roster: the demo's first process."""
    asyncio.run(_serve_feeds(port, pace_s, roster))


async def _serve_feeds(port: int, pace_s: float, roster: Path) -> None:
    from monitor.demo.corpus import load
    from monitor.demo.server import DemoServer

    stopped = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stopped.set)
    async with DemoServer(load(datetime.now(UTC)), port=port, pace_s=pace_s) as server:
        await asyncio.to_thread(roster.write_text, server.roster(), encoding="utf-8")
        print(server.base_url, flush=True)
        await stopped.wait()
