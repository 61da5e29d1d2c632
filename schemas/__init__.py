"""The wire contract: one pydantic model for each kind of message, and the list of topics. Imports nothing of ours."""

from schemas.alert import (
    Alert,
    AlertClaim,
    AlertKind,
    AlertSide,
    AlertState,
    Scope,
    Severity,
    Slot,
    SlotMatch,
)  # fmt: skip
from schemas.article import Article, ArticleDates, EnrichedArticle, PublisherKind
from schemas.claim import Claim, Figure, Modality, Polarity
from schemas.command import Command, CommandAction
from schemas.dead_letter import DeadLetter
from schemas.errand import DeliveryTick, Errand
from schemas.feed import (
    FeedChange,
    FeedEvent,
    FeedHabit,
    FeedHealth,
    FeedState,
    HubNews,
    HubNewsKind,
    ItemState,
    PollTick,
    Subscription,
)
from schemas.feedback import Feedback, FeedbackAction, FeedbackVerdict
from schemas.message import DecodeError, Message, SchemaVersionError, Span, Time
from schemas.notification import Notification, NotificationState, Occasion
from schemas.story import StoryAssignment, TaggedArticle, TopicMatch

__all__ = [
    "Alert",
    "AlertClaim",
    "AlertKind",
    "AlertSide",
    "AlertState",
    "Article",
    "ArticleDates",
    "Claim",
    "Command",
    "CommandAction",
    "DeadLetter",
    "DecodeError",
    "DeliveryTick",
    "EnrichedArticle",
    "Errand",
    "FeedChange",
    "FeedEvent",
    "FeedHabit",
    "FeedHealth",
    "FeedState",
    "Feedback",
    "FeedbackAction",
    "FeedbackVerdict",
    "Figure",
    "HubNews",
    "HubNewsKind",
    "ItemState",
    "Message",
    "Modality",
    "Notification",
    "NotificationState",
    "Occasion",
    "Polarity",
    "PollTick",
    "PublisherKind",
    "SchemaVersionError",
    "Scope",
    "Severity",
    "Slot",
    "SlotMatch",
    "Span",
    "StoryAssignment",
    "Subscription",
    "TaggedArticle",
    "Time",
    "TopicMatch",
]
