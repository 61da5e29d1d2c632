"""A stage without Kafka: its handler over a list of messages, with a dictionary for its state.

For tests, and for what a crash test compares with: a stage's outputs must equal its handler run over its own input log.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, MutableMapping

from monitor.settings import Settings
from monitor.stream.context import Context, Keep, Output
from monitor.stream.stage import Stage
from schemas import Message

__all__ = ["run_stage", "run_stage_async"]


async def run_stage_async(
    stage: Stage,
    messages: Iterable[Message],
    settings: Settings,
    *,
    partition: int = 0,
    store: MutableMapping[str, bytes] | None = None,
) -> list[Output]:
    """Handle the messages of one partition in order; return the outputs, those awaited with ``deliver`` included.

    ``store``: the state to begin with; it is changed. What the handler raises is raised.
    """
    state: MutableMapping[str, bytes] | None = None
    if stage.state:
        state = store if store is not None else {}
    outputs: list[Output] = []

    async def deliver(delivered: Iterable[Output]) -> None:
        outputs.extend(delivered)

    keep = Keep()
    for offset, message in enumerate(messages):
        context = Context(
            settings,
            settings.kafka.prefix + stage.reads[0].name,
            partition,
            offset,
            keep=keep,
            store=state,
            deliver=deliver if stage.is_async else None,
            save=_saved if stage.is_async else None,
        )
        if stage.is_async:
            outputs += await stage.call_async(message, context)
        else:
            outputs += stage.call(message, context)
    return outputs


async def _saved() -> None:
    """A dictionary needs no saving."""


def run_stage(
    stage: Stage,
    messages: Iterable[Message],
    settings: Settings,
    *,
    partition: int = 0,
    store: MutableMapping[str, bytes] | None = None,
) -> list[Output]:
    """Do as `run_stage_async` does, for callers without an event loop."""
    return asyncio.run(run_stage_async(stage, messages, settings, partition=partition, store=store))
