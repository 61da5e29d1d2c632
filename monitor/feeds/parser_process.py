"""The process that parses: reads jobs on stdin, answers on stdout, and dies alone. Run by :mod:`monitor.feeds.pool`.

A job is one line of JSON (``kind``: feed or page, its keywords, ``size``) followed by ``size`` bytes of body. An answer
is one line of JSON with ``size`` followed by as many bytes: JSON of what was found, or of ``{"error": ...}``.
"""

from __future__ import annotations

import gc
import json
import os
import resource
import signal
import sys
from typing import Any, BinaryIO

from monitor.errors import CounterclaimError, FetchError
from monitor.feeds.items import ParsedPage
from monitor.feeds.parse import parse_feed

__all__ = ["main", "page_of"]


def page_of(body: bytes, url: str) -> ParsedPage:
    """Return the article in a web page.

    Raises:
        InputError: there is none.
    """
    from monitor.text.page import extract_page  # slow to import, and needed only where feeds have summaries

    page = extract_page(body, url)
    return ParsedPage(
        title=page.title,
        text=page.text,
        published_at=page.published_at,
        updated_at=page.updated_at,
        canonical_url=page.canonical_url,
        language=page.language,
    )


def _answer(job: dict[str, Any], body: bytes) -> bytes:
    try:
        if job["kind"] == "page":
            return page_of(body, job["url"]).model_dump_json().encode()
        found = parse_feed(
            body, url=job["url"], content_type=job["content_type"], language=job["language"], zone=job["zone"]
        )
        return found.model_dump_json().encode()
    except FetchError as error:
        return json.dumps({"error": error.message.removeprefix(f"{error.url}: ")}).encode()
    except CounterclaimError as error:
        return json.dumps({"error": error.message}).encode()
    except MemoryError:
        return json.dumps({"error": "took more memory than the parser may have"}).encode()
    except Exception as error:
        # Whatever a hostile document provokes is that document's error; the next job finds this process alive.
        return json.dumps({"error": f"the parser failed: {type(error).__name__}: {error}"[:300]}).encode()


def serve(source: BinaryIO, sink: BinaryIO) -> None:
    """Answer jobs until ``source`` ends."""
    while header := source.readline():
        job = json.loads(header)
        answer = _answer(job, source.read(job["size"]))
        sink.write(json.dumps({"size": len(answer)}).encode() + b"\n" + answer)
        sink.flush()


def main() -> None:
    """Serve on stdin and stdout, within the bytes of memory given as the only argument."""
    limit = int(sys.argv[1])
    resource.setrlimit(resource.RLIMIT_AS, (limit, limit))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    # Ctrl-C is meant for the parent, which closes our stdin when it goes.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    # A parser makes much garbage and keeps nothing: looking through the modules again and again finds none of it.
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 20, 50)
    source, sink = sys.stdin.buffer, os.fdopen(os.dup(sys.stdout.fileno()), "wb")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())  # a library that prints must not break the answers
    serve(source, sink)


if __name__ == "__main__":
    main()
