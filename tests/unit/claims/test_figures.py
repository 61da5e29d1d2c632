"""Figures: what range a number allows, what it counts, and when two conflict."""

from __future__ import annotations

import pytest

from monitor.claims.figures import conflict, figures_of
from schemas import Figure


def only(text: str) -> Figure:
    """The one figure of a text."""
    found = figures_of(text)
    assert len(found) == 1, found
    return found[0]


@pytest.mark.parametrize(
    ("text", "low", "high", "unit", "counts"),
    [
        ("34 people were killed", 34, 34, None, "killed"),
        ("at least 34 people were killed", 34, None, None, "killed"),
        ("no more than five were wounded", None, 5, None, "wounded"),
        ("between 20 and 30 fighters died", 20, 30, None, "killed-fighter"),
        ("two to three million people fled", 2e6, 3e6, None, "displaced"),
        ("dozens of sailors were injured", 24, 99, None, "wounded"),
        ("a dozen ships", 12, 12, None, "ship"),
        ("half a million tonnes of maize", 450_000, 550_000, "tonne", "maiz"),
        ("the toll rose to 45", 45, 45, None, "killed"),
        ("twenty-one were arrested", 21, 21, None, "arrested"),
        ("61 per cent of voters", 61, 61, "percent", "voter"),
        ("a loan of $3.5 billion", 3.45e9, 3.55e9, "USD", "loan"),
        ("1,200 troops", 1200, 1200, None, "people"),
    ],
)
def test_a_figure_is_read_as_the_range_it_allows(
    text: str, low: float | None, high: float | None, unit: str | None, counts: str | None
) -> None:
    """Number words, scales, limits, vague words, percentages and currencies give a closed or open range."""
    figure = only(text)
    assert (figure.low, figure.high) == (low, high)
    assert (figure.unit, figure.counts) == (unit, counts)


@pytest.mark.parametrize(
    "text",
    [
        "in 2014",
        "the 22-year-old pilot",
        "on 4 June 2026",
        "flight 370",
        "at 10:30",
        "the first man",
        "Ilse Brandt, 43, said",
    ],
)
def test_years_days_ages_names_and_clock_times_count_nothing(text: str) -> None:
    """Digits that measure nothing are no figure."""
    assert figures_of(text) == ()


def test_about_and_rounded_numbers_reach_to_both_sides() -> None:
    """The figure "about 100" allows 100 and its neighbours, but not the double."""
    about = only("about 100 people were killed")
    assert not conflict(about, only("108 people were killed"))
    assert conflict(about, only("200 people were killed"))


@pytest.mark.parametrize(
    ("a", "b", "expected"),
    [
        ("31 people were killed", "12 people were killed", True),
        ("at least 30 people were killed", "34 people were killed", False),
        ("at least 30 people were killed", "12 people were killed", True),
        ("31 people were killed", "80 people were wounded", False),
        ("31 people were killed", "12 children were killed", False),
        ("12 inmates were killed", "9 prisoners died", True),
        ("dozens were wounded", "48 people were injured", False),
        ("10 percent of the vote", "10 members of the vote", False),
        ("two men were arrested", "five men were detained", True),
    ],
)
def test_figures_conflict_only_when_they_count_one_thing_and_exclude_each_other(a: str, b: str, expected: bool) -> None:
    """Other things counted, or ranges that meet, are no conflict; the order does not matter."""
    assert conflict(only(a), only(b)) is expected
    assert conflict(only(b), only(a)) is expected


def test_numbers_joined_by_and_are_two_unless_between_stands_before() -> None:
    """In "9 and 11 people" there are two numbers; "between 9 and 11" is one range."""
    assert [figure.low for figure in figures_of("9 soldiers and 11 civilians were killed")] == [9, 11]
    assert only("between 9 and 11 people were killed").high == 11


@pytest.mark.parametrize(
    "text",
    [
        "Five more civilians were killed in the suburb",
        "12 others were wounded",
        "Ten children were among the 48 people killed",
    ],
)
def test_another_lot_or_a_part_says_nothing_of_the_whole(text: str) -> None:
    """What is counted beside others is no total that another could contradict."""
    assert figures_of(text)[0].counts is None


@pytest.mark.parametrize(
    "span", ["since April", "since the war began", "since the country's conflict erupted in 2011", "over the past year"]
)
def test_a_count_of_a_long_time_is_not_held_against_that_of_one_event(span: str) -> None:
    """Hundreds killed in a war and six in a bombing are two counts."""
    (total,), (event,) = figures_of(f"300 people were killed {span}"), figures_of("six people were killed on Monday")
    assert not conflict(total, event)
    assert conflict(event, figures_of("nine people were killed on Monday")[0])
