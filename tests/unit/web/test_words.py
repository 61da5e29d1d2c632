from datetime import UTC, datetime, timedelta

import pytest

from monitor.web import words
from schemas import AlertKind, AlertState, FeedChange, FeedHealth, PublisherKind, Severity
from tests.support import desk

NOW = datetime(2026, 3, 11, 12, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("passed", "expected"),
    [
        (timedelta(seconds=20), "now"),
        (timedelta(minutes=4), "4 min"),
        (timedelta(hours=3, minutes=50), "3 h"),
        (timedelta(days=12), "12 d"),
        (timedelta(minutes=-5), "in 5 min"),
    ],
)
def test_an_age_has_one_unit(passed: timedelta, expected: str) -> None:
    """How long ago in the largest unit; what is to come says so."""
    assert words.age(NOW - passed, NOW) == expected


@pytest.mark.parametrize(("length", "expected"), [(40, "40 s"), (7500, "2 h 5 min"), (0, "0 s"), (None, "–")])
def test_a_duration_has_two_units(length: float | None, expected: str) -> None:
    """Two units are exact enough, and none stands for nothing known."""
    assert words.duration(length) == expected


@pytest.mark.parametrize(
    ("names", "expected"),
    [
        (["Moscow"], "Moscow"),
        (["Moscow", "Moscow"], "Moscow"),
        (["Moscow", "Kyiv"], "Moscow and Kyiv"),
        (["Moscow", "Kyiv", "Minsk", "Riga"], "Moscow, Kyiv and 2 others"),
        ([], ""),
    ],
)
def test_many_speakers_take_one_line(names: list[str], expected: str) -> None:
    """Two are named, the rest counted, nobody twice."""
    assert words.joined(names) == expected


def test_counts_agree_with_their_noun() -> None:
    """One origin, two origins; thousands are parted."""
    assert words.count_of(1, "origin") == "1 origin"
    assert words.count_of(41_000, "outlet") == "41\u2009000 outlets"


@pytest.mark.parametrize(
    ("table", "kind"),
    [
        (words.KINDS, AlertKind),
        (words.STATES, AlertState),
        (words.STATE_MEANS, AlertState),
        (words.SEVERITIES, Severity),
        (words.PUBLISHERS, PublisherKind),
        (words.HEALTH, FeedHealth),
        (words.CHANGES, FeedChange),
    ],
)
def test_every_value_of_the_contract_has_words(table: dict[object, str], kind: type) -> None:
    """A value that is added to the contract must be given words too."""
    assert set(table) == set(kind)


def test_no_word_takes_a_side() -> None:
    """The words never call a claim false, true, a lie, or somebody right."""
    tables = (words.KINDS, words.KIND_MEANS, words.STATES, words.STATE_MEANS, words.SCOPES, words.MATCHES)
    said = " ".join(text for table in tables for text in table.values()).lower()
    said += " ".join(" ".join(words.side_heads(alert)) for alert in desk.alerts_of(desk.demo(whole=False)).values())
    assert not {"false", "true", "lie", "lies", "fake", "wrong", "right", "debunked"} & set(said.split())
