"""``counterclaim evaluate WHAT FILE``: the scores of a stage on a labelled file."""

from __future__ import annotations

import importlib
from pathlib import Path
from typing import Final

import click
from rich.console import Console

from monitor.errors import InputError
from monitor.evaluation.report import Report

__all__ = ["STAGES", "evaluate"]

STAGES: Final[dict[str, str]] = {
    "judge": "pairs that contradict, agree or are unrelated (real_pairs.jsonl.gz, Emergent train.csv)",
    "alerts": "a stream of articles, or alerts read and labelled",
    "attribution": "who says what (PolNeAR)",
    "topics": "the topics of articles (Reuters-21578)",
    "language": "the language of sentences",
    "stories": "stories and copies (UCI, ECB+)",
}
"""What can be scored, and on which files: ``monitor/evaluation/<name>.py`` has ``evaluate(path) -> Report``."""

_WIDTH: Final = 120
"""Columns of the table where the output is no terminal."""


@click.command(epilog="WHAT: " + "; ".join(f"{name}: {text}" for name, text in STAGES.items()) + ".")
@click.argument("what", type=click.Choice(sorted(STAGES)), metavar="WHAT")
@click.argument("file", type=click.Path(path_type=Path))
@click.option(
    "--labels",
    type=click.Path(path_type=Path),
    help="For alerts: what readers said of alerts of the same stream (JSON Lines of places and verdicts).",
)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object instead of a table.")
def evaluate(what: str, file: Path, labels: Path | None, as_json: bool) -> None:
    """Score a stage on a labelled FILE."""
    if labels is not None and what != "alerts":
        raise click.UsageError("--labels goes with alerts alone")
    module = importlib.import_module(f"monitor.evaluation.{what}")
    try:
        report = module.evaluate(file, labels) if labels is not None else module.evaluate(file)
    except OSError as error:
        raise InputError(f"cannot be read: {error.strerror or error}", path=str(file)) from error
    assert isinstance(report, Report)
    if as_json:
        click.echo(report.to_json())
        return
    console = Console()
    (console if console.is_terminal else Console(width=_WIDTH)).print(report.table())
