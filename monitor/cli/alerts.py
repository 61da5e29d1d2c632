"""``counterclaim alerts``: follow and find alerts, and say what you make of them."""

from __future__ import annotations

import asyncio
import contextlib
import getpass
import json
import re
import sys
from collections.abc import AsyncGenerator, Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar, cast

import click

from monitor.cli.options import broker_option, settings_of
from monitor.errors import CounterclaimError, InputError
from monitor.text.rows import time_of
from schemas import AlertKind, AlertState, Feedback, FeedbackAction, FeedbackVerdict, PublisherKind, Severity

if TYPE_CHECKING:
    from monitor.archive.queries import AlertQuery
    from monitor.archive.reader import Reader
    from monitor.archive.views import AlertRow

__all__ = ["alerts"]

F = TypeVar("F", bound=Callable[..., Any])

LOOKED_THROUGH = 5000
"""Newest alerts among which the beginning of an id is looked for."""
_SPAN = re.compile(r"(\d+)\s*(m|h|d)")
_UNITS = {"m": "minutes", "h": "hours", "d": "days"}

json_option = click.option("--json", "as_json", is_flag=True, help="One JSON object a line.")


class Moment(click.ParamType):
    """A moment: ISO 8601 (UTC where no zone is given), or a span like 90m, 12h or 7d; ``sign`` -1: ago, 1: from now."""

    name = "when"

    def __init__(self, sign: int) -> None:
        self._sign = sign

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> datetime:
        """Return the moment, or fail with what is allowed."""
        text = str(value).strip()
        span = _SPAN.fullmatch(text)
        if span is not None:
            return datetime.now(UTC) + self._sign * timedelta(**{_UNITS[span[2]]: int(span[1])})
        try:
            moment = time_of(text)
        except InputError:
            moment = None
        if moment is None:
            self.fail(f"{text!r}: write a moment like 2026-11-25T08:00 or 2026-11-25, or a span like 90m, 12h, 7d")
        return moment


def filter_options(command: F) -> F:
    """Add the filters of alerts to a command."""
    for option in (
        click.option("--publisher-kind", type=_choice(PublisherKind), help="Carried by such a publisher."),
        click.option("--language", metavar="TAG", help="With an article in this language on either side."),
        click.option("--snoozed/--not-snoozed", default=None, help="Only those put off, or not."),
        click.option("--acked/--not-acked", default=None, help="Only those taken on, or not."),
        click.option("--until", type=Moment(-1), help="Updated before then."),
        click.option("--since", type=Moment(-1), help="Updated since then: 2026-11-25T08:00, or 12h (ago)."),
        click.option("--state", multiple=True, type=_choice(AlertState), help="May be given several times."),
        click.option("--severity", multiple=True, type=_choice(Severity), help="May be given several times."),
        click.option("--kind", type=_choice(AlertKind)),
        click.option("--topic", metavar="SLUG"),
    ):
        command = option(command)
    return command


def _choice(kind: Any) -> click.Choice[str]:
    return click.Choice([member.value for member in kind])


@click.group()
def alerts() -> None:
    """Follow and find alerts, and say what you make of them.

    `tail` reads Kafka; `list`, `show` and `export` read the archive; the others are sent to Kafka, where every
    channel, the desk and the archive obey them.
    """


