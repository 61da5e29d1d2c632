"""``counterclaim desk``: the pages, the API and the live events over the archive; and passwords for its settings."""

from __future__ import annotations

import asyncio
import logging
import signal
import sys
import threading
import webbrowser

import click

from monitor.cli.options import broker_option, settings_of
from monitor.cli.pipeline import INTERRUPTED
from monitor.settings import Settings

__all__ = ["desk"]

LEAST_PASSWORD = 8
READY = "desk at "
"""Before the address, on the one line of standard output."""


@click.group(invoke_without_command=True)
@click.option("--open", "in_browser", is_flag=True, help="Show it in the browser.")
@click.option("--host", metavar="ADDRESS", help="Address to listen on (setting web.host).")
@click.option("--port", type=click.IntRange(0, 65535), help="TCP port; 0: a free one (setting web.port).")
@broker_option
@click.pass_context
def desk(ctx: click.Context, in_browser: bool, host: str | None, port: int | None, broker: str | None) -> None:
    """Serve the desk alone: what the archive holds, live where the pipeline runs. Ctrl-C stops it.

    `up` and `demo` have a desk already.
    """
    if ctx.invoked_subcommand is not None:
        return
    settings = settings_of(ctx, broker=broker)
    given = {name: value for name, value in (("host", host), ("port", port)) if value is not None}
    settings = settings.model_copy(update={"web": settings.web.model_copy(update=given)})
    if _run(settings, in_browser) == signal.SIGINT:
        sys.exit(INTERRUPTED)


@desk.command()
def password() -> None:
    """Ask for a password and print what stands for it in the settings (web.users)."""
    from monitor.web.passwords import hash_password

    chosen = click.prompt("Password", hide_input=True, confirmation_prompt=True, err=True)
    if len(chosen) < LEAST_PASSWORD:
        raise click.UsageError(f"a password has at least {LEAST_PASSWORD} characters")
    click.echo(hash_password(chosen))


def _run(settings: Settings, in_browser: bool) -> signal.Signals | None:
    from monitor.web.run import serve  # FastAPI takes a second to import

    logging.basicConfig(
        level=settings.log_level.upper(), stream=sys.stderr, format="%(asctime)s %(levelname)s %(name)s: %(message)s"
    )
    for noisy in ("aiokafka", "kafka"):
        logging.getLogger(noisy).setLevel(logging.ERROR)

    def ready(address: str) -> None:
        click.echo(f"{READY}{address}")
        sys.stdout.flush()
        if in_browser:
            threading.Thread(target=webbrowser.open, args=(address,), daemon=True).start()

    return asyncio.run(serve(settings, ready))
