"""How fast the archive writes and how fast pages are read from a large one, in SQLite or PostgreSQL.

    python benchmarks/archive.py [--articles 1000000] [--url URL] [--rounds 200] [--keep FOLDER] [--json]

Writing: messages of all kinds as a running pipeline brings them (each article polled, assigned and tagged; claims;
alerts), in transactions of 500, against plain executemany of the rows that they end as, into the same tables with the
same indexes, in transactions of 500 rows too. Reading: so many articles, 50,000 claims and 2,000 alerts, each
query many times with arguments drawn at random; its time by the clock and that of the processor. One process.
"""

from __future__ import annotations

import argparse
import json
import random
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from itertools import islice
from pathlib import Path
from typing import Any

from archive_fill import ALERTS, fill
from archive_world import END, World
from sqlalchemy import select

from monitor.archive import Archive, Reader, database, tables
from monitor.archive.queries import AlertQuery, ClaimQuery, SearchQuery, StoryQuery
from monitor.archive.stored import columns
from schemas import Message, Severity, TaggedArticle, topics

BATCH = 500
MIXED_ARTICLES = 4_000
DAY = timedelta(days=1)

Answers = dict[str, Any]


def main() -> None:
    """Run both parts and print the figures."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--articles", type=int, default=1_000_000)
    parser.add_argument("--url", help="an empty database; default: a SQLite file in a temporary folder")
    parser.add_argument("--rounds", type=int, default=200)
    parser.add_argument("--keep", type=Path, help="folder in which the large database is kept, and found again")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        folder = options.keep or Path(scratch)
        folder.mkdir(parents=True, exist_ok=True)
        result = {"writing": _writing(options.url, Path(scratch))}
        url = options.url or f"sqlite:///{folder / 'archive.db'}"
        world = World(options.articles)
        result["filling"] = _fill(url, world, options.articles)
        result["reading"] = _reading(url, world, options.rounds)
    print(json.dumps(result, indent=2) if options.json else _table(result))


# -- writing


def _writing(url: str | None, scratch: Path) -> Answers:
    messages = list(_mixed())
    urls = [url or f"sqlite:///{scratch / name}.db" for name in ("ours", "plain")]
    archive = Archive.anew(urls[0])
    started, cpu = time.perf_counter(), time.process_time()
    for some in _batches(messages):
        archive.write([(topics.ARTICLES, message) for message in some])
    ours, ours_cpu = time.perf_counter() - started, time.process_time() - cpu
    with archive.engine.connect() as connection:
        rows = {
            table: [dict(row) for row in connection.execute(select(*columns(table))).mappings()]
            for table in tables.METADATA.sorted_tables
            if table is not tables.META
        }
    archive.close()
    plain = Archive.anew(urls[1])
    started, cpu = time.perf_counter(), time.process_time()
    for table, found in rows.items():
        for part in _batches(found):
            with plain.engine.begin() as connection:
                if database.is_postgres(connection):
                    connection.execute(table.insert().values([_typed(table, row) for row in part]))
                else:
                    connection.exec_driver_sql(
                        f"INSERT INTO {table.name} VALUES ({', '.join('?' * len(table.columns))})",
                        [tuple(row.values()) for row in part],
                    )
    bare, bare_cpu = time.perf_counter() - started, time.process_time() - cpu
    plain.close()
    count = sum(map(len, rows.values()))
    return {
        "messages": len(messages), "rows": count, "messages_per_s": len(messages) / ours, "rows_per_s": count / ours,
        "plain_rows_per_s": count / bare, "slower": ours / bare, "cpu_s": ours_cpu, "plain_cpu_s": bare_cpu,
    }  # fmt: skip


def _typed(table: Any, row: Answers) -> Answers:
    return {
        name: tables.from_micros(value)
        if value is not None and isinstance(table.c[name].type, tables.Moment)
        else value
        for name, value in row.items()
    }


def _mixed() -> Iterator[Message]:
    """Yield what a pipeline sends of 4,000 articles, stage after stage in turns of 100 articles."""
    world = World(MIXED_ARTICLES)
    articles = world.tagged()
    late: list[TaggedArticle] = []
    while some := list(islice(articles, 100)):
        stages = [World.stages(article) for article in some]
        yield from (polled for polled, _, _ in stages)
        yield from (assigned for _, assigned, _ in stages)
        yield from late
        late = [tagged for _, _, tagged in stages]
    yield from late
    claims = list(world.claims(MIXED_ARTICLES))
    yield from claims
    yield from world.alerts(claims, 100)


def _batches(items: list[Any]) -> Iterator[list[Any]]:
    return (items[start : start + BATCH] for start in range(0, len(items), BATCH))


def _fill(url: str, world: World, articles: int) -> Answers:
    """Make the large archive, unless it is there already."""
    archive = Archive(url)
    found = _count(archive)
    archive.close()
    if found == articles:
        return {"seconds": 0.0}
    started = time.perf_counter()
    fill(url, world)
    return {"seconds": time.perf_counter() - started}


def _count(archive: Archive) -> int:
    reader = Reader(archive)
    counts = reader.counts()
    reader.close()
    return counts.articles if counts.alerts == ALERTS else -1


# -- reading


def _reading(url: str, world: World, rounds: int) -> Answers:
    reader = Reader(url)
    draw = random.Random(7)
    results = {}
    for name, query in _queries(reader, world, draw).items():
        times, cpu = [], []
        for _ in range(rounds):
            started, worked = time.perf_counter(), time.process_time()
            query()
            cpu.append((time.process_time() - worked) * 1000)
            times.append((time.perf_counter() - started) * 1000)
        results[name] = {
            "median_ms": statistics.median(times), "p99_ms": _p99(times), "cpu_median_ms": statistics.median(cpu),
            "cpu_p99_ms": _p99(cpu),
        }  # fmt: skip
    reader.close()
    return results


def _p99(values: list[float]) -> float:
    return sorted(values)[int(len(values) * 0.99)]


def _queries(reader: Reader, world: World, draw: random.Random) -> dict[str, Callable[[], Any]]:
    alerts = reader.alerts(limit=500).rows
    stories = [row.story_id for row in reader.stories(limit=500).rows]
    stories += [row.story_id for row in reader.stories(StoryQuery(min_articles=100), limit=200).rows]
    articles = [claim.claim.article_id for claim in reader.claims(limit=500).rows]
    pages = _cursors(reader)

    def topic() -> str:
        return draw.choice(world.topics)

    def word(ranks: tuple[int, int] = (0, 40_000)) -> str:
        return world.words[min(len(world.words) - 1, int(draw.triangular(*ranks, ranks[0])))]

    def moment() -> Any:
        return END - draw.random() * 29 * DAY

    return {
        "alerts": lambda: reader.alerts(),
        "alerts, a later page": lambda: reader.alerts(cursor=draw.choice(pages["alerts"])),
        "alerts, filtered": lambda: reader.alerts(
            AlertQuery(topic=topic(), severity=frozenset({Severity.HIGH}), language="de", acked=False, snoozed=False)
        ),
        "alert": lambda: reader.alert(draw.choice(alerts).alert.alert_id),
        "stories": lambda: reader.stories(),
        "stories, a later page": lambda: reader.stories(cursor=draw.choice(pages["stories"])),
        "stories of a topic": lambda: reader.stories(StoryQuery(topic=topic(), min_articles=2)),
        "stories, filtered": lambda: reader.stories(StoryQuery(topic=topic(), language="de", min_articles=20)),
        "story": lambda: reader.story(draw.choice(stories)),
        "article": lambda: reader.article(draw.choice(articles)),
        "claims": lambda: reader.claims(),
        "claims of a topic, disputed": lambda: reader.claims(ClaimQuery(topic=topic(), disputed=True)),
        "claims of a speaker": lambda: reader.claims(ClaimQuery(speaker=f"Speaker {draw.randrange(500)}")),
        "topics, a day": lambda: reader.topics(END - DAY, END),
        "topics, a week": lambda: reader.topics(END - 7 * DAY, END),
        "topic": lambda: reader.topic(topic(), END - DAY, END),
        "feeds": lambda: reader.feeds(),
        "feed": lambda: reader.feed(f"feed-{draw.randrange(1000)}"),
        "counts": lambda: reader.counts(),
        "fatigue": lambda: reader.fatigue(7, END),
        "search, one word": lambda: reader.search(word()),
        "search, a common word": lambda: reader.search(word((0, 20))),
        "search, two words": lambda: reader.search(f"{word((0, 2000))} {word((0, 2000))}"),
        "search, a phrase": lambda: reader.search(f'"{word((0, 50))} {word((0, 50))}"'),
        "search, the beginning of a word": lambda: reader.search(word()[:4] + "*"),
        "search, a topic and a language": lambda: reader.search(
            word((0, 500)), SearchQuery(topic=topic(), language="de")
        ),
        "search, a publisher": lambda: reader.search(
            word((0, 500)), SearchQuery(publisher=draw.choice(world.publishers))
        ),
        "search, a day": lambda: reader.search(word((0, 500)), SearchQuery(since=(at := moment()), until=at + DAY)),
        "search, claims": lambda: reader.search(word((0, 5000)), SearchQuery(kind="claim")),
    }


def _cursors(reader: Reader) -> dict[str, list[str]]:
    """Return places in the middle of the lists."""
    found: dict[str, list[str]] = {"alerts": [], "stories": []}
    for name, lists in (("alerts", reader.alerts), ("stories", reader.stories)):
        cursor: str | None = None
        for _ in range(30):
            page = lists(cursor=cursor, limit=60)
            cursor = page.next_cursor
            if cursor is None:
                break
            found[name].append(cursor)
    return found


def _table(result: dict[str, Answers]) -> str:
    writing = result["writing"]
    lines = [
        f"{writing['messages_per_s']:,.0f} messages/s, {writing['rows_per_s']:,.0f} rows/s; plain executemany of the "
        f"same rows {writing['plain_rows_per_s']:,.0f} rows/s: {writing['slower']:.1f}x",
        f"filled in {result['filling']['seconds']:,.0f} s",
        f"{'query':<34} {'median':>9} {'99th':>9}   of the processor: {'median':>9} {'99th':>9}",
    ]
    for name, row in result["reading"].items():
        lines.append(
            f"{name:<34} {row['median_ms']:>6.1f} ms {row['p99_ms']:>6.1f} ms {'':>19}"
            f"{row['cpu_median_ms']:>6.1f} ms {row['cpu_p99_ms']:>6.1f} ms"
        )
    return "\n".join(lines)


if __name__ == "__main__":
    main()
