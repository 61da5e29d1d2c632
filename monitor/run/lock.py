"""One pipeline a data folder: a lock that the kernel lets go of when its holder ends, however it ends."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from monitor.errors import ConfigError

__all__ = ["LOCK_NAME", "hold"]

LOCK_NAME = "up.lock"


@contextmanager
def hold(folder: Path) -> Iterator[None]:
    """Hold ``folder`` for this pipeline alone; the folder is made where it is not there.

    Raises:
        ConfigError: another pipeline holds it (the message names its process), or it cannot be written.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        handle = os.open(folder / LOCK_NAME, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    except OSError as error:
        raise ConfigError(
            f"the data folder {folder} cannot be written: {error.strerror}",
            hint="Set `data` (or COUNTERCLAIM_DATA) to a folder of your own.",
        ) from None
    try:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            holder = os.read(handle, 20).decode("ascii", "replace").strip() or "unknown"
            raise ConfigError(
                f"a pipeline already runs in {folder} (process {holder})",
                hint="Stop it, or give this one another data folder (COUNTERCLAIM_DATA) and kafka.prefix.",
            ) from None
        os.truncate(handle, 0)
        os.pwrite(handle, f"{os.getpid()}\n".encode(), 0)
        yield
    finally:
        os.close(handle)