@alerts.command()
@click.option("--all", "every", is_flag=True, help="Those that there are first, then the new ones.")
@click.option("--topic", metavar="SLUG")
@click.option("--kind", type=_choice(AlertKind))
@click.option("--min-severity", type=_choice(Severity), default="low", show_default=True)
@click.option("-n", "--count", type=click.IntRange(1), help="End after so many.")
@json_option
@broker_option
@click.pass_context
def tail(
    ctx: click.Context,
    /,
    every: bool,
    topic: str | None,
    kind: str | None,
    min_severity: str,
    count: int | None,
    as_json: bool,
    broker: str | None,
) -> None:
    """Print alerts as they come, each revision; Ctrl-C ends it."""
    severities = [severity.value for severity in Severity]
    wanted = set(severities[severities.index(min_severity) :])

    async def follow() -> None:
        from monitor.delivery.log import follow_alerts  # aiokafka takes a moment

        left = count
        followed = follow_alerts(
            settings_of(ctx, broker=broker),
            from_beginning=every,
            ready=lambda: click.echo("waiting for alerts; Ctrl-C ends", err=True),
            refused=lambda error: click.echo(f"counterclaim: {error}", err=True),
        )
        async with contextlib.aclosing(cast("AsyncGenerator[Any]", followed)) as stream:
            async for alert in stream:
                if alert.severity.value not in wanted or (kind is not None and alert.kind.value != kind):
                    continue
                if topic is not None and topic not in alert.topics:
                    continue
                click.echo(json.dumps(alert.to_json(), ensure_ascii=False) if as_json else _line(alert))
                left = left - 1 if left is not None else None
                if left == 0:
                    return

    asyncio.run(follow())


@alerts.command("list")
@filter_options
@click.option("-n", "--limit", type=click.IntRange(1), default=50, show_default=True)
@json_option
@click.pass_context
def list_alerts(ctx: click.Context, /, limit: int, as_json: bool, **filters: Any) -> None:
    """List alerts out of the archive, the last updated first."""
    shown = 0
    with _reader(ctx) as reader:
        for row in _rows(reader, _query(filters), limit):
            shown += 1
            click.echo(json.dumps(_json_row(row), ensure_ascii=False) if as_json else _line(row.alert, row))
    if not as_json and not shown:
        click.echo("no such alerts", err=True)


@alerts.command()
@click.argument("alert_id", metavar="ID")
@json_option
@click.pass_context
def show(ctx: click.Context, /, alert_id: str, as_json: bool) -> None:
    """Show one alert in full, with what was done and sent; the beginning of its id is enough."""
    from monitor.delivery.words import alert_text

    with _reader(ctx) as reader:
        detail = reader.alert(_resolve(reader, alert_id))
    assert detail is not None
    if as_json:
        row = {
            "alert": detail.alert.to_json(),
            "acts": [act.to_json() for act in detail.acts],
            "notifications": [sent.to_json() for sent in detail.notifications],
        }
        click.echo(json.dumps(row, ensure_ascii=False))
        return
    click.echo(f"{detail.alert.alert_id}  revision {detail.alert.revision}  {detail.alert.state.value}\n")
    click.echo(alert_text(detail.alert))
    urls = dict.fromkeys(claim.url for side in detail.alert.sides for claim in side.claims if claim.url)
    for title, lines in (
        ("Sources", [str(url) for url in urls]),
        ("What people did", [_act_line(act) for act in detail.acts]),
        ("Sent", [f"{sent.at:%Y-%m-%d %H:%M}  {sent.channel}: {sent.state.value}" for sent in detail.notifications]),
    ):
        if lines:
            click.echo(f"\n{title}:")
            click.echo("\n".join(f"  {line}" for line in lines))


@alerts.command()
@filter_options
@click.option("--format", "form", type=click.Choice(["csv", "jsonl"]), help="Default: by the file's name, else jsonl.")
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path), required=False)
@click.pass_context
def export(ctx: click.Context, /, file: Path | None, form: str | None, **filters: Any) -> None:
    """Write alerts out of the archive as CSV or JSON Lines, to FILE or standard output, the last updated first."""
    from monitor.cli.alerts_export import write_rows

    form = form or ("csv" if file is not None and file.suffix == ".csv" else "jsonl")
    with contextlib.ExitStack() as stack:
        reader = stack.enter_context(_reader(ctx))
        try:
            out = stack.enter_context(file.open("w", encoding="utf-8", newline="")) if file else sys.stdout
            count = write_rows(_rows(reader, _query(filters)), form, out)
        except OSError as error:
            if isinstance(error, BrokenPipeError):
                raise
            raise click.FileError(str(file), error.strerror) from error
    click.echo(f"{count} alerts{f' written to {file}' if file else ''}", err=True)


