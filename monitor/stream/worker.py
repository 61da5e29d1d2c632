"""Runs one stage as a process of its own: ``counterclaim worker NAME``."""

from __future__ import annotations

import sys
from typing import NoReturn

from monitor.errors import CounterclaimError
from monitor.settings import Settings
from monitor.stream.logs import set_up_logging
from monitor.stream.stage import Stage

__all__ = ["run_worker"]


def run_worker(stage: Stage, settings: Settings, instance: str | int | None = None) -> NoReturn:
    """Run the stage until SIGTERM or SIGINT (exit status 0), or until it cannot go on (exit status 1, or 75: stalled).

    Raises:
        CounterclaimError: it cannot start: no broker, no topics, its folder in use.

    ``instance`` names the worker among those of the stage on this machine; its state lies in a folder of that name.
    """
    set_up_logging(settings.log_level)
    app = stage.app
    app.use(settings, None if instance is None else str(instance))
    app.finalize()
    app.worker_init()
    worker = app.Worker(loglevel=settings.log_level, quiet=True)
    status = 0
    try:
        worker.execute_from_commandline()
    except SystemExit as end:
        status = end.code if isinstance(end.code, int) else 1
    except CounterclaimError:
        raise
    except BaseException:
        status = 1
    sys.exit(status or int(app.failure is not None))
