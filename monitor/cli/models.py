"""``counterclaim models``: which language models the judge can use, and how to get another."""

from __future__ import annotations

import json
from importlib import resources

import click
from rich.console import Console
from rich.table import Table

from monitor.claims.nli import CrossEncoder
from monitor.cli.options import settings_of
from monitor.errors import InputError
from monitor.models.store import BUILT_IN, KNOWN, ModelFiles, built_in, fetch, find

__all__ = ["models"]

_WIDTH = 120
"""Columns of a table where the output is no terminal."""
_CARD = "judge.md"


@click.group()
def models() -> None:
    """The language models of the judge: list, show and fetch them (setting judge.model)."""


@models.command("list")
@click.pass_context
def list_models(ctx: click.Context) -> None:
    """List the built-in model and others that fit, and say which are here."""
    chosen = settings_of(ctx).judge.model
    console = Console(width=None if Console().is_terminal else _WIDTH)
    table = Table("name", "licence", "size", "languages", "here", "used")
    files = built_in()
    here = f"{files.weights.stat().st_size / 1e6:.0f} MB" if files else "-"
    table.add_row(BUILT_IN, "Apache-2.0, MIT", here, "English", _yes(files), _yes(files if chosen is None else None))
    for model in KNOWN:
        found = find(model.name)
        used = found if chosen == model.name else None
        table.add_row(model.name, model.licence, model.size, model.languages, _yes(found), _yes(used))
    if chosen and chosen not in {model.name for model in KNOWN}:
        table.add_row(chosen, "", "", "", _yes(find(chosen)), "set")
    console.print(table)
    click.echo("Only the built-in one has been tested here. Fetch another: counterclaim models fetch NAME")


@models.command("fetch")
@click.argument("name")
def fetch_model(name: str) -> None:
    """Download a cross-encoder with ONNX weights from the hub (Hugging Face), for judge.model = NAME."""
    files = fetch(name)
    CrossEncoder(files)  # says what is wrong with its labels now, not when the daemon starts
    click.echo(f"{name}: {files.weights}\nUse it: judge.model = {json.dumps(name)}")


@models.command()
@click.argument("name", default=BUILT_IN)
def show(name: str) -> None:
    """Show the card of the built-in model, or where a fetched one is and which label is which."""
    files = built_in() if name == BUILT_IN else find(name)
    if files is None:
        raise InputError(f"model {name}: not here; counterclaim models fetch {name}")
    if name == BUILT_IN:
        click.echo(resources.files("monitor.models").joinpath(_CARD).read_text(encoding="utf-8"), nl=False)
        return
    model = CrossEncoder(files)
    click.echo(f"name:      {model.name}\nweights:   {files.weights} ({files.weights.stat().st_size / 1e6:.0f} MB)")
    click.echo(f"languages: {', '.join(sorted(model.languages)) or 'not stated: it is asked about any'}")
    click.echo(f"labels:    {model.labels}")


def _yes(found: ModelFiles | None) -> str:
    return "yes" if found else ""