# -- acts


def act_options(command: F) -> F:
    """Add to a command what every act takes."""
    for option in (
        broker_option,
        click.option("--revision", type=click.IntRange(1), help="The revision that you saw. Default: the archive's."),
        click.option("--as", "actor", metavar="NAME", help="Who does it. Default: cli: and your user name."),
    ):
        command = option(command)
    return click.argument("alert_ids", metavar="ID...", nargs=-1, required=True)(command)


undo_option = click.option("--undo", is_flag=True, help="Take it back.")


@alerts.command()
@act_options
@undo_option
@click.pass_context
def ack(ctx: click.Context, /, **given: Any) -> None:
    """Take alerts on: no channel sends updates any more, but of a correction or retraction."""
    _act(ctx, FeedbackAction.ACK, given)


@alerts.command()
@act_options
@click.option("--for", "until", type=Moment(1), help="How long, or until when: 90m, 12h, 7d, 2026-11-26T08:00.")
@undo_option
@click.pass_context
def snooze(ctx: click.Context, /, **given: Any) -> None:
    """Put alerts off: no channel sends updates until then."""
    if (given["until"] is None) != given["undo"]:
        raise click.UsageError("say how long with --for, or take it back with --undo")
    _act(ctx, FeedbackAction.SNOOZE, given)


@alerts.command()
@click.argument("verdict", type=click.Choice([verdict.value.replace("_", "-") for verdict in FeedbackVerdict]))
@act_options
@undo_option
@click.pass_context
def verdict(ctx: click.Context, /, verdict: str, **given: Any) -> None:
    """Say whether alerts were worth having: right, wrong or not-important. Of the last two no updates are sent."""
    _act(ctx, FeedbackAction.VERDICT, given | {"verdict": FeedbackVerdict(verdict.replace("-", "_"))})


@alerts.command()
@act_options
@click.option("-m", "--text", required=True, help="What to note.")
@click.pass_context
def note(ctx: click.Context, /, **given: Any) -> None:
    """Attach a note."""
    _act(ctx, FeedbackAction.NOTE, given)


@alerts.command()
@act_options
@click.option("--party", required=True, help="Who answers: the person or body that the alert names.")
@click.option("-m", "--text", required=True, help="The reply, in their words.")
@click.pass_context
def reply(ctx: click.Context, /, **given: Any) -> None:
    """Attach the reply of a party that an alert names; it is shown with the alert."""
    _act(ctx, FeedbackAction.REPLY, given)


def _act(ctx: click.Context, action: FeedbackAction, given: dict[str, Any]) -> None:
    from monitor.delivery.acts import feedback_of

    settings = settings_of(ctx, broker=given.pop("broker"))
    actor = given.pop("actor") or f"cli:{getpass.getuser()}"
    alert_ids, revision = given.pop("alert_ids"), given.pop("revision")
    now = datetime.now(UTC)
    acts = []
    if revision is None:
        with _reader(ctx) as reader:
            known = [reader.alert(_resolve(reader, alert_id)) for alert_id in alert_ids]
        seen = [(detail.alert.alert_id, detail.alert.revision) for detail in known if detail is not None]
    else:
        seen = [(alert_id, revision) for alert_id in alert_ids]
    for alert_id, number in seen:
        acts.append(feedback_of(alert_id, number, action, actor, now, **given))
    asyncio.run(_send(settings, acts))
    for act in acts:
        click.echo(f"{act.alert_id}  {_act_line(act)}")


async def _send(settings: Any, acts: list[Feedback]) -> None:
    from monitor.web.publisher import KafkaPublisher

    async with KafkaPublisher(settings).running() as publisher:
        for act in acts:
            await publisher.feedback(act)


