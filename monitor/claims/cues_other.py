"""Cues of Russian, French, German, Spanish and Arabic, read from ``cues_other.toml`` and compiled."""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

__all__ = ["LANGUAGES", "ForeignCues", "cues_of"]


@dataclass(frozen=True, slots=True)
class ForeignCues:
    """The cues of one language, as patterns that match whole words. ``after``: a source may follow its verb."""

    say: re.Pattern[str]
    deny: re.Pattern[str]
    that: re.Pattern[str]
    by: re.Pattern[str]
    denied_objects: re.Pattern[str]
    times: re.Pattern[str]
    before: bool
    after: bool


def _table() -> dict[str, Any]:
    return tomllib.loads(files("monitor.claims").joinpath("cues_other.toml").read_text("utf-8"))


LANGUAGES = frozenset(_table())
"""ISO 639-1 codes of the languages with cues here."""


@cache
def cues_of(language: str) -> ForeignCues | None:
    """Return the cues of ``language`` (ISO 639-1), None where there are none."""
    entry = _table().get(language)
    if entry is None:
        return None
    return ForeignCues(
        say=_words(entry["say"]),
        deny=_words(entry["deny"]),
        that=_words(entry["that"]),
        by=_words(entry["by"]),
        denied_objects=re.compile(entry["denied_objects"], re.IGNORECASE),
        times=_words(entry["times"]),
        before="before" in entry["order"],
        after="after" in entry["order"],
    )


def _words(listed: str) -> re.Pattern[str]:
    forms = sorted((form.strip() for form in listed.split("|")), key=len, reverse=True)
    # "qu'" and the Arabic "ل" stand before their word without a blank.
    joined = [re.escape(form) + ("" if form[-1] in "'’ل" else r"(?!\w)") for form in forms]
    return re.compile(rf"(?<!\w)(?:{'|'.join(joined)})", re.IGNORECASE)
