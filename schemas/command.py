"""Commands: what a person asks of the poller."""

from __future__ import annotations

from enum import StrEnum

from pydantic import Field

from schemas.message import Message, Time

__all__ = ["Command", "CommandAction"]


class CommandAction(StrEnum):
    """Stop polling a feed, poll it again as usual, or poll it at once."""

    PAUSE = "pause"
    RESUME = "resume"
    POLL_NOW = "poll_now"


class Command(Message):
    """One order for one feed. Key on the topic: ``feed_id``, in the partition of the feed's host, as its state is.

    ``command_id`` is a hash of the other fields, so that sending it twice is one order.
    """

    command_id: str
    action: CommandAction
    feed_id: str
    actor: str = Field(min_length=1, max_length=200)
    at: Time
