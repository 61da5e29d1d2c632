"""The poller of one partition: asks the feeds that are due, and gives the articles, and apart from them the state."""

from __future__ import annotations

import asyncio
import base64
import hashlib
from collections.abc import Mapping, MutableMapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import structlog

from monitor.errors import FetchError
from monitor.feeds.agenda import Agenda
from monitor.feeds.fetch import Fetcher
from monitor.feeds.health import tell
from monitor.feeds.items import ParsedPage
from monitor.feeds.orders import is_paused, obey
from monitor.feeds.pages import PageReader
from monitor.feeds.pool import Parser, ParserPool
from monitor.feeds.progress import Counts, Outcome, feed_failed, feed_gone, feed_ok, feed_pushed, fresh_state
from monitor.feeds.resolve import NamedFeed, name_items, publish, sightings
from monitor.feeds.roster import Feed, Roster, partition_of
from monitor.feeds.schedule import Bounds, bounds_of
from monitor.feeds.state import PollState
from monitor.feeds.subscriber import Subscriber
from monitor.feeds.websub import adverts, after_news, with_adverts, with_hub
from monitor.settings import FeedSettings
from schemas import Article, Command, FeedChange, FeedEvent, FeedHealth, FeedState, HubNews, HubNewsKind

__all__ = ["FeedReport", "PollResult", "Poller"]

_log = structlog.get_logger()

ASK_IN_FULL_EVERY = 48
"""Intervals after which a feed is asked without its ETag, in case it says 304 to everything."""
STATES_AT_ONCE = 500
"""States read before others get a turn of the event loop."""
FOLLOW_MOVE_AFTER = timedelta(days=7)
"""How long a permanent redirect must hold before the new address is asked first (a hijacked one is undone by then)."""


@dataclass(frozen=True, slots=True)
class FeedReport:
    """What one poll of one feed came to; ``error`` None where it was good; ``events`` say what has changed in it."""

    feed: Feed
    state: FeedState
    events: tuple[FeedEvent, ...] = ()
    new: int = 0
    edited: int = 0
    listed: int = 0
    error: str | None = None


@dataclass(frozen=True, slots=True)
class PollResult:
    """What a poll gives: first deliver ``articles`` and ``events``, then write ``state``; None deletes its key."""

    articles: tuple[Article, ...] = ()
    events: tuple[FeedEvent, ...] = ()
    state: Mapping[str, bytes | None] = field(default_factory=dict)
    reports: tuple[FeedReport, ...] = ()

    def write(self, store: MutableMapping[str, bytes]) -> None:
        """Write ``state`` into a store."""
        for key, value in self.state.items():
            if value is not None:
                store[key] = value
            elif key in store:
                del store[key]


@dataclass(frozen=True, slots=True)
class _Fetched:
    """A feed as it was fetched: ``named`` where it has changed, ``error`` where it failed, neither for no change."""

    outcome: Outcome
    named: NamedFeed | None = None
    pages: Mapping[str, ParsedPage] = field(default_factory=dict)
    deferred: frozenset[str] = frozenset()
    """Articles whose page's turn is yet to come."""
    error: str | None = None
    pushed: bool = False
    """A hub brought it, and it need not be the whole feed."""


