"""The read model: everything that went through Kafka, in SQLite or PostgreSQL.

``archive`` upserts and reads, ``rows`` turns messages into rows, ``tables`` are the tables.
"""
