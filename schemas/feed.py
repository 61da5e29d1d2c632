"""Feeds: what the poller remembers of each, so that another worker can go on where it stopped."""

from __future__ import annotations

from enum import StrEnum

from pydantic import BaseModel, ConfigDict, Field

from schemas.message import Message, Time

__all__ = [
    "FeedChange",
    "FeedEvent",
    "FeedHabit",
    "FeedHealth",
    "FeedState",
    "HubNews",
    "HubNewsKind",
    "ItemState",
    "PollTick",
    "Subscription",
]


class FeedHealth(StrEnum):
    """How a feed fares."""

    NEW = "new"
    OK = "ok"
    FAILING = "failing"
    GONE = "gone"
    PAUSED = "paused"


class FeedChange(StrEnum):
    """What has changed in how a feed fares."""

    ANSWERS = "answers"
    FAILS = "fails"
    RECOVERED = "recovered"
    MOVED = "moved"
    GONE = "gone"
    QUIET = "quiet"
    LANGUAGE = "language"
    CLOCK_OFF = "clock_off"
    PAUSED = "paused"
    RESUMED = "resumed"
    POLLED = "polled"


class FeedHabit(BaseModel):
    """How often a feed has news, what its server is like, and what was last told of it on ``feed-events``."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    since: Time | None = Field(default=None, description="when it was first read")
    changes: int = Field(default=0, ge=0, description="polls that found something new or edited, after the first")
    recent: float = Field(default=0.0, ge=0, description="new items, each fading by half in three days")
    mean_gap_s: float | None = Field(
        default=None, ge=0, description="seconds between changes, the last ones weigh most"
    )
    longest_gap_s: float = Field(default=0.0, ge=0, description="longest silence, fading by half in thirty days")
    quiet: bool = Field(default=False, description="silent for long against its habit; told once")
    latency_s: float | None = Field(default=None, ge=0, description="seconds of the last request")
    clock_off_s: float | None = Field(default=None, description="seconds by which its server's clock is ahead of ours")
    clock_off_count: int = Field(default=0, ge=0, description="answers in a row with a clock that is as far off")
    told_at: Time | None = None
    told_items: int = Field(default=0, ge=0)
    told_interval_s: float = Field(default=0.0, ge=0)


class Subscription(BaseModel):
    """How things stand between a feed and the hub that it names (W3C WebSub)."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    hub: str
    topic: str = Field(description="the address that the hub knows the feed by")
    asked_at: Time | None = Field(default=None, description="when the hub was last asked")
    failures: int = Field(default=0, ge=0, description="requests since the hub last verified one")
    error: str | None = None
    verified_at: Time | None = None
    expires_at: Time | None = Field(default=None, description="end of the lease; null: not subscribed")
    delivers: bool = Field(default=False, description="the hub brought what was new last, not a poll")


class FeedState(Message):
    """State of one feed. Key: ``feed_id``, in the partition of its host. Written after its articles are delivered."""

    feed_id: str
    url: str
    host: str
    etag: str | None = None
    last_modified: str | None = None
    body_hash: str | None = None
    health: FeedHealth = FeedHealth.NEW
    failures: int = Field(default=0, ge=0, description="failed polls in a row")
    last_status: int | None = None
    last_error: str | None = None
    last_polled_at: Time | None = None
    last_changed_at: Time | None = None
    due_at: Time | None = Field(default=None, description="when it is polled next; null: at once")
    interval_s: float = Field(default=900.0, gt=0, description="seconds between polls")
    moved_to: str | None = None
    moved_since: Time | None = None
    last_body_at: Time | None = Field(default=None, description="when it last answered with a body, not with 304")
    false_304: bool = Field(default=False, description="it once answered 304 to a change: it is always asked in full")
    title: str = Field(default="", description="what the feed calls itself")
    language: str | None = None
    items_seen: int = Field(default=0, ge=0)
    habit: FeedHabit = FeedHabit()
    websub: Subscription | None = None


class FeedEvent(Message):
    """A change in how a feed fares, or (``polled``) where it stands. Key on the topic: ``feed_id``, compacted.

    So the topic's last event of a feed says all of its present health. ``polled`` comes when what is shown of a feed
    has changed, at most once in some minutes, so that a feed that fares as ever costs little.
    """

    event_id: str = Field(description="hash of feed, change and time")
    feed_id: str
    url: str
    publisher: str = ""
    change: FeedChange
    health: FeedHealth
    reason: str | None = Field(default=None, description="in plain words: the error, the new address, the language")
    failures: int = Field(default=0, ge=0)
    last_status: int | None = None
    last_polled_at: Time | None = None
    last_changed_at: Time | None = None
    due_at: Time | None = None
    interval_s: float = Field(default=900.0, gt=0)
    items_seen: int = Field(default=0, ge=0)
    items_a_day: float | None = Field(default=None, ge=0, description="of the last days; null until known")
    latency_s: float | None = Field(default=None, ge=0, description="seconds of the last request")
    clock_off_s: float | None = Field(default=None, description="seconds by which its server's clock is ahead of ours")
    at: Time


class ItemState(Message):
    """What is known of one item of a site: its article id and revision, and by which names it is known."""

    article_id: str
    site: str
    aliases: tuple[str, ...] = Field(default=(), description="guids and canonical URLs that name this item")
    content_hash: str
    revision: int = Field(default=1, ge=1)
    title: str = ""
    feed_id: str = Field(default="", description="the feed that brought it first: its edits are revisions")
    sources: dict[str, str] = Field(default={}, description="feed id to the hash of the item as that feed lists it")
    is_whole: bool = Field(default=False, description="its text is that of its page, not the feed's summary")
    held_since: Time | None = Field(default=None, description="an edit waits for its page since then")
    first_seen_at: Time
    last_seen_at: Time


class HubNewsKind(StrEnum):
    """What a hub does: it confirms a subscription, refuses it, or sends what is new in a feed."""

    VERIFIED = "verified"
    DENIED = "denied"
    CONTENT = "content"


class HubNews(BaseModel):
    """What a hub told one worker, on its way to the worker that owns the feed; its signature was checked."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    kind: HubNewsKind
    feed_id: str
    topic: str
    lease_s: float | None = Field(default=None, ge=0)
    reason: str | None = None
    content_type: str | None = None
    body: str | None = Field(default=None, description="base64; null where it is too large: the feed is polled instead")


class PollTick(Message):
    """Asks the poll worker that owns ``partition`` to poll what is due in it. Key: the partition number.

    With ``hub``: first to take in what a hub told of a feed in that partition.
    """

    partition: int = Field(ge=0)
    sent_at: Time
    hub: HubNews | None = None
