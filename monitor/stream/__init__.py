"""What makes Faust safe: consumer, guard, dead letters, watchdog, metrics."""

from monitor.stream.context import Context, Output
from monitor.stream.link import OutputTooLargeError
from monitor.stream.stage import Stage
from monitor.stream.worker import run_worker

__all__ = ["Context", "Output", "OutputTooLargeError", "Stage", "run_worker"]
