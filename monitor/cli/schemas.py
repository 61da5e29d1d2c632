"""``counterclaim schemas``: the wire contract as files."""

from __future__ import annotations

from pathlib import Path

import click

from monitor.contract import write_contract

__all__ = ["schemas"]


@click.group()
def schemas() -> None:
    """The wire contract: JSON Schema and AsyncAPI, from the models in schemas/."""


@schemas.command()
@click.argument("folder", type=click.Path(file_okay=False, path_type=Path))
def write(folder: Path) -> None:
    """Write the files into FOLDER."""
    click.echo(f"{len(write_contract(folder))} files in {folder}")
