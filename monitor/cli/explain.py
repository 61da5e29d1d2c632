"""``counterclaim explain A B``: gate by gate, why two texts raise an alert or none."""

from __future__ import annotations

from pathlib import Path

import click
from rich.console import Console
from rich.table import Table

from monitor.claims.explain import Explanation, explain_articles, explain_texts
from monitor.claims.judge import judge_of
from monitor.cli.options import settings_of
from monitor.errors import InputError
from monitor.text.rows import time_of

__all__ = ["explain"]


@click.command()
@click.argument("a")
@click.argument("b")
@click.option("--date-a", help="When A was published, ISO 8601.")
@click.option("--date-b", help="When B was published, ISO 8601.")
@click.pass_context
def explain(ctx: click.Context, a: str, b: str, date_a: str | None, date_b: str | None) -> None:
    """Show gate by gate why A and B, two statements or two files of articles, raise an alert or none."""
    moments, judge = (time_of(date_a), time_of(date_b)), judge_of(settings_of(ctx).judge)
    files = [path for path in (_file(a), _file(b)) if path is not None]
    if len(files) == 1:
        raise InputError("give two files or two statements, not one of each", path=str(files[0]))
    if files:
        texts = [_text_of(path) for path in files]
        found = explain_articles(texts[0], texts[1], *moments, judge)
    else:
        found = [explain_texts(a, b, *moments, judge)]
    console = Console()
    if not found:
        console.print("The two make no claims that could conflict.")
    for one in found:
        _print(console, one)


def _file(argument: str) -> Path | None:
    path = Path(argument)
    try:
        return path if path.is_file() else None
    except OSError:  # A statement may be longer than a file's name can be.
        return None


def _text_of(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f"cannot be read as text: {error}", path=str(path)) from error


def _print(console: Console, explanation: Explanation) -> None:
    table = Table(title=explanation.verdict, title_justify="left", caption_justify="left", show_lines=False)
    for column in ("Gate", "Outcome", "Why"):
        table.add_column(column)
    for step in explanation.steps:
        table.add_row(step.gate, step.outcome.value, step.why)
    console.print(f"A  {explanation.a}\nB  {explanation.b}", style="bold", markup=False, highlight=False)
    console.print(table)
