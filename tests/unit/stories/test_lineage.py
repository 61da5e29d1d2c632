"""Whose text an article carries."""

from __future__ import annotations

import random

import pytest

from monitor.stories.lineage import LineageIndex, Match, text_of
from monitor.stories.postings import FRESH, MOST_TEXTS, Postings

WORDS = [f"word{number}" for number in range(400)]


def body(seed: int, words: int = 240) -> str:
    """A text of its own: words drawn with the seed, in sentences of twelve."""
    draw = random.Random(seed)
    chosen = [draw.choice(WORDS) for _ in range(words)]
    return " ".join(word + ("." if index % 12 == 11 else "") for index, word in enumerate(chosen))


def changed(content: str, share: float) -> str:
    """The text with a share of its words replaced."""
    words = content.split()
    for position in random.Random(1).sample(range(len(words)), round(share * len(words))):
        words[position] = f"other{position}"
    return " ".join(words)


def keep(index: LineageIndex, article_id: str, content: str, title: str = "") -> None:
    """Add a text to the index."""
    text = text_of(title, content)
    index.add(article_id, text.exact, text.kept, text.one_in)


def find(index: LineageIndex, content: str, title: str = "") -> Match | None:
    """Look a text up."""
    return index.find(text_of(title, content))


@pytest.fixture
def index() -> LineageIndex:
    """Fifty texts of their own."""
    index = LineageIndex()
    for seed in range(50):
        keep(index, f"a{seed}", body(seed))
    return index


def test_same_words_in_other_type_are_a_whole_copy(index: LineageIndex) -> None:
    """Case and punctuation do not hide a copy."""
    assert find(index, body(7).upper().replace(".", " —")) == Match("a7", 1.0)


@pytest.mark.parametrize("share", [0.05, 0.1, 0.15])
def test_a_text_with_some_of_its_words_changed_is_a_copy(index: LineageIndex, share: float) -> None:
    """A rewrite of up to 15 % of the words stays in the lineage."""
    match = find(index, changed(body(9), share))
    assert match is not None
    assert match.article_id == "a9"


def test_the_first_half_of_a_text_is_a_copy_that_stands_whole_in_the_origin(index: LineageIndex) -> None:
    """An outlet that keeps the first paragraphs of a wire text carries that text."""
    match = find(index, body(11)[: len(body(11)) // 2])
    assert match is not None
    assert match.article_id == "a11"
    assert match.containment > 0.75


def test_a_text_that_came_cut_before_the_whole_one_is_found_in_it(index: LineageIndex) -> None:
    """The longer text that arrives second is of the same lineage, and its containment says that it has more."""
    keep(index, "cut", body(70)[: len(body(70)) // 3])
    match = find(index, body(70))
    assert match is not None
    assert match.article_id == "cut"
    assert match.containment < 0.6


def test_two_texts_spliced_are_a_copy_of_the_larger_part(index: LineageIndex) -> None:
    """What consists of two texts has the lineage of the one that it has more of."""
    match = find(index, " ".join(body(3).split()[:160] + body(4).split()[:80]))
    assert match is not None
    assert match.article_id == "a3"


def test_an_own_text_is_no_copy(index: LineageIndex) -> None:
    """A text that shares words but no run of them is original."""
    assert find(index, body(999)) is None


def test_a_quoted_paragraph_makes_no_copy(index: LineageIndex) -> None:
    """An own report that quotes an eighth of its words from another is no copy of it."""
    assert find(index, " ".join(body(999).split()[:210] + body(5).split()[:30])) is None


def test_a_removed_text_is_not_found(index: LineageIndex) -> None:
    """What left the window is no origin any more."""
    index.remove("a7")
    assert find(index, body(7)) is None
    assert find(index, changed(body(7), 0.05)) is None


def test_two_short_bodies_alike_under_other_titles_are_two_texts() -> None:
    """A stock phrase ("More follows.") under two headlines is not one text."""
    index = LineageIndex()
    keep(index, "a", "More follows.", "Bridge closed")
    assert find(index, "More follows.", "Mayor resigns") is None
    assert find(index, "More follows.", "Bridge closed") is not None


def test_a_text_is_found_after_many_others() -> None:
    """Postings that have moved into sorted arrays answer as fresh ones do, and those of removed texts are gone."""
    postings = Postings()
    per_text = 50
    for number in range(5 * FRESH // per_text):
        postings.add(number, range(number * per_text, (number + 1) * per_text))
        if number % 2:
            postings.remove(number)
    assert postings.find(range(40 * per_text, 42 * per_text)) == ({40: per_text}, 0)
    assert postings.find([10**9]) == ({}, 0)


def test_a_phrase_that_everybody_writes_counts_for_nothing() -> None:
    """A run of words in very many texts is left out, and the answer says how many were."""
    postings = Postings()
    for number in range(MOST_TEXTS + 1):
        postings.add(number, [1, 1000 + number])
    assert postings.find([1, 1005]) == ({5: 1}, 1)
