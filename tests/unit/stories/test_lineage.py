"""Whose text an article carries."""

from __future__ import annotations

import random

import pytest

from monitor.stories.lineage import LineageIndex, Text, exact_key
from monitor.text.fingerprint import fingerprint

WORDS = [f"word{number}" for number in range(400)]


def body(seed: int, words: int = 240) -> str:
    """A text of its own: words drawn with the seed, in sentences of twelve."""
    draw = random.Random(seed)
    chosen = [draw.choice(WORDS) for _ in range(words)]
    return " ".join(word + ("." if index % 12 == 11 else "") for index, word in enumerate(chosen))


def text(content: str, title: str = "") -> Text:
    """What the index keeps of a text."""
    return Text(fingerprint(content), exact_key(title, content), len(content.split()))


@pytest.fixture
def index() -> LineageIndex:
    """Fifty texts of their own."""
    index = LineageIndex()
    for seed in range(50):
        index.add(f"a{seed}", text(body(seed)))
    return index


def test_same_words_in_other_type_are_a_whole_copy(index: LineageIndex) -> None:
    """Case and punctuation do not hide a copy."""
    match = index.find(text(body(7).upper().replace(".", " —")))
    assert match is not None
    assert (match.article_id, match.containment) == ("a7", 1.0)


def test_a_text_with_a_tenth_of_its_words_changed_is_a_copy(index: LineageIndex) -> None:
    """A light rewrite stays in the lineage."""
    words = body(9).split()
    for position in random.Random(1).sample(range(len(words)), len(words) // 20):
        words[position] = "changed"
    match = index.find(text(" ".join(words)))
    assert match is not None
    assert match.article_id == "a9"


def test_the_first_half_of_a_text_is_a_copy_that_stands_whole_in_the_origin(index: LineageIndex) -> None:
    """An outlet that keeps the first paragraphs of a wire text carries that text."""
    match = index.find(text(body(11, 240)[: len(body(11, 240)) // 2]))
    assert match is not None
    assert match.article_id == "a11"
    assert match.containment > 0.75


def test_an_own_text_is_no_copy(index: LineageIndex) -> None:
    """A text that shares words but no run of them is original."""
    assert index.find(text(body(999))) is None


def test_a_removed_text_is_not_found(index: LineageIndex) -> None:
    """What left the window is no origin any more."""
    index.remove("a7")
    assert index.find(text(body(7))) is None


def test_two_short_bodies_alike_under_other_titles_are_two_texts() -> None:
    """A stock phrase ("More follows.") under two headlines is not one text."""
    index = LineageIndex()
    index.add("a", text("More follows.", "Bridge closed"))
    assert index.find(text("More follows.", "Mayor resigns")) is None
    assert index.find(text("More follows.", "Bridge closed")) is not None
