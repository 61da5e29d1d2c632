"""The crash test: a full stream through two workers of each stage, killed at random, and what is compared after.

Each stage's outputs, collapsed by key, are held against its pure function run over its own input log, the first
occurrence of each id in offset order.
"""

from __future__ import annotations

import asyncio
import importlib
import random
import signal
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

from monitor.demo.server import DemoServer
from monitor.run.daemons import find_daemon
from monitor.settings import Settings
from monitor.stream.stub import run_stage_async
from monitor.stream.watchdog import EXIT_STALLED
from schemas import Alert, Article, Claim, Message, topics
from schemas.topics import TopicSpec
from tests.support.fleet import Fleet, lag, read_all

__all__ = ["STAGES", "Outcome", "differences", "run_kills"]

STAGES = ("enrich", "dedupe", "topics", "extract", "contradict")
"""The stages whose outputs are compared; ``poll`` is held against the feed server."""

OUTPUT: dict[str, TopicSpec] = {
    "enrich": topics.ENRICHED,
    "dedupe": topics.STORIES,
    "topics": topics.TAGGED,
    "extract": topics.CLAIMS,
    "contradict": topics.ALERTS,
}

QUIET_LOOKS = 3
"""Looks in a row without lag before the stream counts as done: a stage may be about to send the last outputs."""


@dataclass
class Outcome:
    """What happened: the kills (stage and instance, in order), folders deleted, ends of workers by themselves.

    ``stalled``: workers that the watchdog ended, to be started again from the committed offset, as it is there to do.
    """

    kills: list[str] = field(default_factory=list)
    folders: list[str] = field(default_factory=list)
    ended: list[str] = field(default_factory=list)
    stalled: list[str] = field(default_factory=list)
    lag: dict[str, int] = field(default_factory=dict)
    seconds: float = 0.0


async def run_kills(
    settings: Settings,
    kills: int,
    seed: int,
    server: DemoServer | None,
    *,
    least_s: float = 0.0,
    limit_s: float,
    between_s: tuple[float, float],
) -> Outcome:
    """Run the fleet until no stage has lag, killing ``kills`` workers on the way, each only while there is lag.

    One of the stateful workers that is killed loses its data folder. Returns what happened; ``lag`` tells whether all
    was done within ``limit_s`` seconds. It goes on for ``least_s`` seconds at least: feeds are polled to the end.
    """
    draw = random.Random(seed)
    stages = (*STAGES, "poll") if server else STAGES
    outcome, started = Outcome(), time.monotonic()
    async with Fleet(settings, dict.fromkeys(stages, 2)) as fleet:
        quiet = 0
        due = time.monotonic() + draw.uniform(*between_s)
        while quiet < QUIET_LOOKS and time.monotonic() - started < limit_s:
            await asyncio.sleep(0.5)
            outcome.lag = await lag(settings, STAGES)
            behind = sum(outcome.lag.values())
            early = time.monotonic() - started < least_s
            quiet = 0 if behind or early or len(outcome.kills) < kills else quiet + 1
            if behind and len(outcome.kills) < kills and time.monotonic() >= due:
                _kill(fleet, draw, stages, outcome)
                due = time.monotonic() + draw.uniform(*between_s)
        ends = [(f"{w.stage}-{w.instance}: {end}", end) for w in fleet.workers for end in w.ends]
        outcome.ended = [name for name, end in ends if end not in (-signal.SIGKILL, EXIT_STALLED)]
        outcome.stalled = [name for name, end in ends if end == EXIT_STALLED]
    outcome.seconds = time.monotonic() - started
    return outcome


def _kill(fleet: Fleet, draw: random.Random, stages: Iterable[str], outcome: Outcome) -> None:
    with_state = not outcome.folders and len(outcome.kills) >= 1
    worker = fleet.some(draw, ("dedupe", "contradict") if with_state else stages)
    fleet.kill(worker, with_state=with_state)
    outcome.kills.append(f"{worker.stage}-{worker.instance}")
    if with_state:
        outcome.folders.append(f"{worker.stage}-{worker.instance}")


async def differences(settings: Settings) -> dict[str, list[str]]:
    """Return, for each stage, the keys of outputs that are missing, too many, or other than the pure function's."""
    found = {}
    for name in STAGES:
        stage = importlib.import_module(f"agents.{name}").stage
        expected: dict[str, Message] = {}
        for records in (await read_all(settings, find_daemon(name).reads[0])).values():
            inputs = _first_of_each(stage.reads[0].model.from_bytes(record.value) for record in records)
            outputs = await run_stage_async(stage, inputs, settings)
            expected |= collapse(output.message for output in outputs)
        spec = OUTPUT[name]
        assert spec.model is not None
        written = [spec.model.from_bytes(r.value) for rs in (await read_all(settings, spec)).values() for r in rs]
        actual = collapse(written)
        found[name] = sorted(
            [f"missing {key}" for key in expected.keys() - actual.keys()]
            + [f"extra {key}" for key in actual.keys() - expected.keys()]
            + [f"other {key}" for key in expected.keys() & actual.keys() if expected[key] != actual[key]]
        )
    return found


def _first_of_each(messages: Iterable[Message]) -> list[Message]:
    kept: dict[str, Message] = {}
    for message in messages:
        kept.setdefault(key_of(message), message)
    return list(kept.values())


def collapse(messages: Iterable[Message]) -> dict[str, Message]:
    """Return the messages by key: of an alert the highest revision, of anything else the last."""
    by_key: dict[str, Message] = {}
    for message in messages:
        key = key_of(message)
        before = by_key.get(key)
        if not (isinstance(before, Alert) and isinstance(message, Alert) and before.revision > message.revision):
            by_key[key] = message
    return by_key


_KEYS: tuple[tuple[type[Message], Callable[[Any], str]], ...] = (
    (Alert, lambda alert: alert.alert_id),
    (Claim, lambda claim: f"{claim.claim_id}/{claim.topic}"),
    (Article, lambda article: f"{article.article_id}/{article.revision}"),
)


def key_of(message: Message) -> str:
    """Return what tells a message of the pipeline from another: consumers upsert on it."""
    return next(key(message) for kind, key in _KEYS if isinstance(message, kind))
