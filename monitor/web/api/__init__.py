"""The REST API, version 1, and the live events: routers that ``monitor.web.app`` mounts.

Every answer that can be asked for again has an ETag; every list is cut into pages by an opaque cursor; every error is
``application/problem+json`` that says what and what to do.
"""