class Poller:
    """Polls the feeds of ``roster`` whose state is in ``store``, one partition of the poll stage's table.

    ``poll`` never raises for a feed's sake: what goes wrong with one is in its report and state, and the others go on.
    A feed slower than ``patience_s`` (default: a tick, so that ticks do not pile up) holds nobody up: its articles come
    with a later poll.
    """

    def __init__(
        self,
        roster: Roster,
        store: Mapping[str, bytes],
        fetcher: Fetcher,
        options: FeedSettings,
        *,
        parser: Parser | None = None,
        patience_s: float | None = None,
        subscriber: Subscriber | None = None,
    ) -> None:
        self.roster = roster
        self._store = store
        self._fetcher = fetcher
        self._options = options
        self._own_parser = parser is None
        self._parser = parser or ParserPool()
        self._pages = PageReader(fetcher, self._parser, options)
        self._patience_s = options.tick_s if patience_s is None else patience_s
        self._subscriber = subscriber
        self._again: set[str] = set()
        self._tasks: dict[str, tuple[Feed, FeedState, asyncio.Task[_Fetched]]] = {}
        self._version = 0
        self._agenda = Agenda()
        self._last: list[FeedState] = []

    async def poll(self, partition: int, now: datetime, hub: HubNews | None = None) -> PollResult:
        """Poll the feeds of ``partition`` that are due at ``now``, after what a hub told was taken in.

        Nothing is written: a caller that is killed before it wrote ``state`` gets the same articles, under the same
        ids, from the next poll.
        """
        state = PollState(self._store)
        await self._prepare(partition, state, now)
        started = self._hear(hub, partition, state, now) if hub is not None else []
        for feed in map(self.roster.get, self._agenda.take(now)):
            if feed is not None and not feed.paused and feed.feed_id not in self._tasks:
                before = state.feed(feed.feed_id) or fresh_state(feed)
                if before.health is FeedHealth.PAUSED:
                    continue  # off the agenda until it is resumed
                task = asyncio.create_task(self._fetch(feed, before, now), name=f"poll {feed.url}")
                self._tasks[feed.feed_id] = (feed, before, task)
                started.append(task)
        if started:
            await asyncio.wait(started, timeout=self._patience_s)
        await asyncio.sleep(0)  # many ticks in a row must not keep the answers of earlier ones from coming in
        articles: list[Article] = []
        reports: list[FeedReport] = []
        for feed_id in [key for key, (_, _, task) in self._tasks.items() if task.done()]:
            feed, before, task = self._tasks.pop(feed_id)
            if is_paused(state, feed_id):
                continue  # meanwhile: what it brought is found again when it is resumed
            fetched = self._result(feed, task)
            reports.append(self._settle(feed, before, fetched, state, now, articles))
            _log_events(reports[-1].events)
            await asyncio.sleep(0)  # a few milliseconds a feed; hundreds may have answered at once
        self._last = [report.state for report in reports]
        self._note_refusals(state)
        events = tuple(event for report in reports for event in report.events)
        return PollResult(tuple(articles), events, state.changes, tuple(reports))

    def obey(self, command: Command, partition: int) -> PollResult:
        """Return what a person's command changes; a feed that is not polled in ``partition`` is left alone."""
        feed = self.roster.get(command.feed_id)
        if feed is None or partition_of(feed.host) != partition:
            _log.warning("command_for_no_feed_here", feed=command.feed_id, action=command.action.value)
            return PollResult()
        state = PollState(self._store)
        after, event = obey(command, feed, state.feed(feed.feed_id) or fresh_state(feed))
        if event is None:
            return PollResult()
        state.put_feed(after)
        self._agenda.enter(feed.feed_id, after.due_at)
        return PollResult(events=(event,), state=state.changes)

    async def close(self) -> None:
        """Give up what is under way; end the parsers, unless they were given."""
        for _, _, task in self._tasks.values():
            task.cancel()
        await asyncio.gather(*(task for _, _, task in self._tasks.values()), return_exceptions=True)
        self._tasks.clear()
        if self._subscriber is not None:
            await self._subscriber.close()
        if self._own_parser:
            await self._parser.close()

    async def _fetch(self, feed: Feed, before: FeedState, now: datetime) -> _Fetched:
        target = _target(feed, before, now)
        bounds = self._bounds(feed)
        try:
            response = await self._fetcher.fetch(target, headers=_conditions(feed, before, now, bounds))
        except FetchError as error:
            return _Fetched(Outcome(bounds, target), error=_reason(error))
        outcome = Outcome(bounds, target, response, hashlib.blake2b(response.body, digest_size=16).hexdigest())
        if response.status == 304 or (response.status == 200 and outcome.body_hash == before.body_hash):
            return _Fetched(outcome)
        if not 200 <= response.status < 300:
            return _Fetched(outcome, error=f"answers with status {response.status}")
        return await self._read(
            feed,
            outcome,
            response.body,
            response.url,
            response.headers.get("content-type"),
            response.headers.get("content-language"),
        )

    async def _read(
        self,
        feed: Feed,
        outcome: Outcome,
        body: bytes,
        url: str,
        content_type: str | None,
        language: str | None = None,
        *,
        pushed: bool = False,
    ) -> _Fetched:
        try:
            parsed = await self._parser.feed(
                body, url=url, content_type=content_type, language=language, zone=feed.zone
            )
        except FetchError as error:
            return _Fetched(outcome, error=_reason(error), pushed=pushed)
        named = name_items(parsed, feed)
        if not self._pages.are_wanted(parsed, feed):
            return _Fetched(outcome, named, pushed=pushed)
        news = [seen for seen in sightings(named, PollState(self._store)) if seen.is_news]
        pages, deferred = await self._pages.read(news, feed)
        return _Fetched(outcome, named, pages, deferred, pushed=pushed)

    def _hear(self, news: HubNews, partition: int, state: PollState, now: datetime) -> list[asyncio.Task[_Fetched]]:
        """Take in what a hub told; return the reading of what it brought."""
        feed, known = self.roster.get(news.feed_id), state.feed(news.feed_id)
        if feed is None or known is None or known.websub is None or partition_of(feed.host) != partition:
            _log.warning("hub_news_for_no_feed_here", feed=news.feed_id, kind=news.kind.value)
            return []
        if news.kind is not HubNewsKind.CONTENT:
            after = after_news(known.websub, news, now)
            state.put_feed(known.model_copy(update={"websub": after}))
            told = {"lease_s": news.lease_s, "reason": news.reason}
            _log.info(f"hub_{news.kind.value}", feed=feed.url, hub=known.websub.hub, **told)
            return []
        if news.topic != known.websub.topic or feed.paused or known.health is FeedHealth.PAUSED:
            return []
        # Until it is read, the feed counts as due: if this worker ends before, the next one asks the feed itself.
        state.put_feed(known.model_copy(update={"due_at": now}))
        if feed.feed_id in self._tasks:
            self._again.add(feed.feed_id)
            return []
        if news.body is None:
            self._agenda.enter(feed.feed_id, None)
            return []
        body, outcome = base64.b64decode(news.body), Outcome(self._bounds(feed), news.topic)
        reading = self._read(feed, outcome, body, news.topic, news.content_type, pushed=True)
        task = asyncio.create_task(reading, name=f"push {feed.url}")
        self._tasks[feed.feed_id] = (feed, known, task)
        return [task]

    def _note_refusals(self, state: PollState) -> None:
        for feed_id, error in (self._subscriber.results() if self._subscriber else {}).items():
            known = state.feed(feed_id)
            if error is not None and known is not None and known.websub is not None:
                _log.info("hub_refuses", feed=known.url, hub=known.websub.hub, error=error)
                told = known.websub.model_copy(update={"error": error})
                state.put_feed(known.model_copy(update={"websub": told}))

    def _settle(
        self, feed: Feed, before: FeedState, fetched: _Fetched, state: PollState, now: datetime, out: list[Article]
    ) -> FeedReport:
        current = state.feed(feed.feed_id)
        if current is not None and current.websub != before.websub:
            before = before.model_copy(update={"websub": current.websub})  # a hub spoke while the feed was asked
        if fetched.error is not None and fetched.pushed:
            after = before.model_copy(update={"due_at": now})  # what the hub meant, the feed itself will tell
            state.put_feed(after)
            return FeedReport(feed, after, error=fetched.error)
        if fetched.error is not None:
            status = fetched.outcome.response.status if fetched.outcome.response else None
            settle = feed_gone if status == 410 else feed_failed
            after, events = tell(feed, before, settle(before, fetched.outcome, fetched.error, now), now)
            state.put_feed(after)
            return FeedReport(feed, after, events, error=fetched.error)
        new = edited = held = 0
        listed: dict[str, None] = {}
        named = fetched.named
        found = sightings(named, state) if named else []
        for seen in found:
            assert named is not None
            if seen.is_news and seen.article_id in fetched.deferred:
                continue
            listed[seen.article_id] = None
            page = fetched.pages.get(seen.article_id)
            held += seen.must_wait(page, now)
            article = publish(seen, named, state, now, page)
            if article is not None:
                out.append(article)
                new, edited = new + (article.revision == 1), edited + (article.revision > 1)
        if named is not None:
            keep = state.add_listed if fetched.pushed else state.put_listed
            keep(feed.feed_id, listed, now)
        counts = Counts(new, edited, len(found), deferred=len(fetched.deferred), held=held)
        if fetched.pushed:
            after = feed_pushed(before, counts, fetched.outcome.bounds, now)
        else:
            after = feed_ok(before, fetched.outcome, named.parsed if named else None, counts, now)
        after = self._with_hub(feed, before, after, fetched, counts, now)
        if feed.feed_id in self._again:
            self._again.discard(feed.feed_id)
            after = after.model_copy(update={"due_at": now})
        after, events = tell(feed, before, after, now)
        state.put_feed(after)
        return FeedReport(feed, after, events, new, edited, len(found))

    def _with_hub(
        self, feed: Feed, before: FeedState, after: FeedState, fetched: _Fetched, counts: Counts, now: datetime
    ) -> FeedState:
        if self._subscriber is None:
            return after
        known, response = before.websub, fetched.outcome.response
        if fetched.pushed and known is not None:
            known = known.model_copy(update={"delivers": True})
        elif fetched.named is not None and response is not None:
            known = with_adverts(known, adverts(response.headers, fetched.named.parsed.hints, response.url))
        known = self._subscriber.consider(feed, known, now)
        return with_hub(after, known, fetched.outcome.bounds, 0 if fetched.pushed else counts.new, now)

    def _result(self, feed: Feed, task: asyncio.Task[_Fetched]) -> _Fetched:
        error = task.exception()
        if error is None:
            return task.result()
        # A mistake of ours that one feed brings to light is still that feed's failure and no other's.
        _log.error("poll_crashed", feed=feed.url, exc_info=error)
        return _Fetched(Outcome(self._bounds(feed), feed.url), error=f"{type(error).__name__}: {error}")

    async def _prepare(self, partition: int, state: PollState, now: datetime) -> None:
        """Bring the agenda up to date: with what the last poll came to, and with the roster where that has changed."""
        for after in self._last:
            # What was not written after all is done over, from the state that there is.
            written = state.holds(after)
            self._agenda.enter(after.feed_id, after.due_at if written else self._due_at(after.feed_id, state))
        self._last = []
        feeds = self.roster.of_partition(partition)
        version = self.roster.version
        if version == self._version:
            return
        listed = {feed.feed_id for feed in feeds if not feed.paused}
        self._agenda.keep_only(listed)
        for number, feed_id in enumerate(listed, 1):
            if feed_id not in self._agenda and feed_id not in self._tasks:
                self._agenda.enter(feed_id, self._due_at(feed_id, state))
            if number % STATES_AT_ONCE == 0:
                await asyncio.sleep(0)
        for feed_id in set(state.feed_ids()).difference(feed.feed_id for feed in feeds):
            state.forget_feed(feed_id, now)
        self._version = version

    def _due_at(self, feed_id: str, state: PollState) -> datetime | None:
        known = state.feed(feed_id)
        return known.due_at if known else None

    def _bounds(self, feed: Feed) -> Bounds:
        return bounds_of(self._options.interval_s, feed.interval_s, feed.min_interval_s, feed.max_interval_s)


