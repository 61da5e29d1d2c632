"""The data folder of one worker process: its own, for as long as it runs."""

from __future__ import annotations

import fcntl
import os
from pathlib import Path
from typing import IO

from monitor.errors import ConfigError

__all__ = ["INSTANCE_VARIABLE", "WorkerFolder"]

INSTANCE_VARIABLE = "COUNTERCLAIM_INSTANCE"
"""Environment variable that names the worker among those of its stage on this machine."""

MOST_INSTANCES = 256


class WorkerFolder:
    """``<data>/state/<stage>/<instance>``, locked while the process lives. Without a name: the first free number."""

    def __init__(self, data: Path, stage: str, instance: str | None = None) -> None:
        self.shared = data / "state" / stage
        instance = instance or os.environ.get(INSTANCE_VARIABLE)
        for name in [instance] if instance else map(str, range(MOST_INSTANCES)):
            self.path = self.shared / name
            self.path.mkdir(parents=True, exist_ok=True)
            lock = (self.path / "lock").open("a+")
            if _locked(lock):
                self.instance = name
                self._lock = lock
                return
            lock.close()
        raise ConfigError(
            f"another worker of {stage} runs in {self.path}",
            hint=f"give each worker its own name: --instance NAME, or {INSTANCE_VARIABLE}",
        )

    def release(self) -> None:
        """Let another process have it."""
        self._lock.close()


def _locked(file: IO[str]) -> bool:
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True
