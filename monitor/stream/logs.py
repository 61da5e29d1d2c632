"""Logs of a worker: one line an event, through structlog, at the level set; Faust's chatter is turned down."""

from __future__ import annotations

import logging
import logging.config
import time
from collections.abc import Callable
from typing import Any

import structlog

__all__ = ["logging_config", "set_up_logging"]

QUIET: dict[str, str] = {
    # What these log below the level given is of use only when working on them.
    "faust": "WARNING",
    "mode": "WARNING",
    "aiokafka": "ERROR",
    "asyncio": "ERROR",
}

SAME_EVERY_S = 10.0

_PROCESSORS: tuple[Any, ...] = (
    structlog.stdlib.add_log_level,
    structlog.stdlib.ExtraAdder(),
    structlog.processors.TimeStamper(fmt="iso", utc=True),
)


class OneLine(logging.Formatter):
    """Time, level, logger, message on one line; a traceback only at level debug, else the exception in one line."""

    def __init__(self, tracebacks: bool = False) -> None:
        super().__init__()
        self._formatter = structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=_PROCESSORS,
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                structlog.processors.LogfmtRenderer(key_order=["timestamp", "level", "event"], drop_missing=True),
            ],
        )
        self._tracebacks = tracebacks

    def format(self, record: logging.LogRecord) -> str:
        """Return the record as one line of logfmt."""
        error = record.exc_info[1] if record.exc_info else None
        if not self._tracebacks:
            record = logging.makeLogRecord({**record.__dict__, "exc_info": None, "exc_text": None})
        text = self._formatter.format(record)
        if error is not None and not self._tracebacks:
            text += f' error="{type(error).__name__}: {" ".join(str(error).split())[:500]}"'
        return text if self._tracebacks else " ".join(text.split("\n"))


class Rarely(logging.Filter):
    """Lets the same message of the same logger through once in ``SAME_EVERY_S``: clients of a broker that is away."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        super().__init__()
        self._clock = clock
        self._last: dict[tuple[str, object], float] = {}

    def filter(self, record: logging.LogRecord) -> bool:
        """Return whether the record is let through; what our own code logs always is."""
        # What structlog logs, a dict, is our own code's too, whatever the logger's name.
        if record.name.startswith("counterclaim") or not isinstance(record.msg, str):
            return True
        key, now = (record.name, record.msg), self._clock()
        if now - self._last.get(key, -SAME_EVERY_S) < SAME_EVERY_S:
            return False
        self._last = {known: at for known, at in self._last.items() if now - at < SAME_EVERY_S}
        self._last[key] = now
        return True


def logging_config(level: str) -> dict[str, Any]:
    """Return the configuration for `logging.config.dictConfig`; ``level``: debug, info, warning or error."""
    debug = level == "debug"
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {"line": {"()": "monitor.stream.logs.OneLine", "tracebacks": debug}},
        "filters": {"rarely": {"()": "monitor.stream.logs.Rarely"}},
        "handlers": {
            "stderr": {
                "class": "logging.StreamHandler",
                "formatter": "line",
                "filters": [] if debug else ["rarely"],
            }
        },
        "root": {"level": level.upper(), "handlers": ["stderr"]},
        "loggers": {} if debug else {name: {"level": quiet} for name, quiet in QUIET.items()},
    }


def set_up_logging(level: str) -> None:
    """Configure structlog and the standard library's logging alike, to standard error."""
    logging.config.dictConfig(logging_config(level))
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            *_PROCESSORS,
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )
