"""The embedded Apache Kafka: jars, Java, one KRaft node."""
