from __future__ import annotations

import random

from monitor.stream.position import Position, Ruling


def test_only_the_expected_record_is_delivered_first() -> None:
    """After a seek to 5 the record at 5 is handed out, one before it is dropped, one after it is doubted."""
    position = Position(5)
    assert position.rule(4, None) is Ruling.EARLIER
    assert position.rule(5, None) is Ruling.DELIVER
    assert position.rule(9, None) is Ruling.SEEK_BACK


def test_a_hole_inside_one_fetch_is_the_brokers_own() -> None:
    """Between two records of one fetch there is nothing else: compaction took it."""
    position = Position(5)
    position.hand_out(5)
    position.advance(5)
    assert position.rule(9, 5) is Ruling.GAP


def test_a_hole_before_a_fetch_is_believed_when_the_broker_says_it_twice() -> None:
    """After the seek back the same later record comes first again: there is nothing in between."""
    position = Position(5)
    assert position.rule(9, None) is Ruling.SEEK_BACK
    assert position.rule(9, None) is Ruling.GAP


def test_a_second_doubt_is_about_its_own_hole() -> None:
    """Another later record after the seek back is doubted anew: the first answer said nothing of it."""
    position = Position(5)
    assert position.rule(9, None) is Ruling.SEEK_BACK
    assert position.rule(12, None) is Ruling.SEEK_BACK


def test_nothing_is_committable_before_the_first_record_is_acknowledged() -> None:
    """A later record that is done first does not move the commit past an unfinished head, offset 0 included."""
    position = Position(0)
    for offset in (0, 1, 2):
        position.hand_out(offset)
        position.advance(offset)
    assert not position.acknowledge(1)
    assert not position.acknowledge(2)
    assert position.committable is None
    assert position.acknowledge(0)
    assert position.committable == 3


def test_a_gap_does_not_hold_the_commit_back() -> None:
    """Records that compaction took need no acknowledgement."""
    position = Position(0)
    for offset in (0, 7):
        position.hand_out(offset)
        position.advance(offset)
    position.acknowledge(0)
    assert position.committable == 1
    position.acknowledge(7)
    assert position.committable == 8


def test_what_may_have_arrived_holds_the_commit_back() -> None:
    """A record handed out but not counted as delivered (a rebalance began) is not committed past."""
    position = Position(0)
    position.hand_out(0)
    position.advance(0)
    position.hand_out(1)
    position.acknowledge(0)
    assert position.committable == 1
    assert position.expected == 1
    assert position.in_flight == 1


def test_commits_never_pass_an_unacknowledged_record() -> None:
    """In whatever order records are acknowledged, the offset to commit is that of the first one that is not."""
    chance = random.Random(7)
    for _ in range(200):
        offsets = sorted(chance.sample(range(60), 20))
        position = Position(offsets[0])
        for offset in offsets:
            position.hand_out(offset)
        waiting = set(offsets)
        for offset in chance.sample(offsets, len(offsets)):
            position.acknowledge(offset)
            waiting.discard(offset)
            assert all(offset < left for left in waiting for offset in [(position.committable or 0) - 1])
        assert position.committable == offsets[-1] + 1
        assert position.in_flight == 0
