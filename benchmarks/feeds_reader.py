"""lemon24/reader (3.26) as one contender of ``feeds.py``: polls when told. Run by a Python that has it, not by ours.

    READER_PYTHON benchmarks/feeds_reader.py WORKERS

Takes one line of JSON on stdin, the list of feeds, and then ``poll`` on a line; answers each with one line of JSON.
"""

from __future__ import annotations

import json
import sys
import tempfile
from pathlib import Path
from typing import Any


def main(workers: int) -> None:
    """Serve until stdin ends."""
    from reader import make_reader  # type: ignore[import-not-found]

    with tempfile.TemporaryDirectory(prefix="bench-reader-") as folder:
        reader: Any = make_reader(str(Path(folder) / "reader.sqlite"))
        for url in json.loads(sys.stdin.readline()):
            reader.add_feed(url)
        print(json.dumps({"ready": True}), flush=True)
        known = 0
        for _ in sys.stdin:
            reader.update_feeds(scheduled=False, workers=workers)
            failed = sum(feed.last_exception is not None for feed in reader.get_feeds())
            count = int(reader.get_entry_counts().total)
            print(json.dumps({"new": count - known, "failed": failed}), flush=True)
            known = count


if __name__ == "__main__":
    main(int(sys.argv[1]))
