from __future__ import annotations

import os
from typing import Any
from unittest.mock import AsyncMock, Mock

import pytest

from monitor.stream.metrics import Metrics
from monitor.stream.watchdog import EXIT_STALLED, Look, Watchdog, stalled


@pytest.mark.parametrize(
    ("look", "ends"),
    [
        (Look(lag=5, handling=False, idle_s=61), True),
        (Look(lag=5, handling=True, idle_s=600), False),
        (Look(lag=0, handling=False, idle_s=600), False),
        (Look(lag=5, handling=False, idle_s=59), False),
        (Look(lag=None, handling=False, idle_s=61), True),
    ],
    ids=["waits and does nothing", "a slow handler", "nothing to do", "a moment ago", "the consumer does not answer"],
)
def test_only_a_worker_that_has_work_and_does_none_is_ended(look: Look, ends: bool) -> None:
    """Lag, no handler running, no progress for the time set: all three."""
    assert stalled(look, 60) is ends


class _Ended(Exception):  # noqa: N818 - stands for the end of the process
    pass


def _app(lag: int) -> Any:
    consumer = Mock(_positions={}, highwaters=AsyncMock(return_value={}))
    consumer.source_positions.return_value = {("t", 0): Mock()}
    consumer.uncommitted.return_value = lag
    return Mock(
        should_stop=False, sleep=AsyncMock(), consumer=consumer, guard=Mock(progress=0.0, handling=False),
        metrics=Metrics("unit"),
    )  # fmt: skip


@pytest.fixture
def ended(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Statuses that the process would have ended with."""
    statuses: list[int] = []

    def leave(status: int) -> None:
        statuses.append(status)
        raise _Ended

    monkeypatch.setattr(os, "_exit", leave)
    return statuses


async def test_it_ends_the_process_with_its_own_status(ended: list[int]) -> None:
    """Nothing moves while records wait: the process ends, non-zero, and the lag is in the metrics."""
    app = _app(lag=3)
    with pytest.raises(_Ended):
        await Watchdog(app, 0.05).run()
    assert ended == [EXIT_STALLED]
    assert app.metrics.registry.get_sample_value("counterclaim_lag", {"stage": "unit"}) == 3


async def test_progress_keeps_the_worker_alive(ended: list[int]) -> None:
    """As long as something is acknowledged between two looks it never ends."""
    app = _app(lag=3)
    looks = 0

    async def sleep(seconds: float) -> None:
        nonlocal looks
        looks += 1
        app.guard.progress += 1
        app.should_stop = looks > 50

    app.sleep = sleep
    await Watchdog(app, 0.001).run()
    assert ended == []


async def test_a_running_handler_beats_its_own_heart(ended: list[int]) -> None:
    """The idle time begins anew after a handler that took long."""
    app = _app(lag=3)
    app.guard.handling = True
    watchdog = Watchdog(app, 60)
    await watchdog.look()
    watchdog._since -= 1000
    assert (await watchdog.look()).idle_s == 0
    app.guard.handling = False
    assert (await watchdog.look()).idle_s < 60
