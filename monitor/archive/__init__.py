"""The read model: everything that went through Kafka, in SQLite or PostgreSQL.

``archive`` upserts and reads, ``rows`` turns messages into rows, ``tables`` are the tables.
"""

from monitor.archive.archive import Archive, archive_url

__all__ = ["Archive", "archive_url"]
