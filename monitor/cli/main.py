"""The command ``counterclaim``: a table of commands, each loaded only when it is called, so that filters start fast."""

from __future__ import annotations

import importlib
import os
import sys
from collections.abc import Sequence

import click

from monitor.errors import CounterclaimError

__all__ = ["cli", "main"]

COMMANDS: dict[str, tuple[str, str]] = {
    # name: (module:attribute, one line of help)
    "up": ("monitor.cli.pipeline:up", "Run the whole pipeline on your own feeds"),
    "demo": ("monitor.cli.demo:demo", "Run the whole pipeline on the sample feeds"),
    "desk": ("monitor.cli.desk:desk", "Pages, API and live events over the archive"),
    "worker": ("monitor.cli.pipeline:worker", "Run one daemon: poll, enrich, dedupe, topics, extract..."),
    "broker": ("monitor.cli.broker:broker", "The embedded Apache Kafka: start, stop, status, reset"),
    "kafka-topics": ("monitor.cli.kafka_topics:kafka_topics", "Create and check the Kafka topics"),
    "replay": ("monitor.cli.replay:replay", "Publish articles from JSON Lines to the running pipeline"),
    "dead-letters": ("monitor.cli.dead_letters:dead_letters", "List, show and retry what could not be processed"),
    "alerts": ("monitor.cli.alerts:alerts", "Follow, find, export and judge alerts"),
    "notify": ("monitor.cli.notify:notify", "List and try the channels that alerts go to"),
    "parse": ("monitor.cli.parse:parse", "Feeds in, articles out"),
    "analyze": ("monitor.cli.analyze:analyze", "One article in; language, topics, claims and contradictions out"),
    "tag": ("monitor.cli.tag:tag", "Articles in, topics out"),
    "cluster": ("monitor.cli.cluster:cluster", "Articles in, stories and copies out"),
    "attribute": ("monitor.cli.attribute:attribute", "Articles in, who says what out"),
    "judge": ("monitor.cli.judge:judge", "Pairs of texts in; contradicts, agrees or unrelated out"),
    "explain": ("monitor.cli.explain:explain", "Show gate by gate why two texts raise an alert or none"),
    "evaluate": ("monitor.cli.evaluate:evaluate", "Score a stage on a labelled file"),
    "models": ("monitor.cli.models:models", "The language models of the judge: list, show, fetch"),
    "topics": ("monitor.cli.topics:topics", "Check and list the watched topics"),
    "feeds": ("monitor.cli.feeds:feeds", "The roster of feeds"),
    "archive": ("monitor.cli.archive:archive", "The read model: status, rebuild, prune"),
    "disk": ("monitor.cli.disk:disk", "What takes how much of the disk, and when it will be full"),
    "erase": ("monitor.cli.erase:erase", "Erase a publisher or a person, with a report"),
    "config": ("monitor.cli.config:config", "Show and check the settings"),
    "schemas": ("monitor.cli.schemas:schemas", "Write the JSON Schema and AsyncAPI files"),
}

INTERRUPTED = 130
"""Exit status after Ctrl-C, as shells have it: 128 + SIGINT."""


class LazyGroup(click.Group):
    """A group whose commands are imported on use (click's documentation, "Lazily Loading Subcommands")."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the names in the order of ``COMMANDS``, which is that of the help."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import and return the command, or None where there is none of that name."""
        if cmd_name not in COMMANDS:
            return None
        module, _, attribute = COMMANDS[cmd_name][0].partition(":")
        command = getattr(importlib.import_module(module), attribute)
        assert isinstance(command, click.Command)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the list of commands without importing them."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, text) for name, (_, text) in COMMANDS.items()])


@click.group(cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110})
@click.version_option(package_name="counterclaim")
@click.option(
    "--config",
    type=click.Path(dir_okay=False),
    envvar="COUNTERCLAIM_CONFIG",
    help="Settings file (TOML). Default: counterclaim.toml here, else in the user's configuration folder.",
)
@click.pass_context
def cli(ctx: click.Context, config: str | None) -> None:
    """Say when what one source reports is contradicted by another."""
    ctx.obj = config


def main(args: Sequence[str] | None = None) -> None:
    """Run the command line and exit; an error of ours is one message on stderr and exit status 1."""
    try:
        # What `ctx.exit` asks for comes back as the result (click's documentation, "standalone_mode").
        result = cli.main(
            args=list(args) if args is not None else None, prog_name="counterclaim", standalone_mode=False
        )
    except click.ClickException as error:
        error.show()
        sys.exit(error.exit_code)
    except (click.Abort, KeyboardInterrupt):
        sys.exit(INTERRUPTED)
    except BrokenPipeError:
        # The reader of our output has gone (`counterclaim ... | head`): not an error of ours.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(1)
    except CounterclaimError as error:
        click.echo(f"counterclaim: {error}", err=True)
        sys.exit(1)
    if isinstance(result, int) and result:
        sys.exit(result)


if __name__ == "__main__":
    main()