# -- the archive


@contextlib.contextmanager
def _reader(ctx: click.Context) -> Iterator[Reader]:
    from monitor.archive.archive import url_of  # SQLAlchemy takes half a second to import
    from monitor.archive.reader import Reader

    settings = settings_of(ctx)
    url = url_of(settings)
    if url.startswith("sqlite:///") and not Path(url.removeprefix("sqlite:///")).exists():
        raise CounterclaimError(
            f"there is no archive yet at {url.removeprefix('sqlite:///')}",
            hint="The pipeline's archive daemon writes it: counterclaim up.",
        )
    reader = Reader(url)
    try:
        yield reader
    finally:
        reader.close()


def _rows(reader: Reader, query: AlertQuery, limit: int | None = None) -> Iterator[AlertRow]:
    cursor, left = None, limit
    while left is None or left > 0:
        page = reader.alerts(query, cursor, min(left, 500) if left is not None else 500)
        yield from page.rows
        cursor, left = page.next_cursor, left - len(page.rows) if left is not None else None
        if cursor is None:
            return


def _query(filters: dict[str, Any]) -> AlertQuery:
    from monitor.archive.queries import AlertQuery

    return AlertQuery(
        topic=filters["topic"],
        kind=AlertKind(filters["kind"]) if filters["kind"] else None,
        severity=frozenset(map(Severity, filters["severity"])),
        state=frozenset(map(AlertState, filters["state"])),
        since=filters["since"],
        until=filters["until"],
        acked=filters["acked"],
        snoozed=filters["snoozed"],
        language=filters["language"],
        publisher_kind=PublisherKind(filters["publisher_kind"]) if filters["publisher_kind"] else None,
    )


def _resolve(reader: Reader, beginning: str) -> str:
    """Return the one alert id that begins with ``beginning``.

    Raises:
        InputError: there is none, or there are several.
    """
    if reader.alert(beginning) is not None:
        return beginning
    from monitor.archive.queries import AlertQuery

    rows = _rows(reader, AlertQuery(), LOOKED_THROUGH)
    found = [row.alert.alert_id for row in rows if row.alert.alert_id.startswith(beginning)]
    if len(found) == 1:
        return found[0]
    what = "no alert" if not found else f"{len(found)} alerts"
    raise InputError(f"{what} with an id that begins with {beginning!r}", hint="counterclaim alerts list shows them")


# -- in words


def _line(alert: Any, row: AlertRow | None = None) -> str:
    from monitor.delivery.words import alert_line

    marks = [alert.state.value] if alert.state is not AlertState.CONTESTED else []
    if row is not None:
        marks += [f"acked by {row.standing.acked_by}"] if row.standing.acked_by else []
        marks += [f"snoozed until {row.standing.snoozed_until:%Y-%m-%d %H:%M}Z"] if _is_snoozed(row) else []
        marks += [row.standing.verdict.value.replace("_", " ")] if row.standing.verdict else []
    said = f" ({', '.join(marks)})" if marks else ""
    return f"{alert.alert_id}  {alert.updated_at:%Y-%m-%d %H:%M}Z  r{alert.revision}  {alert_line(alert)}{said}"


def _is_snoozed(row: AlertRow) -> bool:
    return row.standing.is_snoozed(datetime.now(UTC))


def _json_row(row: AlertRow) -> dict[str, Any]:
    from monitor.cli.alerts_export import json_row

    return json_row(row)


def _act_line(act: Feedback) -> str:
    what = act.action.value + (f" {act.verdict.value.replace('_', ' ')}" if act.verdict else "")
    what += f" until {act.until:%Y-%m-%d %H:%M}Z" if act.until else ""
    what = f"{what} taken back" if act.undo else what
    said = f": {act.text}" if act.text else ""
    return f"{act.at:%Y-%m-%d %H:%M}Z  {what} by {act.party or act.actor}{said}"
