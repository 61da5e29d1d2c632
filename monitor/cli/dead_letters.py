"""``counterclaim dead-letters``: what could not be processed, why, and sending it again after the fix."""

from __future__ import annotations

import asyncio
import json

import click

from monitor.cli.options import broker_option, settings_of
from monitor.settings import Settings
from schemas import DeadLetter

__all__ = ["dead_letters"]

HEAD = 2000
"""Characters of a record that ``show`` prints without ``--json``."""

stage_option = click.option("--stage", metavar="NAME", help="Only those of one stage: poll, enrich, dedupe...")
json_option = click.option("--json", "as_json", is_flag=True, help="One JSON object a line.")


@click.group("dead-letters")
def dead_letters() -> None:
    """What could not be processed: records that a stage refused, kept whole.

    A letter is open until it is sent again with `retry`.
    """


@dead_letters.command("list")
@stage_option
@json_option
@broker_option
@click.pass_context
def list_letters(ctx: click.Context, stage: str | None, as_json: bool, broker: str | None) -> None:
    """List the open letters, oldest first."""
    letters = _open(settings_of(ctx, broker=broker), stage)
    for letter in letters:
        if as_json:
            click.echo(json.dumps(letter.to_json(), ensure_ascii=False))
        else:
            click.echo(_line(letter))
    if not as_json:
        click.echo(f"{len(letters)} open" if letters else "no open dead letters", err=True)


@dead_letters.command()
@click.argument("letter_id", metavar="ID")
@json_option
@broker_option
@click.pass_context
def show(ctx: click.Context, letter_id: str, as_json: bool, broker: str | None) -> None:
    """Show one letter whole; the beginning of its id is enough."""
    from monitor.stream.dead_letters import choose

    letter = choose(_open(settings_of(ctx, broker=broker), None), letter_id)
    if as_json:
        click.echo(json.dumps(letter.to_json(), ensure_ascii=False))
        return
    for name, value in letter.to_json().items():
        if name not in ("value", "value_head", "key"):
            click.echo(f"{name:<22} {value}")
    click.echo(f"{'key':<22} {_text(letter.key)}")
    record = _text(letter.value if not letter.truncated else letter.value_head)
    click.echo(f"{'value':<22} {record[:HEAD]}{' [...]' if len(record) > HEAD or letter.truncated else ''}")


@dead_letters.command()
@click.argument("letter_ids", metavar="[ID]...", nargs=-1)
@click.option("--all", "every", is_flag=True, help="All open letters (with --stage: of that stage).")
@stage_option
@json_option
@broker_option
@click.pass_context
def retry(
    ctx: click.Context, letter_ids: tuple[str, ...], every: bool, stage: str | None, as_json: bool, broker: str | None
) -> None:
    """Send records to the topics they came from, in the order given, and close their letters.

    What fails again comes back as a new letter. A record too large for a letter is read from its topic, as long as
    the topic's retention keeps it.
    """
    if bool(letter_ids) == every:
        raise click.UsageError("name the letters, or say --all")
    if stage and not every:
        raise click.UsageError("--stage goes with --all")
    from monitor.stream.dead_letters import choose
    from monitor.stream.dead_letters import retry as send_again

    settings = settings_of(ctx, broker=broker)
    letters = _open(settings, stage)
    chosen = letters if every else [choose(letters, letter_id) for letter_id in letter_ids]
    results = asyncio.run(send_again(settings, chosen))
    for result in results:
        letter = result.letter
        if as_json:
            row = {"dead_letter_id": letter.dead_letter_id, "sent": result.reason is None, "reason": result.reason}
            click.echo(json.dumps(row))
        else:
            click.echo(
                f"{letter.dead_letter_id}  {'sent to ' + letter.topic if result.reason is None else result.reason}"
            )
    if any(result.reason for result in results):
        ctx.exit(1)


def _open(settings: Settings, stage: str | None) -> list[DeadLetter]:
    from monitor.stream.dead_letters import open_letters

    return asyncio.run(open_letters(settings, stage))


def _line(letter: DeadLetter) -> str:
    place = f"{letter.topic}[{letter.partition}]@{letter.offset}"
    when = letter.failed_at.isoformat(timespec="seconds")
    reason = " ".join(f"{letter.error}: {letter.reason}".split())
    return f"{letter.dead_letter_id}  {when}  {letter.stage:<10} {place:<24} {letter.value_size:>8} B  {reason[:160]}"


def _text(raw: bytes | None) -> str:
    return "" if raw is None else raw.decode("utf-8", "backslashreplace")
