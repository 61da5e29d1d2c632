"""``counterclaim up`` and ``counterclaim worker``: the whole pipeline, and one daemon of it."""

from __future__ import annotations

import asyncio
import importlib
import os
import signal
import sys
from typing import IO

import click

from monitor.broker.server import bootstrap
from monitor.cli.options import broker_option, settings_of
from monitor.run.daemons import DAEMONS, find_daemon
from monitor.run.session import Plan, Session
from monitor.settings import Settings, find_file
from schemas.alert import Alert

__all__ = ["environment_for", "run_plan", "up", "with_broker", "worker"]

INTERRUPTED = 130
"""Exit status after Ctrl-C, as shells have it: 128 + SIGINT. After SIGTERM it is 0: the stop was asked for."""


class Workers(click.ParamType):
    """``NAME=N``: a daemon and its number of processes, as a pair."""

    name = "name=n"

    def convert(
        self, value: object, param: click.Parameter | None, ctx: click.Context | None
    ) -> tuple[str, int] | None:
        """Return (name, number), or fail with what is allowed."""
        name, _, number = str(value).partition("=")
        if name not in {daemon.name for daemon in DAEMONS}:
            self.fail(f"there is no daemon {name!r}; there are {', '.join(daemon.name for daemon in DAEMONS)}")
        if not number.isdecimal() or not 1 <= int(number) <= 64:
            self.fail(f"{value!r}: write NAME=N with N from 1 to 64, as in enrich=2")
        return name, int(number)


@click.command()
@broker_option
@click.option("--workers", multiple=True, type=Workers(), metavar="NAME=N", help="Processes of a daemon; default one.")
@click.option("--no-desk", is_flag=True, help="Serve no desk: the pipeline alone.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object an event on standard output.")
@click.option("--plain", is_flag=True, help="One line an event, also on a terminal.")
@click.pass_context
def up(
    ctx: click.Context,
    broker: str | None,
    workers: tuple[tuple[str, int], ...],
    no_desk: bool,
    as_json: bool,
    plain: bool,
) -> None:
    """Run the whole pipeline on your own feeds: broker, all daemons, the desk, and a live view. Ctrl-C stops it."""
    settings = settings_of(ctx, broker=broker)
    if not no_desk:
        from monitor.web.accounts import check_binding

        check_binding(settings.web)
    plan = Plan(settings, environment_for(ctx, settings), dict(workers), desk=not no_desk)
    run_plan(plan, as_json=as_json, plain=plain)


@click.command()
@click.argument("name")
@click.option("--instance", metavar="I", help="Name among its kind on this machine; default: the first free number.")
@broker_option
@click.pass_context
def worker(ctx: click.Context, name: str, instance: str | None, broker: str | None) -> None:
    """Run the daemon NAME alone: poll, enrich, dedupe, topics, extract, contradict, deliver or archive.

    Workers of one daemon on one machine have names of their own, for each keeps its state in a folder of that name.
    """
    daemon = find_daemon(name)
    settings = settings_of(ctx, broker=broker)
    from monitor.stream import run_worker  # Faust takes a second to import

    stage = importlib.import_module(daemon.module).stage
    run_worker(stage, with_broker(settings), instance)


def with_broker(settings: Settings) -> Settings:
    """Return the settings with the address of the cluster in use: the one set, else that of the embedded broker.

    Raises:
        BrokerError: none is set and none runs.
    """
    kafka = settings.kafka.model_copy(update={"broker": bootstrap(settings)})
    return settings.model_copy(update={"kafka": kafka})


def environment_for(ctx: click.Context, settings: Settings) -> dict[str, str]:
    """Return the environment that makes a daemon read the same settings as this command does."""
    found = find_file(ctx.find_root().obj)
    variables = {**os.environ, "COUNTERCLAIM_DATA": str(settings.data.absolute())}
    if found:
        variables["COUNTERCLAIM_CONFIG"] = str(found)
    if settings.kafka.broker:
        variables["COUNTERCLAIM_KAFKA__BROKER"] = settings.kafka.broker
    return variables


def run_plan(
    plan: Plan, *, as_json: bool = False, plain: bool = False, progress: IO[str] | None = None
) -> Alert | None:
    """Run a plan with the view that fits the terminal and return its first alert; exit with 130 after Ctrl-C.

    ``progress``: write lines there instead of showing a view on standard output.
    """
    first, number = asyncio.run(_run(plan, as_json, plain, progress))
    if number == signal.SIGINT:
        sys.exit(INTERRUPTED)
    return first


async def _run(
    plan: Plan, as_json: bool, plain: bool, progress: IO[str] | None
) -> tuple[Alert | None, signal.Signals | None]:
    from monitor.run.lines import JsonView, LineView, View

    view: View
    if progress is not None:
        view = LineView(progress)
    elif as_json:
        view = JsonView(sys.stdout)
    elif plain or not sys.stdout.isatty():
        view = LineView(sys.stdout)
    else:
        from rich.console import Console

        from monitor.run.view import LiveView

        view = LiveView(Console())
    session = Session(plan, view)
    try:
        number = await session.run()
    finally:
        view.close()
    return session.first_alert, number
