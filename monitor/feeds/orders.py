"""What a person's command makes of a feed's state: paused, resumed, due at once. Pure."""

from __future__ import annotations

from monitor.feeds.health import event_of
from monitor.feeds.roster import Feed
from monitor.feeds.state import PollState
from schemas import Command, CommandAction, FeedChange, FeedEvent, FeedHealth, FeedState

__all__ = ["is_paused", "obey"]


def obey(command: Command, feed: Feed, before: FeedState) -> tuple[FeedState, FeedEvent | None]:
    """Return the state after a command, and what is told of it; the same each time that the command comes.

    A feed that is paused stays so until it is resumed, also where it is to be polled now. ``due_at`` None is at once.
    """
    match command.action:
        case CommandAction.PAUSE:
            update: dict[str, object] = {"health": FeedHealth.PAUSED, "due_at": None}
            change, reason = FeedChange.PAUSED, f"paused by {command.actor}"
        case CommandAction.RESUME:
            update = {"health": _health_of(before), "due_at": None}
            change, reason = FeedChange.RESUMED, f"resumed by {command.actor}"
        case CommandAction.POLL_NOW:
            if before.health is FeedHealth.PAUSED:
                return before, None
            update = {"due_at": None}
            change, reason = FeedChange.POLLED, f"to be polled at once, says {command.actor}"
    after = before.model_copy(update=update)
    return after, event_of(feed, after, change, reason, command.at)


def is_paused(state: PollState, feed_id: str) -> bool:
    """Say whether a command has paused a feed."""
    known = state.feed(feed_id)
    return known is not None and known.health is FeedHealth.PAUSED


def _health_of(state: FeedState) -> FeedHealth:
    """Return how a feed fared when it was last polled."""
    if state.health is not FeedHealth.PAUSED:
        return state.health
    if state.last_status == 410 and state.failures:
        return FeedHealth.GONE
    if state.failures:
        return FeedHealth.FAILING
    return FeedHealth.OK if state.last_polled_at is not None else FeedHealth.NEW
