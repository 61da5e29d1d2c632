"""English cues, read from ``cues_english.toml``: verbs of saying, denying, accusing, showing, intending, holding..."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from importlib.resources import files

from monitor.claims.cues import Cue, CueKind, VerbForm, index_forms

__all__ = ["HEDGES", "VERBS"]


def _cues() -> Iterator[Cue]:
    table = tomllib.loads(files("monitor.claims").joinpath("cues_english.toml").read_text("utf-8"))
    for group in table["verbs"]:
        for word in group["words"].split():
            lemma, _, particle = word.partition(":")
            yield Cue(lemma, CueKind(group["kind"]), group["takes"], particle)


VERBS: dict[str, VerbForm] = index_forms(_cues())
"""Each written form of each verb, in lower case."""

HEDGES = frozenset({"allegedly", "apparently", "purportedly", "reportedly", "supposedly"})
"""Adverbs that attribute to nobody named."""
