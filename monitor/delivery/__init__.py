"""Telling people: an alert in words, the channels it goes to, and the rules by which nobody is told twice or too much.

``router`` passes alerts and feedback to each channel's partition; there ``policy`` decides by the channel's ``terms``,
``state`` remembers, and ``deliverer`` sends by ``channels`` (terminal, file), ``webhook`` and ``services`` (Apprise).
"""

from monitor.delivery.bulletin import Bulletin, Entry
from monitor.delivery.channels import Channel, ChannelError
from monitor.delivery.deliverer import Deliverer, DeliveryOptions, GivenUp, Post, UndeliveredError
from monitor.delivery.posts import channel_names, posts_from
from monitor.delivery.router import errands_of
from monitor.delivery.terms import Terms, terms_of
from monitor.delivery.words import alert_line, alert_text

__all__ = [
    "Bulletin",
    "Channel",
    "ChannelError",
    "Deliverer",
    "DeliveryOptions",
    "Entry",
    "GivenUp",
    "Post",
    "Terms",
    "UndeliveredError",
    "alert_line",
    "alert_text",
    "channel_names",
    "errands_of",
    "posts_from",
    "terms_of",
]
