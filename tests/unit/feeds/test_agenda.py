from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from monitor.feeds.agenda import Agenda

START = datetime(2026, 6, 4, tzinfo=UTC)
ids = st.sampled_from("abcde")
minutes = st.integers(0, 20)


@given(
    st.lists(
        st.tuples(st.just("enter"), ids, st.none() | minutes)
        | st.tuples(st.just("take"), st.none(), minutes)
        | st.tuples(st.just("keep"), st.frozensets(ids), st.none()),
        max_size=60,
    )
)
def test_it_gives_what_a_plain_dictionary_would(steps: list[tuple[str, object, int | None]]) -> None:
    """Whatever is entered, taken and taken off, what is due is what a search through a dictionary finds."""
    agenda, plain = Agenda(), dict[str, datetime]()
    for what, who, when in steps:
        moment = START + timedelta(minutes=when) if when is not None else None
        if what == "enter":
            agenda.enter(str(who), moment)
            plain[str(who)] = moment or datetime.min.replace(tzinfo=UTC)
        elif what == "take" and moment is not None:
            due = sorted(name for name, at in plain.items() if at <= moment)
            assert sorted(agenda.take(moment)) == due
            plain = {name: at for name, at in plain.items() if name not in due}
        elif isinstance(who, frozenset):
            agenda.keep_only(who)
            plain = {name: at for name, at in plain.items() if name in who}
        assert len(agenda) == len(plain)
        assert all(name in agenda for name in plain)


def test_the_longest_overdue_comes_first() -> None:
    """Feeds are taken in the order of their due times; a new one before all."""
    agenda = Agenda()
    for name, minute in (("late", 3), ("early", 1), ("middle", 2)):
        agenda.enter(name, START + timedelta(minutes=minute))
    agenda.enter("new", None)
    assert agenda.take(START + timedelta(minutes=3)) == ["new", "early", "middle", "late"]
