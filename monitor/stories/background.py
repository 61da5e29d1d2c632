"""How common words are in news at large: what a fresh index weighs its first articles with.

The counts are of English news of other years (see the card beside them); other languages begin without.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from importlib import resources

__all__ = ["Background", "background"]

_FILE = "story_words.json"


@dataclass(frozen=True, slots=True)
class Background:
    """``frequency`` of each term among ``documents`` articles; a term that is not there stood in few of them."""

    documents: int = 0
    frequency: Mapping[str, int] = field(default_factory=dict)


@lru_cache(maxsize=32)
def background(language: str) -> Background:
    """Return the shipped counts of a language; empty where there are none."""
    if language != "en":
        return Background()
    raw = json.loads(resources.files("monitor.models").joinpath(_FILE).read_text(encoding="utf-8"))
    # One string of terms a count: the file is a third of what a table of pairs would be.
    frequency = {term: int(count) for count, terms in raw["terms"].items() for term in terms.split()}
    return Background(int(raw["documents"]), frequency)
