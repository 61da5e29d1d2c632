"""Fuzz the feed parser: damaged real feeds, for as long as asked; every crash and every slow document is reported.

    .venv/bin/python benchmarks/feeds_fuzz.py --minutes 10 [FILE-or-FOLDER...]

Mutations: bytes changed, cut, doubled, moved between files; tags repeated; encodings confused. The seed is printed; the
same seed gives the same documents. Exit status 1 if anything was found.
"""

from __future__ import annotations

import random
import sys
import tarfile
import time
from collections.abc import Iterator
from pathlib import Path

import click

from monitor.errors import FeedError
from monitor.feeds.parse import parse_feed

SLOW_S = 3.0
"""Seconds of processor time beyond which one document is a finding; the pool would end its parser after 20."""
LARGEST = 400_000
"""Bytes of the largest document made."""

PIECES = (
    b"<", b">", b"&", b"&#", b"&#x0;", b"]]>", b"<![CDATA[", b"<!--", b"<?", b"<!DOCTYPE x [", b"<!ENTITY a '&a;'>",
    b"\x00", b"\xff\xfe", b"\xef\xbb\xbf", b"<item>", b"</item>", b"<entry>", b"<content type='xhtml'><div>",
    b"<title type='html'>", b"xml:base='http://[::'", b" xmlns:a=''", b"\xed\xa0\x80", b"&amp;amp;lt;",
    b"encoding='utf-16'", b"<svg>", b"<math>",
    b"<pubDate>99999999999999999999</pubDate>", b"<updated>0000-00-00T99:99:99+99:99</updated>", b"<media:group>",
    b"<link href='//'/>", b"http://a b/\x7f", b"{", b"[", b'"', b"\\u0000", b"1e999",
    b'"version":"https://jsonfeed.org/version/1"',
)  # fmt: skip
CHARSETS = (
    None,
    None,
    "text/xml; charset=utf-16",
    "text/xml; charset=utf-7",
    "text/xml; charset=idna",
    "text/xml; charset=\x00",
)


@click.command()
@click.option("--minutes", default=10.0, show_default=True)
@click.option("--seed", default=None, type=int, help="Default: by the clock, and printed.")
@click.argument("sources", nargs=-1, type=click.Path(exists=True, path_type=Path))
def main(minutes: float, seed: int | None, sources: tuple[Path, ...]) -> None:
    seed = seed if seed is not None else time.time_ns() % 2**32
    default = Path(__file__).parents[2] / "shared" / "data" / "feeds"
    documents = list(_documents(sources or ((default,) if default.exists() else ())))
    documents = documents or [b"<rss><channel><title>t</title><item><title>a</title></item></channel></rss>"]
    print(f"seed {seed}, {len(documents)} documents, {minutes:g} minutes", flush=True)
    chance = random.Random(seed)
    end, done, feeds, found = time.monotonic() + 60 * minutes, 0, 0, 0
    while time.monotonic() < end:
        body = _mutated(documents, chance)
        content_type = chance.choice(CHARSETS)
        started = time.process_time()
        try:
            parse_feed(body, url="http://a.example/f", content_type=content_type)
            feeds += 1
        except FeedError as error:
            trouble = f"{error}" if "parser failed" in str(error) else ""
        except BaseException as error:
            if isinstance(error, KeyboardInterrupt):
                break
            trouble = f"{type(error).__name__}: {error}"
        else:
            trouble = ""
        took = time.process_time() - started
        trouble = trouble or (f"took {took:.1f} s" if took > SLOW_S else "")
        done += 1
        if trouble:
            found += 1
            path = Path(f"fuzz-{seed}-{done}.bin")
            path.write_bytes(body)
            print(f"{path}: {len(body)} bytes, {content_type}: {trouble[:200]}", flush=True)
    print(f"{done} documents, {feeds} of them feeds, {found} findings")
    sys.exit(found > 0)


def _documents(sources: tuple[Path, ...]) -> Iterator[bytes]:
    for source in sources:
        for path in sorted(source.rglob("*")) if source.is_dir() else [source]:
            if path.suffixes[-2:] == [".tar", ".gz"]:
                with tarfile.open(path) as archive:
                    for member in archive:
                        if member.isfile() and (file := archive.extractfile(member)) is not None:
                            yield file.read()
            elif path.is_file():
                yield path.read_bytes()


def _mutated(documents: list[bytes], chance: random.Random) -> bytes:
    body = bytearray(chance.choice(documents))
    for _ in range(chance.choice((1, 1, 2, 3, 5, 20))):
        here = chance.randrange(len(body) + 1)
        there = min(len(body), here + chance.choice((1, 4, 50, 500, 5000)))
        match chance.randrange(8):
            case 0:
                del body[here:there]
            case 1:
                body[here:here] = body[here:there] * chance.choice((2, 10, 100))
            case 2:
                other = chance.choice(documents)
                start = chance.randrange(len(other) + 1)
                body[here:there] = other[start : start + 2000]
            case 3:
                body[here:here] = chance.randbytes(chance.choice((1, 2, 8)))
            case 4:
                body[here:here] = chance.choice(PIECES) * chance.choice((1, 1, 1, 50, 2000))
            case 5 if body:
                body[here % len(body)] ^= 1 << chance.randrange(8)
            case 6:
                body[:] = bytes(body).decode("latin-1").encode(chance.choice(("utf-16", "utf-8", "utf-32-be")))
            case _:
                body[here:there] = chance.choice(PIECES)
        del body[LARGEST:]
    return bytes(body)


if __name__ == "__main__":
    main()
