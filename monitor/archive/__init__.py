"""The read model: everything that went through Kafka, in SQLite or PostgreSQL.

``archive`` upserts batches (``writing`` their rows, ``derive`` what follows from them), ``reader`` reads; ``tables``,
``database`` and ``fulltext`` are what it stands on, ``queries`` and ``views`` what is asked and answered.
"""

from monitor.archive.archive import Archive, archive_url, url_of
from monitor.archive.reader import Reader

__all__ = ["Archive", "Reader", "archive_url", "url_of"]
