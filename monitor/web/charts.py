"""Charts as SVG, drawn on the server: coverage sparklines, volume against habit, the timeline of both sides.

No chart carries a ``style`` attribute or a script, so a strict content security policy holds; colours come from the
style sheet by class. Each has a title that says in words what it shows. Charts stretch to their place
(``preserveAspectRatio="none"``): words stand beside them in HTML, where they keep their size.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

from markupsafe import Markup, escape

from monitor.web.words import count_of

__all__ = ["lane", "sparkline", "volume"]

SPARK_WIDTH = 96
"""Width of a sparkline, in the units of its view box."""
SPARK_HEIGHT = 20
CHART_WIDTH = 480
CHART_HEIGHT = 100
LANE_WIDTH = 1000
LANE_HEIGHT = 24
GAP = 0.2
"""Share of a bar's place that stays empty."""
LEAST = 0.08
"""Height of the lowest bar that is not nothing, as a share of the chart: one article must be seen beside fifty."""


def sparkline(counts: Sequence[int], hours: int | None = None) -> Markup:
    """Return articles per hour as small bars; the title says how many in how many hours, and the most in one."""
    span = len(counts) if hours is None else hours
    words = f"{count_of(sum(counts), 'article')} in the last {count_of(span, 'hour')}"
    if any(counts):
        words += f", at most {max(counts)} in one"
    bars = _bars(counts, max(counts, default=0), SPARK_WIDTH, SPARK_HEIGHT)
    return Markup(
        '<svg class="spark" viewBox="0 0 {w} {h}" preserveAspectRatio="none" role="img">'
        "<title>{words}</title>"
        '<line class="base" x1="0" y1="{h}" x2="{w}" y2="{h}"/><path class="bars" d="{bars}"/></svg>'
    ).format(w=SPARK_WIDTH, h=SPARK_HEIGHT, words=words, bars=bars)


def volume(counts: Sequence[int], habit: Sequence[float] = (), words: str = "") -> Markup:
    """Return articles per hour as bars, and what is usual at that hour as a dashed line where ``habit`` is given."""
    highest = max((*counts, *habit), default=0)
    bars = _bars(counts, highest, CHART_WIDTH, CHART_HEIGHT)
    line = _steps(habit, highest, CHART_WIDTH, CHART_HEIGHT) if any(habit) else ""
    usual = Markup('<path class="habit" d="{}"/>').format(line) if line else Markup("")
    return Markup(
        '<svg class="chart" viewBox="0 0 {w} {h}" preserveAspectRatio="none" role="img"><title>{words}</title>'
        '<line class="grid" x1="0" y1="0.5" x2="{w}" y2="0.5"/><line class="grid" x1="0" y1="{h}" x2="{w}" y2="{h}"/>'
        '<path class="bars" d="{bars}"/>{usual}</svg>'
    ).format(w=CHART_WIDTH, h=CHART_HEIGHT, words=words, bars=bars, usual=usual)


def lane(moments: Iterable[tuple[datetime, bool]], start: datetime, end: datetime, words: str) -> Markup:
    """Return one side of a timeline: a thick mark for an own text, a thin one for a copy (the bool), from start to end.

    Two lanes with the same ``start`` and ``end`` stand under each other on one axis. What lies outside is left out.
    """
    seconds = max((end - start).total_seconds(), 1.0)
    marks = []
    for moment, is_copy in moments:
        share = (moment - start).total_seconds() / seconds
        if 0 <= share <= 1:
            x = _number(4 + share * (LANE_WIDTH - 8))
            top = LANE_HEIGHT * (0.35 if is_copy else 0.1)
            marks.append(
                Markup('<line class="{kind}" x1="{x}" y1="{top}" x2="{x}" y2="{bottom}"/>').format(
                    kind="copy" if is_copy else "tick", x=x, top=_number(top), bottom=_number(LANE_HEIGHT - top)
                )
            )
    middle = _number(LANE_HEIGHT / 2)
    return Markup(
        '<svg class="lane" viewBox="0 0 {w} {h}" preserveAspectRatio="none" role="img"><title>{words}</title>'
        '<line class="base" x1="0" y1="{m}" x2="{w}" y2="{m}"/>{marks}</svg>'
    ).format(w=LANE_WIDTH, h=LANE_HEIGHT, m=middle, words=escape(words), marks=Markup("").join(marks))


def _bars(counts: Sequence[float], highest: float, width: float, height: float) -> str:
    """Return the path of one rectangle a count; none where the count is nothing."""
    if not counts or highest <= 0:
        return ""
    place = width / len(counts)
    parts = []
    for position, count in enumerate(counts):
        if count > 0:
            tall = height * max(LEAST, count / highest)
            x, y = place * (position + GAP / 2), height - tall
            parts.append(f"M{_number(x)} {_number(y)}h{_number(place * (1 - GAP))}V{_number(height)}H{_number(x)}z")
    return "".join(parts)


def _steps(values: Sequence[float], highest: float, width: float, height: float) -> str:
    """Return the path of a line that is level over each hour."""
    if not values or highest <= 0:
        return ""
    place = width / len(values)
    path = [f"M0 {_number(height * (1 - values[0] / highest))}"]
    for position, value in enumerate(values):
        path.append(f"V{_number(height * (1 - value / highest))}H{_number(place * (position + 1))}")
    return "".join(path)


def _number(value: float) -> str:
    return f"{value:.2f}".rstrip("0").rstrip(".")
