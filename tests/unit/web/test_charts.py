import re
from datetime import UTC, datetime, timedelta

import pytest

from monitor.web.charts import lane, sparkline, volume

START = datetime(2026, 3, 11, 12, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)


def heights(svg: str) -> list[float]:
    """Return the height of each bar of a chart."""
    return [float(bottom) - float(top) for top, bottom in re.findall(r"M[\d.]+ ([\d.]+)h[\d.]+V([\d.]+)", svg)]


def test_a_sparkline_says_in_words_what_it_shows() -> None:
    """Its title counts the articles and names the busiest hour."""
    assert "<title>7 articles in the last 4 hours, at most 4 in one</title>" in sparkline([0, 4, 1, 2])


def test_bars_are_as_high_as_their_counts() -> None:
    """The busiest hour fills the height, half of it fills half, and nothing has no bar."""
    tall, half = heights(sparkline([8, 0, 4]))
    assert tall == pytest.approx(20)
    assert half == pytest.approx(10)


def test_one_article_is_seen_beside_many() -> None:
    """A bar that would be too low to see has a least height."""
    assert min(heights(sparkline([500, 1]))) >= 1


def test_an_empty_sparkline_draws_no_bar() -> None:
    """Without articles there is the base line alone, and the title says so."""
    svg = sparkline([0] * 24)
    assert heights(svg) == []
    assert "0 articles in the last 24 hours" in svg


def test_the_habit_is_a_line_over_the_same_hours() -> None:
    """Bars and line share a scale, whichever is higher."""
    svg = volume([2, 2], [4.0, 1.0], "words")
    assert 'class="habit" d="M0 0V0H240V75H480"' in svg
    assert heights(svg) == [pytest.approx(50), pytest.approx(50)]


def test_no_habit_no_line() -> None:
    """Where nothing is usual yet, no line claims that nothing is usual."""
    assert "habit" not in volume([1, 2], [0.0, 0.0])


def test_a_timeline_puts_marks_where_their_moments_are() -> None:
    """Start, middle and end stand at the left, the middle and the right; a copy has a mark of its own kind."""
    svg = lane([(START, False), (START + HOUR, True), (START + 2 * HOUR, False)], START, START + 2 * HOUR, "side")
    assert re.findall(r'class="(tick|copy)" x1="([\d.]+)"', svg) == [("tick", "4"), ("copy", "500"), ("tick", "996")]


def test_a_moment_outside_the_timeline_is_left_out() -> None:
    """What lies before the start is not drawn at the edge as if it belonged there."""
    assert "tick" not in lane([(START - HOUR, False)], START, START + HOUR, "side")


@pytest.mark.parametrize(
    "svg", [sparkline([1]), volume([1], [1.0], "<b>"), lane([(START, False)], START, START, "<b>")]
)
def test_charts_hold_under_a_strict_policy(svg: str) -> None:
    """No chart has a style, a script or an unescaped word."""
    assert not re.search(r"\sstyle=|<style|<script|\son\w+=|<b>", svg)
