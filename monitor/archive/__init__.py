"""The read model: everything that went through Kafka, in SQLite or PostgreSQL."""