def _target(feed: Feed, state: FeedState, now: datetime) -> str:
    if state.moved_to and state.moved_since and now - state.moved_since >= FOLLOW_MOVE_AFTER and not state.failures:
        return state.moved_to
    return feed.url


def _conditions(feed: Feed, state: FeedState, now: datetime, bounds: Bounds) -> dict[str, str]:
    headers = dict(feed.headers)
    stale = timedelta(seconds=ASK_IN_FULL_EVERY * bounds.start_s)
    if state.false_304 or state.last_body_at is None or now - state.last_body_at >= stale:
        return headers
    if state.etag:
        headers["If-None-Match"] = state.etag
    if state.last_modified:
        headers["If-Modified-Since"] = state.last_modified
    return headers


def _log_events(events: tuple[FeedEvent, ...]) -> None:
    """Log what has changed in how a feed fares: a failing one is told once, not at each try."""
    for event in events:
        good = {FeedChange.ANSWERS: "debug", FeedChange.POLLED: "debug", FeedChange.RECOVERED: "info"}
        level = good.get(event.change, "warning")
        getattr(_log, level)(f"feed_{event.change.value}", feed=event.url, reason=event.reason, due=str(event.due_at))


def _reason(error: FetchError) -> str:
    return error.message.removeprefix(f"{error.url}: ")
