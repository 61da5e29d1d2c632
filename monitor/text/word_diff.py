"""What an edit changed, word by word, for people to see: removed, added and kept stretches of text. Pure.

Paragraphs are matched first and words only inside those that differ, so that a long text with one changed figure costs
little, and a rewritten one cannot take quadratic time.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from enum import StrEnum

__all__ = ["WordChange", "WordOp", "word_diff"]

LEAST_KEPT = 0.25
"""Share of words in common below which a passage counts as rewritten: single words that happen to recur are no help."""
MOST_COMPARED = 4_000_000
"""Words of one side times words of the other beyond which a passage is not matched word by word."""

_WORD = re.compile(
    r"[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]"
    r"|\d+(?:[.,:]\d+)*%?"
    r"|[^\s.,;:!?¡¿…\"'“”‘’«»„()\[\]{}/\u2013\u2014\u3001\u3002\u3040-\u30ff\u3400-\u9fff]+"
    r"(?:['’-][^\W\d_]+)*"
    r"|\S"
)
"""A word, a number, a mark, or one letter of a script that puts no spaces between words."""


class WordOp(StrEnum):
    """What became of a stretch of text."""

    KEPT = "kept"
    REMOVED = "removed"
    ADDED = "added"


@dataclass(frozen=True, slots=True)
class WordChange:
    """A stretch of text and what became of it; ``text`` has the white space that follows it."""

    op: WordOp
    text: str


def word_diff(old: str, new: str) -> list[WordChange]:
    """Return how ``new`` came of ``old``, in reading order; what was removed stands before what took its place.

    The kept and added stretches joined are ``new``; the kept and removed ones are ``old``, but for white space, which
    is never a change. Neighbours differ in their ``op``. Two equal texts give one kept stretch, two empty ones none.
    """
    return list(_joined(_pieces(old, new)))


def _pieces(old: str, new: str) -> Iterator[WordChange]:
    before, after = _paragraphs(old), _paragraphs(new)
    matcher = SequenceMatcher(None, [_key(text) for text in before], [_key(text) for text in after], autojunk=False)
    for tag, start, end, to_start, to_end in matcher.get_opcodes():
        if tag == "equal":
            yield WordChange(WordOp.KEPT, "".join(after[to_start:to_end]))
        else:
            yield from _words_of("".join(before[start:end]), "".join(after[to_start:to_end]))


def _words_of(old: str, new: str) -> Iterator[WordChange]:
    before, after = _tokens(old), _tokens(new)
    keys, to_keys = [_key(token) for token in before], [_key(token) for token in after]
    if not keys or not to_keys or len(keys) * len(to_keys) > MOST_COMPARED:
        yield from _replaced(old, new)
        return
    matcher = SequenceMatcher(None, keys, to_keys, autojunk=False)
    kept = sum(
        _is_word(keys[at]) for block in matcher.get_matching_blocks() for at in range(block.a, block.a + block.size)
    )
    if kept < LEAST_KEPT * min(sum(map(_is_word, keys)), sum(map(_is_word, to_keys))):
        yield from _replaced(old, new)
        return
    for tag, start, end, to_start, to_end in matcher.get_opcodes():
        if tag == "equal":
            yield WordChange(WordOp.KEPT, "".join(after[to_start:to_end]))
        else:
            yield from _replaced("".join(before[start:end]), "".join(after[to_start:to_end]))


def _replaced(old: str, new: str) -> Iterator[WordChange]:
    yield WordChange(WordOp.REMOVED, old)
    yield WordChange(WordOp.ADDED, new)


def _joined(pieces: Iterator[WordChange]) -> Iterator[WordChange]:
    """Join neighbours: between two kept stretches, all that was removed, then all that was added."""
    texts = dict.fromkeys(WordOp, "")
    for piece in pieces:
        if piece.op is WordOp.KEPT and piece.text and (texts[WordOp.REMOVED] or texts[WordOp.ADDED]):
            yield from _flushed(texts)
        if piece.op is not WordOp.KEPT and piece.text and texts[WordOp.KEPT]:
            yield from _flushed(texts)
        texts[piece.op] += piece.text
    yield from _flushed(texts)


def _flushed(texts: dict[WordOp, str]) -> Iterator[WordChange]:
    for op in WordOp:
        if texts[op]:
            yield WordChange(op, texts[op])
            texts[op] = ""


def _paragraphs(text: str) -> list[str]:
    return re.findall(r"\s*[^\n]+\n*|\s+", text)


def _tokens(text: str) -> Sequence[str]:
    """Return the words of a text, each with the white space after it; that at the head goes with the first."""
    starts = [found.start() for found in _WORD.finditer(text)]
    if not starts:
        return [text] if text else []
    starts[0] = 0
    return [text[start:end] for start, end in zip(starts, [*starts[1:], len(text)], strict=True)]


def _key(text: str) -> str:
    return " ".join(text.split())


def _is_word(text: str) -> bool:
    return any(letter.isalnum() for letter in text)
