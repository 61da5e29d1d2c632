"""The files of the contract: what is in them, and how they are written."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path
from typing import Any

from monitor.contract.asyncapi import asyncapi, public_topics
from monitor.contract.json_schema import file_name, messages, schema_of
from monitor.errors import InputError
from schemas.topics import TopicSpec

__all__ = ["contract_files", "write_contract"]

MIB = 1024 * 1024

README = """# The wire contract

Written by `counterclaim schemas write docs/schemas` (`make schemas`) from `schemas/`; do not edit.

`asyncapi.json` is the whole in AsyncAPI 3.0; each `*.vN.json` is the JSON Schema (draft 7) of one kind of message as it
is written. Times are RFC 3339 in UTC, spans are character offsets `[start, end)` into the article's text, ids are
hashes of what they derive from. Values are UTF-8 JSON, keys UTF-8 text. Readers ignore fields that they do not know
and refuse a `schema_version` that they do not know; a new optional field does not raise it. A message may come more
than once: it collapses by key, and of two alerts with one `alert_id` the one with the higher `revision` counts.

| topic | key | message | partitions | kept | kept a partition | cleanup |
|---|---|---|---|---|---|---|
{rows}

Kept: the default; the settings `kafka.retention_days` and `kafka.retention_mb` change it. The setting `kafka.prefix`
stands before each name. Changelog topics are the stages' own.
"""


def contract_files() -> dict[str, str]:
    """Return each file's name and text."""
    files = {file_name(model): _json(schema_of(model)) for model in messages()}
    files["asyncapi.json"] = _json(asyncapi())
    files["README.md"] = README.format(rows="\n".join(_row(spec) for spec in public_topics()))
    return files


def write_contract(folder: Path) -> list[Path]:
    """Write the files into ``folder``, made if need be; return their paths. Others that lie there stay.

    Raises:
        InputError: the folder cannot be written to.
    """
    written = []
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for name, text in contract_files().items():
            path = folder / name
            path.write_text(text, encoding="utf-8")
            written.append(path)
    except OSError as error:
        raise InputError(f"cannot write: {error.strerror}", path=str(error.filename or folder)) from error
    return written


def _json(value: dict[str, Any]) -> str:
    return json.dumps(value, indent=2, ensure_ascii=False) + "\n"


def _row(spec: TopicSpec) -> str:
    assert spec.model is not None
    size = f"{spec.retention_bytes // MIB} MiB" if spec.retention_bytes else "all"
    message = f"[{spec.model.__name__}]({file_name(spec.model)})"
    cells = (f"`{spec.name}`", f"`{spec.key}`", message, spec.partitions, _time(spec.retention), size, spec.cleanup)
    return "| " + " | ".join(map(str, cells)) + " |"


def _time(kept: timedelta | None) -> str:
    if kept is None:
        return "for ever"
    hours = kept.total_seconds() / 3600
    return f"{hours / 24:g} days" if hours >= 24 else f"{hours:g} h"
