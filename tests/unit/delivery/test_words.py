from collections.abc import Callable

import pytest

from monitor.delivery.words import alert_line, alert_text
from schemas import Alert, AlertKind, AlertState, Scope, Severity

Make = Callable[..., Alert]


def test_the_alert_in_full_names_quotes_speakers_outlets_and_counts(make_alert: Make) -> None:
    """An editor reads both quotes, who said each and who carried it, the origins, scope, severity, and what differs."""
    text = alert_text(make_alert())
    for part in (
        "“The port is closed to all ships.”",
        "the union, in The Vell Courier",
        "“No berth has been closed.”",
        "the harbour office, in Coast Radio",
        "1 independent origin, 4 outlets",
        "Severity medium",
        "partial scope",
        "same article",
        "action: close / inspect",
        "11 March 2026",
        "harbours",
    ):
        assert part in text
    assert text.index("union") < text.index("No berth")


@pytest.mark.parametrize("kind", list(AlertKind))
@pytest.mark.parametrize("state", list(AlertState))
def test_it_never_says_who_is_right(make_alert: Make, kind: AlertKind, state: AlertState) -> None:
    """No kind or state of alert calls a side false, true, wrong or a lie."""
    text = f"{alert_text(make_alert(kind=kind, state=state))} {alert_line(make_alert(kind=kind))}".lower()
    assert not {"false", "lie", "lies", "wrong", "truth", "debunked"} & set(text.replace(".", " ").split())


def test_lines_fit_the_width(make_alert: Make) -> None:
    """Long quotes are wrapped to the terminal."""
    assert max(map(len, alert_text(make_alert(summary="word " * 60), width=50).splitlines())) <= 50


def test_uncertain_dates_and_full_scope_are_said(make_alert: Make) -> None:
    """The warning about the date stands in both forms."""
    alert = make_alert(date_uncertain=True, scope=Scope.FULL, same_article=False)
    assert "date uncertain" in alert_text(alert)
    assert "date uncertain" in alert_line(alert)
    assert "full scope" in alert_text(alert)
    assert "same article" not in alert_line(alert)


def test_many_quotes_are_counted_not_shown(make_alert: Make) -> None:
    """A side with many claims shows a few and says how many more there are."""
    alert = make_alert()
    claim = alert.sides[0].claims[0]
    claims = tuple(claim.model_copy(update={"quote": f"Quay {number} is closed."}) for number in range(8))
    side = alert.sides[0].model_copy(update={"claims": claims, "origins": 8})
    text = alert_text(alert.model_copy(update={"sides": (side, alert.sides[1])}))
    assert "and 5 more quotes" in text
    assert "8 independent origins" in text


def test_the_same_words_in_several_outlets_are_one_quote(make_alert: Make) -> None:
    """A wire copy is reach: its quote is shown once, with every outlet that carried it."""
    alert = make_alert()
    claim = alert.sides[0].claims[0]
    copies = tuple(
        claim.model_copy(update={"source": name}) for name in ("Vell Wire", "Daily Quay", "Vell Wire", "Buoy")
    )
    side = alert.sides[0].model_copy(update={"claims": copies})
    text = alert_text(alert.model_copy(update={"sides": (side, alert.sides[1])}))
    assert text.count("The port is closed") == 1
    assert "in Vell Wire" in text
    assert "also in Buoy, Daily Quay" in " ".join(text.split())


def test_one_line_is_one_line(make_alert: Make) -> None:
    """The short form holds summary, kind, severity and reach, and no line break."""
    line = alert_line(make_alert(severity=Severity.HIGH))
    assert "\n" not in line
    assert line.startswith("The union's claim")
    assert "denial, high severity, partial scope, same article" in line
