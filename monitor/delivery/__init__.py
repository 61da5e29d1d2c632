"""Telling people: an alert in words, the channels it goes to, and the rule that nobody is told twice.

``words`` writes an alert out, ``channels`` sends one, ``policy`` decides to whom and when again, ``deliverer`` does it.
"""

from monitor.delivery.channels import Channel, ChannelError, channels_from
from monitor.delivery.deliverer import Deliverer, DeliveryOptions, UndeliveredError, undelivered
from monitor.delivery.words import alert_line, alert_text

__all__ = [
    "Channel",
    "ChannelError",
    "Deliverer",
    "DeliveryOptions",
    "UndeliveredError",
    "alert_line",
    "alert_text",
    "channels_from",
    "undelivered",
]
