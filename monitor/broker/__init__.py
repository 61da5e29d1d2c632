"""The embedded Apache Kafka (jars, Java, one KRaft node), and the topics on whichever cluster is in use."""

from monitor.broker.server import EmbeddedBroker, bootstrap
from monitor.broker.state import RunningBroker
from monitor.broker.topics import create_topics, ensure_topics

__all__ = ["EmbeddedBroker", "RunningBroker", "bootstrap", "create_topics", "ensure_topics"]
